"""Features of brackets and blocks, of indentation, length and style, and of the joined code.

"Suggestion" means the code after a candidate's cut. Only the joins with the best candidates are parsed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np

from ...ranking.features import Column, Features
from .. import lexemes, lexical_profile
from ..joining import JoinParse
from ..query import CursorPrefix
from .cut_candidates import CutCandidate, CutCandidates, each

_BRANCHES = frozenset("else elif elsif except catch finally rescue ensure when case default".split())
_CLASSES = ("name", "keyword", "number", "literal", *"()[]{};,.=:\n")
_OPERATORS = "+-*/%&|^<>=!?"
_NO_LINE = -20.0
"""The value of features of lines that the suggestion does not have."""


def _nets(prefix: CursorPrefix, candidate: CutCandidate) -> tuple[int, ...]:
    """The numbers of parentheses, brackets, braces and `end` blocks that are open after the suggestion.

    They are negative if too many are closed.
    """
    pairs = zip(prefix.code.nets, candidate.code.nets, strict=True)
    return *(ours + theirs for ours, theirs in pairs), prefix.code.ends + candidate.code.ends


def _at_join(prefix: CursorPrefix, candidate: CutCandidate) -> tuple[str, str]:
    """The last lexeme before the cursor, and the suggestion's first lexeme. A missing lexeme is ""."""
    before = (one for one in reversed(prefix.tail_code.lexemes[-8:]) if one[0] != "\n")
    behind = (one for one in candidate.code.lexemes[:8] if one[0] != "\n")
    return next(before, ""), next(behind, "")


def _class(lexeme: str) -> int:
    """A lexeme's class as a number; -1 for "", which stands for a missing lexeme."""
    if not lexeme:
        return -1
    if lexemes.is_literal(lexeme):
        return _CLASSES.index("literal")
    if lexemes.is_name(lexeme):
        return int(lexical_profile.is_keyword(lexeme))
    if lexeme[0].isdigit():
        return _CLASSES.index("number")
    if lexeme in _CLASSES:
        return _CLASSES.index(lexeme)
    return len(_CLASSES) + (lexeme[0] in _OPERATORS)


def _deepest_indent(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    deepest = max((*prefix.code.indents, prefix.depth))
    return max(candidate.code.indents, default=deepest) - deepest


def _join_seen(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The number of the two texts, prefix and suggestion, that contain the pair of lexemes at the join."""
    pair = _at_join(prefix, candidate)
    return (pair in prefix.code.bigrams) + (pair in candidate.code.bigrams) if all(pair) else 0


def _same_end(prefix: CursorPrefix, candidate: CutCandidate) -> bool:
    first = candidate.text.lstrip("\n").partition("\n")[0].rstrip()
    return bool(first) and first[-1:] == prefix.last_text[-1:]


def _marks(prefix: CursorPrefix, candidate: CutCandidate) -> Iterable[tuple[float, float]]:
    """The frequencies of style marks in prefix and suggestion: semicolons, `self`, arrows etc."""
    return zip(prefix.code.marks, candidate.code.marks, strict=True)


BALANCE = each({
    "net_parentheses": lambda p, c: _nets(p, c)[0],
    "net_brackets": lambda p, c: _nets(p, c)[1],
    "net_braces": lambda p, c: _nets(p, c)[2],
    "net_ends": lambda p, c: _nets(p, c)[3],
    # 1 if the four features above are all 0.
    "balanced": lambda p, c: not any(_nets(p, c)),
    # The number of closing brackets that match no open bracket, or an open bracket of another kind.
    "mismatched": lambda p, c: lexemes.unclosed(c.code.lexemes, p.open)[1],
    # The number of brackets that are open after the suggestion, and at the cursor.
    "left_open": lambda p, c: len(lexemes.unclosed(c.code.lexemes, p.open)[0]),
    "opened_before": lambda p, c: len(p.open),
})  # fmt: skip

LAYOUT = each({
    # The indentation of lines of the suggestion after its first: that of the last line minus that of the head
    # of the open function, that of the second line minus that of the last line before the cursor, the minimum
    # minus that of the open function, and the same without the last line. The suggestion may have no such
    # line, because it ends with the end of the function.
    "last_indent": lambda p, c: c.code.indents[-1] - p.depth if c.code.indents else _NO_LINE,
    "second_indent": lambda p, c: (
        c.code.indents[0] - lexical_profile.column(p.last_text) if c.code.indents else _NO_LINE
    ),
    "least_indent": lambda p, c: min(c.code.indents) - p.depth if c.code.indents else _NO_LINE,
    "body_indent": lambda p, c: min(c.code.indents[:-1]) - p.depth if c.code.indents[:-1] else _NO_LINE,
    # The maximum indentation of the suggestion's lines minus that of the lines before the cursor.
    "deepest_indent": _deepest_indent,
    # 1 if both prefix and suggestion use tabs, or neither does.
    "same_tabs": lambda p, c: p.code.tabs == c.code.tabs,
    # The logarithms of the number of lines and of characters of the suggestion, and its share of the code.
    "lines": lambda p, c: math.log1p(c.code.lines),
    "length": lambda p, c: math.log1p(len(c.text)),
    "length_share": lambda p, c: len(c.text) / max(1, len(c.text) + len(p.text)),
    # How much prefix and suggestion differ in their use of style marks, and how many only one of them has.
    "style": lambda p, c: math.fsum(abs(ours - theirs) for ours, theirs in _marks(p, c)),
    "strange": lambda p, c: sum((ours > 0) != (theirs > 0) for ours, theirs in _marks(p, c)),
    # 1 if the suggestion contains `return`, plus 2 if the prefix contains `return`.
    "returns": lambda p, c: ("return" in c.code.counts) + 2 * ("return" in p.code.counts),
    # 1 if the suggestion begins with another branch, such as `else`.
    "branches": lambda p, c: next((one for one in c.code.lexemes if one[0] not in "\n}"), "") in _BRANCHES,
    # The classes of the last lexeme before the cursor, and of the suggestion's first lexeme.
    "before_join": lambda p, c: _class(_at_join(p, c)[0]),
    "behind_join": lambda p, c: _class(_at_join(p, c)[1]),
    "join_seen": _join_seen,
    # 1 if the suggestion's first line ends with the same character as the line before the cursor.
    "same_end": _same_end,
})  # fmt: skip


def _of_join(tell: Callable[[JoinParse], float]) -> Callable[[CutCandidates], Column]:
    """A feature, from a function that returns the value of a join; zeros if joins cannot be parsed."""
    return lambda pool: [float(tell(join)) for join in pool.joins] or [0.0] * len(pool.candidates)


def join_worse(pool: CutCandidates) -> Column:
    """The number of ERROR and MISSING nodes minus that of the join with the fewest such nodes."""
    wrong = np.array(_of_join(lambda join: join.wrong)(pool), np.float64)
    return np.asarray(wrong - wrong.min(initial=np.inf), np.float64)


PARSED: Features[CutCandidates] = {
    # The number of ERROR nodes, the number of MISSING nodes, and the share of bytes in ERROR nodes.
    "join_errors": _of_join(lambda join: join.errors),
    "join_missing": _of_join(lambda join: join.missing),
    "join_broken": _of_join(lambda join: join.broken),
    # 1 if there are no errors; the number of top-level items; 1 if there are no errors and one item.
    "join_clean": _of_join(lambda join: join.clean),
    "join_items": _of_join(lambda join: min(join.items, 9)),
    "join_whole": _of_join(lambda join: join.clean and join.items == 1),
    "join_worse": join_worse,
}
