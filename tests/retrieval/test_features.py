"""What the learned ranker sees of a file."""

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.encoding import bm25
from retrieval.ranking.scaling import minmax, reciprocal_ranks
from retrieval.result import Candidate
from retrieval.search.evidence import FileEvidence, defined
from retrieval.search.file_features import FEATURES

from .samples import asked, candidate


def evidence(question: str, *candidates: Candidate, whole: dict[str, float] | None = None) -> FileEvidence:
    return FileEvidence(asked(question), candidates, whole or {})


def values(
    name: str, question: str, *candidates: Candidate, whole: dict[str, float] | None = None
) -> list[float]:
    """A feature of all files, in the order of their paths."""
    return [float(v) for v in FEATURES[name](evidence(question, *candidates, whole=whole))]


def value(name: str, question: str, path: str = "src/a.py", symbol: str = "", **changes: Any) -> float:
    return values(name, question, candidate(path, symbol, **changes))[0]


DEFINED = [
    ("Mux", "Mux", {}, 1.0),
    ("mux", "Mux", {}, 1.0),
    ("handle", "Mux.Handle", {}, 0.8),
    ("Mux.handle", "Mux.Handle", {}, 1.0),
    ("Mux::Handle()", "http.Mux.Handle", {}, 1.0),
    ("http.Mux.Handle", "Mux.Handle", {}, 1.0),
    ("Other.Handle", "Mux.Handle", {}, 0.8),
    ("valid?", "User.valid?", {}, 0.8),
    ("how does Mux route", "Mux", {}, 1.0),
    ("how does routing work", "Mux", {}, 0.0),
    ("Mux", "MuxEntry", {}, 0.0),
    ("Mux", "Mux", {"ordinal": 1}, 0.0),
    ("Mux", "Mux", {"kind": "block"}, 0.0),
    ("Mux", "", {}, 0.0),
]


@pytest.mark.parametrize(("question", "symbol", "changes", "expected"), DEFINED)
def test_defined(question: str, symbol: str, changes: dict[str, Any], expected: float) -> None:
    """The definition asked for by name; its later pieces and the body of its class are not it."""
    assert defined(asked(question), candidate("src/a.py", symbol, **changes)) == expected
    assert value("defines", question, symbol=symbol, **changes) == expected


def test_decomposed_names_match() -> None:
    """An accent written as a mark of its own in the code, or in the question."""
    decomposed = unicodedata.normalize("NFD", "größe")
    assert value("defines", "größe", symbol=decomposed) == 1.0
    assert value("defines", decomposed, symbol="größe") == 1.0


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
    assert bm25.stem(bm25.stem("databases")) != bm25.stem("databases")


@pytest.mark.parametrize(
    ("name", "path", "changes", "question", "excused"),
    [
        ("test", "tests/a.py", {"is_test": True}, "parse a date", "tests of parsing dates"),
        ("example", "examples/a.py", {}, "parse a date", "example of parsing"),
        ("stub", "src/a.pyi", {}, "parse a date", None),
        ("legacy", "src/compat.py", {}, "parse a date", "compat layer for dates"),
        ("prose", "notes.md", {"language": "markdown"}, "parse a date", None),
        ("entry", "src/lib.rs", {}, "parse a date", None),
        ("private", "src/_impl/a.py", {}, "parse a date", None),
        ("header", "src/a.hpp", {}, "parse a date", None),
    ],
)
def test_roles(name: str, path: str, changes: dict[str, Any], question: str, excused: str | None) -> None:
    """What a file is for counts, unless the question is about just that."""
    assert value(name, question, path, **changes) == 1.0
    assert value(name, question) == 0.0
    if excused:
        assert value(name, excused, path, **changes) == 0.0


def test_names_in_a_row() -> None:
    """A file or a definition whose whole name stands in the question, in its order."""
    question = "media type and content handling"
    assert value("stem_phrase", question, "src/MediaType.scala") == 2
    assert value("stem_phrase", question, "src/type_media.py") == 0
    assert value("stem_phrase", question, "src/media_types.py") == 2
    assert value("symbol_phrase", question, symbol="Parser.mediaType") == 2
    assert value("class_phrase", question, symbol="MediaType", kind="class") == 2
    assert value("class_phrase", question, symbol="MediaType") == 0
    assert value("stem_last", question, "src/ContentType.scala") == 1
    assert value("stem_place", question, "src/content.py") > value("stem_place", question, "src/media.py")


def test_words_found_in_names() -> None:
    """Path, folders and definitions each say how much of the question they have; together as much or more."""
    files = [candidate("routing/url.py", "match"), candidate("src/b.py", "route_url"), candidate("src/c.py")]
    question = "match a url by routing"
    found = {name: values(name, question, *files) for name in ("path_found", "symbols_found", "named_found")}
    assert found["named_found"][0] == pytest.approx(1.0)
    assert found["named_found"][2] == 0
    assert found["path_found"][1] == 0 < found["symbols_found"][1]
    assert all(
        n >= max(p, s)
        for n, p, s in zip(*(found[k] for k in ("named_found", "path_found", "symbols_found")), strict=True)
    )
    assert values("named_rank", question, *files) == [1.0, 0.5, pytest.approx(1 / 3)]


def test_scores_of_a_file_by_hand() -> None:
    """The best three, their sum, the gap to the best file, the rank."""
    files = [candidate("a.py", fused=f, start_line=n) for n, f in enumerate((0.2, 1.0, 0.4), 1)]
    files += [candidate("b.py", fused=0.6, start_line=5)]
    asked_of = {
        name: values(f"fused_{name}", "x", *files)
        for name in ("best", "second", "third", "total", "gap", "rank", "head")
    }
    assert asked_of["best"] == pytest.approx([1.0, 0.5])
    assert asked_of["second"] == pytest.approx([0.25, 0])
    assert asked_of["third"] == [0, 0]
    assert asked_of["total"] == pytest.approx([1.25, 0.5])
    assert asked_of["gap"] == [0, pytest.approx(-0.4)]
    assert asked_of["rank"] == [1, 0.5]
    assert asked_of["head"] == [0, 0]
    assert values("hits", "x", *files) == [3, 1]
    assert values("whole", "x", *files, whole={"b.py": 3.0}) == [0, 1]


def test_columns_by_hand() -> None:
    """Scaling and ranks, of equal values too."""
    assert minmax(np.array([1.0, 3.0, 2.0])).tolist() == [0, 1, 0.5]
    assert minmax(np.array([2.0, 2.0])).tolist() == [1, 1]
    assert reciprocal_ranks(np.array([1.0, 3.0, 3.0])).tolist() == [pytest.approx(1 / 3), 1, 1]


def test_the_order_of_candidates_does_not_matter() -> None:
    """What comes in first must not be preferred."""
    files = [
        candidate(p, s, fused=f) for p, s, f in (("b.py", "x", 0.5), ("a.py", "y", 0.5), ("a.py", "z", 0.7))
    ]
    one = FEATURES.matrix(evidence("find y in a", *files))
    assert (one == FEATURES.matrix(evidence("find y in a", *reversed(files)))).all()


@pytest.mark.slow
@given(
    st.text(max_size=20),
    st.lists(
        st.tuples(
            st.text(max_size=20),
            st.text(min_size=1, max_size=20),
            st.sampled_from(["function", "method", "class", "block"]),
            st.integers(1, 500),
            st.floats(0, 1),
            st.dictionaries(st.sampled_from(["lexical", "dense"]), st.floats(-50, 50)),
        ),
        min_size=1,
        max_size=6,
    ),
)
def test_every_feature_is_a_number(
    question: str, rows: list[tuple[str, str, str, int, float, dict[str, float]]]
) -> None:
    """Whatever the question and the candidates: a finite number a file, and the same again."""
    files = [
        candidate(path, symbol, kind=kind, fused=fused, scores=scores, start_line=line, end_line=line + 3)
        for symbol, path, kind, line, fused, scores in rows
    ]
    found = evidence(f"x {question}", *files)
    assert FEATURES.matrix(found).shape == (len({f.path for f in files}), len(FEATURES))
    assert np.isfinite(FEATURES.matrix(found)).all()
    assert (FEATURES.matrix(found) == FEATURES.matrix(evidence(f"x {question}", *files))).all()
