"""What only buffers have, among the answers of an index."""

from __future__ import annotations

from dataclasses import replace

import pytest

from indexer.encoding import load
from retrieval.host.current_texts import CurrentText, cached_for_latest_text, redacted
from retrieval.host.requests import MAX_CUT_BYTES
from retrieval.host.unsaved import NewFragment, fragments_of_text, merge_unsaved, redacted_near, relocated
from retrieval.query import Filters, parse_query
from retrieval.result import Hit

BUFFER = """def knead_dough(flour, water):
    return fold(flour + water)


def bake_bread(dough, oven):
    return oven.bake(dough)
"""
FOLD = "def fold_paper(sheet):\n    return sheet.fold()\n"
HITS = [
    Hit("paper.py", 1, 2, "fold_paper", "function", "python", 2.0, FOLD),
    Hit("mail.py", 1, 1, "", "block", "python", 1.0, "send(letter)\n"),
]


def _new(path: str, text: str) -> list[NewFragment]:
    """All fragments of a buffer, as ones that the index lacks."""
    return [NewFragment(one, "buffer") for one in fragments_of_text(path, text)]


def _asked(question: str, limit: int = 10, per_file: int = 10, **filters: tuple[str, ...]) -> list[str]:
    query = parse_query(question, Filters(**filters))
    found = merge_unsaved(query, HITS, _new("bread.py", BUFFER), load(), limit, per_file)
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
    return [f"{hit.path}:{hit.start_line} {hit.symbol}".strip() for hit in found]


def test_what_is_named_comes_first() -> None:
    """A definition in a buffer stands before all that is less like the question."""
    assert _asked("knead_dough") == ["bread.py:1 knead_dough", "paper.py:1 fold_paper", "mail.py:1"]


def test_what_has_little_of_the_question_is_no_answer() -> None:
    """Half of the words is the least."""
    assert _asked("send the letter by registered mail") == ["paper.py:1 fold_paper", "mail.py:1"]


def test_limits() -> None:
    """So many in all, so many of a file; filters and phrases leave out."""
    assert _asked("dough", limit=1) == ["bread.py:1 knead_dough"]
    assert len([one for one in _asked("dough", per_file=1) if "bread.py" in one]) == 1
    assert _asked("dough", kinds=("class",)) == ["paper.py:1 fold_paper", "mail.py:1"]
    assert _asked("dough", kinds=("function",), languages=("go",)) == ["paper.py:1 fold_paper", "mail.py:1"]
    assert "bread.py:5 bake_bread" in _asked("dough", kinds=("function",), globs=("*.py", "!x.py"))
    assert "bread.py:5 bake_bread" not in _asked('dough "fold(flour"')


def test_a_very_long_buffer_is_not_cut() -> None:
    """Somebody waits for the answer."""
    text = BUFFER * (MAX_CUT_BYTES // len(BUFFER) + 1)
    assert merge_unsaved(parse_query("knead_dough"), HITS, _new("bread.py", text), load(), 10, 10) == HITS


def test_a_place_is_listed_once() -> None:
    """A piece of before that reaches into one of now gives way to it; equal code has one place."""
    old = Hit("bread.py", 2, 5, "bake_bread", "function", "python", 3.0, "dough dough")
    new = _new("bread.py", BUFFER)
    found = merge_unsaved(parse_query("bake_bread dough"), [old, *HITS], new, load(), 10, 10)
    spans = [(hit.path, hit.start_line, hit.end_line) for hit in found if hit.path == "bread.py"]
    assert sorted(spans) == [("bread.py", 1, 2), ("bread.py", 5, 6)]
    twice = [replace(HITS[0], start_line=1, end_line=2), replace(HITS[0], start_line=9, end_line=10)]
    assert len(relocated(twice, {"paper.py": CurrentText("paper.py", FOLD, "buffer")})) == 1


def test_buffers_lose_their_secrets() -> None:
    """Every place is where it was; of a very long one, near the cursor."""
    line = 'password = "grün9q7Rz81Lm"\n'
    hidden = line.replace("grün9q7Rz81Lm", "*" * 13)
    assert redacted("a.py", BUFFER + line) == BUFFER + hidden
    long = BUFFER * 2_000 + line + BUFFER * 2_000
    at = long.count("\n") // 2
    assert redacted_near("a.py", long, at) == long.replace(line, hidden)
    assert redacted_near("a.py", line + BUFFER, 1) == hidden + BUFFER


def test_of_each_path_only_the_latest_text_is_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Very many buffers do not drive each other out, and one that changes keeps no former text."""
    monkeypatch.setattr("retrieval.host.current_texts.CACHED", 3)
    asked = []

    @cached_for_latest_text
    def length(path: str, text: str) -> int:
        asked.append((path, text))
        return len(text)

    for _ in range(2):
        assert [length(path, path * 2) for path in ("a", "b", "c")] == [2, 2, 2]
    assert len(asked) == 3
    assert (length("a", "long"), length("a", "aa")) == (4, 2)  # the former text is gone
    assert len(asked) == 5
    length("d", "")
    length("a", "aa")
    length("b", "bb")  # "b" was used before all others
    assert asked[5:] == [("d", ""), ("b", "bb")]
