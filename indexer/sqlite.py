"""Reads the marks of SQLite databases, and runs transactions, for the manifest and the cache."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


def marks(db: sqlite3.Connection) -> tuple[int, int]:
    """The application_id and the user_version of a database. Both are 0 in a new database."""
    name, version = (db.execute(f"PRAGMA {one}").fetchone()[0] for one in ("application_id", "user_version"))
    return name, version


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
