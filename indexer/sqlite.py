"""Opens Cornea's SQLite databases and runs transactions, for the manifest, the cache and the commits."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_FACTS = (
    "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema) "
    "FROM pragma_application_id, pragma_user_version"
)


class ForeignDatabase(sqlite3.DatabaseError):
    """Another program, or another version of Cornea, wrote the database. `application` is its mark."""

    def __init__(self, application: int) -> None:
        super().__init__("another version wrote it")
        self.application = application


def open_database(
    path: Path, marks: tuple[int, int], tables: Sequence[str], *pragmas: str, timeout: float = 5.0
) -> sqlite3.Connection:
    """Open the database with these marks, its application_id and user_version.

    A new database gets the marks and what the statements `tables` create. `timeout` is the number of seconds
    to wait while another process writes. Raises ForeignDatabase, and changes nothing, if the database has
    other marks. Raises another sqlite3.Error if it cannot be opened.
    """
    db = sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=False)
    try:
        *found, contents = db.execute(_FACTS).fetchone()
        is_new = found == [0, 0] and not contents
        if not is_new and tuple(found) != marks:
            raise ForeignDatabase(found[0])
        for pragma in pragmas:
            db.execute(f"PRAGMA {pragma}")
        if is_new:
            with transaction(db):
                for statement in tables:  # another process may have executed them meanwhile
                    db.execute(statement)
                db.execute(f"PRAGMA application_id = {marks[0]}")
                db.execute(f"PRAGMA user_version = {marks[1]}")
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
