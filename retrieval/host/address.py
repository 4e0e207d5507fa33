"""Where a host listens, and the note beside its index that tells others.

The socket is in the index folder. Where that path is too long for one, it is in a private folder of this
user's; where there are no Unix sockets, it is a loopback port. Whoever wants to speak must know the token of
the note, which only this user can read.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import socket
import stat
import struct
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from indexer.errors import StoreError

from .place import NOTE

SOCKETS = "host-{}.sock"
"""Each host has a name of its own: who has read an old note does not come to a new host by it."""
_NAME = 8
MAX_PATH = 100
"""Bytes of a socket's path: the system takes 108, or 104."""

_PEER = struct.Struct("3i")


@dataclass(frozen=True, slots=True)
class Note:
    """How to reach a host: its socket's `path`, or a loopback `port`, and the token that it wants to hear.

    `interim` is a command that answers only while it indexes: it must not be told to leave.
    """

    pid: int
    version: str
    token: str
    path: str = ""
    port: int = 0
    interim: bool = False


def write_note(folder: Path, note: Note) -> None:
    """Tell where the host of an index listens; only this user may read it."""
    part = folder / f".{NOTE}.{note.pid}"
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(asdict(note), stream)
    part.replace(folder / NOTE)


def read_note(folder: Path) -> Note | None:
    """What an index folder says about its host; None without one. It may be gone all the same."""
    try:
        data = json.loads((folder / NOTE).read_text("utf-8"))
        note = Note(
            int(data["pid"]),
            str(data["version"]),
            str(data["token"]),
            str(data["path"]),
            int(data["port"]),
            data.get("interim") is True,
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return note if note.path or 0 < note.port < 65536 else None


def erase_note(folder: Path, note: Note) -> None:
    """Remove a host's note and its socket; those of another host that came after it stay."""
    if read_note(folder) != note:
        return
    with suppress(OSError):
        (folder / NOTE).unlink()
    if note.path:
        with suppress(OSError):
            Path(note.path).unlink()


def new_token() -> str:
    return secrets.token_hex(16)


def listening(folder: Path, token: str) -> socket.socket:
    """A socket that listens for clients of the index in `folder`. To be called by the holder of its lock.

    It is named after the host's token. What hosts that were killed have left is removed.
    """
    if hasattr(socket, "AF_UNIX"):
        for place in _places(folder, token[:_NAME]):
            for left in place.parent.glob(place.name.replace(token[:_NAME], "*")):
                left.unlink(missing_ok=True)
            with suppress(OSError):  # some file systems have no sockets
                return _unix(place)
    server = socket.create_server(("127.0.0.1", 0))
    server.setblocking(False)
    return server


def _places(folder: Path, name: str) -> list[Path]:
    inside = folder / SOCKETS.format(name)
    short = len(os.fsencode(inside)) <= MAX_PATH
    return [inside, outside(folder, name)] if short else [outside(folder, name)]


def outside(folder: Path, name: str) -> Path:
    """Where a socket goes that cannot be in its index folder: a short path in a folder of this user's.

    Raises StoreError where somebody else has put something there.
    """
    digest = hashlib.blake2b(os.fsencode(folder), digest_size=8).hexdigest()
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    above = Path(runtime) if runtime and os.access(runtime, os.W_OK | os.X_OK) else Path(_temporary())
    private = above / f"cornea-{os.getuid()}"
    with suppress(FileExistsError):
        private.mkdir(mode=0o700)
    status = private.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise StoreError(f"{private}: not a folder of yours alone; remove it, or set XDG_RUNTIME_DIR")
    return private / f"{digest}-{name}.sock"


def _temporary() -> str:
    usual = tempfile.gettempdir()
    return usual if len(os.fsencode(usual)) <= MAX_PATH - 50 else "/tmp"


def _unix(path: Path) -> socket.socket:
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # No moment at which another user could connect: the mask counts when the socket is made.
        before = os.umask(0o177)
        try:
            server.bind(str(path))
        finally:
            os.umask(before)
        server.listen(128)
        server.setblocking(False)
    except BaseException:
        server.close()
        raise
    return server


def connected(note: Note, timeout: float) -> socket.socket:
    """A connection to a host. Raises OSError where nobody listens, or somebody who is not this user."""
    if note.path:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(timeout)
        address: str | tuple[str, int] = note.path
    else:
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.settimeout(timeout)
        address = ("127.0.0.1", note.port)
    try:
        sock.connect(address)
        if not is_ours(sock):
            raise PermissionError(f"{note.path} is served by another user")
    except BaseException:
        sock.close()
        raise
    return sock


def is_ours(sock: socket.socket) -> bool:
    """Whether the other end is this user's, or root's; where the system does not tell, the token decides."""
    if not hasattr(socket, "SO_PEERCRED") or sock.family != socket.AF_UNIX:
        return True
    raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    return _PEER.unpack(raw)[1] in (os.getuid(), 0)
