"""Indentation, length, style, and what kind of statement comes next."""

from __future__ import annotations

import math

from .. import code, lexemes
from ..query import Prefix
from .pool import Option, each

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


def last_indent(prefix: Prefix, option: Option) -> float:
    """The last line's indentation against that of the open function's head: 0 where a function ends."""
    indents = option.code.indents
    return float(indents[-1] - prefix.depth) if indents else -20.0


def second_indent(prefix: Prefix, option: Option) -> float:
    """The second line's indentation against the line before the cursor."""
    indents = option.code.indents
    return float(indents[0] - _current(prefix)) if indents else -20.0


def least_indent(prefix: Prefix, option: Option) -> float:
    """The least indentation of a later line against the head's."""
    indents = option.code.indents
    return float(min(indents) - prefix.depth) if indents else -20.0


def body_indent(prefix: Prefix, option: Option) -> float:
    """The least indentation of the lines between the first and the last, against the head's."""
    indents = option.code.indents[:-1]
    return float(min(indents) - prefix.depth) if indents else -20.0


def deepest_indent(prefix: Prefix, option: Option) -> float:
    """The deepest line against the deepest before the cursor."""
    deepest = max((*prefix.code.indents, prefix.depth))
    return float(max(option.code.indents, default=deepest) - deepest)


def same_tabs(prefix: Prefix, option: Option) -> float:
    """Both are indented with tabs, or neither."""
    return float(prefix.code.tabs == option.code.tabs)


def lines(prefix: Prefix, option: Option) -> float:
    """ln of the suggestion's lines."""
    return math.log1p(option.code.lines)


def length(prefix: Prefix, option: Option) -> float:
    """ln of the suggestion's characters."""
    return math.log1p(len(option.text))


def length_share(prefix: Prefix, option: Option) -> float:
    """The suggestion's part of the two together."""
    return len(option.text) / max(1, len(option.text) + len(prefix.text))


def style(prefix: Prefix, option: Option) -> float:
    """How differently the two use semicolons, `self`, arrows and the like."""
    pairs = zip(prefix.code.marks, option.code.marks, strict=True)
    return math.fsum(abs(ours - theirs) for ours, theirs in pairs)


def strange(prefix: Prefix, option: Option) -> float:
    """Marks of a style that only one of the two has."""
    pairs = zip(prefix.code.marks, option.code.marks, strict=True)
    return float(sum((ours > 0) != (theirs > 0) for ours, theirs in pairs))


def returns(prefix: Prefix, option: Option) -> float:
    """Whether the suggestion returns, and the code before the cursor did: two bits."""
    return float(("return" in option.code.counts) + 2 * ("return" in prefix.code.counts))


def branches(prefix: Prefix, option: Option) -> float:
    """The suggestion begins with another branch of something open."""
    first = next((one for one in option.code.lexemes if one[0] not in "\n}"), "")
    return float(first in _BRANCHES)


def before_join(prefix: Prefix, option: Option) -> float:
    """The class of the last lexeme before the cursor."""
    solid = [one for one in prefix.tail_code.lexemes[-8:] if one[0] != "\n"]
    return float(_class(solid[-1])) if solid else -1.0


def behind_join(prefix: Prefix, option: Option) -> float:
    """The class of the suggestion's first lexeme."""
    solid = [one for one in option.code.lexemes[:8] if one[0] != "\n"]
    return float(_class(solid[0])) if solid else -1.0


def join_seen(prefix: Prefix, option: Option) -> float:
    """The two lexemes at the join stand side by side somewhere before the cursor or in the fragment."""
    ours = [one for one in prefix.tail_code.lexemes[-8:] if one[0] != "\n"]
    theirs = [one for one in option.code.lexemes[:8] if one[0] != "\n"]
    if not ours or not theirs:
        return 0.0
    pair = (ours[-1], theirs[0])
    return float(pair in prefix.code.bigrams) + float(pair in option.code.bigrams)


def same_end(prefix: Prefix, option: Option) -> float:
    """The suggestion's first line ends as the line before the cursor does."""
    first = option.text.lstrip("\n").partition("\n")[0].rstrip()
    last = prefix.text.rstrip().rpartition("\n")[2]
    return float(bool(first) and bool(last) and first[-1] == last[-1])


def _current(prefix: Prefix) -> int:
    last = prefix.text.rstrip().rpartition("\n")[2]
    return code.column(last)


def _class(lexeme: str) -> int:
    """A lexeme's class as a number."""
    if lexemes.is_literal(lexeme):
        return _CLASSES.index("literal")
    if lexemes.is_name(lexeme):
        return int(code.is_keyword(lexeme))
    if lexeme[0].isdigit():
        return _CLASSES.index("number")
    if lexeme in _CLASSES:
        return _CLASSES.index(lexeme)
    return len(_CLASSES) + (lexeme[0] in _OPERATORS)


FEATURES = tuple(
    map(each, (
        last_indent, second_indent, least_indent, body_indent, deepest_indent, same_tabs, lines, length,
        length_share, style, strange, returns, branches, before_join, behind_join, join_seen, same_end,
    ))
)  # fmt: skip
