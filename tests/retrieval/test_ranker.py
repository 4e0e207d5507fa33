"""The weighted sum of signals."""

from __future__ import annotations

import itertools
import math

import pytest

from retrieval.result import Candidate, Hit
from retrieval.search.ranker import WEIGHTS, gather, rank
from retrieval.search.signals import SIGNALS

from .samples import asked, candidate


def ranked(question: str, *candidates: Candidate, files: dict[str, float] | None = None) -> list[str]:
    rank(asked(question), candidates, files or {})
    return [f"{c.path}:{c.symbol}" for c in sorted(candidates, key=lambda c: c.order)]


def test_every_signal_has_a_weight() -> None:
    """And no weight is left over from a signal that is gone."""
    assert WEIGHTS.keys() == SIGNALS.keys()
    assert all(math.isfinite(weight) and weight for weight in WEIGHTS.values())


def test_the_explanation_sums_to_the_score() -> None:
    """What `--explain` shows is the whole truth."""
    candidates = [
        candidate("src/settings.py", "Settings", kind="class", fused=0.9),
        candidate("tests/test_settings.py", "test_it", is_test=True, fused=0.8),
        candidate("docs/settings.md", language="markdown", fused=0.1),
    ]
    ranked("where are Settings read", *candidates, files={"src/settings.py": 3.0, "docs/settings.md": 6.0})
    for one in candidates:
        assert one.score == pytest.approx(sum(one.signals.values()))
        assert one.signals.keys() <= WEIGHTS.keys()
        assert all(one.signals.values()), "zeros explain nothing"
    assert candidates[0].signals["fused"] == pytest.approx(0.9 * WEIGHTS["fused"])
    assert candidates[1].signals["test"] == WEIGHTS["test"]
    assert candidates[2].signals["file_words"] == pytest.approx(WEIGHTS["file_words"])


def test_the_definition_comes_first() -> None:
    """Before what merely contains the name often."""
    assert (
        ranked(
            "Mux",
            candidate("src/use.py", "serve", fused=0.9),
            candidate("src/mux.py", "Mux", kind="class", fused=0.5),
        )[0]
        == "src/mux.py:Mux"
    )


def test_tests_come_after_what_they_test() -> None:
    """At equal scores, and unless the question is about tests."""
    pair = [
        candidate("tests/a.py", "check_it", is_test=True, fused=0.6),
        candidate("src/b.py", "parse", fused=0.6),
    ]
    assert ranked("parse a date", *pair)[0] == "src/b.py:parse"
    assert ranked("tests for dates", *pair)[0] == "src/b.py:parse"  # a tie, by path
    pair[0].fused = 0.7
    assert ranked("tests for dates", *pair)[0] == "tests/a.py:check_it"


def test_ties_break_by_path_and_line() -> None:
    """In every order of arrival the answer is the same."""
    tied = [
        candidate("b.py", "x", start_line=9),
        candidate("b.py", "x", start_line=1),
        candidate("a.py", "x", start_line=5),
        candidate("a.py", "x", start_line=10),
    ]
    for order in itertools.permutations(tied):
        rank(asked("zzz"), order, {})
        found = sorted(order, key=lambda c: c.order)
        assert [(c.path, c.payload["start_line"]) for c in found] == [
            ("a.py", 5),
            ("a.py", 10),
            ("b.py", 1),
            ("b.py", 9),
        ]


def test_noise_below_a_millionth_is_a_tie() -> None:
    """Backends differ in the last digits; the order must not."""
    one, other = candidate("b.py"), candidate("a.py")
    one.score, other.score = 0.5 + 1e-9, 0.5
    assert sorted([one, other], key=lambda c: c.order)[0] is other


def test_evidence_by_hand() -> None:
    """Per file: how many candidates, the best, the next three; its score as a share of the best file's."""
    candidates = [candidate("a.py", fused=f) for f in (0.1, 0.9, 0.3, 0.2, 0.4)] + [
        candidate("b.py", fused=0.5)
    ]
    found = gather(candidates, {"a.py": 2.0, "c.py": 8.0})
    assert found.keys() == {"a.py", "b.py"}
    a, b = found["a.py"], found["b.py"]
    assert (a.hits, a.best, a.rest, a.words) == (5, 0.9, pytest.approx(0.9), 0.25)
    assert (b.hits, b.best, b.rest, b.words) == (1, 0.5, 0, 0)
    assert gather([], {}) == {}
    assert gather([candidate("a.py")], {"a.py": 0.0})["a.py"].words == 0


def test_nothing_to_rank() -> None:
    """No candidates are no error."""
    rank(asked("x"), [], {})


def test_a_hit_as_json() -> None:
    """The documented keys; reasons on request, rounded."""
    hit = Hit("a.py", 1, 2, "f", "function", "python", 0.12345678, "def f(): ...", {"fused": 0.123456})
    assert hit.as_json() == {
        "path": "a.py",
        "start_line": 1,
        "end_line": 2,
        "symbol": "f",
        "kind": "function",
        "language": "python",
        "score": 0.123457,
        "text": "def f(): ...",
    }
    assert hit.as_json(explain=True)["why"] == {"fused": 0.1235}
