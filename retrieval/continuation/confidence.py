"""How sure a suggestion is: the estimated chance that its first line has the names of the right one.

A logistic regression over the ranking's score and a few features, fitted to functions of repositories that
the ranking was not trained on (docs/benchmarks.md).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

from .features import NAMES, Pool
from .ranker import Ranked

THRESHOLD = 0.4
"""Below this nothing is shown: above it about two of three first suggestions have the right names."""

_WEIGHTS: Mapping[str, float] = {
    "alignment": 1.67,
    "last_line_alike": 0.24,
    "near_file": 0.19,
    "head_known": 0.9,
    "head_unknown": 0.06,
    "same_name": -0.8,
    "cut_share": 0.12,
    "fused": -1.19,
}
_SCORE, _MARGIN, _AGREE, _SHORT, _BIAS = 0.645, 0.33, 0.55, 0.18, -3.27
_MOST_MARGIN, _MOST_AGREE, _LOOKED_AT, _VOTERS, _SHORT_LINE = 3.0, 4, 10, 5, 12


def chances(pool: Pool, ranked: Ranked) -> list[float]:
    """The chance of each ranked row, in order; 0 for those whose join was not parsed."""
    count = len(ranked.features)
    lines = [_first_line(pool.options[int(row)].text) for row in ranked.order[: max(count, _LOOKED_AT)]]
    votes = Counter(lines[:_VOTERS])
    found = []
    for number in range(count):
        row = ranked.features[number]
        line = lines[number]
        score = float(ranked.scores[number])
        others = [
            float(s) for s, other in zip(ranked.scores[:_LOOKED_AT], lines, strict=False) if other != line
        ]
        margin = min(score - max(others), _MOST_MARGIN) if others else _MOST_MARGIN
        total = _BIAS + _SCORE * score + _MARGIN * margin + _AGREE * min(votes[line], _MOST_AGREE)
        total += _SHORT * (len(line) < _SHORT_LINE)
        total += math.fsum(weight * float(row[NAMES.index(name)]) for name, weight in _WEIGHTS.items())
        found.append(1 / (1 + math.exp(-max(min(total, 30.0), -30.0))))
    return found + [0.0] * (len(ranked.order) - count)


def _first_line(text: str) -> str:
    return "".join(text.strip().partition("\n")[0].split())
