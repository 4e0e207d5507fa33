"""The socket that a host listens on, and the note in the index folder that says how to reach the host.

The socket is in the index folder. If the path of this socket would be too long, the socket is in a private
folder of the user. If Unix sockets are not supported, the host listens on a loopback port. The note
has a token, which clients must send. Only this user can read the note, so no other user can connect.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import socket
import stat
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec

from indexer.errors import StoreError

from .dialing import dial
from .settings import NOTE

SOCKETS = "host-{}.sock"
"""The names of sockets. Each host uses a different name, so that a client with an old note does not reach a
new host."""
_NAME = 8
"""Characters of the token that are used in the name of the socket."""
MAX_PATH = 100
"""Maximum bytes of a socket's path. The limit of Linux is 108, and that of macOS 104."""


@dataclass(frozen=True, slots=True)
class Note:
    """How to reach a host: the `path` of its socket or its loopback `port`, and its token.

    If `interim` is true, the process is a command that answers only while it updates the index, and that a
    client must not stop.
    """

    pid: int
    version: str
    token: str
    path: str = ""
    port: int = 0
    interim: bool = False


def write_note(folder: Path, note: Note) -> None:
    """Write the note of the host of an index. Only this user can read the note."""
    part = folder / f".{NOTE}.{note.pid}"
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(asdict(note), stream)
    part.replace(folder / NOTE)


def read_note(folder: Path) -> Note | None:
    """Returns the note in an index folder. Returns None if there is no valid note.

    A killed host leaves its note.
    """
    try:
        # The `json` of Python, because a path may have lone surrogates.
        note = msgspec.convert(json.loads((folder / NOTE).read_text("utf-8")), Note)
    except (OSError, ValueError, RecursionError):
        return None
    return note if note.path or 0 < note.port < 65536 else None


def erase_note(folder: Path, note: Note) -> None:
    """Remove the note and the socket of a host, unless another host has replaced the note."""
    if read_note(folder) != note:
        return
    for path in filter(None, (str(folder / NOTE), note.path)):
        with suppress(OSError):
            Path(path).unlink()


def new_token() -> str:
    return secrets.token_hex(16)


def listen(folder: Path, token: str) -> socket.socket:
    """Returns a socket that listens for clients of the index in `folder`.

    The name of the socket contains the start of the token. The sockets of hosts that were killed are
    removed, so the caller must hold the lock of the index.
    """
    if hasattr(socket, "AF_UNIX"):
        for place in _places(folder, token[:_NAME]):
            for left in place.parent.glob(place.name.replace(token[:_NAME], "*")):
                left.unlink(missing_ok=True)
            with suppress(OSError):  # some file systems do not support sockets
                return _unix(place)
    server = socket.create_server(("127.0.0.1", 0))
    server.setblocking(False)
    return server


def _places(folder: Path, name: str) -> list[Path]:
    inside = folder / SOCKETS.format(name)
    short = len(os.fsencode(inside)) <= MAX_PATH
    return [inside, path_outside_index(folder, name)] if short else [path_outside_index(folder, name)]


def path_outside_index(folder: Path, name: str) -> Path:
    """A short path for a socket, in a private folder of this user instead of the index folder.

    Raises StoreError if the folder is not private.
    """
    digest = hashlib.blake2b(os.fsencode(folder), digest_size=8).hexdigest()
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    above = Path(runtime) if runtime and os.access(runtime, os.W_OK | os.X_OK) else Path(_temporary())
    private = above / f"cornea-{os.getuid()}"
    with suppress(FileExistsError):
        private.mkdir(mode=0o700)
    status = private.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise StoreError(f"{private}: not a private folder; remove it, or set XDG_RUNTIME_DIR")
    return private / f"{digest}-{name}.sock"


def _temporary() -> str:
    usual = tempfile.gettempdir()
    return usual if len(os.fsencode(usual)) <= MAX_PATH - 50 else "/tmp"


def _unix(path: Path) -> socket.socket:
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # Set the mask before the socket is created, so that no other user can connect at any time.
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


def connect(note: Note, timeout: float) -> socket.socket:
    """A connection to a host. Raises OSError if no process listens, or only a process of another user."""
    return dial(note.path, note.port, timeout)
