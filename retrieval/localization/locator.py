"""Locates the functions that must change for an issue.

parse_issue -> evidence over all functions -> candidates -> features -> trees -> functions -> files
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from indexer.index.commits import Past
from indexer.store import Store

from ..candidates import repository_filter
from ..ranking.scaling import Vector
from ..ranking.stages import Stage
from ..search.lexicon import Lexicons
from . import markdown, reasons
from .calls import CallGraph
from .candidates import choose
from .corpus import FunctionCorpus, indexes_of
from .evidence import IssueEvidence
from .features import FEATURES
from .features.function_candidates import FunctionCandidates
from .functions import CODE, FIELDS, SourceFunction
from .history import History
from .issue import WHOLE, parse_issue

if TYPE_CHECKING:
    from indexer.encoding.types import Encoder

_SHOWN = 3
"""Maximum number of functions in the reasons of a file."""
STAGE = Stage("locate", FEATURES)

TEST = 10.0
"""Functions of tests score lower than all other functions by at least this number, because training and
evaluation leave tests out."""


@dataclass(frozen=True, slots=True)
class FunctionResult:
    """A function that probably must change.

    `score` is the function's probability among all candidates. `why` are reasons in words, the most important
    reason first.
    """

    function: SourceFunction
    score: float
    why: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class FileResult:
    """A file that probably must change.

    `score` is the sum of the probabilities of the file's functions, at most 1. `why` names the most probable
    functions of the file, each with the most important reason for the function.
    """

    path: str
    score: float
    why: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class LocateResult:
    """The functions and files that probably must change, best first, and lines about missing evidence."""

    functions: Sequence[FunctionResult]
    files: Sequence[FileResult]
    missing: Sequence[str] = ()


class Locator:
    """Finds what must change for an issue, in a snapshot of the functions of one repository."""

    def __init__(self, pieces: Iterable[Mapping[str, Any]], past: Past, encoder: Encoder) -> None:
        """Build from payloads of fragments with the fields of `functions.FIELDS`.

        If `encoder` is too slow to encode all functions, the bundled encoder is used.
        """
        from indexer.encoding import load

        self.corpus = FunctionCorpus(pieces)
        self.past = past
        self._calls = CallGraph.of(self.corpus)
        self._history = History(self.corpus, past.commits)
        self._encoder = encoder if encoder.parallel else load()
        self._lexicons = Lexicons(self._encoder)

    @classmethod
    def of_store(cls, store: Store, repo: str, past: Past, encoder: Encoder) -> Locator:
        """Build from the fragments of the repository named `repo` in a store; "" uses the whole store."""
        rows = (record.payload for record in store.scroll(repository_filter(repo) & CODE, FIELDS))
        return cls(rows, past, encoder)

    def warm(self) -> None:
        """Compute vectors and words that the first query would otherwise have to compute."""
        _ = self.corpus.vectors(self._encoder), self.corpus.words

    def before(self, past: Past) -> Locator:
        """A locator for the same functions with other past commits."""
        other = copy.copy(self)
        other.past, other._history = past, History(self.corpus, past.commits)
        return other

    def evidence(self, text: str) -> IssueEvidence:
        """The evidence for an issue. Raises UsageError if the issue has no words."""
        issue, lexicon = parse_issue(text), self._lexicons.current()
        return IssueEvidence(issue, self.corpus, self._calls, self._history, self._encoder, lexicon)

    def locate(self, text: str, *, limit: int = 10, folder: str = "") -> LocateResult:
        """The functions and files that probably must change, best first.

        The answers are in `folder`, which is relative to the root; the evidence comes from the whole root.
        Raises UsageError if the issue has no words.
        """
        evidence = self.evidence(text)
        candidates = FunctionCandidates(evidence, choose(evidence, folder))
        missing = self._missing(text, evidence)
        if not len(candidates):
            return LocateResult((), (), missing)
        scores = STAGE.model.predict(STAGE.matrix(candidates))
        scores = scores - (np.ptp(scores) + TEST) * candidates.each(lambda f: f.is_test)
        order = np.lexsort((candidates.rows, -np.round(scores, 6))).tolist()
        chances = shares_of(scores)
        functions = [
            FunctionResult(
                candidates.functions[i], float(chances[i]), reasons.of(evidence, int(candidates.rows[i]))
            )
            for i in order[:limit]
        ]
        files = _files(candidates, chances, order, limit)
        return LocateResult(tuple(functions), tuple(files), missing)

    def _missing(self, text: str, evidence: IssueEvidence) -> tuple[str, ...]:
        """Lines about missing evidence and unread parts of the issue."""
        found = [line for line in (markdown.shorten(text).remark, self.past.missing) if line]
        if not len(self.corpus):
            found.append("no functions are indexed")
        elif not evidence.part_weights[WHOLE].any():
            found.append("no word of the issue is in the code")
        return tuple(found)


def shares_of(scores: Vector) -> Vector:
    """The softmax of the scores: the probabilities that the ranker was trained to predict."""
    grown = np.exp(scores - scores.max(initial=-np.inf))
    shares: Vector = grown / (grown.sum() or 1.0)
    return shares


def by_file(functions: Sequence[SourceFunction], chances: Vector) -> dict[str, float]:
    """The sum of the probabilities of each file's functions, by path, highest sum first."""
    sums: dict[str, float] = {}
    for function, chance in zip(functions, chances.tolist(), strict=True):
        sums[function.path] = sums.get(function.path, 0.0) + chance
    return dict(sorted(sums.items(), key=lambda item: (-round(item[1], 9), item[0])))


def _files(
    candidates: FunctionCandidates, chances: Vector, order: Sequence[int], limit: int
) -> list[FileResult]:
    """The `limit` most probable files. The reasons of a file are its most probable functions."""
    places = indexes_of(candidates.functions[i].path for i in order)

    def line(place: int) -> str:
        i = order[place]
        reason = reasons.of(candidates.evidence, int(candidates.rows[i]))[0]
        return f"{candidates.functions[i].symbol} ({chances[i]:.2f}): {reason}"

    best = islice(by_file(candidates.functions, chances).items(), limit)
    return [FileResult(path, share, [*map(line, places[path][:_SHOWN])]) for path, share in best]
