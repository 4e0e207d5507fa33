"""What is known of an issue and a repository's functions, as columns; made when asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .calls import CallGraph
from .corpus import FIELDS, WEIGHTS, FunctionCorpus, Ints, Vector, combined
from .history import CommitSimilarity, History
from .issue import CODE, ERROR, PARTS, TITLE, WHOLE, ParsedIssue
from .mention_scores import MentionScores

if TYPE_CHECKING:
    from indexer.encoding.types import Encoder

    from ..search.lexicon import Lexicon

_ASKED = 4_000
"""Characters of a part that a dense vector is made of."""
_DIGITS = 4


class IssueEvidence:
    """An issue, a corpus of `n` functions in `f` files, its calls and its history."""

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
        """By part: its weights [terms], rare terms counting more."""
        return {part: self.corpus.numbers(w) * self.corpus.idf for part, w in self.issue.terms.items()}

    @cached_property
    def lexical(self) -> Mapping[tuple[str, str], Vector]:
        """[n] by part and field: BM25, as a share of what the part can give."""
        found = {}
        for part, weights in self.part_weights.items():
            most = float(weights.sum()) or 1.0
            for field in FIELDS:
                found[part, field] = self.corpus.fields[field].of(weights) / most
        return found

    @cached_property
    def bm25(self) -> Mapping[str, Vector]:
        """[n] by part: the fields' sum."""
        return {part: combined({f: self.lexical[part, f] for f in WEIGHTS}) for part in PARTS}

    @cached_property
    def file_bm25(self) -> Mapping[str, Vector]:
        """[f] by part: BM25 of whole files."""
        return {p: self.corpus.files.of(w) / (float(w.sum()) or 1.0) for p, w in self.part_weights.items()}

    @cached_property
    def dense(self) -> Mapping[str, Vector]:
        """[n] cosine of the whole issue, its title and its code."""
        return {part: self._cosines(self.issue.parts[part][:_ASKED]) for part in (WHOLE, TITLE, CODE)}

    def sentences(self, rows: Ints) -> NDArray[np.float64]:
        """[s, k] the cosine of each sentence and each of these functions."""
        texts = self.issue.sentences
        part_weights = self._encoder.documents(texts, [""] * len(texts))
        sentence_cosines = np.einsum("sd,kd->sk", part_weights, self.corpus.vectors(self._encoder)[rows])
        found: NDArray[np.float64] = np.round(sentence_cosines.astype(np.float64), _DIGITS)
        return found

    def _cosines(self, text: str) -> Vector:
        part_weights = self._encoder.query(text)
        vectors = self.corpus.vectors(self._encoder)
        # Not a matrix product: that one's last bits depend on how many threads the machine gives it.
        found: Vector = np.round(np.einsum("d,nd->n", part_weights, vectors).astype(np.float64), _DIGITS)
        return found

    @cached_property
    def base(self) -> Vector:
        """[n] a first order by hand: words, meaning and names; what is named counts most."""
        bm25, dense = self.bm25, self.dense
        total: Vector = (
            1.0 * relative_to_max(bm25[WHOLE])
            + 0.5 * relative_to_max(bm25[TITLE])
            + 0.3 * relative_to_max(bm25[CODE])
        )
        total += (
            0.2 * relative_to_max(bm25[ERROR])
            + 0.4 * relative_to_max(dense[WHOLE])
            + 0.3 * relative_to_max(dense[TITLE])
        )
        total += 0.3 * relative_to_max(self.file_bm25[WHOLE])[self.corpus.file]
        total += 0.8 * self.named.function + 0.4 * self.named.owner + 0.5 * self.named.file[self.corpus.file]
        total += 0.8 * self.named.traced
        return total

    @cached_property
    def file_base(self) -> Vector:
        """[f] of each file: its best function's, and a little of the others'."""
        best = np.zeros(len(self.corpus.paths))
        np.maximum.at(best, self.corpus.file, self.base)
        total = np.bincount(self.corpus.file, self.base**3, len(self.corpus.paths))
        found: Vector = (
            best + 0.3 * np.cbrt(total) + 0.3 * relative_to_max(self.file_bm25[WHOLE]) + 0.5 * self.named.file
        )
        return found

    @cached_property
    def messages(self) -> Mapping[str, Vector]:
        """[c] by part: likeness to each commit's message."""
        return {part: self.history.similarity(self.issue.terms[part]) for part in (WHOLE, TITLE)}

    @cached_property
    def past_files(self) -> Mapping[str, CommitSimilarity]:
        """[f] by part."""
        return {part: self.history.of_files(like) for part, like in self.messages.items()}

    @cached_property
    def past_functions(self) -> Mapping[str, CommitSimilarity]:
        """[n] by part."""
        return {part: self.history.of_functions(like) for part, like in self.messages.items()}


def relative_to_max(values: Vector) -> Vector:
    """Values as shares of the highest one."""
    top = float(values.max(initial=0.0))
    return values / top if top > 0 else np.zeros(len(values))


def best(values: Vector, count: int) -> Sequence[int]:
    """The places of the highest positive values, the best first; ties by place."""
    order = np.argsort(-np.round(values, 6), kind="stable")[:count]
    found: list[int] = order[values[order] > 0].tolist()
    return found
