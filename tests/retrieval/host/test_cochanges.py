"""The method `cochange`, of a repository with a history."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cornea.context import load
from indexer.errors import UsageError
from indexer.index.index import Index
from indexer.pipeline import ensure
from retrieval.host.methods import QueryContext, respond
from retrieval.host.requests import CochangeParams
from tests.repositories import git, isolate, repository, write

CART = """class Cart:
    def total(self, items):
        return sum(items) * {0}


def empty():
    return {0}
"""
TAX = "def value_added_tax(price):\n    return price * {0}\n"


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QueryContext]:
    """Three commits change the cart and the tax, two of them a file that is gone now."""
    place = tmp_path_factory.mktemp("shop")
    with pytest.MonkeyPatch.context() as patch:
        isolate(patch, place / "user")
        patch.setenv("CORNEA_HOME", str(place / "home"))
        patch.setenv("CORNEA_STORE_RESERVE_MB", "1")
        root = repository(place / "root", {"notes.txt": "none\n"})
        for number in range(3):
            files = {"shop/cart.py": CART.format(number), "shop/tax.py": TAX.format(number)}
            write(root, files | {"gone.py": f"x = {number}\n"})
            git(root, "add", "-A")
            git(root, "commit", "-qm", f"Change {number}")
        git(root, "rm", "-q", "gone.py")
        git(root, "commit", "-qm", "Tidy")
        settings = load(root)
        with Index.open(root, settings.config) as index:
            ensure(index)
            yield QueryContext(index, settings.search)


def test_a_file(context: QueryContext) -> None:
    """The files that exist, and the functions that the index has, with their qualified names and lines."""
    found = respond(context, CochangeParams(path="shop/cart.py"))
    assert (found.name, found.changes, found.missing) == ("", 3, [])
    assert [(one.path, one.line) for one in found.files] == [("shop/tax.py", "3 of the last 3 commits")]
    assert [(one.path, one.symbol, one.start_line, one.subject) for one in found.functions] == [
        ("shop/tax.py", "value_added_tax", 1, "Change 2")
    ]
    elsewhere = respond(context, CochangeParams(path="shop/cart.py", folder="docs"))
    assert (elsewhere.changes, elsewhere.files, elsewhere.functions) == (3, [], [])


@pytest.mark.parametrize("place", [{"line": 3}, {"name": "Cart.total"}, {"name": "total"}])
def test_a_function(context: QueryContext, place: dict[str, object]) -> None:
    """By a line in it or by its name; the others of its own file are listed, too."""
    found = respond(context, CochangeParams(path="shop/cart.py", **place))  # type: ignore[arg-type]
    assert (found.name, found.changes) == ("total", 3)
    assert {one.symbol for one in found.functions} == {"value_added_tax", "empty"}
    assert (
        respond(context, CochangeParams(path="shop/cart.py", limit=1, **place)).functions
        == (  # type: ignore[arg-type]
            found.functions[:1]
        )
    )


def test_what_is_not_there(context: QueryContext) -> None:
    """A file or a name that does not exist is an error; code without a history has no answers."""
    with pytest.raises(UsageError, match=r"shop/cat\.py: no such file"):
        respond(context, CochangeParams(path="shop/cat.py"))
    with pytest.raises(UsageError, match="no definition named 'totl'"):
        respond(context, CochangeParams(path="shop/cart.py", name="totl"))
    with pytest.raises(UsageError, match="outside of the root"):
        CochangeParams(path="../cart.py")
    with pytest.raises(UsageError, match="at least 1"):
        respond(context, CochangeParams(path="notes.txt", limit=0))
    found = respond(context, CochangeParams(path="notes.txt"))
    assert (found.changes, found.files, found.functions) == (1, [], [])
