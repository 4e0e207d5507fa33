"""Connects to the socket of a host. It imports little, because a hook of an agent must start fast."""

from __future__ import annotations

import os
import socket
import struct

_PEER = struct.Struct("3i")


def dial(path: str, port: int, timeout: float) -> socket.socket:
    """A connection to the Unix socket `path`, or to the loopback `port` if `path` is "".

    Raises OSError if no process listens, or only a process of another user.
    """
    sock = socket.socket(socket.AF_UNIX if path else socket.AF_INET, socket.SOCK_STREAM)
    sock.settimeout(timeout)
    try:
        sock.connect(path or ("127.0.0.1", port))
        if not is_own_user(sock):
            raise PermissionError(f"{path} is served by another user")
    except BaseException:
        sock.close()
        raise
    return sock


def is_own_user(sock: socket.socket) -> bool:
    """Whether the process at the other end belongs to this user or to root.

    Returns True if the system cannot tell; a client needs the token in any case.
    """
    if not hasattr(socket, "SO_PEERCRED") or sock.family != socket.AF_UNIX:
        return True
    raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    return _PEER.unpack(raw)[1] in (os.getuid(), 0)
