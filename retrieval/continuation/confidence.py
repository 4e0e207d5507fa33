"""How sure a suggestion is: the estimated chance that its first line has the names of the right one."""

from __future__ import annotations

import math

from .features import NAMES
from .ranker import Ranked

THRESHOLD = 0.5
"""Below this nothing is shown."""

_WEIGHTS = {"alignment": 2.0, "last_line_alike": 1.0, "join_worse": -0.3, "join_clean": 0.3}
_MARGIN, _BIAS = 0.3, -2.0


def chances(ranked: Ranked) -> list[float]:
    """The chance of each ranked row, in order."""
    found = []
    for number in range(len(ranked.order)):
        if number >= len(ranked.features):
            found.append(0.0)
            continue
        row = ranked.features[number]
        score = _BIAS + sum(weight * float(row[NAMES.index(name)]) for name, weight in _WEIGHTS.items())
        found.append(1 / (1 + math.exp(-score)))
    return found
