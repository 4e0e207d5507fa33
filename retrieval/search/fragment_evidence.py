"""Columns of evidence on single candidates: which query words, and which similar words, a candidate has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.encoding import bm25
from indexer.encoding.term_counts import TermCounts

from ..query import Query
from ..ranking.scaling import Vector, max_by_owner, mean_by_owner
from ..ranking.wording import head
from ..result import Candidate
from .evidence import LEXICAL, CandidateEvidence
from .lexicon import Lexicon

BODY, NAME, PATH, HEAD = "body", "name", "path", "head"
FIELDS = (BODY, NAME, PATH, HEAD)
"""The fields of a fragment: its text, its qualified name, its path, and its head (see `head_lines`)."""

_HEAD = 200
"""Maximum characters of a fragment's head, from the fragment's own name on."""
_PRIOR_WEIGHT = 0.05
"""Weight of the regularisation that keeps the solved IDF near the IDF among the candidates."""
_DIGITS = 3
"""Solutions and dot products are rounded to this number of decimals; other digits depend on the processor."""
SIMILAR_COSINE = 0.45
"""Two words count as similar if the cosine of their vectors is at least this number."""


class FragmentEvidence(CandidateEvidence):
    """Evidence on `n` candidates of a query with `w` different terms.

    Each property is computed on first access. `q` is the number of query words, at most 20.
    """

    def __init__(
        self, query: Query, candidates: Sequence[Candidate], texts: Mapping[str, str], lexicon: Lexicon
    ) -> None:
        super().__init__(query, candidates)
        self.lexicon = lexicon
        self.texts = [texts.get(c.id, "") for c in candidates]

    def __len__(self) -> int:
        return len(self.fragments)

    @cached_property
    def head_lines(self) -> list[str]:
        """The head of each candidate [n]: the text from the line with its name to the start of its body."""
        return [head(text, c.own_name, _HEAD) for text, c in zip(self.texts, self.fragments, strict=True)]

    @cached_property
    def bags(self) -> Mapping[str, TermCounts]:
        """By field, how often each numbered word occurs in each candidate."""
        n = len(self)
        columns = (
            self.texts,
            [c.symbol for c in self.fragments],
            [c.path for c in self.fragments],
            self.head_lines,
        )
        bags = self.lexicon.count([text for column in columns for text in column])
        return {field: bags.part(at * n, (at + 1) * n) for at, field in enumerate(FIELDS)}

    @cached_property
    def terms(self) -> NDArray[np.int64]:
        """The query's hashed BM25 terms, sorted [w]."""
        return np.sort(np.fromiter(self.query.weights, np.int64, len(self.query.weights)))

    @cached_property
    def query_counts(self) -> Vector:
        """The weight of each term in the query [w]."""
        return np.array([self.query.weights[term] for term in self.terms.tolist()])

    @cached_property
    def counts(self) -> Mapping[str, Vector]:
        """By field, how often each query term occurs in each candidate [n, w]."""
        bags = self.bags  # computing the bags adds the candidates' words to the lexicon
        known = self.lexicon.terms()
        places = np.searchsorted(self.terms, known)
        places[places == len(self.terms)] = 0
        in_query = self.terms[places] == known
        found = {}
        for field, bag in bags.items():
            hits = in_query[bag.term_ids]
            counts = np.zeros((len(self), len(self.terms)))
            np.add.at(counts, (bag.doc_ids[hits], places[bag.term_ids[hits]]), bag.tf[hits])
            found[field] = counts
        return found

    @cached_property
    def lengths(self) -> Mapping[str, Vector]:
        """By field, the number of words of each candidate [n]."""
        n = len(self)
        return {f: np.bincount(b.doc_ids, b.tf, n).astype(np.float64) for f, b in self.bags.items()}

    @cached_property
    def weights(self) -> Mapping[str, Vector]:
        """By field, the saturated frequency of each query term in each candidate, as in the index [n, w]."""
        found = {}
        for field, counts in self.counts.items():
            like = bm25.FIELDS["name" if field == HEAD else field]
            average = like.average * (3 if field == HEAD else 1)
            norms = bm25.length_norms(self.lengths[field], average)
            found[field] = counts * (bm25.K1 + 1) / (counts + norms[:, None])
        return found

    @cached_property
    def idf(self) -> Vector:
        """The IDF of the query's terms in the repository, derived from the BM25 scores [w].

        The engine returns scores but not document frequencies. The scores are linear in the IDF, so the IDF
        is computed by least squares, regularised towards the IDF among the candidates.
        """
        there = (self.counts[BODY] + self.counts[NAME] + self.counts[PATH]) > 0
        prior = np.log1p((len(self) + 1.0) / (there.sum(axis=0) + 0.5))
        parts = (self.weights[f] * bm25.FIELDS[f].weight for f in (BODY, NAME, PATH))
        rows = sum(parts, np.zeros(there.shape)) * self.query_counts
        scores = np.array([c.scores.get(LEXICAL, 0.0) for c in self.fragments])
        usable = np.array([c.payload["kind"] != "class" for c in self.fragments], np.float64)
        rows *= usable[:, None]
        # Use no matrix products, because the last bits of a product depend on the number of threads.
        normal = np.einsum("ij,ik->jk", rows, rows) + _PRIOR_WEIGHT * np.eye(len(prior))
        wanted = np.einsum("ij,i->j", rows, scores * usable) + _PRIOR_WEIGHT * prior
        return np.round(np.clip(np.linalg.solve(normal, wanted), 0.1, 15.0), _DIGITS)

    @cached_property
    def idf_weight(self) -> Vector:
        """The weights of the query's terms by IDF [w]. Their sum is 1."""
        weighed = self.idf * self.query_counts
        return np.asarray(weighed / weighed.sum(), np.float64)

    @cached_property
    def contains(self) -> Mapping[str, Vector]:
        """By field, 1 for each query term that occurs in a candidate, 0 for others [n, w]."""
        return {field: (counts > 0).astype(np.float64) for field, counts in self.counts.items()}

    @cached_property
    def bigrams(self) -> list[str]:
        """The pairs of consecutive query words. A string is a word joined with the stem of the next word."""
        return [a + bm25.stem(b) for a, b in pairwise(self.query.words[:13])]

    @cached_property
    def query_words(self) -> NDArray[np.int64]:
        """The numbers of the query's first 20 words in the lexicon [q]."""
        return self.lexicon.numbers(self.query.words[:20])

    @cached_property
    def query_word_weights(self) -> Vector:
        """The weights of the query's first 20 words by IDF [q]. Their sum is 1."""
        of_term = dict(zip(self.terms.tolist(), self.idf_weight.tolist(), strict=True))
        shares = np.array([of_term.get(bm25.term(word), 0.0) for word in self.query.words[:20]])
        total = shares.sum()
        return shares / total if total > 0 else np.full(len(shares), 1.0 / max(1, len(shares)))

    @cached_property
    def max_cosines(self) -> Mapping[str, Vector]:
        """By field, the cosine of each query word with the most similar word of each candidate [q, n]."""
        numbers, cosines = self.word_cosines
        bags = {field: self.bags[field] for field in (BODY, NAME, HEAD)}
        return {
            field: max_by_owner(bag.doc_ids, cosines[:, np.searchsorted(numbers, bag.term_ids)], len(self))
            for field, bag in bags.items()
        }

    @cached_property
    def word_cosines(self) -> tuple[NDArray[np.int64], Vector]:
        """Returns the sorted numbers of all words of the candidates [u].

        Also returns the cosine of each query word with each of these words [q, u].
        """
        keys = np.concatenate([self.bags[field].term_ids for field in (BODY, NAME, HEAD)])
        numbers, _ = np.unique(keys, return_counts=True)  # without counts, NumPy imports numpy.ma (6 ms)
        # Use no matrix product: at this size, the synchronisation of threads takes longer than the work.
        cosines = np.einsum(
            "qd,ud->qu", self.lexicon.vectors(self.query_words), self.lexicon.vectors(numbers)
        )
        return numbers, np.round(cosines, _DIGITS)

    @cached_property
    def own_name_cosine(self) -> Vector:
        """The mean, over the words of a candidate's qualified name, of the word's highest cosine with a query
        word [n]."""
        numbers, cosines = self.word_cosines
        bag = self.bags[NAME]
        if not len(numbers) or not len(self.query_words):
            return np.zeros(len(self))
        parts = self.lexicon.is_part(bag.term_ids)
        best = cosines.max(axis=0)[np.searchsorted(numbers, bag.term_ids[parts])]
        return mean_by_owner(bag.doc_ids[parts], best, len(self))
