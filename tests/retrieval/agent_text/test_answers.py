"""Answers as text for agents: the budget holds for every input, and nothing is shown twice."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.agent_text.answers import hits_text, locations_text, text_of
from retrieval.agent_text.items import AnswerItem
from retrieval.agent_text.layout import HEADER
from retrieval.agent_text.tokens import tokens
from retrieval.host.answers import HitsAnswer, Location, LocationsAnswer, RunningUpdate
from retrieval.result import Excerpt, Hit

_LINE = re.compile(r"(\d+):(.*)")

LONG = "def fetch(url, retries):\n" + "".join(f"    step_{n}(url)\n" for n in range(60))
LONG = LONG.replace("step_40(url)", "delay = backoff(retries)")


def _hit(path: str = "src/net.py", start: int = 1, text: str = "def a():\n    pass\n", **changes: Any) -> Hit:
    values = {"symbol": "a", "kind": "function", "language": "python", "score": 1.0} | changes
    return Hit(path, start, start + text.rstrip().count("\n"), text=text, **values)


def _code(text: str) -> dict[str, dict[int, str]]:
    """The lines of code in a text, by path and number."""
    found: dict[str, dict[int, str]] = {}
    path = ""
    for line in text.split("\n"):
        match = _LINE.match(line)
        if match is None and not line.startswith((":", "note: ", HEADER)):
            path = re.split(r":\d", line)[0]
            found.setdefault(path, {})
        elif match is not None:
            assert int(match[1]) not in found[path], "a line is shown twice"
            found[path][int(match[1])] = match[2]
    return found


_TEXTS = st.text(st.sampled_from("ab \n\t:1.é漢\r\u2028\x1b(){}\"'#/*"), max_size=400)
_ITEMS = st.builds(
    lambda path, start, symbol, text, language, focus, chance: AnswerItem(
        path, start, start + max(text.rstrip().count("\n"), 0), symbol, language, text, (focus,), chance
    ),
    path=st.text(min_size=1, max_size=30) | st.sampled_from(["a.py", "src/b.go", "1:x", ":2"]),
    start=st.integers(0, 10**6),
    symbol=st.text(st.sampled_from("ab.é :1\n"), max_size=12),
    text=_TEXTS,
    language=st.sampled_from(["python", "go", "text", "markdown", "no such language"]),
    focus=st.tuples(st.integers(0, 50), st.integers(0, 50)),
    chance=st.floats(0, 1),
)


@settings(deadline=None)
@given(
    st.lists(_ITEMS, max_size=8), st.text(max_size=30), st.integers(1, 300), st.lists(st.text(), max_size=4)
)
def test_a_text_is_never_longer_than_its_budget(
    items: list[AnswerItem], question: str, budget: int, notes: list[str]
) -> None:
    """Whatever the items, the question, the notes and the budget are; and something is always said."""
    text = text_of(items, question, budget, notes)
    assert text
    assert tokens(text + "\n") <= budget


@settings(deadline=None)
@given(st.lists(_ITEMS, min_size=1, max_size=8), st.integers(1, 300))
def test_lines_of_code_cannot_pass_for_anything_else(items: list[AnswerItem], budget: int) -> None:
    """Each line is a note, the header, a file, a heading or a numbered line, and no line is a control."""
    text = text_of(items, "a b", budget)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]", text)
    headings = [line for line in text.split("\n") if not _LINE.match(line)]
    assert len(headings) <= 1 + 2 * len(items)


def test_a_short_answer_is_shown_whole_with_its_numbers() -> None:
    """The lines are those of the file, indentation included, so that an edit can follow."""
    answer = HitsAnswer(hits=[_hit(start=7, text="def a():\n\tif x:\n\t\treturn 1\n")])
    assert hits_text(answer, "a") == f"{HEADER}\nsrc/net.py\n7:def a():\n8:\tif x:\n9:\t\treturn 1"


def test_of_a_long_function_the_signature_and_the_lines_of_the_question_are_shown() -> None:
    """The heading has the lines of the whole function, because only a part is shown."""
    hit = _hit(start=30, text="\n".join(LONG.split("\n")[29:50]), symbol="fetch")
    answer = HitsAnswer(hits=[hit], definitions=[Excerpt(1, LONG)])
    text = hits_text(answer, "where is the backoff delay", 100)
    assert "src/net.py:1-61" in text
    shown = _code(text)["src/net.py"]
    assert shown[1] == "def fetch(url, retries):"
    assert shown[42] == "    delay = backoff(retries)"
    assert len(shown) < 30


def test_two_parts_of_one_function_are_shown_together() -> None:
    """They are one item, under one heading, and each line is there once."""
    lines = LONG.split("\n")
    hits = [_hit(start=n, text="\n".join(lines[n - 1 : n + 20]), symbol="fetch") for n in (1, 22)]
    answer = HitsAnswer(hits=hits, definitions=[Excerpt(1, LONG)] * 2)
    text = hits_text(answer, "step", 5_000)
    assert text.count("src/net.py") == 1
    assert sorted(_code(text)["src/net.py"]) == list(range(1, 62))


def test_of_overlapping_hits_each_line_is_shown_once() -> None:
    """A class's lines include those of its method; the method's are not repeated."""
    text = "class Session:\n    def close(self):\n        pass\n"
    hits = [
        _hit(text=text, symbol="Session", kind="class"),
        _hit(start=2, text="    def close(self):\n        pass\n"),
    ]
    shown = hits_text(HitsAnswer(hits=hits), "session")
    assert Counter(shown.split("\n"))["2:    def close(self):"] == 1
    assert _code(shown)["src/net.py"].keys() == {1, 2, 3}


def test_a_larger_budget_goes_from_places_to_signatures_to_whole_functions() -> None:
    """With a small budget there are places, with a large one everything."""
    hits = [
        _hit(f"src/m{n}.py", text=LONG.replace("fetch", f"fetch_{n}"), symbol=f"fetch_{n}") for n in range(6)
    ]
    answer = HitsAnswer(hits=hits)
    small, middle, large = (_code(hits_text(answer, "backoff", n)) for n in (30, 400, 10_000))
    assert small
    assert not any(small.values())
    assert len(middle["src/m0.py"]) > len(middle.get("src/m5.py", {}))
    assert [len(lines) for lines in large.values()] == [61] * 6


@pytest.mark.parametrize(("budget", "said"), [(1, "few"), (4, "too small"), (8, "budget too small")])
def test_a_budget_too_small_for_one_place_says_so(budget: int, said: str) -> None:
    """It still holds."""
    answer = HitsAnswer(hits=[_hit("a/very/long/path/to/a/module/of/the/application.py")])
    assert hits_text(answer, "a", budget) == said


def test_remarks_come_first() -> None:
    """Whether the index is complete, then the other remarks, each in one line, whatever they quote."""
    answer = HitsAnswer(
        hits=[_hit()], remarks=("no definition\nnamed \x1bx",), indexing=RunningUpdate(1, 9, True)
    )
    lines = hits_text(answer, "a", notes=["searching only src/"]).split("\n")
    assert lines[0] == "note: searching only src/"
    assert lines[1].startswith("note: indexing: 1 of 9 files")
    assert lines[2] == "note: no definition named \\x1bx"
    assert lines[3] == HEADER


def test_a_path_like_a_line_of_code_is_told_apart() -> None:
    """A file may have any name."""
    assert "./12:x.py\n1:def a():" in hits_text(HitsAnswer(hits=[_hit("12:x.py")]), "a")
    assert "\n./note: run it/x.py\n" in hits_text(HitsAnswer(hits=[_hit("note: run it/x.py")]), "a")


def test_functions_and_files_of_an_issue() -> None:
    """Functions have their text, if it was requested; files are places."""
    function = Location(
        path="a.py",
        start_line=3,
        end_line=4,
        symbol="T.run",
        score=0.9,
        text="def run():\n    go()\n",
        language="python",
    )
    answer = LocationsAnswer(
        functions=[function], files=[Location(path="a.py", score=1.0)], missing=["no history"]
    )
    text = f"note: missing: no history\n{HEADER}\na.py:3 T.run\n3:def run():\n4:    go()"
    assert locations_text(answer, "run fails") == text
    assert locations_text(answer, "run fails", files=True) == "note: missing: no history\na.py"


def test_nothing_found() -> None:
    """It is said, and a budget below 1 is refused."""
    assert hits_text(HitsAnswer(hits=[]), "a") == "nothing found"
    with pytest.raises(ValueError, match="at least 1"):
        hits_text(HitsAnswer(hits=[]), "a", 0)
