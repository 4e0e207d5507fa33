"""What a process that was killed by its own native code leaves for the next one: the name of the signal.

Only a death of this kind is held against what was being written: a SIGKILL, a power cut or Ctrl-C says
nothing about it, and leaves nothing here.
"""

from __future__ import annotations

import faulthandler
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

DIED = "died.txt"
_LENGTH = 200
_PREFIX = "Fatal Python error: "


@contextmanager
def recorded(folder: Path) -> Iterator[None]:
    """While inside, a fatal signal is noted in the folder, if it can be written."""
    path = folder / DIED
    before = faulthandler.is_enabled()
    try:
        file = path.open("wb")
    except OSError:
        yield
        return
    with file:
        faulthandler.enable(file, all_threads=False)
        try:
            yield
        finally:
            faulthandler.disable()
            if before and sys.__stderr__ is not None:
                with suppress(OSError, ValueError):  # a stream that is closed, or none of the system's
                    faulthandler.enable(sys.__stderr__)
            path.unlink(missing_ok=True)


def taken(folder: Path) -> str:
    """Which signal killed the process that was last recorded, "" if none did; it is told once."""
    path = folder / DIED
    try:
        said = path.read_bytes()[:_LENGTH].decode("utf-8", "replace")
        path.unlink()
    except OSError:
        return ""
    line = said.split("\n", 1)[0]
    return line.removeprefix(_PREFIX).strip().lower() if line.startswith(_PREFIX) else ""
