"""Opens SQLite databases with the marks of this program, and runs transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


class ForeignDatabase(sqlite3.DatabaseError):
    """A database that another version or another program made. `application` is its application_id."""

    def __init__(self, application: int) -> None:
        super().__init__("another version or another program wrote it")
        self.application = application


def opened(
    path: Path, marks: tuple[int, int], tables: Sequence[str], settings: Sequence[str], timeout: float = 5.0
) -> sqlite3.Connection:
    """Open a database with these `marks` (application_id, user_version), or create it with `tables`.

    `settings` are pragmas. Several threads may use the connection, which begins no transaction by itself.
    Raises sqlite3.Error; raises ForeignDatabase, and changes nothing, if the database has other marks.
    """
    db = sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=False)
    try:
        names = ("application_id", "user_version")
        found = tuple(db.execute(f"PRAGMA {name}").fetchone()[0] for name in names)
        fresh = found != marks
        if fresh and (found != (0, 0) or db.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()):
            raise ForeignDatabase(found[0])
        for setting in settings:
            db.execute(f"PRAGMA {setting}")
        if fresh:
            with transaction(db):
                for statement in (*tables, *(f"PRAGMA {n} = {m}" for n, m in zip(names, marks, strict=True))):
                    db.execute(statement)
    except BaseException:
        db.close()
        raise
    return db


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """A context in which one transaction runs. An exception rolls the transaction back."""
    if db.in_transaction:  # Ctrl-C interrupted an earlier transaction
        db.execute("ROLLBACK")
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
