"""A file in the index folder that names the fatal signal of a process that crashed while writing.

SIGKILL, power loss and Ctrl-C leave no marker, so they do not count against the files being written. The next
process that holds the index consumes the marker before it opens the store.
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
"""Crashes of processes that were writing a file, after which the file is left out."""


@contextmanager
def write_on_crash(folder: Path) -> Iterator[None]:
    """A context in which a fatal signal leaves a marker in `folder`, if the folder is writable."""
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
    """The fatal signal of the last writer, "" if it did not crash. Deletes the marker."""
    path = folder / CRASH_FILE
    try:
        said = path.read_bytes()[:_LENGTH].decode("utf-8", "replace")
        path.unlink()
    except OSError:
        return ""
    line = said.split("\n", 1)[0]
    return line.removeprefix(_PREFIX).strip().lower() if line.startswith(_PREFIX) else ""


def consume(folder: Path, manifest: Manifest) -> str:
    """Record a crash of the last writer in the manifest; a remark for the user, "" if there was none.

    The next update writes the files in question again, one by one. A file that crashes it as well is left
    out from then on. Raises StoreDamaged after two crashes that no single file explains.
    """
    cause = read_and_clear(folder)
    if not cause:
        return ""
    manifest.record_crash()
    deaths = manifest.get_number("deaths") + 1
    manifest.set_meta(deaths=str(deaths), cause=cause)
    if deaths > 1 and not any(strikes >= MAX_CRASHES for strikes in manifest.crash_counts().values()):
        raise StoreDamaged(f"two processes crashed on the store in {folder} ({cause})")
    return f"the process that wrote the index crashed ({cause}); its last files are indexed again"
