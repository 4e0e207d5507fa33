"""Metrics that no library has: for locations in files, and for finding all targets at once."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TargetLocation:
    """Where an answer is: a path and lines, 1-based and inclusive."""

    path: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Target:
    """What should be found: a range of lines at a path. If `end` is 0, any lines of the file will do."""

    path: str
    start: int = 0
    end: int = 0

    @staticmethod
    def read(data: Any) -> Target:
        """A target from a path, or from an object with `path` and optionally `start_line` and `end_line`."""
        if isinstance(data, str):
            return Target(data)
        return Target(str(data["path"]), int(data.get("start_line") or 0), int(data.get("end_line") or 0))

    def found_in(self, place: TargetLocation) -> bool:
        """Whether the lines overlap, and one of the two paths ends with the other. Roots may differ."""
        ours, theirs = f"/{self.path}", f"/{place.path}"
        same = ours.endswith(theirs) or theirs.endswith(ours)
        return same and (not self.end or (place.start <= self.end and place.end >= self.start))


def ndcg(ranking: Sequence[TargetLocation], targets: Sequence[Target], k: int = 10) -> float:
    """nDCG@k with binary gains, computed as in the public semble benchmark.

    Each target counts at the rank of the first answer that finds it. One answer may find several targets. The
    ideal ranking finds one target per rank.
    """
    gained = math.fsum(
        _discount(rank)
        for target in targets
        if (rank := next((i for i, p in enumerate(ranking[:k]) if target.found_in(p)), None)) is not None
    )
    return gained / math.fsum(_discount(i) for i in range(min(k, len(targets))))


def all_gold(ranking: Sequence[str], gold: Collection[str], k: int) -> float:
    """Acc@k of issue localization (LocBench, SweRank): 1 if *all* gold is among the first k, else 0."""
    return float(bool(gold) and set(gold) <= set(ranking[:k]))


def any_gold(ranking: Sequence[str], gold: Collection[str], k: int) -> float:
    """hit@k: 1 if some gold is among the first k, else 0."""
    return float(not set(gold).isdisjoint(ranking[:k]))


def recall(ranking: Sequence[str], gold: Collection[str], k: int) -> float:
    """The share of the gold that is among the first k."""
    return len(set(gold) & set(ranking[:k])) / len(set(gold)) if gold else 0.0


def reciprocal_rank(ranking: Sequence[str], gold: Collection[str], k: int = 10) -> float:
    """1 / rank of the first gold among the first k, else 0."""
    return next((1 / rank for rank, id in enumerate(ranking[:k], 1) if id in gold), 0.0)


def _discount(rank: int) -> float:
    return 1 / math.log2(rank + 2)
