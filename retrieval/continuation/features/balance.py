"""Features of the brackets and blocks that prefix and suggestion open and close.

"Suggestion" means the code after a candidate's cut.
"""

from __future__ import annotations

from .. import lexemes
from ..query import CursorPrefix
from .cut_candidates import CutCandidate, each


def net_parentheses(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The number of parentheses that are open after the suggestion; negative if too many are closed."""
    return float(prefix.code.nets[0] + candidate.code.nets[0])


def net_brackets(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """As `net_parentheses`, but for square brackets."""
    return float(prefix.code.nets[1] + candidate.code.nets[1])


def net_braces(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """As `net_parentheses`, but for braces."""
    return float(prefix.code.nets[2] + candidate.code.nets[2])


def net_ends(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """As `net_parentheses`, but for blocks that end with `end`."""
    return float(prefix.code.ends + candidate.code.ends)


def balanced(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """1 if `net_parentheses`, `net_brackets`, `net_braces` and `net_ends` are all 0."""
    nets = zip(prefix.code.nets, candidate.code.nets, strict=True)
    return float(
        all(ours + theirs == 0 for ours, theirs in nets) and prefix.code.ends + candidate.code.ends == 0
    )


def mismatched(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The number of closing brackets that match no open bracket, or an open bracket of another kind."""
    return float(lexemes.unclosed(candidate.code.lexemes, prefix.open)[1])


def left_open(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The number of brackets that are open after the suggestion."""
    return float(len(lexemes.unclosed(candidate.code.lexemes, prefix.open)[0]))


def opened_before(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The number of brackets that are open at the cursor."""
    return float(len(prefix.open))


FEATURES = each(
    net_parentheses, net_brackets, net_braces, net_ends, balanced, mismatched, left_open, opened_before,
)  # fmt: skip
