"""Keeps what files say about calls, by path and content, in a database in the index's folder.

It is only a cache: a database that is damaged, or was written by other code, is made again.
"""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from indexer.analysis import file_calls
from indexer.analysis.cache import computing_sources
from indexer.analysis.file_calls import FileCalls
from indexer.sqlite import open_database, transaction

FILE = "calls.sqlite3"
T = TypeVar("T")

_MARKS = (0x436F7247, 1)
"""SQLite's application_id (`CorG`) and user_version."""
_TABLES = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE files (path TEXT PRIMARY KEY, digest TEXT NOT NULL, facts BLOB NOT NULL, "
    "lines BLOB NOT NULL) WITHOUT ROWID",
)
_PRAGMAS = ("journal_mode = WAL", "synchronous = OFF")
_BESIDE = ("", "-wal", "-shm")
_OUR_SOURCES = ("file_calls.py", "package_files.py", "use_trees.py", "outline.py")
"""Modules of `indexer.analysis` on which the facts depend, besides all of `indexer.parsing`."""


class FactsStore:
    """The database of one index. If it cannot be used, nothing is stored, and every file is unknown."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._db: sqlite3.Connection | None = None
        made = fingerprint()
        for _ in range(2):
            try:
                self._db = open_database(self._path, _MARKS, _TABLES, *_PRAGMAS)
                known = self._db.execute("SELECT value FROM meta WHERE key = 'made'").fetchone()
                if known is None or known[0] != made:
                    with transaction(self._db):
                        self._db.execute("DELETE FROM files")
                        self._db.execute("INSERT OR REPLACE INTO meta VALUES ('made', ?)", (made,))
                return
            except sqlite3.Error:
                self._discard()

    def read(self, path: str, digest: str) -> FileCalls | None:
        """What a file with this content says. Returns None if that is not stored."""
        rows = self._rows("SELECT facts FROM files WHERE path = ? AND digest = ?", path, digest)
        try:
            return _unpacked(rows[0][0], FileCalls) if rows else None
        except (msgspec.DecodeError, zlib.error):
            self._discard()
            return None

    def lines(self, path: str, digest: str) -> dict[int, str]:
        """The lines of a file with this content that have a call or a definition."""
        rows = self._rows("SELECT lines FROM files WHERE path = ? AND digest = ?", path, digest)
        try:
            return _unpacked(rows[0][0], dict[int, str]) if rows else {}
        except (msgspec.DecodeError, zlib.error):
            self._discard()
            return {}

    def write(self, files: Sequence[FileCalls]) -> None:
        """Store what files say, in the place of earlier contents of them."""
        rows = [(one.path, one.digest, _packed(one._replace(lines={})), _packed(one.lines)) for one in files]
        self._change("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", rows)

    def remove(self, paths: Collection[str]) -> None:
        """Remove files."""
        self._change("DELETE FROM files WHERE path = ?", [(path,) for path in paths])

    def _change(self, sql: str, rows: Sequence[tuple[object, ...]]) -> None:
        if self._db is None or not rows:
            return
        try:
            with transaction(self._db):
                self._db.executemany(sql, rows)
        except sqlite3.OperationalError:  # the disk is full, or another process writes
            return
        except sqlite3.Error:
            self._discard()

    def close(self) -> None:
        """Close the database. A second call does nothing."""
        if self._db is not None:
            with suppress(sqlite3.Error):
                self._db.close()
            self._db = None

    def _rows(self, sql: str, *values: str) -> list[tuple[Any, ...]]:
        if self._db is None:
            return []
        try:
            return self._db.execute(sql, values).fetchall()
        except sqlite3.OperationalError:
            return []
        except sqlite3.Error:
            self._discard()
            return []

    def _discard(self) -> None:
        self.close()
        for ending in _BESIDE:
            with suppress(OSError):
                self._path.with_name(FILE + ending).unlink()


def fingerprint() -> str:
    """A digest of the code that reads the files."""
    digest = hashlib.blake2b(digest_size=8)
    for source in computing_sources():
        if "parsing" in source.parts:
            digest.update(source.name.encode() + source.read_bytes())
    for name in _OUR_SOURCES:
        digest.update(Path(file_calls.__file__).with_name(name).read_bytes())
    return digest.hexdigest()


def _packed(value: object) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(value), 1)


def _unpacked(data: bytes, kind: type[T]) -> T:
    return msgspec.msgpack.decode(zlib.decompress(data), type=kind)
