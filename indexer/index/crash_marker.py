"""A file in the index folder that names the fatal signal of a process that crashed while writing the index.

SIGKILL, power loss and Ctrl-C leave no marker, so they are not counted as crashes on the files that were
being written. The next process that holds the index consumes the marker before it opens the store.
"""

from __future__ import annotations

import faulthandler
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import StoreDamaged
from .manifest import Manifest

CRASH_FILE = "died.txt"
_LENGTH = 200  # bytes of a marker that are read
_PREFIX = "Fatal Python error: "

MAX_CRASHES = 2
"""Number of crashes during the writing of a file after which the file is skipped."""


@contextmanager
def write_on_crash(folder: Path) -> Iterator[None]:
    """A context in which a fatal signal leaves a marker in `folder`, if `folder` is writable."""
    path = folder / CRASH_FILE
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
                with suppress(OSError, ValueError):  # closed, or without a file descriptor
                    faulthandler.enable(sys.__stderr__)
            path.unlink(missing_ok=True)


def read_and_clear(folder: Path) -> str:
    """Delete the marker, and return the fatal signal that it names. Returns "" if there is no marker."""
    path = folder / CRASH_FILE
    try:
        said = path.read_bytes()[:_LENGTH].decode("utf-8", "replace")
        path.unlink()
    except OSError:
        return ""
    line = said.split("\n", 1)[0]
    return line.removeprefix(_PREFIX).strip().lower() if line.startswith(_PREFIX) else ""


def consume(folder: Path, manifest: Manifest) -> str:
    """Record a crash of the last writer in the manifest.

    Returns a remark for the user. Returns "" if the last writer did not crash.

    The next update writes the pending files again, one by one. A file that was being written in MAX_CRASHES
    crashes is skipped. Raises StoreDamaged after the second crash if there is no such file.
    """
    cause = read_and_clear(folder)
    if not cause:
        return ""
    manifest.record_crash()
    deaths = manifest.get_number("deaths") + 1
    manifest.set_meta(deaths=str(deaths), cause=cause)
    if deaths > 1 and not any(strikes >= MAX_CRASHES for strikes in manifest.crash_counts().values()):
        raise StoreDamaged(f"two processes crashed on the store in {folder}", detail=cause)
    return f"the process that wrote the index crashed ({cause}); its last files are indexed again"
