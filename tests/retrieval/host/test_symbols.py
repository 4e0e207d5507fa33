"""The method `symbols`: what is around places, joined definitions, users by name, and limits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cornea.context import load
from indexer.errors import UsageError
from indexer.index.index import Index
from indexer.pipeline import ensure
from retrieval.host.methods import QueryContext, respond
from retrieval.host.requests import MAX_PLACES, CallsParams, MatchPlace, SymbolsParams
from retrieval.typed_json import decode
from tests.repositories import isolate, write
from tests.support.waiting import until

LONG = (
    "def outer(items):\n    total = 0\n"
    + "".join(f"    total += items[{n}] * weight({n})\n    total = check(total, {n})\n" for n in range(30))
    + "\n    def inner(value):\n        return value + weight(1)\n\n    return inner(total)\n"
)
FILES = {
    "a/outer.py": LONG,
    "a/shape.py": "class Shape:\n    sides = 0\n\n    def area(self):\n        return weight(self.sides)\n",
    "a/weight.py": "LIMIT = 3\n\n\n# weight is a name\n@cached\ndef weight(number):\n    return LIMIT\n",
    "a/point.cc": "class Point {\n public:\n  Point(int x) : x_(x) {}\n  int x_;\n};\n",
    "tests/test_weight.py": "def test_weight():\n    from a.weight import weight\n    assert weight(1)\n",
    **{f"b/c{n}.py": f"class C{n}:\n    def close(self):\n        return {n}\n" for n in range(25)},
}


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QueryContext]:
    place = tmp_path_factory.mktemp("symbols")
    with pytest.MonkeyPatch.context() as patch:
        isolate(patch, place / "user")
        patch.setenv("CORNEA_HOME", str(place / "home"))
        patch.setenv("CORNEA_STORE_RESERVE_MB", "1")
        settings = load(write(place / "root", FILES))
        with Index.open(settings.root, settings.config) as index:
            ensure(index)
            with closing(QueryContext(index, settings.search)) as made:
                yield made


def test_places(context: QueryContext) -> None:
    """By line or by text; a definition that was cut is joined with what is inside it; tests come last."""
    lines = len(LONG.splitlines())
    places = (
        MatchPlace("tests/test_weight.py", 2),
        MatchPlace("a/outer.py", 5),
        MatchPlace("a/outer.py", lines),
        MatchPlace("a/outer.py", text="return value + weight(1)"),
        MatchPlace("a/shape.py", 5),
        MatchPlace("a/shape.py", 2),
        MatchPlace("a/weight.py", 1),
        MatchPlace("a/gone.py", 1),
    )
    found = respond(context, SymbolsParams(places=places)).enclosing
    rows = [(one.symbol, one.start_line, one.end_line, one.lines) for one in found]
    assert rows[0] == ("outer", 1, lines, [5, lines - 2, lines])
    assert {row[0] for row in rows[1:3]} == {"Shape.area", "Shape"}
    assert [row[0] for row in rows[3:]] == ["test_weight"]


def test_a_literal(context: QueryContext) -> None:
    """In files without lines, the first line with it of each definition."""
    params = SymbolsParams(places=(MatchPlace("a/shape.py"), MatchPlace("a/weight.py")), literal="weight(")
    found = respond(context, params).enclosing
    assert [(one.symbol, one.lines) for one in found] == [("Shape.area", [5]), ("weight", [6])]


def test_names(context: QueryContext) -> None:
    """The line with the name, not a comment or a decorator; users outside of tests first."""
    found = respond(context, SymbolsParams(names=("weight", "nothing", "weight")))
    assert [(one.symbol, one.line, one.text) for one in found.definitions] == [
        ("weight", 6, "def weight(number):")
    ]
    users = [one.symbol for one in found.users]
    assert set(users) == {"outer", "Shape.area", "test_weight"}
    assert users[-1] == "test_weight"


def test_a_constant(context: QueryContext) -> None:
    """It has no fragment of its own, but is found in the files that matched."""
    params = SymbolsParams(names=("LIMIT",), places=(MatchPlace("a/weight.py", 7),))
    found = respond(context, params)
    assert [(one.symbol, one.path, one.line, one.text) for one in found.definitions] == [
        ("LIMIT", "a/weight.py", 1, "LIMIT = 3")
    ]
    assert respond(context, SymbolsParams(names=("LIMIT",))).definitions == []


def test_a_common_name(context: QueryContext) -> None:
    """25 definitions say nothing; of a qualified name, too, because a pattern has no types."""
    assert respond(context, SymbolsParams(names=("close",))).definitions == []
    assert [one.symbol for one in respond(context, SymbolsParams(names=("C7",))).definitions] == ["C7"]


def test_several_names(context: QueryContext) -> None:
    """Together they name one definition, also if one alone would be common; constructors are not named."""
    found = respond(context, SymbolsParams(names=("close", "C7"))).definitions
    assert [one.symbol for one in found] == ["C7.close"]
    found = respond(context, SymbolsParams(names=("weight", "outer"))).definitions
    assert [one.symbol for one in found] == ["weight", "outer"]
    assert [one.symbol for one in respond(context, SymbolsParams(names=("Point",))).definitions] == ["Point"]


def test_files(context: QueryContext) -> None:
    """The outermost definitions, in file order; files without any are left out."""
    files = ("a/outer.py", "a/shape.py", "a/gone.py", "a/outer.py")
    found = respond(context, SymbolsParams(files=files)).files
    assert [(one.path, one.symbols, one.more) for one in found] == [
        ("a/outer.py", ["outer"], 0), ("a/shape.py", ["Shape"], 0),
    ]  # fmt: skip


def test_wrong_parameters() -> None:
    """Paths out of the root, too many places, and what is no place."""
    for name, value in (("places", [{"path": "../a.py"}]), ("files", ["/etc/passwd"])):
        with pytest.raises(UsageError, match="outside of the root"):
            decode(SymbolsParams, {name: value})
    with pytest.raises(UsageError, match=f"'places' must be a list of objects, at most {MAX_PLACES}"):
        decode(SymbolsParams, {"places": [{"path": "a"}] * (MAX_PLACES + 1)})
    with pytest.raises(UsageError, match="'files' must be a list of strings, at most"):
        decode(SymbolsParams, {"files": "a.py"})
    assert Path(decode(SymbolsParams, {"places": [{"path": "./a//b.py"}]}).places[0].path) == Path("a/b.py")


def test_a_file_that_has_changed(context: QueryContext, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its present lines count: of definitions, matches and users. What is gone is in no answer."""
    monkeypatch.setattr("retrieval.host.freshness._CHECK_SECONDS", 0.0)
    file = context.index.root / "a/weight.py"
    before = file.read_text()
    file.write_text("import os\n\n\ndef heavy(one):\n    return weight(one)\n\n\n" + before)
    try:
        places = (MatchPlace("a/weight.py", 7, "return LIMIT"), MatchPlace("a/weight.py", 7, "gone"))
        params = SymbolsParams(names=("weight",), places=places)
        found = respond(context, params)
        assert [(one.symbol, one.line, one.source) for one in found.definitions] == [("weight", 13, "disk")]
        assert [(one.symbol, one.lines) for one in found.enclosing] == [("weight", [14])]
        assert ("a/weight.py", "heavy", 5) in {(one.path, one.symbol, one.line) for one in found.users}
        stale = "1 file has changed since the index was updated; what is new there may be missing"
        until(lambda: respond(context, params).remarks == (stale,))
        assert [one.symbol for one in respond(context, SymbolsParams(names=("heavy",))).definitions] == [
            "heavy"
        ]
        monkeypatch.setattr("retrieval.host.present_fragments._MOST_CUT", 0)
        assert respond(context, SymbolsParams(names=("weight",))).definitions == []
        file.unlink()
        assert respond(context, SymbolsParams(names=("weight",))).definitions == []
    finally:
        file.write_text(before)


def test_callers(context: QueryContext) -> None:
    """They come from the call graph if it is there already, in the state of the index."""
    params = SymbolsParams(names=("weight",))
    assert {one.resolution for one in respond(context, params).users} == {"by name"}
    respond(context, CallsParams(direction="callers", name="weight"))
    users = respond(context, params).users
    assert [(one.symbol, one.line, one.resolution) for one in users] == [("test_weight", 3, "resolved")]
