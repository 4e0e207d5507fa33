"""What was computed from a file's content, kept for all roots of a user: a SQLite file beside the indexes.

An entry is found by a file's path within its root, what the computation depends on besides (`fingerprint`),
and the content's digest, which is git's own blob id. It holds no text and no root. The cache may be lost at
any time: nothing waits for the disk, what is damaged is thrown away, and what is busy is done without.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import limits
from ..errors import DiskFull
from ..store import SCHEMA_VERSION
from ..store.space import check_space

if TYPE_CHECKING:
    from .packed_points import Packed

CACHE = "contents.sqlite3"
CACHE_FILES = (CACHE, f"{CACHE}-wal", f"{CACHE}-shm")
"""The file, and SQLite's own beside it."""

_MARKS = (0x436F7243, 1)
"""SQLite's application_id, `CorC`, and user_version, raised whenever the table changes."""
_PAGE = 16_384
_WAIT_SECONDS = 0.25
"""How long to wait for another process that writes; then it is done without."""
_BUFFER = 4 << 20
"""Bytes that wait for one short transaction."""
_STALE_SECONDS = 3_600
"""So exactly is known when an entry was last used."""
_ROOM = 0.9
"""What is left of the limit after the oldest were dropped."""
_DROP = 200
_PLACE, _LONGEST, _CHECK = 12, 32, 8
"""Bytes of a place, of the longest digest, and of a checksum."""
_LIBRARIES = ("tree_sitter", "pystemmer", "numpy")
"""Beginnings of distributions on whose version a computation depends."""

_DECIDING = (
    "fragment.py", "store/types.py", "parsing/**/*", "encoding/*.py",
    "analysis/fragment_points.py", "analysis/fragments.py", "analysis/packed_points.py",
    "analysis/roles.py", "analysis/worker.py",
)  # fmt: skip
"""Our own modules that such a computation goes through, and the queries: with others, it is done again."""

_TABLE = (
    "CREATE TABLE IF NOT EXISTS entries ("
    "id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, used INTEGER NOT NULL, "
    "head BLOB NOT NULL, body BLOB NOT NULL)",
    "CREATE INDEX IF NOT EXISTS entries_used ON entries (used)",
    f"PRAGMA application_id = {_MARKS[0]}",
    f"PRAGMA user_version = {_MARKS[1]}",
)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a content: its points, or the `reason` to leave it out (then `packed` is None)."""

    language: str
    functions: int
    reason: str = ""
    packed: Packed | None = None


@dataclass(slots=True)
class _Waiting:
    """Rows that are not written yet, and entries that were used."""

    rows: dict[bytes, tuple[bytes, bytes]] = field(default_factory=dict)
    size: int = 0
    used: set[int] = field(default_factory=set)


class Cache:
    """The cache of one home, for computations with one `fingerprint`. Any number of processes may use it.

    No call fails: without a usable file nothing is found and nothing is kept, and `trouble` says why.
    """

    def __init__(
        self, home: Path, fingerprint: str, limit: int, reserve: int = 0, *, blind: bool = False
    ) -> None:
        """`limit` is its size in bytes at most (0: no cache), `reserve` the free disk space to leave.

        A `blind` one finds nothing, and keeps what is computed anew.
        """
        self.trouble = ""
        self.fingerprint = fingerprint
        self._path, self._limit, self._reserve = home / CACHE, limit, reserve
        self._blind = blind
        self._waiting = _Waiting()
        self._db: sqlite3.Connection | None = None
        if limit:
            self._open()

    def knows(self, path: str) -> bool:
        """Whether anything is kept of a file of this path, whatever its content."""
        if self._blind:
            return False
        place = self._place(path, self.fingerprint)
        last = place + b"\xff" * _LONGEST
        return bool(self._ask("SELECT 1 FROM entries WHERE key BETWEEN ? AND ? LIMIT 1", place, last))

    def get(self, path: str, digest: str, made: str = "", *, body: bool = True) -> Kept | None:
        """What is kept of a content under a path; None if nothing is.

        `made` is the fingerprint to ask for, if not the cache's own. Without `body` there are no vectors.
        """
        key = self._key(path, digest, made or self.fingerprint)
        what = "body" if body else "NULL"
        rows = self._ask(f"SELECT id, used, head, {what} FROM entries WHERE key = ?", key)
        if not rows:
            return None
        number, used, head, vectors = rows[0]
        whole = _checked(key, head), _checked(key, vectors) if body else b""
        if whole[0] is None or whole[1] is None:
            self._renew("it is damaged")
            return None
        if time.time() - used > _STALE_SECONDS:
            self._waiting.used.add(number)
        return _kept(whole[0], whole[1])

    def put(self, path: str, digest: str, kept: Kept) -> None:
        """Keep what was computed."""
        if self._db is None or not digest:
            return
        key = self._key(path, digest, self.fingerprint)
        packed = kept.packed
        facts = json.dumps([kept.language, kept.functions, kept.reason, packed is not None]).encode()
        head = facts + b"\n" + (packed.head if packed else b"")
        body = packed.body if packed else b""
        self._waiting.rows[key] = _sealed(key, head), _sealed(key, body)
        self._waiting.size += len(head) + len(body)
        if self._waiting.size >= _BUFFER:
            self.flush()

    def flush(self) -> None:
        """Write what waits, if nobody else is writing and there is room."""
        waiting, self._waiting = self._waiting, _Waiting()
        if self._db is None or not (waiting.rows or waiting.used):
            return
        now = int(time.time())
        rows = [(key, now, head, body) for key, (head, body) in waiting.rows.items()]
        try:
            check_space(self._path, self._reserve + 2 * waiting.size)
            with _transaction(self._db):
                self._make_room(waiting.size)
                self._db.executemany("INSERT OR REPLACE INTO entries VALUES (NULL, ?, ?, ?, ?)", rows)
                self._db.executemany(
                    "UPDATE entries SET used = ? WHERE id = ?", ((now, number) for number in waiting.used)
                )
        except (DiskFull, OSError):
            return  # the index needs the room more
        except sqlite3.Error as error:
            self._failed(error)

    def size(self) -> int:
        """Bytes in use, without what was dropped and not filled again."""
        pages, free = (self._ask(f"PRAGMA {name}") for name in ("page_count", "freelist_count"))
        return (pages[0][0] - free[0][0]) * _PAGE if pages and free else 0

    def close(self) -> None:
        """Write what waits and let go; may be called twice."""
        self.flush()
        if self._db is not None:
            with suppress(sqlite3.Error):
                self._db.close()
            self._db = None

    @staticmethod
    def _place(path: str, fingerprint: str) -> bytes:
        return hashlib.blake2b(f"{fingerprint}\0{path}".encode(), digest_size=_PLACE).digest()

    def _key(self, path: str, digest: str, fingerprint: str) -> bytes:
        return self._place(path, fingerprint) + bytes.fromhex(digest)

    def _ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
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
            # Others have no business with what is said about this user's code.
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
            self._db = _connect(self._path)
        except OSError as error:
            self.trouble = f"{self._path}: {error.strerror}"
        except sqlite3.Error as error:
            self._failed(error)

    def _failed(self, error: sqlite3.Error) -> None:
        """Do without what is busy or cannot be written; begin anew what is damaged."""
        if isinstance(error, sqlite3.OperationalError):
            why = limits.remedy(limits.in_force(self._path.parent))
            self.trouble = f"{self._path}: {why or error}; nothing is kept there"
        else:
            self._renew(str(error))

    def _renew(self, why: str) -> None:
        """Throw the cache away."""
        self.trouble = f"the cache {self._path} was thrown away ({why})"
        if self._db is not None:
            with suppress(sqlite3.Error):
                self._db.close()
        self._db = None
        remove_cache(self._path.parent)

    def _make_room(self, needed: int) -> None:
        if self.size() + needed <= self._limit:
            return
        while self._db is not None and self.size() + needed > _ROOM * self._limit:
            oldest = f"SELECT id FROM entries ORDER BY used, id LIMIT {_DROP}"
            if not self._db.execute(f"DELETE FROM entries WHERE id IN ({oldest})").rowcount:
                return


class _transaction:
    """One short transaction; another process that writes is waited for a moment only."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        if self._db.in_transaction:  # Ctrl-C fell between a BEGIN and what follows
            self._db.execute("ROLLBACK")
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if self._db.in_transaction:
            self._db.execute("COMMIT" if kind is None else "ROLLBACK")


def fingerprint(encoder: str) -> str:
    """What a computation depends on besides content and path: the encoder, our own sources, the grammars."""
    digest = hashlib.blake2b(f"{SCHEMA_VERSION}|{encoder}".encode(), digest_size=8)
    for source in deciding_sources():
        digest.update(source.name.encode() + source.read_bytes())
    for name in _distributions():
        digest.update(name.encode())
    return digest.hexdigest()


def deciding_sources() -> list[Path]:
    """The files of this package that decide what a file's points are."""
    ours = Path(__file__).parents[1]
    found = [source for part in _DECIDING for source in sorted(ours.glob(part))]
    return [source for source in found if source.suffix in (".py", ".scm")]


def _distributions() -> list[str]:
    """The libraries that cut and count, with their versions, as their installation's folders are named."""
    import tree_sitter

    beside = [folder.name for folder in Path(tree_sitter.__file__).parents[1].iterdir()]
    return sorted(name for name in beside if name.lower().startswith(_LIBRARIES) and name.endswith("-info"))


def examine(home: Path) -> tuple[int, int, str]:
    """Of the cache of a home: how many entries there are, how many are damaged, and what else is wrong.

    Reads everything and changes nothing.
    """
    found = bad = 0
    try:
        with closing(sqlite3.connect(f"{(home / CACHE).as_uri()}?mode=ro", uri=True)) as db:
            for key, head, body in db.execute("SELECT key, head, body FROM entries"):
                found += 1
                bad += _checked(key, head) is None or _checked(key, body) is None
    except sqlite3.Error as error:
        return found, bad, str(error)
    return found, bad, ""


def remove_cache(home: Path) -> None:
    """Delete the cache of a home, if it has one that can be deleted."""
    for name in CACHE_FILES:
        with suppress(OSError):
            (home / name).unlink()


def _connect(path: Path) -> sqlite3.Connection:
    """Open the file, or begin it anew if it is another version's. Raises sqlite3.Error."""
    db = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        names = ("application_id", "user_version")
        marks = tuple(db.execute(f"PRAGMA {name}").fetchone()[0] for name in names)
        if marks not in (_MARKS, (0, 0)):
            raise sqlite3.DatabaseError("another version's")
        if marks != _MARKS:
            db.execute(f"PRAGMA page_size = {_PAGE}")
        db.execute("PRAGMA journal_mode = WAL")
        # Checksums tell what a power cut tore; waiting for the disk would cost every first index seconds.
        db.execute("PRAGMA synchronous = OFF")
        if marks != _MARKS:
            with _transaction(db):
                for statement in _TABLE:
                    db.execute(statement)
    except BaseException:
        db.close()
        raise
    return db


def _kept(head: bytes, body: bytes) -> Kept:
    from .packed_points import Packed

    facts, _, points = head.partition(b"\n")
    language, functions, reason, packed = json.loads(facts)
    return Kept(language, functions, reason, Packed(points, body) if packed else None)


def _sealed(key: bytes, content: bytes) -> bytes:
    return content + hashlib.blake2b(content, digest_size=_CHECK, key=key).digest()


def _checked(key: bytes, sealed: bytes) -> bytes | None:
    """The content, None if it is not what was written under this key."""
    content = sealed[:-_CHECK]
    return content if _sealed(key, content) == sealed else None
