"""What is indexed: one row a file, in SQLite beside the shard.

The manifest is the truth about the store, so it is written after it: a batch of files is first noted as *pending*, then
upserted and flushed, then recorded. Whatever is pending at the start of a run was cut off in between, and is done again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import StoreDamaged, StoreError
from .fragment import SourceFile

_TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS files (
    path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, seen_ns INTEGER NOT NULL,
    digest TEXT NOT NULL, language TEXT NOT NULL, fragments INTEGER NOT NULL, functions INTEGER NOT NULL,
    reason TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pending (path TEXT PRIMARY KEY) WITHOUT ROWID;
"""

_RACY_NS = 20_000_000
"""A file changed this shortly before it was read may change again within the same time stamp; it is read again."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as it was when last read. `reason` says why it was skipped ("" if it was indexed)."""

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
        same = self.size == file.size and self.mtime_ns == file.mtime_ns
        return same and self.mtime_ns + _RACY_NS < self.seen_ns


class Manifest:
    """The manifest of one index. One process writes at a time: the index's lock sees to it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(_TABLES)
        except sqlite3.DatabaseError as error:
            raise _mapped(error, path) from error

    def get(self, key: str) -> str:
        """A fact about the index, "" if unknown."""
        rows = self._all("SELECT value FROM meta WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else ""

    def set(self, **facts: str) -> None:
        """Record facts about the index."""
        with self._transaction():
            self._many("INSERT OR REPLACE INTO meta VALUES (?, ?)", facts.items())

    def entries(self) -> dict[str, Entry]:
        """All files by path."""
        rows = self._all(
            "SELECT path, size, mtime_ns, seen_ns, digest, language, fragments, functions, reason FROM files"
        )
        return {row[0]: Entry(*row) for row in rows}

    def entry(self, path: str) -> Entry | None:
        """One file, None if it is not known."""
        rows = self._all(
            "SELECT path, size, mtime_ns, seen_ns, digest, language, fragments, functions, reason FROM files "
            "WHERE path = ?",
            (path,),
        )
        return Entry(*rows[0]) if rows else None

    def paths(self) -> list[str]:
        """The paths of all indexed files, sorted."""
        return [row[0] for row in self._all("SELECT path FROM files WHERE reason = '' ORDER BY path")]

    def pending(self) -> frozenset[str]:
        """Files whose points may be half written."""
        return frozenset(row[0] for row in self._all("SELECT path FROM pending"))

    def begin(self, paths: Iterable[str]) -> None:
        """Note, durably, that the points of these files are about to change."""
        with self._transaction():
            self._many("INSERT OR IGNORE INTO pending VALUES (?)", ((path,) for path in paths))

    def record(self, entries: Sequence[Entry], removed: Sequence[str] = ()) -> None:
        """The points of these files are as the entries say, and durable; those of the removed ones are gone."""
        with self._transaction():
            self._many(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (e.path, e.size, e.mtime_ns, e.seen_ns, e.digest, e.language, e.fragments, e.functions, e.reason)
                    for e in entries
                ),
            )
            self._many("DELETE FROM files WHERE path = ?", ((path,) for path in removed))
            done = [*(e.path for e in entries), *removed]
            self._many("DELETE FROM pending WHERE path = ?", ((path,) for path in done))

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

    def _all(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(sql, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise _mapped(error, self._path) from error

    def _many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        self._db.executemany(sql, rows)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            raise _mapped(error, self._path) from error


def _mapped(error: sqlite3.DatabaseError, path: Path) -> StoreError:
    if isinstance(error, sqlite3.OperationalError):
        return StoreError(f"{path}: {error}; check that the folder is writable and the disk is not full")
    return StoreDamaged(f"{path}: not a manifest that can be read ({error})")
