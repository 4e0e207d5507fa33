"""The manifest: one row per file, in an SQLite database beside the shard.

The manifest is the truth about the store, so it is written last: the files of a batch are marked as pending,
then their points are upserted and flushed, then the files are recorded. Files that are pending when an update
starts are indexed again, because an earlier update was interrupted. Each row has a checksum, because SQLite
does not detect a flipped bit.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import marshal
import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from operator import attrgetter
from pathlib import Path
from typing import Any

from .. import limits
from ..errors import DiskFull, StoreDamaged, StoreError, StoreOutdated, first_line
from ..fragment import Entry, Skipped, storable
from ..skip_reason import SkipReason
from ..sqlite import ForeignDatabase, open_database, transaction

_APPLICATION = 0x436F726E
"""SQLite's application_id of Cornea's manifests, the bytes `Corn`."""

_FORMAT = 5
"""SQLite's user_version of the manifests. It is raised whenever the tables change."""

_TABLES = (
    "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS files ("
    "path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, seen_ns INTEGER NOT NULL, "
    "digest TEXT NOT NULL, language TEXT NOT NULL, fragments INTEGER NOT NULL, functions INTEGER NOT NULL, "
    "why TEXT NOT NULL, stamp INTEGER NOT NULL, made TEXT NOT NULL, redacted TEXT NOT NULL, "
    "told TEXT NOT NULL, sum INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS pending ("
    "path TEXT PRIMARY KEY, digest TEXT NOT NULL, alone INTEGER NOT NULL) WITHOUT ROWID",
)
_OPENED = itertools.count(1)
_NAMES = [one.name for one in fields(Entry)]
_COLUMNS = ", ".join(_NAMES)

_OF_SYSTEM = (
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_TOOBIG,
)  # fmt: skip
"""SQLite's error codes for a refusal by the operating system. SQLite does not report the system's reason."""


class Manifest:
    """The manifest of one index. The index's lock ensures that only one process writes.

    Any thread may call the methods. After `close`, every other method raises StoreError.
    """

    def __init__(self, path: Path) -> None:
        """Open the manifest at `path`, or create an empty one.

        Raises StoreOutdated if another version of Cornea wrote it, StoreDamaged if `path` is not a manifest,
        and StoreError for other failures.
        """
        self._path = path
        self.changes = next(_OPENED) << 32
        """Grows with each transaction, and differs between objects. While it stays the same, the rows do."""
        self._lock = threading.RLock()  # closing a database while another thread reads it crashes SQLite
        with self._translated():
            marks = (_APPLICATION, _FORMAT)
            self._db = open_database(path, marks, _TABLES, "journal_mode = WAL", "synchronous = FULL")

    def get(self, key: str) -> str:
        """A fact about the index. Returns "" if the fact is not recorded."""
        rows = self._all("SELECT value FROM meta WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else ""

    def set_meta(self, **facts: str) -> None:
        """Record facts about the index, durably."""
        with self._transaction():
            self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", facts.items())

    def entries(self) -> dict[str, Entry]:
        """The rows of all files, by path. Raises StoreDamaged if a row's checksum is wrong."""
        rows = self._all(f"SELECT sum, {_COLUMNS} FROM files")
        if any(row[0] != _sum(row[1:]) for row in rows):
            raise StoreDamaged(f"the manifest {self._path} is damaged", detail="a row's checksum differs")
        return {row[1]: self._entry(row[1:]) for row in rows}

    def entry(self, path: str) -> Entry | None:
        """The row of one file. Returns None if there is none."""
        rows = self._all(f"SELECT {_COLUMNS} FROM files WHERE path = ?", (path,))
        return self._entry(rows[0]) if rows else None

    def paths(self) -> list[str]:
        """The paths of all indexed files, sorted."""
        return [row[0] for row in self._all("SELECT path FROM files WHERE why = '' ORDER BY path")]

    def contents(self) -> list[tuple[str, str, str]]:
        """The path, digest and language of each indexed file."""
        return self._all("SELECT path, digest, language FROM files WHERE why = ''")

    def pending(self) -> frozenset[str]:
        """The paths of pending files, whose points may be only partly written."""
        return frozenset(row[0] for row in self._all("SELECT path FROM pending"))

    def points(self) -> int:
        """How many points the store must have for files that are not pending: one per fragment and file."""
        rows = self._all(
            "SELECT coalesce(sum(fragments + 1), 0) FROM files "
            "WHERE why = '' AND path NOT IN (SELECT path FROM pending)"
        )
        return int(rows[0][0])

    def counts(self) -> tuple[int, int]:
        """The number of indexed files, and the number of files that were read and left out."""
        indexed, every = self._all("SELECT coalesce(sum(why = ''), 0), count(*) FROM files")[0]
        return int(indexed), int(every - indexed)

    def is_empty(self) -> bool:
        """Whether the manifest has no rows of files."""
        return not self._all("SELECT 1 FROM files LIMIT 1")

    def contents_digest(self) -> str:
        """A digest of all indexed files. It changes whenever the fragments of a file change."""
        rows = self._all("SELECT path, digest, made FROM files WHERE why = '' ORDER BY path")
        return hashlib.blake2b(repr(rows).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def pending_contents(self) -> tuple[dict[str, str], bool]:
        """The digests of the pending files that were written last, by path, and whether it was one alone.

        The digest is "" for a file whose points were being deleted.
        """
        rows = self._all("SELECT path, digest, alone FROM pending")
        alone = {path: digest for path, digest, is_alone in rows if is_alone}
        return alone or {path: digest for path, digest, _ in rows}, bool(alone)

    def mark_pending(
        self, paths: Iterable[str], digests: Mapping[str, str] | None = None, *, alone: bool = False
    ) -> None:
        """Record durably that the points of these files will change; `digests` are of the new contents.

        `alone` says that the batch has only one file, which is written by itself.
        """
        again = "ON CONFLICT DO UPDATE SET digest = excluded.digest, alone = excluded.alone"
        rows = ((path, (digests or {}).get(path, ""), alone) for path in paths)
        with self._transaction():
            self._db.executemany(f"INSERT INTO pending VALUES (?, ?, ?) {again}", rows)

    def get_number(self, key: str) -> int:
        """A fact that is a number. Returns 0 if the fact is not recorded."""
        text = self.get(key)
        return int(text) if text.isdecimal() else 0

    def record(self, entries: Sequence[Entry], removed: Sequence[str] = (), written: int = 0) -> None:
        """Record files whose points are durable, and delete the rows of `removed` files.

        These files are then no longer pending. `written` is the number of points that were written for these
        files, and is added to the total.
        """
        rows = [(*row, _sum(row)) for row in map(_row, entries)]
        done = [(path,) for path in (*(e.path for e in entries), *removed)]
        with self._transaction():
            self._db.executemany(f"INSERT OR REPLACE INTO files VALUES ({', '.join('?' * 14)})", rows)
            self._db.executemany("DELETE FROM files WHERE path = ?", ((path,) for path in removed))
            self._db.executemany("DELETE FROM pending WHERE path = ?", done)
            if written:
                self._db.execute(
                    "INSERT INTO meta VALUES ('written', ?) "
                    "ON CONFLICT DO UPDATE SET value = CAST(value AS INTEGER) + excluded.value",
                    (written,),
                )

    def invalidate_all(self, **facts: str) -> None:
        """In one transaction, record facts and make the next update read every file again."""
        rows = [_row(replace(entry, seen_ns=0, digest="")) for entry in self.entries().values()]
        with self._transaction():
            self._db.executemany(
                "UPDATE files SET seen_ns = 0, digest = '', sum = ? WHERE path = ?",
                ((_sum(row), row[0]) for row in rows),
            )
            self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", facts.items())

    def totals(self) -> dict[str, tuple[int, int, int]]:
        """The numbers of files, fragments and functions of each language."""
        rows = self._all(
            "SELECT language, count(*), sum(fragments), sum(functions) FROM files WHERE why = '' "
            "GROUP BY language ORDER BY sum(fragments) DESC, language"
        )
        return {row[0]: (row[1], row[2], row[3]) for row in rows}

    def skipped(self) -> Iterator[Skipped]:
        """The files that were read and left out, sorted by path."""
        rows = self._all("SELECT path, why FROM files WHERE why <> '' ORDER BY path")
        return (Skipped(path, why) for path, text in rows if (why := self._reason(text)))

    def redacted(self) -> Iterator[tuple[str, dict[str, list[int]]]]:
        """The indexed files with redacted secrets, as (path, lines by kind of secret), sorted by path."""
        for path, places in self._all("SELECT path, redacted FROM files WHERE redacted <> '' ORDER BY path"):
            yield path, json.loads(places)

    def check(self) -> str:
        """A message with what SQLite's integrity check finds. Returns "" if it finds nothing."""
        rows = self._all("PRAGMA integrity_check(1)")
        return "" if rows == [("ok",)] else f"damaged ({' '.join(str(rows[0][0]).split())[:200]})"

    def close(self) -> None:
        """Close the database. A second call does nothing."""
        with self._lock:
            self._db.close()

    def _entry(self, row: tuple[Any, ...]) -> Entry:
        path, *facts = row
        facts[_WHY] = self._reason(facts[_WHY])
        return Entry(path, *facts)

    def _reason(self, text: str) -> SkipReason | None:
        try:
            return SkipReason.from_stored(text)
        except KeyError as error:
            raise StoreDamaged(f"the manifest {self._path} is damaged", detail="an unknown reason") from error

    def _all(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._lock, self._translated():
            return self._db.execute(sql, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock, self._translated():
            with transaction(self._db):
                yield
            self.changes += 1

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise _store_error(error, self._path) from error


_WHY = _NAMES.index("why") - 1
_values: Callable[[Entry], tuple[Any, ...]] = attrgetter(*_NAMES)


def _row(entry: Entry) -> tuple[Any, ...]:
    """An entry's values in the order of the columns.

    Values that SQLite cannot store are replaced, so that no file can make its batch fail.
    """
    return tuple(map(_value, _values(entry)))


def _value(value: int | str | SkipReason | None) -> int | str:
    if value is None or isinstance(value, SkipReason):
        value = value.stored if value else ""
    if not isinstance(value, str):
        return storable(value)
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def _sum(row: tuple[Any, ...]) -> int:
    """The checksum of a row's values. Format 0 of marshal is fast and gives equal bytes for equal rows."""
    return zlib.crc32(marshal.dumps(row, 0))


def _store_error(error: sqlite3.Error | UnicodeDecodeError, path: Path) -> StoreError:
    """The error to raise for a failure of SQLite."""
    if isinstance(error, ForeignDatabase):
        if error.application == _APPLICATION:
            return StoreOutdated(f"the manifest {path} was written by another version of Cornea")
        return StoreDamaged(f"the manifest {path} was written by another program")
    if "decode" in str(error):  # a stored name or text is not UTF-8
        return StoreDamaged(f"the manifest {path} is damaged", detail=first_line(error))
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _OF_SYSTEM and (
        limited := limits.limit_error(limits.current_limit(path.parent), f"{path}: {error}")
    ):
        return limited
    if code == sqlite3.SQLITE_FULL:
        return DiskFull(f"{path}: no space left; free some, then run the command again")
    if isinstance(error, sqlite3.ProgrammingError) and "closed" in str(error):
        return StoreError(f"the index {path.parent} was closed or is being rebuilt; try again")
    if isinstance(error, sqlite3.OperationalError | sqlite3.ProgrammingError):
        return StoreError(f"{path}: {error}; check that the folder is writable and the disk is not full")
    return StoreDamaged(f"the manifest {path} is damaged", detail=first_line(error))
