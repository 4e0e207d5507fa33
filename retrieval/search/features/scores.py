"""Features made of the scores of a file's fragments on each leg."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from indexer.store import DENSE

from ...ranking.features import Features, for_each
from ...ranking.scaling import Vector, behind_max, reciprocal_ranks, relative_to_max
from ..evidence import FUSED, LEARNED, LEXICAL, FileEvidence

_LEADING = 10
"""`leading` counts fragments that are among this number of best fragments of all files."""


_LEGS = {LEXICAL: "words", DENSE: "meaning", FUSED: "fused", LEARNED: "learned"}


def leading(leg: str, e: FileEvidence) -> Vector:
    """How many of the ten best fragments of all files are in the file."""
    among = reciprocal_ranks(e.scores[leg]) >= 1 / _LEADING
    return e.sum_by_file(among.astype(np.float64))


_OF_LEG: Mapping[str, Callable[[str, FileEvidence], Vector]] = {
    # The scaled scores of the file's best, second best and third best fragment.
    "best": lambda leg, e: e.top[leg][:, 0],
    "second": lambda leg, e: e.top[leg][:, 1],
    "third": lambda leg, e: e.top[leg][:, 2],
    # The unscaled score of the file's best fragment minus that of the best fragment of all files.
    "gap": lambda leg, e: behind_max(e.max_by_file(e.scores[leg])),
    # 1 / rank of the file by the score of its best fragment.
    "rank": lambda leg, e: reciprocal_ranks(e.top[leg][:, 0]),
    # The sum of the scaled scores of the file's fragments.
    "total": lambda leg, e: e.sum_by_file(e.minmax[leg]),
    "leading": leading,
    # The scaled score of the file's first fragment, which contains the leading comment and the imports.
    "head": lambda leg, e: e.max_by_file((e.start_lines == 1) * e.minmax[leg]),
    # The best scaled score of a class head, and of a function or method in the file.
    "of_class": lambda leg, e: e.max_by_file(e.classes * e.minmax[leg]),
    "of_function": lambda leg, e: e.max_by_file((1 - e.classes) * (1 - e.blocks) * e.minmax[leg]),
}

FEATURES: Features[FileEvidence] = {
    **for_each(_LEGS, _OF_LEG),
    # The lower of the scaled BM25 score and the scaled dense score of a fragment, at most in the file.
    "both": lambda e: e.max_by_file(np.minimum(e.minmax[LEXICAL], e.minmax[DENSE])),
    # The BM25 score of the whole file: divided by that of the best file; 1 / rank by it, or 0 if it is 0; and
    # minus that of the best file.
    "whole": lambda e: relative_to_max(e.file_scores),
    "whole_rank": lambda e: reciprocal_ranks(e.file_scores, positive=True),
    "whole_gap": lambda e: behind_max(e.file_scores),
    # The number of candidates in the file, and their share of all candidates.
    "hits": lambda e: e.counts.astype(np.float64),
    "hits_share": lambda e: e.counts / e.counts.sum(),
}
