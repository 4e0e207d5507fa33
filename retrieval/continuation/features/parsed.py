"""What the parsed join of the prefix and each of the best candidates says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..joining import Joiner, Parse
from .pool import Matrix, Pool

NAMES = (
    "join_errors", "join_missing", "join_broken", "join_clean", "join_items", "join_whole", "join_worse",
)  # fmt: skip
"""ERROR nodes, MISSING nodes, share of bytes in ERROR, none of them, items at the top, clean and one item,
and how many errors more than the best candidate has."""


def matrix(pool: Pool, rows: Sequence[int]) -> Matrix:
    """[len(rows), len(NAMES)]; zeros where there is no grammar."""
    found = np.zeros((len(rows), len(NAMES)), np.float32)
    joiner = Joiner(pool.prefix)
    if not joiner.usable or not len(rows):
        return found
    for number, row in enumerate(rows):
        option = pool.options[row]
        found[number, :6] = _row(joiner.parse(option.lead + option.text, option.code.indents))
    wrong = found[:, 0] + found[:, 1]
    found[:, 6] = wrong - wrong.min()
    return found


def _row(parse: Parse) -> tuple[float, ...]:
    return (
        float(parse.errors), float(parse.missing), parse.broken, float(parse.clean),
        float(min(parse.items, 9)), float(parse.clean and parse.items == 1),
    )  # fmt: skip
