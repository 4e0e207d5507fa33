"""SQLite databases: whose they are, and transactions that are whole or nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from indexer.sqlite import ForeignDatabase, open_database, transaction

MARKS = (0x436F7254, 3)
TABLES = ("CREATE TABLE IF NOT EXISTS words (word TEXT NOT NULL)",)


def opened(path: Path, marks: tuple[int, int] = MARKS, *pragmas: str) -> sqlite3.Connection:
    return open_database(path, marks, TABLES, *pragmas)


def words(db: sqlite3.Connection) -> list[str]:
    return [row[0] for row in db.execute("SELECT word FROM words ORDER BY word")]


def test_what_was_written_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    """The tables and the marks are made once; the pragmas are set at each opening."""
    with closing(opened(tmp_path / "db", MARKS, "page_size = 16384", "journal_mode = WAL")) as db:
        with transaction(db):
            db.execute("INSERT INTO words VALUES ('one')")
        assert db.execute("PRAGMA application_id").fetchone() == (MARKS[0],)
        assert db.execute("PRAGMA user_version").fetchone() == (MARKS[1],)
        assert db.execute("PRAGMA page_size").fetchone() == (16384,)
    with closing(opened(tmp_path / "db", MARKS, "synchronous = OFF")) as db:
        assert words(db) == ["one"]
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert db.execute("PRAGMA synchronous").fetchone() == (0,)


@pytest.mark.parametrize("marks", [(MARKS[0], 2), (7, MARKS[1]), (0, 0), (0, 1)])
def test_a_database_of_others_is_left_alone(tmp_path: Path, marks: tuple[int, int]) -> None:
    """Another version's, another program's, and one without marks that has tables."""
    path = tmp_path / "db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE thesis (chapter TEXT)")
        other.execute(f"PRAGMA application_id = {marks[0]}")
        other.execute(f"PRAGMA user_version = {marks[1]}")
    before = path.read_bytes()
    with pytest.raises(ForeignDatabase) as caught:
        opened(path, MARKS, "journal_mode = WAL")
    assert caught.value.application == marks[0]
    assert path.read_bytes() == before


def test_two_who_create_a_database_at_once(tmp_path: Path) -> None:
    """The second one found nothing either, and then what the first one made."""
    path = tmp_path / "db"

    class Pragma(str):
        """When it is to be executed, another process has created the database."""

        def __format__(self, spec: str) -> str:
            opened(path).close()
            return "user_version"

    with closing(opened(path, MARKS, Pragma())) as db:
        assert words(db) == []
        assert db.execute("PRAGMA user_version").fetchone() == (MARKS[1],)


def test_a_transaction_is_rolled_back(tmp_path: Path) -> None:
    """By an error within it, and by the next one, if Ctrl-C came before its end."""
    with closing(opened(tmp_path / "db")) as db:
        with pytest.raises(KeyboardInterrupt), transaction(db):
            db.execute("INSERT INTO words VALUES ('lost')")
            raise KeyboardInterrupt
        assert not db.in_transaction
        db.execute("BEGIN")
        db.execute("INSERT INTO words VALUES ('left')")
        with transaction(db):
            db.execute("INSERT INTO words VALUES ('kept')")
        assert words(db) == ["kept"]
