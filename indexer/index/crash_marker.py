"""A file in the index folder that names the fatal signal of a process that crashed while writing the index.

SIGKILL, power loss and Ctrl-C leave no marker, so they are not counted as crashes on the files that were
being written. The next process that holds the index consumes the marker before it opens the store.
"""

from __future__ import annotations

import faulthandler
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from ..errors import StoreDamaged
from ..quarantine import Quarantine, Suspect
from ..skip_reason import SkipKind, SkipReason
from .manifest import Manifest

CRASH_FILE = "died.txt"
_LENGTH = 200  # bytes of a marker that are read
_PREFIX = "Fatal Python error: "


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


def consume(folder: Path, manifest: Manifest, quarantine: Quarantine) -> str:
    """Record a crash of the last writer in the quarantine. Returns a remark for the user; "" without a crash.

    If the last writer wrote a file alone, the crash is recorded for this file. Otherwise, it is recorded for
    each pending file without a crash; the next update writes these one by one. Raises StoreDamaged after the
    second crash in a row if no file is to blame: no file was written alone and none is left out, or the file
    whose points were deleted alone was left out before.
    """
    cause = read_and_clear(folder)
    if not cause:
        return ""
    why, known = SkipReason(SkipKind.KILLED_WRITER, cause), quarantine.keys(Suspect.WRITTEN)
    pending, alone = manifest.pending_contents()

    def is_left_out(path: str) -> bool:
        return quarantine.why(Suspect.WRITTEN, path, partial(str, pending[path])) is not None

    blameless = alone and all(map(is_left_out, pending))  # their points were being deleted
    for path, digest in pending.items():
        if alone or path not in known:
            quarantine.record(Suspect.WRITTEN, path, why, digest)
    manifest.mark_pending(pending, pending)  # no file is written alone now
    to_blame = alone or any(map(is_left_out, pending))
    if quarantine.record(Suspect.STORE, "", why) and (blameless or not to_blame):
        raise StoreDamaged(f"two processes crashed on the store in {folder}", detail=cause)
    return f"the process that wrote the index crashed ({cause}); its last files are indexed again"
