"""Features made of a fragment's scores on each leg, and of the scores of other fragments in the same file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

import numpy as np

from indexer.store import DENSE

from ...ranking.features import Features, for_each
from ...ranking.scaling import Vector, behind_max, minmax, others_best, reciprocal_ranks, relative_to_max
from ...result import Candidate
from ..evidence import FUSED, LEXICAL
from .evidence import FragmentEvidence


def raw(leg: str, f: FragmentEvidence) -> Vector:
    """The score. A BM25 score is divided by the total weight of the query's terms."""
    most = float((f.idf * f.query_counts).sum()) if leg == LEXICAL else 1.0
    return f.scores[leg] / most


def file_hits(f: FragmentEvidence) -> Vector:
    """The logarithm of the number of candidates in the fragment's file."""
    many = Counter(c.path for c in f.fragments)
    return np.log([float(many[c.path]) for c in f.fragments])


def _class_of(candidate: Candidate) -> tuple[str, str]:
    return candidate.path, candidate.symbol.rpartition(".")[0]


_LEGS = {LEXICAL: "words", DENSE: "meaning", FUSED: "fused"}
_OF_LEG: Mapping[str, Callable[[str, FragmentEvidence], Vector]] = {
    "raw": raw,
    # The score divided by the best score of all candidates, and minus this score; and 1 / rank by the score.
    "share": lambda leg, f: relative_to_max(f.scores[leg]),
    "gap": lambda leg, f: behind_max(f.scores[leg]),
    "rank": lambda leg, f: reciprocal_ranks(f.scores[leg]),
}

FEATURES: Features[FragmentEvidence] = {
    **for_each(_LEGS, _OF_LEG),
    # The lower of the scaled BM25 score and the scaled dense score.
    "both": lambda f: np.minimum(minmax(f.scores[LEXICAL]), minmax(f.scores[DENSE])),
    # The fused score of the best other candidate in the fragment's file, and in its class.
    "file_best": lambda f: others_best([c.path for c in f.fragments], f.scores[FUSED]),
    "class_best": lambda f: others_best([_class_of(c) for c in f.fragments], f.scores[FUSED]),
    "file_hits": file_hits,
}
