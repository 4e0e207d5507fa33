"""Asks the host of a root, if one runs. It neither waits for a host nor for an index."""

from __future__ import annotations

import json
import os
import time

from indexer.folder_names import INDEXES, folder_name
from retrieval.host.dialing import dial
from retrieval.host.frames import CHUNK, MAX_ANSWER, FrameError, Reader, pack
from retrieval.host.messages import PROTOCOL

from ..version import __version__
from .folders import home_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from typing import Any

_NOTE = "host.json"


class HostSilent(Exception):
    """There is no host that can answer in time. The text says why."""


class HostMissing(HostSilent):
    """No host runs for an indexed root. `index` is the folder of its index."""

    def __init__(self, root: str, index: str) -> None:
        super().__init__(f"no host runs for {root}")
        self.root, self.index = root, index


def host_of(folder: str) -> tuple[str, dict[str, Any]]:
    """The root around a folder, and how its host is reached.

    The root is the nearest folder that has an index or a repository. Raises HostSilent if no host of this
    version runs, and HostMissing if none runs although the root is indexed.
    """
    home = home_folder()
    root = os.path.realpath(folder)
    while True:
        index = os.path.join(home, INDEXES, folder_name(root))
        note = _note(os.path.join(index, _NOTE))
        if note is not None:
            break
        above = os.path.dirname(root)
        if os.path.exists(os.path.join(index, "index.json")):
            raise HostMissing(root, index)
        if os.path.exists(os.path.join(root, ".git")) or above == root:
            raise HostSilent(f"no host runs for {root}")
        root = above
    if note["version"] != __version__:  # a host of another version would end, or not understand
        raise HostSilent(f"the host of {root} has version {note['version']!r}")
    return root, {**note, "root": root, "index": index}


def ask(note: dict[str, Any], method: str, params: dict[str, Any], deadline: float) -> dict[str, Any]:
    """The host's answer. Raises HostSilent if it refuses, or does not answer before `deadline`.

    Raises HostMissing if the note is that of a host that has ended without removing it.
    """
    hello = {"protocol": PROTOCOL, "version": __version__, "token": note["token"], "events": False}
    try:
        sock = dial(note["path"], note["port"], _left(deadline))
        try:
            sock.sendall(
                pack({"id": 0, "method": "hello", "params": hello})
                + pack({"id": 1, "method": method, "params": params})
            )
            return _answer(sock, deadline)
        finally:
            sock.close()
    except (ConnectionRefusedError, FileNotFoundError) as error:
        raise HostMissing(note["root"], note["index"]) from error
    except (OSError, FrameError) as error:
        raise HostSilent(f"the host does not answer ({error})") from error


def _answer(sock: socket.socket, deadline: float) -> dict[str, Any]:
    frames = Reader(MAX_ANSWER)
    while True:
        sock.settimeout(_left(deadline))
        data = sock.recv(CHUNK)
        if not data:
            raise HostSilent("the host closed the connection")
        for message in frames.feed(data):
            if "error" in message:
                raise HostSilent(f"the host refuses: {message['error']}"[:300])
            if message.get("id") == 1 and isinstance(message.get("result"), dict):
                found: dict[str, Any] = message["result"]
                return found


def _left(deadline: float) -> float:
    left = deadline - time.perf_counter()
    if left <= 0:
        raise HostSilent("the time is over")
    return left


def _note(path: str) -> dict[str, Any] | None:
    """What a host has written about itself. None if there is none, or it is not valid."""
    try:
        with open(path, "rb") as file:
            found = json.loads(file.read(65_536))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    known = {"path": "", "port": 0, "token": "", "version": ""}
    note = {name: found.get(name, default) for name, default in known.items()}
    valid = all(isinstance(note[name], type(default)) for name, default in known.items())
    return note if valid and (note["path"] or 0 < note["port"] < 65536) else None
