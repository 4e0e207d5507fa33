"""The checks of `cornea doctor`: the installation, the machine, and the index of a root."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem that a check found, and its remedy.

    `fix` repairs the problem. If `fix` is None, only the user can repair it.
    """

    check: str
    where: str
    what: str
    remedy: str
    fix: Callable[[], object] | None = field(default=None, compare=False)

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
"""A function that makes one check and yields the problems that it finds."""
