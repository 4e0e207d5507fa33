"""How definitions are compared with those of another program; the program itself is not asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from indexer.errors import Unsupported
from indexer.fragment import Span, Symbol
from research.benchmarks.ctags import Tag, find, read
from research.benchmarks.definitions import Comparison, bare, report
from research.benchmarks.report import as_json
from tests.support.schemas import validate


def symbol(name: str, first: int, last: int) -> Symbol:
    return Symbol(name, "method", Span(0, 0, first, last))


def tag(name: str, line: int, end: int = 0, kind: str = "function") -> Tag:
    return Tag(name, kind, line, end, "values" if kind in ("variable", "field") else "definitions")


def rows(*tags: dict[str, object]) -> bytes:
    return "\n".join(json.dumps({"_type": "tag", **one}) for one in tags).encode()


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("Panel.fetch", "fetch"),
        ("ns::Box<T>::get", "get"),
        ("M:go", "go"),
        ("$size", "size"),
        ("A.operator ==", "operator=="),
        ("operator()", "operator()"),
        ("~Box", "~Box"),
    ],
)
def test_the_last_part_of_a_name(name: str, last: str) -> None:
    """It is what both programs call a definition, however they qualify it."""
    assert bare(name) == last


def test_what_counts_as_found() -> None:
    """The name, at a line within ours; the last line is counted apart."""
    one = Comparison()
    ours = [symbol("A", 1, 9), symbol("A.f", 2, 4), symbol("A.g", 5, 8), symbol("A.made_up", 9, 9)]
    one.add("a.py", ours, [tag("A", 1, 9), tag("f", 3, 5), tag("g", 12), tag("h", 6)])
    assert (one.theirs["definitions"], one.share("definitions")) == (4, 0.5)
    assert [(miss.tag.name, miss.lines) for miss in one.missed["definitions"]] == [("g", (5, 8)), ("h", None)]
    assert (one.ends, one.same_ends) == (2, 1)
    assert [extra.symbol.name for extra in one.extra] == ["A.made_up"]
    assert one.share("values") is None


def test_repeated_assignments_count_once() -> None:
    """A variable is named where it is first assigned to."""
    one = Comparison()
    one.add("a.py", [symbol("x", 1, 1)], [tag("x", 1, kind="variable"), tag("x", 7, kind="variable")])
    assert (one.theirs["values"], one.share("values")) == (1, 1.0)


def test_what_is_left_out() -> None:
    """What is local, made up, imported or only used is not asked of us."""
    found = read(
        rows(
            {"name": "f", "kind": "function", "line": 1, "pattern": "/^function f() {$/"},
            {"name": "AnonymousFunction0", "kind": "function", "line": 2, "pattern": "/^x(function() {$/"},
            {"name": "fs", "kind": "constant", "line": 3, "pattern": "/^const fs = require('fs')$/"},
            {"name": "Array", "kind": "class", "line": 4, "pattern": "/^Array.prototype.push.apply(x)$/"},
            {"name": "A", "kind": "constant", "line": 5, "pattern": "/^export const A = 1$/"},
            {"name": "b", "kind": "constant", "line": 6, "pattern": "/^  const b = 1$/"},
            {"name": "c", "kind": "variable", "line": 7, "pattern": "/^var c$/", "scopeKind": "function"},
            {"name": "p", "kind": "property", "line": 8, "pattern": "/^  p: 1,$/"},
        ),
        "javascript",
    )
    assert [(one.name, one.group) for one in found if one.group] == [("f", "definitions"), ("A", "values")]


def test_one_accessor_is_two_names_of_theirs() -> None:
    """Ruby's `attr_accessor :a` gives `a` and `a=`."""
    (one,) = read(
        rows({"name": "a=", "kind": "accessor", "line": 3, "pattern": "/^  attr_accessor :a$/"}), "ruby"
    )
    assert (one.name, one.group) == ("a", "values")


def test_the_report_has_a_sample() -> None:
    """The table has a row a language; the notes name so many differences of each sort."""
    one = Comparison()
    one.add("a.py", [symbol("made_up", 2, 2), symbol("other", 3, 3)], [tag("f", 1), tag("g", 4)])
    made = report({"python": one}, 1, 0)
    assert made.tables[0].rows[0][:4] == ("python", "1", "2", "0.0000")
    assert [note.split()[1] for note in made.notes] == ["missed", "extra"]
    validate("commands/bench-definitions", json.loads(as_json(made)))
    assert made.figures.languages["python"].extra == 2


def test_without_the_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The error says what to install; another program of that name is not taken for it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unsupported, match="universal-ctags"):
        find()
    other = tmp_path / "ctags"
    other.write_text("#!/bin/sh\necho Exuberant Ctags\n")
    other.chmod(0o755)
    with pytest.raises(Unsupported, match="universal-ctags"):
        find()
