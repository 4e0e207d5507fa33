"""How well a fragment fits as a whole, and among its neighbours."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial

import numpy as np

from indexer.store import DENSE

from ..evidence import FUSED, LEXICAL, ranks, scaled
from .evidence import LEGS, Fragments, Vector


def raw(leg: str, f: Fragments) -> Vector:
    """The score; by words as a share of what the question can give."""
    most = float((f.rarity * f.times).sum()) if leg == LEXICAL else 1.0
    return f.scores[leg] / most


def share(leg: str, f: Fragments) -> Vector:
    """As a share of the best one's."""
    scores = f.scores[leg]
    top = scores.max()
    return scores / top if top > 0 else np.zeros(len(f))


def gap(leg: str, f: Fragments) -> Vector:
    """How far it is behind the best one, in the leg's own unit."""
    scores = f.scores[leg]
    behind: Vector = scores - scores.max()
    return behind


def rank(leg: str, f: Fragments) -> Vector:
    """1 / rank."""
    return ranks(f.scores[leg])


def both(f: Fragments) -> Vector:
    """The worse of its two scores, scaled."""
    return np.minimum(scaled(f.scores[LEXICAL]), scaled(f.scores[DENSE]))


def file_best(f: Fragments) -> Vector:
    """The best other candidate of its file."""
    return _other([c.path for c in f.candidates], f.scores[FUSED])


def class_best(f: Fragments) -> Vector:
    """The best other candidate of its class."""
    return _other([(c.path, c.symbol.rpartition(".")[0]) for c in f.candidates], f.scores[FUSED])


def file_hits(f: Fragments) -> Vector:
    """How many candidates its file has (log)."""
    many: dict[str, int] = {}
    for c in f.candidates:
        many[c.path] = many.get(c.path, 0) + 1
    return np.log([float(many[c.path]) for c in f.candidates])


def _other(groups: Sequence[Hashable], scores: Vector) -> Vector:
    best: dict[Hashable, list[float]] = {}
    for group, score in zip(groups, scores.tolist(), strict=True):
        best.setdefault(group, []).append(score)
    top = {group: [*sorted(values, reverse=True)[:2], 0.0, 0.0][:2] for group, values in best.items()}
    pairs = zip(groups, scores.tolist(), strict=True)
    return np.array([top[g][1] if score >= top[g][0] else top[g][0] for g, score in pairs])


_SHORT: Mapping[str, str] = {LEXICAL: "words", DENSE: "meaning", FUSED: "fused"}

FEATURES: Mapping[str, Callable[[Fragments], Vector]] = {
    **{f"{_SHORT[leg]}_{one.__name__}": partial(one, leg) for leg in LEGS for one in (raw, share, gap, rank)},
    **{one.__name__: one for one in (both, file_best, class_best, file_hits)},
}
