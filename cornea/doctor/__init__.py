"""The checks of `cornea doctor`: the installation, the machine, and the index of a root."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ..presentation.json_reports import CheckName, FindingRow


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem that a check found, and its remedy.

    `fix` repairs the problem. If `fix` is None, only the user can repair it.
    """

    check: CheckName
    where: str
    what: str
    remedy: str
    fix: Callable[[], object] | None = field(default=None, compare=False)

    def row(self, fixed: bool) -> FindingRow:
        """The finding as `cornea doctor --json` prints it."""
        return FindingRow(self.check, self.where, self.what, self.remedy, self.fix is not None, fixed)


Check = Callable[[], Iterator[Finding]]
"""A function that makes one check and yields the problems that it finds."""
