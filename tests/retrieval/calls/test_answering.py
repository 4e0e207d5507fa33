"""The answers: names, places, filters, limits, distance, and the line of each call."""

from __future__ import annotations

from string import ascii_lowercase

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.errors import UsageError
from retrieval.calls.answering import answer
from retrieval.calls.names import near_names
from retrieval.host.relation_answers import CallsAnswer
from retrieval.host.requests import CallsParams

from .graphs import graph_of
from .test_languages import PYTHON, TYPESCRIPT

CHAIN = {
    "a.py": "def one(): ...\ndef two(): one()\ndef three():\n    two()\n    two()\n",
    "tests/test_a.py": "from a import one, three\n\ndef test_one(): one()\ndef test_three(): three()\n",
    "b/c.py": "class A:\n    def get(self): ...\nclass B:\n    def get(self): ...\n"
    "def use(x): return x.get()\n",
}
GRAPH = graph_of(CHAIN)


def asked(direction: str, name: str = "", **more: object) -> CallsAnswer:
    return answer(GRAPH, CallsParams(direction=direction, name=name, **more))  # type: ignore[arg-type]


def shown(found: CallsAnswer) -> list[tuple[str, str, int]]:
    return [(e.symbol, e.resolution, e.distance) for one in found.definitions for e in one.edges]


def test_callers_with_their_lines() -> None:
    """Tests come after the code; each call is a line."""
    (one,) = asked("callers", "two").definitions
    assert [(e.symbol, [c.line for c in e.calls], e.test) for e in one.edges] == [("three", [4, 5], False)]
    assert one.edges[0].calls[0].text == "    two()"
    assert [e.symbol for e in asked("callers", "one").definitions[0].edges] == ["two", "test_one"]


def test_callees_and_what_depends_on_a_function() -> None:
    """By distance; the way is named from the second step on."""
    assert shown(asked("callees", "three")) == [("two", "resolved", 1)]
    (one,) = asked("impact", "one").definitions
    assert [(e.symbol, e.distance, e.via or "") for e in one.edges] == [
        ("two", 1, ""),
        ("test_one", 1, ""),
        ("three", 2, "two"),
        ("test_three", 3, "three"),
    ]


@pytest.mark.parametrize("first", ["a", "b"])
def test_names_that_are_bound_in_a_circle(first: str) -> None:
    """What they mean does not depend on which of them is asked about first."""
    other = "b" if first == "a" else "a"
    text = f"def f(): ...\na = b\nb = a\nb = f\ndef one(): {first}()\ndef two(): {other}()\n"
    graph = graph_of({"m.py": text})
    found = answer(graph, CallsParams(direction="callers", name="f"))
    assert [(e.symbol, e.resolution) for e in found.definitions[0].edges] == [
        ("one", "resolved"),
        ("two", "resolved"),
    ]


def test_names_that_several_definitions_have() -> None:
    """All are listed; a caller that may mean each of them is said once."""
    found = asked("callers", "get")
    assert [one.definition.symbol for one in found.definitions] == ["A.get", "B.get"]
    assert shown(found) == []
    assert [(e.symbol, e.resolution, e.candidates) for e in found.shared] == [("use", "by name", 2)]
    for name in ("A.get", "A::get", "A#get", "c.A.get", "b/c.A.get", "get()"):
        assert "A.get" in [one.definition.symbol for one in asked("callers", name).definitions], name
    assert [one.definition.symbol for one in asked("callers", "c.A.get").definitions] == ["A.get"]


def test_places() -> None:
    """A line stands for the definition around it; a column at a call for the called one."""
    at = asked("definitions", path="a.py", line=4).definitions
    assert [one.definition.symbol for one in at] == ["three"]
    at = asked("definitions", path="a.py", line=4, column=6).definitions
    assert [one.definition.symbol for one in at] == ["two"]
    at = asked("definitions", "two", path="tests/test_a.py", line=3).definitions
    assert [one.definition.symbol for one in at] == ["two"]
    assert asked("callers", path="a.py", line=99).definitions == []
    assert asked("callers", path="none.py", line=1).definitions == []


def test_a_name_that_nothing_has() -> None:
    """It is said, with similar ones."""
    found = asked("callers", "twoo")
    assert (found.unknown, found.definitions) == ("twoo", [])
    assert "two" in near_names(GRAPH, "twoo")
    assert "three" in near_names(GRAPH, "Three")
    assert near_names(GRAPH, "") == []


def test_filters_and_the_limit() -> None:
    """What is left out is counted."""
    (one,) = asked("callers", "one", tests=False).definitions
    assert ([e.symbol for e in one.edges], one.filtered) == (["two"], 1)
    (one,) = asked("callers", "one", globs=("tests/",)).definitions
    assert [e.symbol for e in one.edges] == ["test_one"]
    (one,) = asked("callers", "one", folder="tests").definitions
    assert [e.symbol for e in one.edges] == ["test_one"]
    (one,) = asked("callers", "one", limit=1).definitions
    assert ([e.symbol for e in one.edges], one.left_out) == (["two"], 1)
    assert asked("callers", "one", languages=("go",)).definitions[0].edges == []


@pytest.mark.parametrize("wrong", [{"name": ""}, {"name": " "}, {"path": "a.py"}, {"name": "x", "limit": 0}])
def test_wrong_questions(wrong: dict[str, object]) -> None:
    """A question needs a name or a place."""
    with pytest.raises(UsageError):
        CallsParams(direction="callers", **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("files", [PYTHON, TYPESCRIPT, CHAIN])
def test_each_line_has_the_call(files: dict[str, str]) -> None:
    """At the column of each call is the name that is called, under this or another name."""
    graph = graph_of(files)
    for file, one in graph.files.items():
        for at in range(len(one.called)):
            call = graph.call(file, at)
            text = graph.lines(file)[call.line]
            assert text[call.column - 1 :].startswith((call.name, "super")), (one.path, text)
        for number, definition in enumerate(one.definitions):
            text = graph.lines(file)[definition.line]
            assert text[definition.column - 1 :].startswith(one.names[number]), (one.path, text)


WORDS = st.sampled_from(
    ["def f():", "  f()", "class A(B):", "  def g(self): self.f()", "x = A()", "x.g()", "f(", "é.f()"]
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(WORDS, max_size=12), st.text(ascii_lowercase + ".:#", max_size=6))
def test_any_text_is_answered(lines: list[str], name: str) -> None:
    """Broken code and odd names give answers, whose lines hold their calls."""
    graph = graph_of({"a.py": "\n".join(lines) + "\n", "b.py": "from a import *\nf()\n"})
    for wanted in ("f", "g", "A", name or "x"):
        for direction in ("callers", "callees", "impact"):
            found = answer(graph, CallsParams(direction=direction, name=wanted))  # type: ignore[arg-type]
            for one in found.definitions:
                for edge in one.edges:
                    for call in edge.calls:
                        assert (call.text[call.column - 1 :]).startswith(("f", "g", "A", "x"))


def test_a_call_of_an_overload_is_listed_once() -> None:
    """Below all overloads, however many there are, since it is not known which of them is meant."""
    kinds = ("int", "long", "float", "double", "char", "byte", "short", "bool", "string")
    overloads = "".join(f"    public void Write({kind} a) {{ }}\n" for kind in kinds)
    code = f"class Log {{\n{overloads}    public void Flush() {{ Write(1); }}\n}}\n"
    graph = graph_of({"Log.cs": code})
    for direction in ("callers", "impact"):
        found = answer(graph, CallsParams(direction=direction, name="Log.Write"))  # type: ignore[arg-type]
        assert len(found.definitions) == len(kinds)
        assert all(one.edges == [] for one in found.definitions)
        assert [(one.symbol, one.resolution) for one in found.shared] == [("Log.Flush", "resolved")]
