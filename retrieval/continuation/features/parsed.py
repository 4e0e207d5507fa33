"""Features of the joins of the prefix with the best candidates. Each join is parsed.

All features are 0 if the joins cannot be parsed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from ...ranking.features import Column, Features, named
from ..joining import JoinParse
from .cut_candidates import CutCandidates

_OF_JOIN: Mapping[str, Callable[[JoinParse], float]] = {
    "join_errors": lambda join: join.errors,
    "join_missing": lambda join: join.missing,
    "join_broken": lambda join: join.broken,
    "join_clean": lambda join: join.clean,
    "join_items": lambda join: min(join.items, 9),
    "join_whole": lambda join: join.clean and join.items == 1,
}
"""The number of ERROR nodes; the number of MISSING nodes; the share of bytes in ERROR nodes; 1 if there are
no errors; the number of top-level items; 1 if there are no errors and one item."""


def join_worse(pool: CutCandidates) -> Column:
    """The number of ERROR and MISSING nodes minus that of the join with the fewest such nodes."""
    wrong = np.array(_of_join(lambda join: join.errors + join.missing, pool), np.float64)
    return np.asarray(wrong - wrong.min(initial=np.inf), np.float64)


def _of_join(tell: Callable[[JoinParse], float], pool: CutCandidates) -> Column:
    return [float(tell(join)) for join in pool.joins] or [0.0] * len(pool.candidates)


FEATURES: Features[CutCandidates] = {
    **{name: partial(_of_join, tell) for name, tell in _OF_JOIN.items()},
    **named(join_worse),
}
