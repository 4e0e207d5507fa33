"""What is known of a question's candidates one by one, as columns: words found by field, and likeness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.encoding import bm25
from indexer.encoding.term_counts import TermCounts
from indexer.store import DENSE

from ...query import Query
from ...result import Candidate
from .. import naming
from ..evidence import FUSED, LEXICAL, column, defined
from ..lexicon import Lexicon

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

BODY, NAME, PATH, HEAD = "body", "name", "path", "head"
FIELDS = (BODY, NAME, PATH, HEAD)
"""A fragment's text, its qualified name, its path, and the line in which it says its name."""

LEGS = (LEXICAL, DENSE, FUSED)

_HEAD = 200
"""Characters of a fragment's head at most."""
_NEAR_PRIOR = 0.05
_DIGITS = 3
"""Of what is solved for and of products of vectors: their last digits depend on the processor."""
LIKE = 0.45
"""Words that are at least so close mean much the same."""


class Fragments:
    """Candidates [n] of a question with `w` different terms; computed when first asked for."""

    def __init__(
        self, query: Query, candidates: Sequence[Candidate], texts: Mapping[str, str], lexicon: Lexicon
    ) -> None:
        self.query, self.candidates, self.lexicon = query, candidates, lexicon
        self.words = naming.Words.of(query.words)
        self.texts = [texts.get(c.id, "") for c in candidates]
        self.own = [naming.in_order(_bare(c)) for c in candidates]

    def __len__(self) -> int:
        return len(self.candidates)

    @cached_property
    def scores(self) -> Mapping[str, Vector]:
        """[n] by leg; a leg's worst where there is none."""
        found = {leg: column([c.scores.get(leg) for c in self.candidates]) for leg in (LEXICAL, DENSE)}
        return found | {FUSED: column([c.fused for c in self.candidates])}

    @cached_property
    def heads(self) -> list[str]:
        """[n] the line that has the definition's own name, and what follows up to the body."""
        return [_head(text, _bare(c)) for text, c in zip(self.texts, self.candidates, strict=True)]

    @cached_property
    def bags(self) -> Mapping[str, TermCounts]:
        """By field: the numbered words of each candidate."""
        n = len(self)
        columns = (
            self.texts,
            [c.symbol for c in self.candidates],
            [c.path for c in self.candidates],
            self.heads,
        )
        bags = self.lexicon.count([text for column in columns for text in column])
        return {field: bags.part(at * n, (at + 1) * n) for at, field in enumerate(FIELDS)}

    @cached_property
    def terms(self) -> NDArray[np.int64]:
        """[w] the question's hashed terms, in order."""
        return np.sort(np.fromiter(self.query.weights, np.int64, len(self.query.weights)))

    @cached_property
    def times(self) -> Vector:
        """[w] how much each counts in the question."""
        return np.array([self.query.weights[term] for term in self.terms.tolist()])

    @cached_property
    def counts(self) -> Mapping[str, Matrix]:
        """[n, w] by field: how often each term occurs."""
        bags = self.bags  # counting them is what makes their words known
        known = self.lexicon.terms()
        places = np.searchsorted(self.terms, known)
        places[places == len(self.terms)] = 0
        asked = self.terms[places] == known
        found = {}
        for field, bag in bags.items():
            hits = asked[bag.term_ids]
            counts = np.zeros((len(self), len(self.terms)))
            np.add.at(counts, (bag.doc_ids[hits], places[bag.term_ids[hits]]), bag.tf[hits])
            found[field] = counts
        return found

    @cached_property
    def lengths(self) -> Mapping[str, Vector]:
        """[n] by field: how many words it has."""
        n = len(self)
        return {f: np.bincount(b.doc_ids, b.tf, n).astype(np.float64) for f, b in self.bags.items()}

    @cached_property
    def weights(self) -> Mapping[str, Matrix]:
        """[n, w] by field: the saturated frequency of each term, as in the index."""
        found = {}
        for field, counts in self.counts.items():
            like = bm25.FIELDS["name" if field == HEAD else field]
            average = like.average * (3 if field == HEAD else 1)
            share = np.maximum(self.lengths[field] / average, bm25.MIN_LENGTH_SHARE)
            norms = bm25.K1 * (1 - bm25.B + bm25.B * share)
            found[field] = counts * (bm25.K1 + 1) / (counts + norms[:, None])
        return found

    @cached_property
    def rarity(self) -> Vector:
        """[w] the terms' IDF in the repository: what explains the scores by BM25, which are known.

        The engine tells scores, not frequencies: scores are linear in the IDF, so these are solved for, close
        to what the candidates alone suggest.
        """
        there = (self.counts[BODY] + self.counts[NAME] + self.counts[PATH]) > 0
        prior = np.log1p((len(self) + 1.0) / (there.sum(axis=0) + 0.5))
        parts = (self.weights[f] * bm25.FIELDS[f].weight for f in (BODY, NAME, PATH))
        rows = sum(parts, np.zeros(there.shape)) * self.times
        scores = np.array([c.scores.get(LEXICAL, 0.0) for c in self.candidates])
        usable = np.array([c.payload["kind"] != "class" for c in self.candidates], np.float64)
        rows *= usable[:, None]
        # Not matrix products: their last bits depend on how many threads the machine gives them.
        normal = np.einsum("ij,ik->jk", rows, rows) + _NEAR_PRIOR * np.eye(len(prior))
        wanted = np.einsum("ij,i->j", rows, scores * usable) + _NEAR_PRIOR * prior
        solved: Vector = np.round(np.clip(np.linalg.solve(normal, wanted), 0.1, 15.0), _DIGITS)
        return solved

    @cached_property
    def mass(self) -> Vector:
        """[w] each term's share of the question."""
        weighed = self.rarity * self.times
        shares: Vector = weighed / weighed.sum()
        return shares

    @cached_property
    def found(self) -> Mapping[str, Matrix]:
        """[n, w] by field: 1 for each term that is there."""
        return {field: (counts > 0).astype(np.float64) for field, counts in self.counts.items()}

    @cached_property
    def squeezed(self) -> list[str]:
        """[n] the texts in lower case without all that is no letter or digit: words in a row touch."""
        return [squeeze(text) for text in self.texts]

    @cached_property
    def bigrams(self) -> list[str]:
        """Neighbours in the question, joined; the second one stemmed."""
        return [a + naming.stem(b) for a, b in pairwise(self.query.words[:13])]

    @cached_property
    def asked(self) -> NDArray[np.int64]:
        """[q] numbers of the question's words."""
        return self.lexicon.numbers(self.query.words[:20])

    @cached_property
    def asked_mass(self) -> Vector:
        """[q] each word's share of the question."""
        of_term = dict(zip(self.terms.tolist(), self.mass.tolist(), strict=True))
        shares = np.array([of_term.get(bm25.term(word), 0.0) for word in self.query.words[:20]])
        total = shares.sum()
        found: Vector = shares / total if total > 0 else np.full(len(shares), 1.0 / max(1, len(shares)))
        return found

    @cached_property
    def near(self) -> Mapping[str, Matrix]:
        """[q, n] by field: how close the closest word of a candidate is to each of the question's."""
        return {field: self._nearest(self.bags[field]) for field in (BODY, NAME, HEAD)}

    @cached_property
    def likeness(self) -> tuple[NDArray[np.int64], Matrix]:
        """Numbers of all candidates' words [u], in order; their closeness to the question's [q, u]."""
        keys = np.concatenate([self.bags[field].term_ids for field in (BODY, NAME, HEAD)])
        numbers, _ = np.unique(keys, return_counts=True)  # without counts it imports numpy.ma: 6 ms
        # Not a matrix product: in one of this size threads wait for each other longer than they work.
        close = np.einsum("qd,ud->qu", self.lexicon.vectors(self.asked), self.lexicon.vectors(numbers))
        return numbers, np.round(close, _DIGITS)

    @cached_property
    def answered(self) -> Vector:
        """[n] how close the words of a candidate's own name are on average to any of the question's."""
        numbers, close = self.likeness
        bag = self.bags[NAME]
        if not len(numbers) or not len(self.asked):
            return np.zeros(len(self))
        places, owners = np.searchsorted(numbers, bag.term_ids), bag.doc_ids
        parts = self.lexicon.is_part(bag.term_ids)
        places, owners = places[parts], owners[parts]
        best = close.max(axis=0)[places]
        many = np.bincount(owners, minlength=len(self))
        return np.bincount(owners, best, len(self)) / np.maximum(1, many)

    @cached_property
    def defines(self) -> Vector:
        """[n] 1 for the definition that the question names in full, less by its last part alone."""
        if not self.query.names:
            return np.zeros(len(self))
        return np.array([defined(self.query, c) for c in self.candidates])

    @cached_property
    def lines(self) -> Vector:
        """[n] how many lines each has."""
        payloads = [c.payload for c in self.candidates]
        return np.array([p["end_line"] - p["start_line"] + 1 for p in payloads], np.float64)

    def _nearest(self, bag: TermCounts) -> Matrix:
        numbers, close = self.likeness
        found = np.zeros((len(self.asked), len(self)))
        if len(bag.term_ids) and len(self.asked):
            owners, starts = np.unique(bag.doc_ids, return_index=True)
            columns = close[:, np.searchsorted(numbers, bag.term_ids)]
            found[:, owners] = np.maximum.reduceat(columns, starts, axis=1)
        return found


_DROPPED = bytes(c for c in range(128) if not chr(c).isalnum())


def squeeze(text: str) -> str:
    """In lower case, without all that is no letter or digit."""
    return text.encode("utf-8", "replace").translate(None, _DROPPED).decode("utf-8", "replace").lower()


def _bare(candidate: Candidate) -> str:
    return "" if candidate.payload["kind"] == "block" else candidate.symbol.rsplit(".", 1)[-1]


def _head(text: str, name: str) -> str:
    at = max(0, text.find(name)) if name else 0
    start = text.rfind("\n", 0, at) + 1
    end = at + _HEAD
    for stop in ("{", "\n\n", ":\n", ";\n", "=>"):
        place = text.find(stop, at, end)
        end = place if place >= 0 else end
    return text[start:end]
