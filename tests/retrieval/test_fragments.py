"""What the first learned stage sees of a fragment."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.encoding import bm25
from retrieval.ranking.wording import alphanumeric
from retrieval.result import Candidate
from retrieval.search.fragment_evidence import FragmentEvidence
from retrieval.search.fragment_features import FEATURES

from .samples import LEXICONS, asked, candidate


def fragments(question: str, *pairs: tuple[Candidate, str]) -> FragmentEvidence:
    texts = {c.id: text for c, text in pairs}
    return FragmentEvidence(asked(question), [c for c, _ in pairs], texts, LEXICONS.current())


def values(name: str, question: str, *pairs: tuple[Candidate, str]) -> list[float]:
    return [float(v) for v in FEATURES[name](fragments(question, *pairs))]


def value(name: str, question: str, symbol: str, text: str = "", **changes: Any) -> float:
    return values(name, question, (candidate("src/a.py", symbol, **changes), text))[0]


READ = "def read_settings(path):\n    return json.load(open(path))\n"
SEND = "def send(user, mail):\n    return user.post(mail)\n"


@pytest.mark.parametrize(
    ("name", "question", "expected"),
    [
        ("verb_first", "Reads the settings of a user", 1.0),
        ("verb_first", "the settings that are read", 0.0),
        ("verb_place", "settings are read", 0.5),
        ("last_found", "all settings", 1.0),
        ("last_found", "all files", 0.0),
        ("name_covered", "read settings", 1.0),
        ("name_covered", "read files", 0.5),
        ("name_phrase", "read settings from a file", 2.0),
        ("name_phrase", "settings to read", 0.0),
        ("defines", "read_settings", 1.0),
        ("name_found", "read settings", 1.0),
        ("body_found", "zebra", 0.0),
        ("words_found", "json zebra", 0.5),
        ("rarest_found", "json", 1.0),
        ("head_pairs", "read settings", 1.0),
        ("body_pairs", "load open files", 0.5),
        ("question_symbol", "read_settings", 1.0),
        ("question_words", "json files", 2.0),
        ("name_length", "anything", 2.0),
    ],
)
def test_words(name: str, question: str, expected: float) -> None:
    """Words of the question in the name, the head and the body."""
    assert value(name, question, "read_settings", READ) == pytest.approx(expected)


def test_alike_in_meaning() -> None:
    """A word itself is as close as can be; another one less, and one without code is nothing."""
    pairs = [
        (candidate("a.py", "read_settings"), READ),
        (candidate("b.py", "send"), SEND),
        (candidate("c.py"), ""),
    ]
    near = values("body_near", "settings", *pairs)
    assert near[0] == pytest.approx(1.0, abs=1e-3)
    assert near[0] > near[1] > near[2] == 0
    assert values("body_near_missed", "settings", *pairs)[0] == 0
    assert values("name_answered", "settings", *pairs)[0] > values("name_answered", "settings", *pairs)[1]


def test_the_rarity_of_words_is_found_again() -> None:
    """The engine tells scores alone; the IDF in them comes out as it went in."""
    idf = {bm25.term("read"): 2.0, bm25.term("user"): 5.0}
    pairs = [
        (candidate(f"{n}.py", "f"), text) for n, text in enumerate((READ, SEND, READ + SEND, "x = user"))
    ]
    found = fragments("read user", *pairs)
    for n, (one, _) in enumerate(pairs):
        rows = sum(bm25.FIELDS[f].weight * found.weights[f][n] for f in ("body", "name", "path"))
        one.scores["lexical"] = float(rows @ [idf[t] for t in found.terms.tolist()])
    again = fragments("read user", *pairs)
    assert again.idf.tolist() == pytest.approx([idf[t] for t in again.terms.tolist()], abs=0.3)
    assert again.idf_weight.sum() == pytest.approx(1)


def test_among_neighbours() -> None:
    """The best other candidate of the file, and how many there are."""
    pairs = [(candidate(p, f"f{n}", fused=n / 4), "") for n, p in enumerate(("a.py", "a.py", "a.py", "b.py"))]
    assert values("file_best", "x", *pairs) == [0.5, 0.5, 0.25, 0]
    assert values("file_hits", "x", *pairs) == pytest.approx([math.log(3)] * 3 + [0])


def test_squeezed() -> None:
    """Words in a row touch, however they are joined."""
    assert alphanumeric("getUser_name(größe, 1)") == "getusernamegröße1"


@given(
    st.text(max_size=20),
    st.lists(
        st.tuples(
            st.text(max_size=20),
            st.text(max_size=60),
            st.sampled_from(["function", "method", "class", "block"]),
            st.floats(0, 1),
            st.dictionaries(st.sampled_from(["lexical", "dense"]), st.floats(-50, 50)),
        ),
        min_size=1,
        max_size=6,
    ),
)
def test_every_feature_is_a_number(
    question: str, rows: list[tuple[str, str, str, float, dict[str, float]]]
) -> None:
    """Whatever the question and the candidates: a finite number a fragment, and the same again."""
    pairs = [
        (candidate(f"{n}.py", symbol, kind=kind, fused=fused, scores=scores), text)
        for n, (symbol, text, kind, fused, scores) in enumerate(rows)
    ]
    found = FEATURES.matrix(fragments(f"x {question}", *pairs))
    assert found.shape == (len(rows), len(FEATURES))
    assert np.isfinite(found).all()
    assert (found == FEATURES.matrix(fragments(f"x {question}", *pairs))).all()
