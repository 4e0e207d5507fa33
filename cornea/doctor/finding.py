"""What is wrong: where, what, what to do, and how it can be fixed if it can."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `fix` repairs it; without one only the user can."""

    check: str
    where: str
    what: str
    remedy: str
    fix: Callable[[], None] | None = field(default=None, compare=False)

    def as_json(self, fixed: bool) -> dict[str, object]:
        """For programs."""
        return {
            "check": self.check,
            "where": self.where,
            "what": self.what,
            "remedy": self.remedy,
            "fixable": self.fix is not None,
            "fixed": fixed,
        }


Check = Callable[[], Iterator[Finding]]
"""Looks at one thing and tells what is wrong with it."""
