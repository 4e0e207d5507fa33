"""Features made of a fragment's scores on each leg, and of the scores of other fragments in the same file."""

from __future__ import annotations

import numpy as np

from indexer.store import DENSE

from ...ranking.features import Features, for_each, named
from ...ranking.scaling import Vector, behind_max, minmax, others_best, reciprocal_ranks, relative_to_max
from ..evidence import FUSED, LEXICAL
from .evidence import FragmentEvidence


def raw(leg: str, f: FragmentEvidence) -> Vector:
    """The score. A BM25 score is divided by the total weight of the query's terms."""
    most = float((f.idf * f.query_counts).sum()) if leg == LEXICAL else 1.0
    return f.scores[leg] / most


def share(leg: str, f: FragmentEvidence) -> Vector:
    """The score divided by the best score of all candidates."""
    return relative_to_max(f.scores[leg])


def gap(leg: str, f: FragmentEvidence) -> Vector:
    """The unscaled score minus the best score of all candidates."""
    return behind_max(f.scores[leg])


def rank(leg: str, f: FragmentEvidence) -> Vector:
    """1 / rank of the fragment by its score."""
    return reciprocal_ranks(f.scores[leg])


def both(f: FragmentEvidence) -> Vector:
    """The lower of the scaled BM25 score and the scaled dense score."""
    return np.asarray(np.minimum(minmax(f.scores[LEXICAL]), minmax(f.scores[DENSE])), np.float64)


def file_best(f: FragmentEvidence) -> Vector:
    """The fused score of the best other candidate in the fragment's file."""
    return others_best([c.path for c in f.candidates], f.scores[FUSED])


def class_best(f: FragmentEvidence) -> Vector:
    """The fused score of the best other candidate in the fragment's class."""
    return others_best([(c.path, c.symbol.rpartition(".")[0]) for c in f.candidates], f.scores[FUSED])


def file_hits(f: FragmentEvidence) -> Vector:
    """The logarithm of the number of candidates in the fragment's file."""
    many: dict[str, int] = {}
    for c in f.candidates:
        many[c.path] = many.get(c.path, 0) + 1
    return np.log([float(many[c.path]) for c in f.candidates])


_LEGS = {LEXICAL: "words", DENSE: "meaning", FUSED: "fused"}

FEATURES: Features[FragmentEvidence] = {
    **for_each(_LEGS, raw, share, gap, rank),
    **named(both, file_best, class_best, file_hits),
}
