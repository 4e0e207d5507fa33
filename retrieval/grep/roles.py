"""What a matching line is to its reader, and the order in which lines are answered.

This module imports nothing, because every client of a host loads it.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final, Literal

Role = Literal["definition", "use", "test", "comment", "docs", "data"]


class Rank(IntEnum):
    """The order of lines. The match is the whole name of a definition, or a part of it."""

    DEFINITION = 0
    TEST_DEFINITION = 1
    PART_OF_DEFINITION = 2
    PART_OF_TEST_DEFINITION = 3
    USE = 4
    TEST = 5
    COMMENT = 6
    DOCS = 7
    DATA = 8

    @property
    def role(self) -> Role:
        """What the line is, for programs."""
        return _ROLES[self]


_ROLES: Final[dict[Rank, Role]] = {
    Rank.DEFINITION: "definition",
    Rank.TEST_DEFINITION: "definition",
    Rank.PART_OF_DEFINITION: "definition",
    Rank.PART_OF_TEST_DEFINITION: "definition",
    Rank.USE: "use",
    Rank.TEST: "test",
    Rank.COMMENT: "comment",
    Rank.DOCS: "docs",
    Rank.DATA: "data",
}
