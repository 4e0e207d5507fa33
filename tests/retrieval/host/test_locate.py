"""Issues asked of a host: by the command that leaves it running, and of functions that are read once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cornea.context import load
from indexer.index import commits
from indexer.index.index import Index
from indexer.pipeline import ensure
from retrieval.host.client import stop
from retrieval.host.methods import QueryContext
from tests.hosts import Site
from tests.repositories import git, isolate, repository, write

FILES = {
    "shop/cart.py": "class Cart:\n    def total(self, items):\n        return sum(items)\n",
    "shop/tax.py": "def value_added_tax(price, rate):\n    return price * rate\n",
}


def test_the_command_asks_the_host(mall: Site) -> None:
    """The same answer as without one, and the host goes on: functions, files, a line each, with reasons."""
    batch = json.dumps({"id": 1, "text": "verify_password is slow"}) + "\n"
    asked = (
        (("--text", "verify_password is slow", "--explain", "--json"), ""),
        (("--text", "verify_password is slow", "--level", "file", "--explain"), ""),
        (("--batch", "-"), batch),
    )
    with mall.client() as client:
        client.request("status")
        before = mall.process().pid
        hosted = [mall.cli("locate", *args, stdin=stdin) for args, stdin in asked]
        assert client.request("status")["files"] == 3
        assert mall.process().pid == before
    stop(mall.key)
    alone = [mall.cli("locate", *args, stdin=stdin) for args, stdin in asked]
    assert [done.out for done in hosted] == [done.out for done in alone]
    assert json.loads(hosted[0].out)["results"][0]["symbol"] == "verify_password"
    assert [done.code for done in hosted] == [0, 0, 0]


def test_functions_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until a file or the past changes, or nobody asked for long; a new commit keeps the functions."""
    isolate(monkeypatch, tmp_path / "user")
    monkeypatch.setenv("CORNEA_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(commits, "_BATCH", 1)
    root = repository(tmp_path / "root", FILES)
    context = load(root)
    with Index.open(root, context.config) as index:
        ensure(index)
        said: list[str] = []
        git(root, "commit", "-q", "--allow-empty", "-m", "Carts are full")
        query_context = QueryContext(index, context.search, say=said.append)
        first = query_context.locator()
        assert said == [f"reading the history of {index.root}: 2 commits"]
        assert query_context.locator() is first
        git(root, "commit", "-q", "--allow-empty", "-m", "Taxes are due")
        second = query_context.locator()
        assert second is not first
        assert second.corpus is first.corpus
        assert second.past.commits[0].message == "Taxes are due"
        assert query_context.locator() is second
        query_context.release()
        assert query_context.locator() is not second
        write(root, {"shop/tax.py": "def sales_tax(price):\n    return price\n"})
        ensure(index)
        third = query_context.locator()
        assert [f.name for f in third.corpus.functions] == ["total", "sales_tax"]
        assert [f.name for f in second.corpus.functions] == ["total", "value_added_tax"]
        (root / "shop/cart.py").unlink()
        ensure(index)
        assert [f.name for f in query_context.locator().corpus.functions] == ["sales_tax"]
        assert (len(said), query_context.remarks) == (1, [])
