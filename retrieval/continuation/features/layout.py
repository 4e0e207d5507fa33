"""Features of indentation, length and style, and of the lexemes at the join.

"Suggestion" means the code after a candidate's cut.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from .. import lexemes, lexical_profile
from ..query import CursorPrefix
from .cut_candidates import CutCandidate, each

_BRANCHES = frozenset("else elif elsif except catch finally rescue ensure when case default".split())
_CLASSES = ("name", "keyword", "number", "literal", *"()[]{};,.=:\n")
_OPERATORS = "+-*/%&|^<>=!?"
_NO_LINE = -20.0
"""The value of features of lines that the suggestion does not have."""


def _at_join(prefix: CursorPrefix, candidate: CutCandidate) -> tuple[str, str]:
    """The last lexeme before the cursor, and the suggestion's first lexeme. A missing lexeme is ""."""
    before = (one for one in reversed(prefix.tail_code.lexemes[-8:]) if one[0] != "\n")
    behind = (one for one in candidate.code.lexemes[:8] if one[0] != "\n")
    return next(before, ""), next(behind, "")


def _current(prefix: CursorPrefix) -> int:
    last = prefix.text.rstrip().rpartition("\n")[2]
    return lexical_profile.column(last)


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
    last = prefix.text.rstrip().rpartition("\n")[2]
    return bool(first) and bool(last) and first[-1] == last[-1]


def _marks(prefix: CursorPrefix, candidate: CutCandidate) -> Iterable[tuple[float, float]]:
    """The frequencies of style marks in prefix and suggestion: semicolons, `self`, arrows etc."""
    return zip(prefix.code.marks, candidate.code.marks, strict=True)


FEATURES = each({
    # The indentation of lines of the suggestion after its first: that of the last line minus that of the head
    # of the open function, that of the second line minus that of the last line before the cursor, the minimum
    # minus that of the open function, and the same without the last line. The suggestion may have no such
    # line, because it ends with the end of the function.
    "last_indent": lambda p, c: c.code.indents[-1] - p.depth if c.code.indents else _NO_LINE,
    "second_indent": lambda p, c: c.code.indents[0] - _current(p) if c.code.indents else _NO_LINE,
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
