"""The quarantine: what crashed a process, and is left out until it or the program changes, or for some time.

A crash is recorded by a process that survived it: the parent of a worker, the next process that holds the
index, the client of a host, the reader of git's output. There is one small file per key in a folder of the
index, so that several processes may record crashes at once, and no record is lost with a damaged index.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import Enum
from functools import cache
from pathlib import Path

from .fragment import Skipped
from .safe_read import read_regular
from .skip_reason import SkipReason

QUARANTINE = "quarantine"
"""Name of the folder in an index folder."""
MAX_CRASHES = 2
"""Number of crashes from which a key is left out. One crash may have another cause, as a lack of memory."""
_NATIVE = ("tree_sitter", "qdrant_edge", "numpy", "pystemmer", "cornea")
"""Name prefixes of the distributions whose update may remove the cause of a crash."""
_DAY = 86_400.0
_MAX_WRITE_SECONDS = 60.0
"""Age in seconds from which a file is a remnant, and no record that is being written."""
_MAX_RECORD_BYTES = 100_000
"""Number of bytes that are read of a record's file. A valid record is shorter, even with the longest path."""


class Suspect(Enum):
    """What may crash a process. The value is what it is, and the seconds for which it is left out."""

    FILE = "parsed file", 7 * _DAY
    """A file that is parsed; its key is the path."""
    WRITTEN = "written file", 7 * _DAY
    """A file whose points are written. A crash counts for all files of the batch, so not as one of FILE."""
    STORE = "store", 30 * _DAY
    """The store of the index. The index is then rebuilt; its key is empty."""
    COMMIT = "commit", _DAY
    """A commit at which git exits; its key is the commit's id."""
    BUFFER = "buffer", 300.0
    """A text in an editor; its key is the path. It has no digest, because it changes at each keystroke."""

    @property
    def seconds(self) -> float:
        """The number of seconds for which it is left out."""
        return self.value[1]


FILES = (Suspect.FILE, Suspect.WRITTEN)
"""What is recorded about files of the index."""


@dataclass(frozen=True, slots=True)
class _Record:
    suspect: str
    key: str
    digest: str
    why: str
    crashes: int
    time: float
    versions: str
    process: str = ""


class Quarantine:
    """The quarantine of the index in a folder. Without a folder, it is kept in memory.

    No method raises an error: a record that cannot be read does not count, and a record that cannot be
    written is kept in memory, so that this process does not try the same key without end.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder / QUARANTINE if folder else None
        self._in_memory: dict[str, _Record] = {}
        """The records that are not in a file, by the name that the file would have."""

    def record(
        self, suspect: Suspect, key: str, why: SkipReason, digest: str = "", process: str = ""
    ) -> bool:
        """Record a crash on a key with this content. Returns whether the key is left out from now on.

        "" stands for the content with which the key was recorded before. `process` names the process that
        crashed, if several may report the same crash, which then counts once.
        """
        known = self._find(suspect, key)
        digest = digest or (known.digest if known is not None else "")
        crashes = known.crashes if known is not None and known.digest == digest else 0
        if known is None or not process or known.process != process:
            crashes += 1
        new = _Record(suspect.name, key, digest, why.stored, crashes, time.time(), _versions(), process)
        name = _name(suspect, key)
        if self._write(name, new):
            self._in_memory.pop(name, None)
        else:
            self._in_memory[name] = new
        return new.crashes >= MAX_CRASHES

    def why(self, suspect: Suspect, key: str, digest: Callable[[], str] = str) -> SkipReason | None:
        """Why a key with the content `digest()` is left out. Returns None if it is not left out.

        "" stands for the content with which the key was recorded.
        """
        known = self._find(suspect, key)
        if known is None or known.crashes < MAX_CRASHES or (digest() or known.digest) != known.digest:
            return None
        return SkipReason.from_stored(known.why)

    def why_file(self, path: str, digest: Callable[[], str]) -> SkipReason | None:
        """Why a file with the content `digest()` is neither parsed nor written. Returns None if it is not."""
        found = (self.why(suspect, path, digest) for suspect in FILES)
        return next(filter(None, found), None)

    def keys(self, suspect: Suspect) -> set[str]:
        """The keys on which a process has crashed at least once."""
        return {record.key for record in self._records() if record.suspect == suspect.name}

    def left_out(self) -> Iterator[Skipped]:
        """Everything but the store that is left out, with the reason."""
        for record in self._records():
            why = SkipReason.from_stored(record.why)
            if why and record.crashes >= MAX_CRASHES and record.suspect != Suspect.STORE.name:
                commit = "commit " * (record.suspect == Suspect.COMMIT.name)
                yield Skipped(commit + record.key, why)

    def forget(self, suspect: Suspect, key: str = "") -> None:
        """Remove a key, because no process crashed on it this time."""
        self._in_memory.pop(_name(suspect, key), None)
        if self._folder is not None and self._folder.is_dir():
            with suppress(OSError):
                (self._folder / _name(suspect, key)).unlink()

    def retain(self, paths: Collection[str]) -> None:
        """Forget all files but those at `paths`, and delete the files of records that no longer count.

        Only the process that writes the index may call this method.
        """
        for suspect in FILES:
            for path in self.keys(suspect).difference(paths):
                self.forget(suspect, path)
        for place in self._places():
            # Another process, such as the client of a host, may be writing a record now.
            with suppress(OSError):
                if _read(place) is None and time.time() - place.stat().st_mtime > _MAX_WRITE_SECONDS:
                    place.unlink()

    def _find(self, suspect: Suspect, key: str) -> _Record | None:
        """The record of a key, unless it has expired."""
        name = _name(suspect, key)
        if (kept := self._in_memory.get(name)) is not None:  # newer than the file, which cannot be written
            return kept if _is_valid(kept) else None
        return _read(self._folder / name) if self._folder is not None and self._folder.is_dir() else None

    def _records(self) -> list[_Record]:
        """All records that have not expired."""
        found = {place.name: record for place in self._places() if (record := _read(place)) is not None}
        return list(filter(_is_valid, {**found, **self._in_memory}.values()))

    def _places(self) -> list[Path]:
        """All files in the folder, sorted by name. Those that are being written begin with a dot."""
        with suppress(OSError):
            return sorted(self._folder.iterdir()) if self._folder is not None else []
        return []

    def _write(self, name: str, record: _Record) -> bool:
        """Write a record to its file. Returns whether this has succeeded."""
        if self._folder is None:
            return False
        part = self._folder / f".{name}.{os.getpid()}.{threading.get_ident()}"
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            part.write_text(json.dumps(asdict(record)), encoding="utf-8")
            part.replace(self._folder / name)
        except OSError:
            with suppress(OSError):
                part.unlink()
            return False
        return True


def _name(suspect: Suspect, key: str) -> str:
    digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=12)
    return f"{suspect.name.lower()}-{digest.hexdigest()}"


def _read(place: Path) -> _Record | None:
    """The record in a file. Returns None if there is none that counts."""
    try:
        record = _Record(**json.loads(read_regular(place, _MAX_RECORD_BYTES)[0]))
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    return record if _is_valid(record) and place.name == _name(Suspect[record.suspect], record.key) else None


def _is_valid(record: _Record) -> bool:
    """Whether the fields of a record have their types, and the record has not expired."""
    texts = (record.suspect, record.key, record.digest, record.why, record.versions, record.process)
    if not all(isinstance(text, str) for text in texts) or record.suspect not in Suspect.__members__:
        return False
    if not isinstance(record.crashes, int) or not isinstance(record.time, int | float):
        return False
    try:
        SkipReason.from_stored(record.why)
    except KeyError:
        return False
    age = time.time() - record.time  # negative if the clock was set back
    return record.versions == _versions() and 0 <= age < Suspect[record.suspect].seconds


@cache
def _versions() -> str:
    """The versions of what may crash. Returns "" if they cannot be found."""
    from .extras import distributions  # a client needs this module, but seldom its records

    with suppress(OSError):
        return " ".join(distributions(*_NATIVE))
    return ""
