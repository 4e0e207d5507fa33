"""The cache of points by content, for all roots of a user: an SQLite database beside the indexes.

The key of an entry consists of the file's path within its root, a `fingerprint` of everything else that the
result depends on, and the content's digest, which is git's blob id. An entry holds no text and no root. The
cache may be lost at any time. So no write waits for the disk, a damaged database is deleted, and a process
does without the cache while another process writes to it.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import extras, limits
from ..errors import DiskFull
from ..limits import check_space
from ..skip_reason import SkipReason
from ..sqlite import open_database, transaction
from ..store import SCHEMA_VERSION

if TYPE_CHECKING:
    from .packed_points import PackedBytes

CACHE = "contents.sqlite3"
CACHE_FILES = (CACHE, f"{CACHE}-wal", f"{CACHE}-shm")
"""The database and the files that SQLite keeps beside it."""

_MARKS = (0x436F7243, 2)
"""SQLite's application_id (`CorC`) and user_version. The user_version is raised when the table changes."""
_PAGE = 16_384  # bytes of a page of the database
_WAIT_SECONDS = 0.25
"""Seconds to wait while another process writes; after that, the call does without the cache."""
_BUFFER_BYTES = 4 << 20
"""Bytes of results that are collected before one transaction writes them."""
_STALE_SECONDS = 3_600
"""Age in seconds from which a read updates an entry's time of last use (`used`)."""
_KEPT_SHARE = 0.9
"""Share of the size limit down to which the oldest entries are deleted once the limit is exceeded."""
_DELETE_ROWS = 200
"""Rows that one DELETE statement deletes."""
_PLACE, _LONGEST, _CHECK = 12, 32, 8
"""Bytes of a path's hash, of the longest content digest, and of a checksum."""
_LIBRARIES = ("tree_sitter", "pystemmer", "numpy")
"""Name prefixes of the distributions on whose versions the results depend."""

_COMPUTING_MODULES = (
    "decoding.py", "fragment.py", "skip_reason.py", "store/__init__.py", "parsing/**/*", "encoding/*.py",
    "analysis/fragment_points.py", "analysis/fragments.py", "analysis/packed_points.py",
    "analysis/roles.py", "analysis/worker.py",
)  # fmt: skip
"""Modules, profiles and queries that compute the cached results. Entries depend on these files."""

_TABLE = (
    "CREATE TABLE IF NOT EXISTS entries ("
    "id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, used INTEGER NOT NULL, "
    "head BLOB NOT NULL, body BLOB NOT NULL)",
    "CREATE INDEX IF NOT EXISTS entries_used ON entries (used)",
)
# Checksums detect torn writes. Waiting for the disk would slow every first indexing by seconds.
_PRAGMAS = (f"page_size = {_PAGE}", "journal_mode = WAL", "synchronous = OFF")


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """The result for a file's content: its points, or `why` it is left out; then `packed` is None.

    `is_free_of_secrets` says that the content was searched for secrets and has none.
    """

    language: str
    functions: int
    why: SkipReason | None = None
    packed: PackedBytes | None = None
    is_free_of_secrets: bool = False


class Cache:
    """The cache in a home folder, for results with one `fingerprint`. Several processes may use it at once.

    No method raises an error. If the database is not usable, lookups find nothing, results are not stored,
    and `last_error` says why.
    """

    def __init__(
        self, home: Path, fingerprint: str, limit: int, reserve_bytes: int = 0, *, write_only: bool = False
    ) -> None:
        """`limit` is the largest size in bytes (0: no cache). `reserve_bytes` of the disk are left free.

        With `write_only`, `has_path` is always False, so that every file is analysed again.
        """
        self.last_error = ""
        self.fingerprint = fingerprint
        self._path, self._limit, self._reserve = home / CACHE, limit, reserve_bytes
        self._write_only = write_only
        # What `flush` will write: new rows, of `_size` bytes, and the ids of existing rows that were used.
        self._rows: list[tuple[bytes, int, bytes, bytes]] = []
        self._size = 0
        self._used: set[int] = set()
        self._db: sqlite3.Connection | None = None
        if limit:
            self._open()

    def has_path(self, path: str) -> bool:
        """Whether the cache has an entry for this path, with any content. False if it is `write_only`."""
        if self._write_only:
            return False
        place = _key(self.fingerprint, path)
        last = place + b"\xff" * _LONGEST
        return bool(self._query("SELECT 1 FROM entries WHERE key BETWEEN ? AND ? LIMIT 1", place, last))

    def get(self, path: str, digest: str, made: str = "", *, body: bool = True) -> CacheEntry | None:
        """The entry for a path and content. Returns None if there is none.

        `made` is the fingerprint to look up; "" means the cache's own fingerprint. Without `body`, the entry
        has no vectors.
        """
        key = _key(made or self.fingerprint, path, digest)
        what = "body" if body else "NULL"
        rows = self._query(f"SELECT id, used, head, {what} FROM entries WHERE key = ?", key)
        if not rows:
            return None
        number, used, head, vectors = rows[0]
        whole = _verified(key, head), _verified(key, vectors) if body else b""
        if whole[0] is None or whole[1] is None:
            self._reset("it is damaged")
            return None
        if time.time() - used > _STALE_SECONDS:
            self._used.add(number)
        return _entry(whole[0], whole[1])

    def put(self, path: str, digest: str, kept: CacheEntry) -> None:
        """Store a result, which is written later (see `flush`)."""
        if self._db is None or not digest:
            return
        key = _key(self.fingerprint, path, digest)
        packed = kept.packed
        why = kept.why.stored if kept.why else ""
        row = [kept.language, kept.functions, why, packed is not None, kept.is_free_of_secrets]
        facts = json.dumps(row).encode()
        head = facts + b"\n" + (packed.head if packed else b"")
        body = packed.body if packed else b""
        self._rows.append((key, int(time.time()), _with_checksum(key, head), _with_checksum(key, body)))
        self._size += len(head) + len(body)
        if self._size >= _BUFFER_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write the collected results.

        The results are dropped if another process keeps writing or the disk space is low.
        """
        rows, size, used = self._rows, self._size, self._used
        self._rows, self._size, self._used = [], 0, set()
        if self._db is None or not (rows or used):
            return
        now = int(time.time())
        try:
            check_space(self._path, self._reserve + 2 * size)
            with transaction(self._db):
                self._make_room(size)
                self._db.executemany("INSERT OR REPLACE INTO entries VALUES (NULL, ?, ?, ?, ?)", rows)
                self._db.executemany("UPDATE entries SET used = ? WHERE id = ?", ((now, n) for n in used))
        except (DiskFull, OSError):
            return  # the index needs the free space more than the cache does
        except sqlite3.Error as error:
            self._failed(error)

    def size(self) -> int:
        """Bytes that the database uses, without its free pages."""
        pages, free = (self._query(f"PRAGMA {name}") for name in ("page_count", "freelist_count"))
        return (pages[0][0] - free[0][0]) * _PAGE if pages and free else 0

    def close(self) -> None:
        """Write the collected results and close the database. A second call does nothing."""
        self.flush()
        if self._db is not None:
            with suppress(sqlite3.Error):
                self._db.close()
            self._db = None

    def _query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        if self._db is None:
            return []
        try:
            return self._db.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            self._failed(error)
            return []

    def _open(self) -> None:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Only the user may read the cache, because it reveals much about the user's code.
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
            self._db = open_database(self._path, _MARKS, _TABLE, *_PRAGMAS, timeout=_WAIT_SECONDS)
        except OSError as error:
            self.last_error = f"{self._path}: {error.strerror}"
        except sqlite3.Error as error:
            self._failed(error)

    def _failed(self, error: sqlite3.Error) -> None:
        """Note in `last_error` that the database is busy or not writable, or delete it if it is damaged."""
        if isinstance(error, sqlite3.OperationalError):
            why = limits.remedy(limits.current_limit(self._path.parent))
            self.last_error = f"{self._path}: {why or error}; nothing is cached"
        else:
            self._reset(str(error))

    def _reset(self, why: str) -> None:
        """Delete the database, and note in `last_error` why."""
        self.last_error = f"the cache {self._path} was deleted ({why})"
        if self._db is not None:
            with suppress(sqlite3.Error):
                self._db.close()
        self._db = None
        remove_cache(self._path.parent)

    def _make_room(self, needed: int) -> None:
        if self.size() + needed <= self._limit:
            return
        while self._db is not None and self.size() + needed > _KEPT_SHARE * self._limit:
            oldest = f"SELECT id FROM entries ORDER BY used, id LIMIT {_DELETE_ROWS}"
            if not self._db.execute(f"DELETE FROM entries WHERE id IN ({oldest})").rowcount:
                return


def fingerprint(encoder: str) -> str:
    """A digest of what results depend on besides content and path: the encoder, modules and libraries."""
    digest = hashlib.blake2b(f"{SCHEMA_VERSION}|{encoder}".encode(), digest_size=8)
    for source in computing_sources():
        digest.update(source.name.encode() + source.read_bytes())
    for name in extras.distributions(*_LIBRARIES):
        digest.update(name.encode())
    return digest.hexdigest()


def computing_sources() -> list[Path]:
    """The files of this package that results depend on."""
    ours = Path(__file__).parents[1]
    found = [source for part in _COMPUTING_MODULES for source in sorted(ours.glob(part))]
    return [source for source in found if source.suffix in (".py", ".scm", ".toml")]


def verify(home: Path) -> tuple[int, int, str]:
    """Check all entries of the cache in a home folder, without a change.

    Returns the number of entries, the number of damaged entries, and the error that stopped the check. The
    error is "" if the check reached the end.
    """
    found = bad = 0
    try:
        with closing(sqlite3.connect(f"{(home / CACHE).as_uri()}?mode=ro", uri=True)) as db:
            for key, head, body in db.execute("SELECT key, head, body FROM entries"):
                found += 1
                bad += _verified(key, head) is None or _verified(key, body) is None
    except sqlite3.Error as error:
        return found, bad, str(error)
    return found, bad, ""


def remove_cache(home: Path) -> None:
    """Delete the cache in a home folder; files that cannot be deleted stay."""
    for name in CACHE_FILES:
        with suppress(OSError):
            (home / name).unlink()


def _key(fingerprint: str, path: str, digest: str = "") -> bytes:
    """The key of an entry. Without `digest`, the beginning that the keys of all contents of a path share."""
    place = hashlib.blake2b(f"{fingerprint}\0{path}".encode(), digest_size=_PLACE).digest()
    return place + bytes.fromhex(digest)


def _entry(head: bytes, body: bytes) -> CacheEntry:
    from .packed_points import PackedBytes

    facts, _, points = head.partition(b"\n")
    language, functions, why, has_points, is_free_of_secrets = json.loads(facts)
    packed = PackedBytes(points, body) if has_points else None
    return CacheEntry(language, functions, SkipReason.from_stored(why), packed, is_free_of_secrets)


def _with_checksum(key: bytes, content: bytes) -> bytes:
    return content + hashlib.blake2b(content, digest_size=_CHECK, key=key).digest()


def _verified(key: bytes, sealed: bytes) -> bytes | None:
    """The content without its checksum. Returns None if the checksum is wrong for this key and content."""
    content = sealed[:-_CHECK]
    return content if _with_checksum(key, content) == sealed else None
