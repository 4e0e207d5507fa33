"""Names that nothing defines are said to be unknown, and those that something defines are not."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.index.index import Index
from indexer.pipeline import ensure
from retrieval.config import SearchConfig
from retrieval.host.answers import UnknownName
from retrieval.host.methods import QueryContext, respond
from retrieval.host.requests import SearchParams
from tests.indexes import GO, PYTHON, config
from tests.repositories import write

CODE = """
MAX_RETRIES = 3


class Panel:
    limit = 5

    def fetch(self):
        def inner_helper():
            return only_used(MAX_RETRIES)
        return inner_helper()
"""
PLUGIN = """
export function svgPlugin() {
  return {
    async resolveId(id) { return onlyCalled(id) },
    load: (id) => id,
  }
}
"""
FILES = {
    "plugin.ts": PLUGIN,
    "bread.py": PYTHON,
    "parcel.go": GO,
    "app/panel.py": CODE,
    "db/db_impl.cc": "namespace leveldb {\nint Compact(int level) {\n  return level + 1;\n}\n}  // leveldb\n",
}


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QueryContext]:
    place = tmp_path_factory.mktemp("names")
    with Index.open(write(place / "root", FILES), config(place / "home")) as index:
        ensure(index)
        yield QueryContext(index, SearchConfig(profile="bm25"))


def _unknown(context: QueryContext, query: str) -> UnknownName | None:
    return respond(context, SearchParams(query=query)).unknown


@pytest.mark.parametrize(
    "name",
    ["Panel", "panel", "Panel.fetch", "Panel::fetch", "fetch()", "MAX_RETRIES", "Panel.limit",
     "inner_helper", '"knead"', "Deliver", "leveldb::Compact", "Compact", "app.panel", "panel.py",
     "panel.Panel", "knead dough", "app.panel.Panel.fetch",
     "svgPlugin.resolveId", "svgPlugin.load", "resolveId"],
)  # fmt: skip
def test_names_that_are_defined(context: QueryContext, name: str) -> None:
    """As a definition, a constant, a field, inside a function, a file; qualified or not."""
    assert _unknown(context, name) is None


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("only_used", ""), ("Panel.open", ""), ("Oven.fetch", "Panel.fetch"), ("Panle", "Panel"),
     ("knaed", "knead"), ("MAX_RETRYS", "MAX_RETRIES"),
     ('"delivr"', "Deliver"), ("redis::Compact", "Compact"),
     ("svgPlugin.onlyCalled", ""), ("onlyCalled", ""), ("otherPlugin.resolveId", "")],
)  # fmt: skip
def test_names_that_are_not(context: QueryContext, name: str, nearest: str) -> None:
    """Also a name that is only used, and a method of another class; with names that are like it."""
    found = _unknown(context, name)
    assert found is not None
    assert found.name == name.strip('"')
    assert not nearest or nearest in found.nearest
    assert found.line.startswith(f"no definition named {found.name}")


def test_made_up_names(context: QueryContext) -> None:
    """All are unknown."""
    dice = random.Random(5)
    for _ in range(40):
        name = "".join(dice.choice("bdfgklmnprstvz") + dice.choice("aeiou") for _ in range(5))
        name = dice.choice((name, name.title(), f"{name}_{name[:4]}", f"Panel.{name}"))
        assert _unknown(context, name) is not None, name


def test_names_that_came_meanwhile(context: QueryContext, tmp_path: Path) -> None:
    """A name that only an unsaved text defines is known; one that it removes is not."""
    documents = {"app/panel.py": "def sweep_floor():\n    pass\n"}
    assert respond(context, SearchParams(query="sweep_floor", documents=documents)).unknown is None
    swept = respond(context, SearchParams(query="sweep_flor", documents=documents)).unknown
    assert swept is not None
    assert swept.nearest[0] == "sweep_floor"
    gone = respond(context, SearchParams(query="MAX_RETRIES", documents=documents)).unknown
    assert gone is not None
