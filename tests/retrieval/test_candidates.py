"""Which fragments may answer, and their exact scores."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from indexer.encoding import bm25
from indexer.encoding.types import Encoder
from indexer.fragment import KINDS
from indexer.store import DENSE, Filter, HasId, Leg, Match, Store
from retrieval.candidates import (
    FIELDS,
    LEXICAL,
    FilterConditions,
    GatheredCandidates,
    gather,
    repository_filter,
)

from .conftest import REPO
from .library import LIBRARY
from .samples import asked


def gathered(
    store: Store, encoder: Encoder, text: str, depth: int = 100, where: FilterConditions | None = None
) -> GatheredCandidates:
    query = asked(text)
    return gather(store, REPO, query, encoder.query(query.text), where or FilterConditions(), depth)


def symbols(found: GatheredCandidates) -> set[str]:
    return {candidate.symbol for candidate in found.candidates}


def test_scores_are_those_of_the_legs(library: Store, encoder: Encoder) -> None:
    """Each has the score that a leg over everything gives it, also where it was cut off that leg."""
    query = asked("one user by name")
    vector = encoder.query(query.text)
    ours = repository_filter(REPO)
    legs = [
        Leg(bm25.query(query.weights), LEXICAL, 1000, ours, corpus=ours),
        Leg(vector, DENSE, 1000, ours),
    ]
    expected = [{s.id: s.score for s in leg} for leg in library.query(legs)]
    for depth in (1, 3, 100):
        gathered_ones = gathered(library, encoder, "one user by name", depth)
        found = gathered_ones.candidates
        assert min(depth, len(expected[1])) <= len(found) <= 2 * depth + len(gathered_ones.literal)
        for one in found:
            for name, scores in zip((LEXICAL, DENSE), expected, strict=True):
                assert one.scores.get(name) == pytest.approx(scores.get(one.id), abs=1e-4)


def test_candidates_are_fragments_of_ours(library: Store, encoder: Encoder) -> None:
    """Never a file's point; no text yet; each once."""
    found = gathered(library, encoder, "get_user table pattern").candidates
    assert {c.payload["kind"] for c in found} <= set(KINDS)
    assert all(c.payload.keys() == set(FIELDS) for c in found)
    assert len({c.id for c in found}) == len(found)


def test_definers_are_candidates_whatever_their_rank(library: Store, encoder: Encoder) -> None:
    """With one candidate a leg, the definition that is named is still among them."""
    assert "Mux.Handle" in symbols(gathered(library, encoder, "Handle", depth=1))
    assert "UserStore.get_user" in symbols(
        gathered(library, encoder, "user user user user UserStore.get_user", 1)
    )


def test_files_have_scores_of_their_own(library: Store, encoder: Encoder) -> None:
    """By path, best first of all the file about it; whole files never appear as candidates."""
    files = gathered(library, encoder, "Mux handler pattern routes").files
    assert files
    assert max(files, key=lambda path: files[path]) == "src/http/mux.go"
    assert files.keys() <= LIBRARY.keys()


def test_excluded_ids_are_no_candidates(library: Store, encoder: Encoder) -> None:
    """The fragment that asks is not an answer to itself."""
    first = gathered(library, encoder, "get_user").candidates
    gone = frozenset(c.id for c in first[:2])
    query = replace(asked("get_user"), exclude=gone)
    rest = gather(library, REPO, query, encoder.query("get_user"), FilterConditions(), 100).candidates
    assert {c.id for c in rest} == {c.id for c in first} - gone


def test_filters_hold_for_every_leg(library: Store, encoder: Encoder) -> None:
    """Also for definers and for files."""
    go = Filter((Match("language", ("go",)),))
    found = gathered(library, encoder, "get_user handler", where=FilterConditions(go, go))
    assert {c.payload["language"] for c in found.candidates} == {"go"}
    assert found.files.keys() == {"src/http/mux.go"}
    nothing = Filter((HasId(()),))
    assert gathered(
        library, encoder, "get_user", where=FilterConditions(nothing, nothing)
    ) == GatheredCandidates([], {})


def test_a_question_without_a_vector(library: Store, encoder: Encoder) -> None:
    """Zeros ask for nothing: BM25 alone answers, and nobody has a dense score from nowhere."""
    zeros = np.zeros(encoder.dim, np.float32)
    found = gather(library, REPO, asked("handler"), zeros, FilterConditions(), 100).candidates
    assert found
    assert all(c.scores.keys() == {LEXICAL} for c in found)


def test_words_that_occur_nowhere(library: Store, encoder: Encoder) -> None:
    """BM25 finds nothing; meaning still finds its nearest."""
    found = gathered(library, encoder, "zzyzx qwrtp")
    assert found.files == {}
    assert all(c.scores.keys() <= {DENSE} for c in found.candidates)


def test_an_unknown_repository_is_empty(library: Store, encoder: Encoder) -> None:
    """Nothing of another tenant's is seen."""
    query = asked("get_user")
    assert gather(
        library, "other", query, encoder.query("get_user"), FilterConditions(), 100
    ) == GatheredCandidates([], {})
