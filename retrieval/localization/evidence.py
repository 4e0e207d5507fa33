"""Columns of evidence on the functions of a repository for an issue. Each is computed on first access."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..ranking.scaling import Ints, Vector, relative_to_max
from .calls import CallGraph
from .corpus import FIELDS, WEIGHTS, FunctionCorpus, maxima, weight_array
from .history import CommitChanges, CommitSimilarity, History
from .issue import CODE, ERROR, PARTS, TITLE, WHOLE, ParsedIssue
from .mention_scores import MentionScores

if TYPE_CHECKING:
    from indexer.encoding.types import Encoder

    from ..search.lexicon import Lexicon

_ASKED = 4_000
"""Maximum characters of a part that are encoded as its dense vector."""
_DIGITS = 4


class IssueEvidence:
    """The evidence for an issue on the `n` functions and `f` files of a corpus.

    The evidence comes from the functions' texts, their call graph, and the `c` commits of a history.
    """

    def __init__(
        self,
        issue: ParsedIssue,
        corpus: FunctionCorpus,
        calls: CallGraph,
        history: History,
        encoder: Encoder,
        lexicon: Lexicon,
    ) -> None:
        self.issue, self.corpus, self.calls, self.history = issue, corpus, calls, history
        self._encoder, self.lexicon = encoder, lexicon
        self.named = MentionScores(issue, corpus)

    @cached_property
    def part_weights(self) -> Mapping[str, Vector]:
        """By part, the weight of each term of the corpus: its weight in the part times its IDF [terms]."""
        terms, idf = self.corpus.terms, self.corpus.idf
        return {part: weight_array(w, terms) * idf for part, w in self.issue.terms.items()}

    @cached_property
    def lexical(self) -> Mapping[tuple[str, str], Vector]:
        """By part and field, the BM25 score of each function, divided by the total weight of the part [n]."""
        fields, weights = self.corpus.fields, self.part_weights
        return {(part, field): fields[field].of(weights[part]) for part in PARTS for field in FIELDS}

    @cached_property
    def bm25(self) -> Mapping[str, Vector]:
        """By part, the weighted sum of each function's BM25 scores in the fields [n]."""
        zeros = np.zeros(len(self.corpus))
        return {p: sum((w * self.lexical[p, f] for f, w in WEIGHTS.items()), zeros) for p in PARTS}

    @cached_property
    def file_bm25(self) -> Mapping[str, Vector]:
        """By part, the BM25 score of each whole file, divided by the total weight of the part [f]."""
        return {part: self.corpus.files.of(weights) for part, weights in self.part_weights.items()}

    @cached_property
    def dense(self) -> Mapping[str, Vector]:
        """By part (the whole issue, the title, the code), the cosine of the part with each function [n]."""
        return {part: self._cosines(self.issue.parts[part][:_ASKED]) for part in (WHOLE, TITLE, CODE)}

    def sentences(self, rows: Ints) -> Vector:
        """The cosines of the issue's sentences with the functions at the indexes `rows` [s, k]."""
        texts = self.issue.sentences
        vectors = self._encoder.documents(texts, [""] * len(texts))
        cosines = np.einsum("sd,kd->sk", vectors, self.corpus.vectors(self._encoder)[rows])
        return np.asarray(cosines, np.float64).round(_DIGITS)

    def _cosines(self, text: str) -> Vector:
        query = self._encoder.query(text)
        vectors = self.corpus.vectors(self._encoder)
        # Use no matrix product, because the last bits of a product depend on the number of threads.
        return np.asarray(np.einsum("d,nd->n", query, vectors), np.float64).round(_DIGITS)

    @cached_property
    def base(self) -> Vector:
        """The base score of each function: a sum of evidence from words, vectors and mentions, with manual
        weights [n]. Candidates are chosen by this score."""
        words = {WHOLE: 1.0, TITLE: 0.5, CODE: 0.3, ERROR: 0.2}
        meaning = {WHOLE: 0.4, TITLE: 0.3}
        total: Vector = sum((w * relative_to_max(self.bm25[p]) for p, w in words.items()), np.zeros(()))
        total = sum((w * relative_to_max(self.dense[p]) for p, w in meaning.items()), total)
        total += 0.3 * relative_to_max(self.file_bm25[WHOLE])[self.corpus.file]
        total += 0.8 * self.named.function + 0.4 * self.named.owner + 0.5 * self.named.file[self.corpus.file]
        total += 0.8 * self.named.traced
        return total

    @cached_property
    def file_base(self) -> Vector:
        """The base score of each file: mainly the base score of its best function [f]."""
        best = maxima(self.corpus.file, self.base, len(self.corpus.paths))
        total = np.bincount(self.corpus.file, self.base**3, len(self.corpus.paths))
        words = relative_to_max(self.file_bm25[WHOLE])
        return best + 0.3 * np.cbrt(total) + 0.3 * words + 0.5 * self.named.file

    @cached_property
    def messages(self) -> Mapping[str, Vector]:
        """By part, the similarity of the part to each commit's message [c]."""
        return {part: self.history.similarity(self.issue.terms[part]) for part in (WHOLE, TITLE)}

    @cached_property
    def past_files(self) -> Mapping[str, CommitSimilarity]:
        """By part, the similarities of the part to the commits that changed each file [f]."""
        return {part: self._past(self.history.files, part) for part in self.messages}

    @cached_property
    def past_functions(self) -> Mapping[str, CommitSimilarity]:
        """By part, the similarities of the part to the commits that changed each function [n]."""
        return {part: self._past(self.history.functions, part) for part in self.messages}

    def _past(self, changes: CommitChanges, part: str) -> CommitSimilarity:
        return changes.similar(self.messages[part] * self.history.breadth)


def best(values: Vector, count: int) -> Ints:
    """The indexes of the `count` highest positive values, highest first. Equal values keep their order."""
    order = np.argsort(-np.round(values, 6), kind="stable")[:count]
    return order[values[order] > 0]
