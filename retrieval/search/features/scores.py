"""How well a file's fragments fit, by text and by meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from indexer.store import DENSE

from ..evidence import FUSED, LEARNED, LEGS, LEXICAL, Evidence, Vector, ranks

_FEW = 10


def best(leg: str, e: Evidence) -> Vector:
    """The best fragment, scaled."""
    return e.top[leg][:, 0]


def second(leg: str, e: Evidence) -> Vector:
    """The second best."""
    return e.top[leg][:, 1]


def third(leg: str, e: Evidence) -> Vector:
    """The third best."""
    return e.top[leg][:, 2]


def gap(leg: str, e: Evidence) -> Vector:
    """How far the best fragment is behind the best of all files, in the leg's own unit."""
    most = e.pool.most(e.pool.scores[leg])
    behind: Vector = most - most.max()
    return behind


def rank(leg: str, e: Evidence) -> Vector:
    """1 / rank among the files."""
    return ranks(e.top[leg][:, 0])


def total(leg: str, e: Evidence) -> Vector:
    """The sum over the file's fragments, scaled."""
    return e.pool.total(e.scaled[leg])


def leading(leg: str, e: Evidence) -> Vector:
    """How many of the ten best fragments of all are the file's."""
    among = ranks(e.pool.scores[leg]) >= 1 / _FEW
    return e.pool.total(among.astype(np.float64))


def head(leg: str, e: Evidence) -> Vector:
    """The fragment that the file begins with: its comment, its imports."""
    return e.pool.most((e.begins == 1) * e.scaled[leg])


def of_class(leg: str, e: Evidence) -> Vector:
    """The best head of a class."""
    return e.pool.most(e.classes * e.scaled[leg])


def of_function(leg: str, e: Evidence) -> Vector:
    """The best function or method."""
    return e.pool.most((1 - e.classes) * (1 - e.blocks) * e.scaled[leg])


def both(e: Evidence) -> Vector:
    """The best fragment by the worse of its two scores."""
    return e.pool.most(np.minimum(e.scaled[LEXICAL], e.scaled[DENSE]))


def whole(e: Evidence) -> Vector:
    """BM25 of the whole file, as a share of the best file's."""
    top = e.pool.whole.max()
    share: Vector = e.pool.whole / top if top > 0 else e.pool.whole
    return share


def whole_rank(e: Evidence) -> Vector:
    """1 / rank by BM25 of the whole file."""
    return np.where(e.pool.whole > 0, ranks(e.pool.whole), 0.0)


def whole_gap(e: Evidence) -> Vector:
    """How far BM25 of the whole file is behind the best file's."""
    behind: Vector = e.pool.whole - e.pool.whole.max()
    return behind


def hits(e: Evidence) -> Vector:
    """How many fragments of the file are candidates."""
    return e.pool.counts.astype(np.float64)


def hits_share(e: Evidence) -> Vector:
    """The share of all candidates that are the file's."""
    share: Vector = e.pool.counts / e.pool.counts.sum()
    return share


_OF_LEGS = (best, second, third, gap, rank, total, leading, head, of_class, of_function)
_SHORT: Mapping[str, str] = {LEXICAL: "words", DENSE: "meaning", FUSED: "fused", LEARNED: "learned"}

FEATURES: Mapping[str, Callable[[Evidence], Vector]] = {
    **{f"{_SHORT[leg]}_{one.__name__}": partial(one, leg) for leg in LEGS for one in _OF_LEGS},
    **{one.__name__: one for one in (both, whole, whole_rank, whole_gap, hits, hits_share)},
}
