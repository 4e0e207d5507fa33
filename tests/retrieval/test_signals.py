"""What speaks for a fragment beyond its text scores."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import lexical
from retrieval.search.signals import PROSE, SIGNALS, FileEvidence

from .samples import NO_EVIDENCE, asked, candidate


def value(
    name: str,
    question: str,
    path: str = "src/a.py",
    symbol: str = "",
    evidence: Any = NO_EVIDENCE,
    **changes: Any,
) -> float:
    return SIGNALS[name](asked(question), candidate(path, symbol, **changes), evidence)


DEFINES = [
    ("Mux", "Mux", {}, 1.0),
    ("mux", "Mux", {}, 1.0),
    ("handle", "Mux.Handle", {}, 0.8),
    ("Mux.handle", "Mux.Handle", {}, 1.0),
    ("Mux::Handle()", "http.Mux.Handle", {}, 1.0),
    ("http.Mux.Handle", "Mux.Handle", {}, 1.0),
    ("Other.Handle", "Mux.Handle", {}, 0.8),
    ("valid?", "User.valid?", {}, 0.8),
    ("Mux", "MuxEntry", {}, 0.0),
    ("Mux", "Mux", {"ordinal": 1}, 0.0),
    ("Mux", "Mux", {"kind": "block"}, 0.0),
    ("Mux", "", {}, 0.0),
]


@pytest.mark.parametrize(("question", "symbol", "changes", "expected"), DEFINES)
def test_defines(question: str, symbol: str, changes: dict[str, Any], expected: float) -> None:
    """The definition asked for by name; its later pieces and the body of its class are not it."""
    assert value("defines", question, symbol=symbol, **changes) == expected
    assert value("mentions", question, symbol=symbol, **changes) == 0


def test_mentions_is_for_sentences() -> None:
    """The same of a name in a question in words."""
    assert value("mentions", "how does Mux route", symbol="Mux") == 1.0
    assert value("defines", "how does Mux route", symbol="Mux") == 0.0
    assert value("mentions", "how does routing work", symbol="Mux") == 0.0


def test_decomposed_names_match() -> None:
    """An accent written as a mark of its own in the code, or in the question."""
    decomposed = unicodedata.normalize("NFD", "größe")
    assert value("defines", "größe", symbol=decomposed) == 1.0
    assert value("defines", decomposed, symbol="größe") == 1.0


def test_is_type() -> None:
    """Only for a class, and only for the one that is asked for."""
    assert value("is_type", "Mux", symbol="Mux", kind="class") == 1.0
    assert value("is_type", "Mux", symbol="Mux") == 0.0
    assert value("is_type", "Other", symbol="Mux", kind="class") == 0.0


@pytest.mark.parametrize(
    ("question", "path", "expected"),
    [
        ("read the settings", "src/settings.py", 1.0),
        ("read user settings", "src/user_settings.py", 1.0),
        ("read the settings", "src/user_settings.py", 0.5),
        ("authentication", "src/auth.py", 0.7),
        ("databases", "src/databases.py", 1.0),
        ("database", "src/databases.py", 1.0),
        ("io", "src/iota.py", 0.0),
        ("anything", "src/__init__.py", 0.0),
        ("anything", "Makefile", 0.0),
        ("make", "Makefile", 0.7),
        ("anything", "日/___.py", 0.0),
    ],
)
def test_the_question_covers_the_file_name(question: str, path: str, expected: float) -> None:
    """Share of the name's words; words that begin alike count for the most part."""
    assert value("stem_covered", question, path) == pytest.approx(expected)


def test_stems_are_stemmed_once() -> None:
    """A stem's stem is another word: "databases" -> "databas" -> "databa"."""
    assert lexical.stem(lexical.stem("databases")) != lexical.stem("databases")


@pytest.mark.parametrize(
    ("name", "path", "changes", "question", "excused"),
    [
        ("test", "tests/a.py", {"is_test": True}, "parse a date", "tests of parsing dates"),
        ("example", "examples/a.py", {}, "parse a date", "example of parsing"),
        ("stub", "src/a.pyi", {}, "parse a date", None),
        ("legacy", "src/compat.py", {}, "parse a date", "compat layer for dates"),
        ("prose", "notes.md", {"language": "markdown"}, "parse a date", None),
    ],
)
def test_roles(name: str, path: str, changes: dict[str, Any], question: str, excused: str | None) -> None:
    """What a file is for counts, unless the question is about just that."""
    assert value(name, question, path, **changes) == 1.0
    assert value(name, question) == 0.0
    if excused:
        assert value(name, excused, path, **changes) == 0.0


def test_code_is_no_prose() -> None:
    """Languages with a grammar for code are never in the table."""
    assert not PROSE & {"python", "go", "html", "css", "sql", "bash"}


def test_the_file_speaks_for_its_fragments() -> None:
    """Whole-file score, number of candidates, and the next best of them."""
    evidence = FileEvidence(hits=31, best=1.0, rest=1.5, words=0.25)
    assert value("file_words", "x", evidence=evidence) == 0.25
    assert value("file_hits", "x", evidence=evidence) == 1.0
    assert value("file_rest", "x", evidence=evidence) == 0.5
    assert value("fused", "x", fused=0.3) == 0.3
    hits = [value("file_hits", "x", evidence=FileEvidence(n, 0, 0, 0)) for n in range(1, 200)]
    assert hits == sorted(hits)
    assert 0 < hits[0] < hits[-1] <= 1.0


@given(
    st.text(max_size=20),
    st.text(max_size=20),
    st.text(min_size=1, max_size=20),
    st.sampled_from(["function", "method", "class", "block"]),
    st.integers(1, 500),
    st.floats(0, 1),
)
def test_every_signal_is_in_range(
    question: str, symbol: str, path: str, kind: str, hits: int, score: float
) -> None:
    """Whatever the question and the candidate: a number in [0, 1], and the same again."""
    query = asked(f"x {question}")
    evidence = FileEvidence(hits, score, 3 * score, score)
    one = candidate(path, symbol, kind=kind, fused=score, is_test=hits % 2 == 0)
    for name, signal in SIGNALS.items():
        found = signal(query, one, evidence)
        assert 0 <= found <= 1, name
        assert found == signal(query, one, evidence)
