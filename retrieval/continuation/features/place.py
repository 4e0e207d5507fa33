"""Features of the fragment's scores on each leg, of its location, and of its cut."""

from __future__ import annotations

import functools
from itertools import takewhile
from pathlib import PurePosixPath

import numpy as np

from indexer.analysis.roles import is_test
from indexer.fragment import language_of

from ...ranking.features import Column, Matrix, for_each, named
from ...ranking.scaling import filled, minmax, reciprocal_ranks
from ..gathering import LEGS, MEANING, WHOLE
from ..query import CursorPrefix
from .cut_candidates import CutCandidate, CutCandidates, each


def raw(leg: str, pool: CutCandidates) -> Matrix:
    """The score. A candidate without a score on the leg gets the lowest score on the leg."""
    return filled([one.fragment.scores.get(leg) for one in pool.candidates]).astype(np.float32)


def share(leg: str, pool: CutCandidates) -> Matrix:
    """The scores scaled to [0, 1] over the candidates."""
    return minmax(raw(leg, pool))


def rank(leg: str, pool: CutCandidates) -> Column:
    """1 / rank of each candidate by its score. Equal scores share the best of their ranks."""
    return reciprocal_ranks(raw(leg, pool))


def margin(leg: str, pool: CutCandidates) -> Matrix:
    """The score minus the best score of another candidate, divided by the best score of all."""
    scores = raw(leg, pool)
    if len(scores) < 2:
        return np.zeros_like(scores)
    second, first = np.partition(scores, -2)[-2:]
    others = np.where(scores == first, second, first)
    margin: Matrix = np.divide(scores - others, max(abs(float(first)), 1e-6), dtype=np.float32)
    return margin


def fused(pool: CutCandidates) -> Matrix:
    """The mean of the scaled scores on the legs WHOLE and MEANING, which are the best two legs."""
    both: Matrix = np.divide(share(WHOLE, pool) + share(MEANING, pool), 2, dtype=np.float32)
    return both


SCORES = {**for_each(LEGS, named(raw, share, rank, margin)), **named(fused)}


def near_file(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The share of the folders, from the root, that the paths of buffer and fragment have in common."""
    if not prefix.path:
        return 0.0
    ours, theirs = _folders(prefix.path), _folders(candidate.fragment.path)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(ours, theirs, strict=False)))
    return (1 + shared) / (1 + max(len(ours), len(theirs)))


@functools.lru_cache(maxsize=1 << 12)
def _folders(path: str) -> tuple[str, ...]:
    return PurePosixPath(path).parts[:-1]


PLACE = each({
    # 1 if the fragment is in the buffer's file.
    "same_file": lambda p, c: bool(p.path) and c.fragment.path == p.path,
    "near_file": near_file,
    # 1 if the fragment has the language of the buffer, or no language; 0 for a compatible language.
    "same_language": lambda p, c: language_of(c.fragment.payload) in ("", p.language),
    # 1 if only one of the two files, the buffer's and the fragment's, is a test.
    "test_differs": lambda p, c: bool(p.path) and bool(c.fragment.payload["is_test"]) != is_test(p.path),
    # 1 if the fragment is not the first piece of its definition.
    "later_piece": lambda p, c: int(c.fragment.payload["ordinal"]) > 0,
    # 1 if the fragment is the head of a class, or code outside of definitions.
    "loose": lambda p, c: c.fragment.payload["kind"] in ("block", "class"),
    # The similarity of the code before the cut to the code before the cursor, and that of the last lines.
    "alignment": lambda p, c: c.cut.similarity,
    "last_line_alike": lambda p, c: c.cut.last,
    # The share of the fragment that is before the cut, and 1 if the fragment is used from its start.
    "cut_share": lambda p, c: c.cut.at / max(1, len(c.source)),
    "uncut": lambda p, c: c.cut.at == 0,
    # The number of levels by which the cut is deeper in its function than the cursor in its function.
    "depth_differs": lambda p, c: c.cut.levels,
})  # fmt: skip
