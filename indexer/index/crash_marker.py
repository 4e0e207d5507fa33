"""What a process that was killed by its own native code leaves for the next one: the name of the signal.

Only a death of this kind is held against what was being written: a SIGKILL, a power cut or Ctrl-C says
nothing about it, and leaves nothing here. Whoever holds the index heeds it before the store is touched.
"""

from __future__ import annotations

import faulthandler
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import StoreDamaged
from .manifest import Manifest

DIED = "died.txt"
_LENGTH = 200
_PREFIX = "Fatal Python error: "

STRIKES = 2
"""A file that was alone when so many processes died is left out."""


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


def heed(folder: Path, manifest: Manifest) -> str:
    """Take note if the last process that wrote here died, in words for the user, "" if it did not.

    What it was writing is done once more, file by file; who was alone when it happened again is left out.
    Raises StoreDamaged when it happened again and no file is to blame.
    """
    cause = taken(folder)
    if not cause:
        return ""
    manifest.strike()
    deaths = manifest.number("deaths") + 1
    manifest.note(deaths=str(deaths), cause=cause)
    if deaths > 1 and not any(strikes >= STRIKES for strikes in manifest.suspects().values()):
        raise StoreDamaged(f"two processes died on the store in {folder} ({cause})")
    return f"the process that wrote the index died ({cause}); what it wrote is done again"
