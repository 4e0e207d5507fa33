"""The stored facts: found by path and content, and read again after any damage."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.calls import facts_store
from retrieval.calls.facts_store import FILE, FactsStore

from .graphs import facts_of

FACTS = facts_of("a.py", "import b\n\n\ndef f():\n    b.g()\n")


def test_kept_by_content(tmp_path: Path) -> None:
    """With the lines apart; another content, and a removed file, are unknown."""
    store = FactsStore(tmp_path)
    store.write([FACTS])
    store.close()
    store = FactsStore(tmp_path)
    assert store.read("a.py", FACTS.digest) == FACTS._replace(lines={})
    assert store.lines("a.py", FACTS.digest) == FACTS.lines == {4: "def f():", 5: "    b.g()"}
    assert store.read("a.py", "other") is None
    store.remove(["a.py"])
    assert store.read("a.py", FACTS.digest) is None
    store.close()


def test_other_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another version has read is read again."""
    store = FactsStore(tmp_path)
    store.write([FACTS])
    store.close()
    monkeypatch.setattr(facts_store, "fingerprint", lambda: "other")
    store = FactsStore(tmp_path)
    assert store.read("a.py", FACTS.digest) is None
    store.close()


@pytest.mark.parametrize("data", [b"no database", b"SQLite format 3\0" + b"\xff" * 5_000])
def test_damage(tmp_path: Path, data: bytes) -> None:
    """A damaged database is replaced by an empty one."""
    (tmp_path / FILE).write_bytes(data)
    store = FactsStore(tmp_path)
    assert store.read("a.py", FACTS.digest) is None
    store.write([FACTS])
    assert store.read("a.py", FACTS.digest) is not None
    store.close()


def test_damaged_rows(tmp_path: Path) -> None:
    """A row that is none of ours is unknown."""
    store = FactsStore(tmp_path)
    store.write([FACTS])
    assert store._db is not None
    store._db.execute("UPDATE files SET facts = x'00', lines = x'00'")
    assert store.lines("a.py", FACTS.digest) == {}
    assert store.read("a.py", FACTS.digest) is None
    store.close()
    store.close()
