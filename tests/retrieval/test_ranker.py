"""The learned order of search: files by the model, fragments within their file."""

from __future__ import annotations

import itertools

import pytest

from retrieval.ranking import tree_ensemble
from retrieval.ranking.reranker import MAX_READ, CandidateSet, FusedOrder
from retrieval.result import Candidate
from retrieval.search import ranker
from retrieval.search.evidence import LEARNED
from retrieval.search.file_features import FEATURES
from retrieval.search.fragment_features import FEATURES as OF_FRAGMENTS
from retrieval.search.ranker import LearnedReranker

from . import forests
from .samples import LEXICONS, asked, candidate

BY_FUSED = LearnedReranker(
    forests.by_feature(list(OF_FRAGMENTS), {"fused_raw": 10.0}),
    forests.by_feature(list(FEATURES), {"fused_best": 10.0}),
)


def found(*candidates: Candidate, whole: dict[str, float] | None = None, per_file: int = 1) -> CandidateSet:
    return CandidateSet(candidates, whole or {}, per_file, lambda ids: {}, LEXICONS)


def ranked(question: str, *candidates: Candidate, model: LearnedReranker | None = None) -> list[str]:
    ranking = (model or ranker.bundled()).rank(asked(question), found(*candidates))
    return [f"{c.path}:{c.symbol}" for c in ranking.candidates]


def test_the_explanation_sums_to_the_score() -> None:
    """What `--explain` shows is the whole truth, the weightiest features by name."""
    candidates = [
        candidate("src/settings.py", "Settings", kind="class", fused=0.9),
        candidate("src/settings.py", "load", fused=0.5),
        candidate("tests/test_settings.py", "test_it", is_test=True, fused=0.8),
        candidate("docs/settings.md", language="markdown", fused=0.1),
    ]
    ranking = ranker.bundled().rank(
        asked("where are Settings read"), found(*candidates, whole={"docs/settings.md": 6.0})
    )
    assert {c.id for c in ranking.candidates} == {c.id for c in candidates}
    for one, why in zip(ranking.candidates, ranking.explain(ranking.candidates), strict=True):
        assert one.score == pytest.approx(sum(why.values()))
        assert (
            why.keys() - {tree_ensemble.OTHER_FEATURES, ranker.FILE_BEST, ranker.BEHIND_FILE_BEST}
            <= FEATURES.keys()
        )
        assert (ranker.BEHIND_FILE_BEST in why) == (one.symbol == "load")
    assert ranking.explain([]) == []


def test_fragments_follow_the_best_of_their_file() -> None:
    """By how much worse they fit: a poor one comes after the next file's best."""
    order = ranked(
        "x y",
        candidate("a.py", "one", fused=1.0),
        candidate("a.py", "two", fused=0.9),
        candidate("a.py", "three", fused=0.0),
        candidate("b.py", "four", fused=0.8),
        model=BY_FUSED,
    )
    assert order == ["a.py:one", "a.py:two", "b.py:four", "a.py:three"]


def test_the_definition_speaks_for_its_file() -> None:
    """Before what merely contains the name often; a class before a function of the same name."""
    assert (
        ranked(
            "Mux",
            candidate("src/mux.py", "serve", fused=0.9),
            candidate("src/mux.py", "mux", fused=0.6),
            candidate("src/mux.py", "Mux", kind="class", fused=0.5, start_line=3),
        )[0]
        == "src/mux.py:Mux"
    )


def test_the_file_that_defines_comes_first() -> None:
    """And tests come after what they test."""
    one = candidate("src/mux.py", "Mux", kind="class", fused=0.8, end_line=30)
    use = candidate("src/use.py", "serve", fused=0.85)
    test = candidate("tests/test_mux.py", "test_mux", is_test=True, fused=0.85)
    assert ranked("Mux", use, test, one)[0] == "src/mux.py:Mux"


def test_a_qualified_name_is_taken_at_its_word() -> None:
    """The very definition comes first, not its test, and not another class's method of that name."""
    order = ranked(
        "Client.request",
        candidate("client/test_client.py", "test_client_request", fused=1.0),
        candidate("client/session.py", "Session.request", kind="method", fused=0.9),
        candidate("client/request.py", "request", fused=0.9),
        candidate("lib/base.py", "Client.request", kind="method", fused=0.1),
    )
    assert order[0] == "lib/base.py:Client.request"


def test_several_of_a_file() -> None:
    """Where more than one answer of a file is wanted, a fragment's own score counts most."""
    candidates = [
        candidate("a.py", "one", fused=1.0),
        candidate("a.py", "two", fused=0.2),
        candidate("b.py", "three", fused=0.6),
    ]
    ranking = BY_FUSED.rank(asked("x y"), found(*candidates, per_file=2))
    assert [c.symbol for c in ranking.candidates] == ["one", "three", "two"]
    for one, why in zip(ranking.candidates, ranking.explain(ranking.candidates), strict=True):
        assert why.keys() == {ranker.FRAGMENT, ranker.FILE}
        assert one.score == pytest.approx(sum(why.values()))


def test_what_is_not_read_comes_last() -> None:
    """Many candidates: the best by the fused score are read, the others follow as they were."""
    many = [candidate(f"{n:03}.py", "f", fused=1 - n / 200, start_line=1) for n in range(100)]
    ranker.score_fragments(ranker.FRAGMENT_STAGE.model, asked("parse a date"), found(*many))
    scores = [c.scores[LEARNED] for c in many]
    assert scores[MAX_READ:] == sorted(scores[MAX_READ:], reverse=True)
    assert max(scores[MAX_READ:]) < min(scores[:MAX_READ])


def test_ties_break_by_path_and_line() -> None:
    """In every order of arrival the answer is the same."""
    tied = [
        candidate("b.py", "x", start_line=9, end_line=9),
        candidate("b.py", "x", start_line=1, end_line=1),
        candidate("a.py", "x", start_line=5, end_line=5),
        candidate("a.py", "x", start_line=10, end_line=10),
    ]
    for order in itertools.permutations(tied):
        ranking = BY_FUSED.rank(asked("zzz"), found(*order))
        places = [(c.path, c.payload["start_line"]) for c in ranking.candidates]
        assert places == [("a.py", 5), ("a.py", 10), ("b.py", 1), ("b.py", 9)]


def test_noise_below_a_millionth_is_a_tie() -> None:
    """Backends differ in the last digits; the order must not."""
    one, other = candidate("b.py"), candidate("a.py")
    one.score, other.score = 0.5 + 1e-9, 0.5
    assert sorted([one, other], key=lambda c: c.sort_key)[0] is other


def test_nothing_to_rank() -> None:
    """No candidates are no error."""
    ranking = ranker.bundled().rank(asked("x"), found())
    assert ranking.candidates == []
    assert ranking.explain([]) == []


def test_the_fused_order() -> None:
    """Without a reranker the fused score is the score, and its explanation."""
    ranking = FusedOrder().rank(asked("x"), found(candidate("a.py", fused=0.1), candidate("b.py", fused=0.7)))
    assert [c.path for c in ranking.candidates] == ["b.py", "a.py"]
    assert ranking.explain(ranking.candidates) == [{"fused": 0.7}, {"fused": 0.1}]
