"""Runs a program for which the kernel allows local sockets only: a process that opens another is killed.

    python tests/reliability/denied.py PROGRAM ARGUMENT...

Also its children, and whatever native code in them does. Linux on x86-64 and ARM alone.
"""

from __future__ import annotations

import ctypes
import os
import platform
import socket
import struct
import sys

SOCKET = {"x86_64": (41, 0xC000003E), "aarch64": (198, 0xC00000B7)}
"""The number of `socket` among the system's calls, and what the kernel calls the architecture."""
SUPPORTED = sys.platform == "linux" and platform.machine() in SOCKET

_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_NR, _ARCHITECTURE, _FAMILY = 0, 4, 16
"""Where a filter finds the call's number, the architecture and the first argument."""
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def deny() -> None:
    """From here on this process, and all that it starts, is killed when it asks for such a socket."""
    number, architecture = SOCKET[platform.machine()]
    steps = (
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 0, 4, architecture),  # programs of another architecture count their calls otherwise
        (_LOAD, 0, 0, _NR),
        (_EQUAL, 0, 3, number),
        (_LOAD, 0, 0, _FAMILY),
        (_EQUAL, 1, 0, int(socket.AF_UNIX)),
        (_RETURN, 0, 0, _KILL),
        (_RETURN, 0, 0, _ALLOW),
    )
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    library = ctypes.CDLL(None, use_errno=True)
    program = _Program(len(steps), code)
    for request in ((_NO_NEW_PRIVILEGES, 1, 0), (_SECCOMP, _FILTER, ctypes.byref(program))):
        if library.prctl(*request, 0, 0):
            raise OSError(ctypes.get_errno(), "the kernel takes no filter")


if __name__ == "__main__":
    deny()
    os.execvp(sys.argv[1], sys.argv[1:])
