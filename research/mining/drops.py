"""Counts what each rule leaves out, and keeps a few examples for each rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

EXAMPLES = 3


class Drops:
    """Counts by rule, and the first EXAMPLES examples of each rule."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.examples: dict[str, list[str]] = {}

    def add(self, rule: str, example: str, count: int = 1) -> None:
        """Add `count` to the count of `rule`."""
        self.counts[rule] += count
        known = self.examples.setdefault(rule, [])
        if len(known) < EXAMPLES:
            known.append(example)

    def merge(self, other: Mapping[str, Any], prefix: str = "") -> None:
        """Add the counts and examples of another instance's `as_data`, with `prefix` before each example."""
        for rule, row in other.items():
            self.counts[rule] += row["count"]
            known = self.examples.setdefault(rule, [])
            known += [prefix + example for example in row["examples"]][: EXAMPLES - len(known)]

    def as_data(self) -> dict[str, dict[str, Any]]:
        """The count and the examples of each rule, sorted by rule."""
        return {
            rule: {"count": count, "examples": self.examples[rule]}
            for rule, count in sorted(self.counts.items())
        }
