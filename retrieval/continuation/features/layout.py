"""Features of indentation, length and style, and of the lexemes at the join.

"Suggestion" means the code after a candidate's cut.
"""

from __future__ import annotations

import math

from .. import lexemes, lexical_profile
from ..query import CursorPrefix
from .cut_candidates import CutCandidate, each

_BRANCHES = frozenset("else elif elsif except catch finally rescue ensure when case default".split())
_CLASSES = (
    "name",
    "keyword",
    "number",
    "literal",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ";",
    ",",
    ".",
    "=",
    ":",
    "\n",
)
_OPERATORS = "+-*/%&|^<>=!?"


def last_indent(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The indentation of the suggestion's last line minus that of the head of the open function.

    The value is 0 if the suggestion ends with the end of the function.
    """
    indents = candidate.code.indents
    return float(indents[-1] - prefix.depth) if indents else -20.0


def second_indent(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The indentation of the suggestion's second line minus that of the last line before the cursor."""
    indents = candidate.code.indents
    return float(indents[0] - _current(prefix)) if indents else -20.0


def least_indent(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The minimum indentation of the suggestion's lines after the first minus that of the open function."""
    indents = candidate.code.indents
    return float(min(indents) - prefix.depth) if indents else -20.0


def body_indent(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """As `least_indent`, but without the suggestion's last line."""
    indents = candidate.code.indents[:-1]
    return float(min(indents) - prefix.depth) if indents else -20.0


def deepest_indent(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The maximum indentation of the suggestion's lines minus that of the lines before the cursor."""
    deepest = max((*prefix.code.indents, prefix.depth))
    return float(max(candidate.code.indents, default=deepest) - deepest)


def same_tabs(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """1 if both prefix and suggestion use tabs, or neither does."""
    return float(prefix.code.tabs == candidate.code.tabs)


def lines(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The logarithm of the number of lines of the suggestion."""
    return math.log1p(candidate.code.lines)


def length(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The logarithm of the length of the suggestion in characters."""
    return math.log1p(len(candidate.text))


def length_share(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The length of the suggestion, divided by the total length of prefix and suggestion."""
    return len(candidate.text) / max(1, len(candidate.text) + len(prefix.text))


def style(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """How much prefix and suggestion differ in their use of style marks: semicolons, `self`, arrows etc."""
    pairs = zip(prefix.code.marks, candidate.code.marks, strict=True)
    return math.fsum(abs(ours - theirs) for ours, theirs in pairs)


def strange(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The number of style marks that only the prefix or only the suggestion contains."""
    pairs = zip(prefix.code.marks, candidate.code.marks, strict=True)
    return float(sum((ours > 0) != (theirs > 0) for ours, theirs in pairs))


def returns(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """1 if the suggestion contains `return`, plus 2 if the prefix contains `return`."""
    return float(("return" in candidate.code.counts) + 2 * ("return" in prefix.code.counts))


def branches(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """1 if the suggestion begins with another branch, such as `else`."""
    first = next((one for one in candidate.code.lexemes if one[0] not in "\n}"), "")
    return float(first in _BRANCHES)


def before_join(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The class of the last lexeme before the cursor; -1 if there is no lexeme."""
    before, _ = _at_join(prefix, candidate)
    return float(_class(before)) if before else -1.0


def behind_join(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The class of the suggestion's first lexeme; -1 if there is no lexeme."""
    _, behind = _at_join(prefix, candidate)
    return float(_class(behind)) if behind else -1.0


def join_seen(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The number of the two texts, prefix and suggestion, that contain the pair of lexemes at the join."""
    pair = _at_join(prefix, candidate)
    return float(pair in prefix.code.bigrams) + float(pair in candidate.code.bigrams) if all(pair) else 0.0


def same_end(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """1 if the suggestion's first line ends with the same character as the line before the cursor."""
    first = candidate.text.lstrip("\n").partition("\n")[0].rstrip()
    last = prefix.text.rstrip().rpartition("\n")[2]
    return float(bool(first) and bool(last) and first[-1] == last[-1])


def _at_join(prefix: CursorPrefix, candidate: CutCandidate) -> tuple[str, str]:
    """The last lexeme before the cursor, and the suggestion's first lexeme. A missing lexeme is ""."""
    before = (one for one in reversed(prefix.tail_code.lexemes[-8:]) if one[0] != "\n")
    behind = (one for one in candidate.code.lexemes[:8] if one[0] != "\n")
    return next(before, ""), next(behind, "")


def _current(prefix: CursorPrefix) -> int:
    last = prefix.text.rstrip().rpartition("\n")[2]
    return lexical_profile.column(last)


def _class(lexeme: str) -> int:
    """A lexeme's class as a number."""
    if lexemes.is_literal(lexeme):
        return _CLASSES.index("literal")
    if lexemes.is_name(lexeme):
        return int(lexical_profile.is_keyword(lexeme))
    if lexeme[0].isdigit():
        return _CLASSES.index("number")
    if lexeme in _CLASSES:
        return _CLASSES.index(lexeme)
    return len(_CLASSES) + (lexeme[0] in _OPERATORS)


FEATURES = each(
    last_indent, second_indent, least_indent, body_indent, deepest_indent, same_tabs, lines, length,
    length_share, style, strange, returns, branches, before_join, behind_join, join_seen, same_end,
)  # fmt: skip
