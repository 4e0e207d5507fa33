"""What was left out, by which rule, with a few examples to judge the rule by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

EXAMPLES = 3


class Drops:
    """Counts by rule; the first examples of each are kept."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.examples: dict[str, list[str]] = {}

    def add(self, rule: str, example: str, count: int = 1) -> None:
        """One more (or `count` more) by this rule."""
        self.counts[rule] += count
        known = self.examples.setdefault(rule, [])
        if len(known) < EXAMPLES:
            known.append(example)

    def merge(self, other: Mapping[str, Any], prefix: str = "") -> None:
        """Add what `as_data` gave; `prefix` goes before each example."""
        for rule, row in other.items():
            self.counts[rule] += row["count"]
            known = self.examples.setdefault(rule, [])
            known += [prefix + example for example in row["examples"]][: EXAMPLES - len(known)]

    def as_data(self) -> dict[str, dict[str, Any]]:
        """Rule -> count and examples, sorted."""
        return {
            rule: {"count": count, "examples": self.examples[rule]}
            for rule, count in sorted(self.counts.items())
        }
