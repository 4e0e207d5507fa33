"""Features of the parsed join of the prefix and each of the best candidates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..joining import Joiner, JoinParse
from .cut_candidates import CutCandidates, Matrix

NAMES = (
    "join_errors", "join_missing", "join_broken", "join_clean", "join_items", "join_whole", "join_worse",
)  # fmt: skip
"""ERROR nodes; MISSING nodes; the share of bytes in ERROR; whether there are no errors; top-level items;
whether there are no errors and one item; and how many more errors than the best candidate it has."""


def matrix(pool: CutCandidates, rows: Sequence[int]) -> Matrix:
    """The features of some candidates [len(rows), len(NAMES)]; zeros if there is no grammar."""
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
