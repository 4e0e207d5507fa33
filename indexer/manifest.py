"""What is indexed: one row a file, in SQLite beside the shard.

The manifest is the truth about the store, so it is written after it: a batch of files is first noted as
*pending*, then upserted and flushed, then recorded. Whatever is pending at the start of a run was cut off in
between, and is done again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import DiskFull, StoreDamaged, StoreError
from .fragment import SourceFile

_APPLICATION = 0x436F726E
"""`Corn`: SQLite's application_id of our files, which tells them from anybody else's."""

_FORMAT = 1
"""SQLite's user_version; raised whenever the tables change."""

_TABLES = (
    "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS files ("
    "path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, seen_ns INTEGER NOT NULL, "
    "digest TEXT NOT NULL, language TEXT NOT NULL, fragments INTEGER NOT NULL, functions INTEGER NOT NULL, "
    "reason TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS pending (path TEXT PRIMARY KEY) WITHOUT ROWID",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {_FORMAT}",
)
_COLUMNS = "path, size, mtime_ns, seen_ns, digest, language, fragments, functions, reason"

_SECOND = 1_000_000_000
_RACY_NS = 20_000_000
"""A file changed this shortly before it was read may change again within the same time stamp."""
_RACY_COARSE_NS = 2 * _SECOND
"""The same, for a time stamp of whole seconds: the file system may know no others."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as it was when last read. `reason` says why it was skipped ("" if it was indexed).

    `seen_ns` is a time before the reading; 0 where the row must not be trusted.
    """

    path: str
    size: int
    mtime_ns: int
    seen_ns: int
    digest: str
    language: str
    fragments: int
    functions: int
    reason: str = ""

    def is_current(self, file: SourceFile) -> bool:
        """Whether the file on disk is surely the one that was read."""
        racy = _RACY_NS if self.mtime_ns % _SECOND else _RACY_COARSE_NS
        same = self.size == file.size and self.mtime_ns == file.mtime_ns
        return same and self.seen_ns > 0 and self.mtime_ns + racy < self.seen_ns


class Manifest:
    """The manifest of one index. One process writes at a time: the index's lock sees to it."""

    def __init__(self, path: Path) -> None:
        """Open it, or make an empty one. Raises StoreDamaged if something else is there, or StoreError."""
        self._path = path
        with self._translated():
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            with self._translated():
                self._prepare()
        except BaseException:
            self._db.close()
            raise

    def _prepare(self) -> None:
        marks = (self._pragma("application_id"), self._pragma("user_version"))
        ours = marks == (_APPLICATION, _FORMAT)
        if not ours and (marks != (0, 0) or self._all("SELECT 1 FROM sqlite_schema LIMIT 1")):
            raise StoreDamaged(f"the manifest {self._path} was written by another program or version")
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        if not ours:
            with self._transaction():
                for statement in _TABLES:
                    self._db.execute(statement)

    def get(self, key: str) -> str:
        """A fact about the index, "" if unknown."""
        rows = self._all("SELECT value FROM meta WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else ""

    def note(self, **facts: str) -> None:
        """Record facts about the index, durably."""
        with self._transaction():
            self._many("INSERT OR REPLACE INTO meta VALUES (?, ?)", facts.items())

    def entries(self) -> dict[str, Entry]:
        """All files by path."""
        return {row[0]: Entry(*row) for row in self._all(f"SELECT {_COLUMNS} FROM files")}

    def entry(self, path: str) -> Entry | None:
        """One file, None if it is not known."""
        rows = self._all(f"SELECT {_COLUMNS} FROM files WHERE path = ?", (path,))
        return Entry(*rows[0]) if rows else None

    def paths(self) -> list[str]:
        """The paths of all indexed files, sorted."""
        return [row[0] for row in self._all("SELECT path FROM files WHERE reason = '' ORDER BY path")]

    def pending(self) -> frozenset[str]:
        """Files whose points may be half written."""
        return frozenset(row[0] for row in self._all("SELECT path FROM pending"))

    def points(self) -> int:
        """How many points the store must have of files that are not pending: fragments, and one a file."""
        rows = self._all(
            "SELECT coalesce(sum(fragments + 1), 0) FROM files "
            "WHERE reason = '' AND path NOT IN (SELECT path FROM pending)"
        )
        return int(rows[0][0])

    def begin(self, paths: Iterable[str]) -> None:
        """Note, durably, that the points of these files are about to change."""
        with self._transaction():
            self._many("INSERT OR IGNORE INTO pending VALUES (?)", ((path,) for path in paths))

    def record(self, entries: Sequence[Entry], removed: Sequence[str] = ()) -> None:
        """The points of these files are as the entries say, and durable; those of the removed are gone."""
        rows = [
            (e.path, e.size, e.mtime_ns, e.seen_ns, e.digest, e.language, e.fragments, e.functions, e.reason)
            for e in entries
        ]
        done = [(path,) for path in (*(e.path for e in entries), *removed)]
        with self._transaction():
            self._many("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            self._many("DELETE FROM files WHERE path = ?", ((path,) for path in removed))
            self._many("DELETE FROM pending WHERE path = ?", done)

    def distrust(self, **facts: str) -> None:
        """Have every file read again, and record facts about the index, both at once."""
        with self._transaction():
            self._db.execute("UPDATE files SET seen_ns = 0, digest = ''")
            self._many("INSERT OR REPLACE INTO meta VALUES (?, ?)", facts.items())

    def totals(self) -> dict[str, tuple[int, int, int]]:
        """Per language: files, fragments, functions."""
        rows = self._all(
            "SELECT language, count(*), sum(fragments), sum(functions) FROM files WHERE reason = '' "
            "GROUP BY language ORDER BY sum(fragments) DESC, language"
        )
        return {row[0]: (row[1], row[2], row[3]) for row in rows}

    def skipped(self) -> Iterator[tuple[str, str]]:
        """Files that were read and left out, with the reason, by path."""
        yield from self._all("SELECT path, reason FROM files WHERE reason <> '' ORDER BY path")

    def close(self) -> None:
        """May be called twice."""
        self._db.close()

    def _pragma(self, name: str) -> int:
        return int(self._all(f"PRAGMA {name}")[0][0])

    def _all(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._translated():
            return self._db.execute(sql, values).fetchall()

    def _many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        self._db.executemany(sql, rows)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._translated():
            if self._db.in_transaction:  # Ctrl-C fell between a BEGIN and what follows
                self._db.execute("ROLLBACK")
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _meaning(error, self._path) from error


def _meaning(error: sqlite3.Error, path: Path) -> StoreError:
    """What a failure of SQLite is for the user."""
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        return DiskFull(f"{path}: no space left; free some, then run the command again")
    if isinstance(error, sqlite3.OperationalError | sqlite3.ProgrammingError):
        return StoreError(f"{path}: {error}; check that the folder is writable and the disk is not full")
    return StoreDamaged(f"the manifest {path} is damaged ({error})")
