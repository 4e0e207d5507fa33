"""A problem that a check found, with its remedy and, if there is one, a function that fixes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem. `fix` repairs it; if it is None, only the user can."""

    check: str
    where: str
    what: str
    remedy: str
    fix: Callable[[], None] | None = field(default=None, compare=False)

    def as_json(self, fixed: bool) -> dict[str, object]:
        """The finding as a JSON object."""
        return {
            "check": self.check,
            "where": self.where,
            "what": self.what,
            "remedy": self.remedy,
            "fixable": self.fix is not None,
            "fixed": fixed,
        }


Check = Callable[[], Iterator[Finding]]
"""Checks one thing and yields its problems."""
