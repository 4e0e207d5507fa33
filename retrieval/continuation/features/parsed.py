"""Features of the joins of the prefix with the best candidates. Each join is parsed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..joining import Joiner, JoinParse
from .cut_candidates import CutCandidates, Matrix

NAMES = (
    "join_errors", "join_missing", "join_broken", "join_clean", "join_items", "join_whole", "join_worse",
)  # fmt: skip
"""The number of ERROR nodes; the number of MISSING nodes; the share of bytes in ERROR nodes; 1 if there are
no errors; the number of top-level items; 1 if there are no errors and one item; and the number of ERROR and
MISSING nodes minus that of the join with the fewest such nodes."""


def matrix(pool: CutCandidates, rows: Sequence[int]) -> Matrix:
    """The features of the candidates with the indexes `rows` [len(rows), len(NAMES)].

    All features are 0 if the joins cannot be parsed.
    """
    found = np.zeros((len(rows), len(NAMES)), np.float32)
    joiner = Joiner(pool.prefix)
    if not joiner.usable or not len(rows):
        return found
    for number, row in enumerate(rows):
        candidate = pool.candidates[row]
        found[number, :6] = _row(joiner.parse(candidate.lead + candidate.text, candidate.code.indents))
    wrong = found[:, 0] + found[:, 1]
    found[:, 6] = wrong - wrong.min()
    return found


def _row(parse: JoinParse) -> tuple[float, ...]:
    return (
        float(parse.errors), float(parse.missing), parse.broken, float(parse.clean),
        float(min(parse.items, 9)), float(parse.clean and parse.items == 1),
    )  # fmt: skip
