"""What the prefix opened and the suggestion closes: brackets by kind, and blocks that end by a word."""

from __future__ import annotations

from .. import lexemes
from ..query import Prefix
from .pool import Option, each


def net_parentheses(prefix: Prefix, option: Option) -> float:
    """Parentheses left open at the end; below 0: closed too many."""
    return float(prefix.code.nets[0] + option.code.nets[0])


def net_brackets(prefix: Prefix, option: Option) -> float:
    """The same of square brackets."""
    return float(prefix.code.nets[1] + option.code.nets[1])


def net_braces(prefix: Prefix, option: Option) -> float:
    """The same of braces."""
    return float(prefix.code.nets[2] + option.code.nets[2])


def net_ends(prefix: Prefix, option: Option) -> float:
    """The same of blocks that end by `end`."""
    return float(prefix.code.ends + option.code.ends)


def balanced(prefix: Prefix, option: Option) -> float:
    """Nothing is left open."""
    nets = zip(prefix.code.nets, option.code.nets, strict=True)
    return float(
        all(ours + theirs == 0 for ours, theirs in nets) and prefix.code.ends + option.code.ends == 0
    )


def mismatched(prefix: Prefix, option: Option) -> float:
    """Closers that match nothing, or another kind of bracket."""
    return float(lexemes.unclosed(option.code.lexemes, prefix.open)[1])


def left_open(prefix: Prefix, option: Option) -> float:
    """Brackets still open behind the suggestion."""
    return float(len(lexemes.unclosed(option.code.lexemes, prefix.open)[0]))


def opened_before(prefix: Prefix, option: Option) -> float:
    """Brackets open at the cursor."""
    return float(len(prefix.open))


FEATURES = tuple(
    map(each, (
        net_parentheses, net_brackets, net_braces, net_ends, balanced, mismatched, left_open, opened_before,
    ))
)  # fmt: skip
