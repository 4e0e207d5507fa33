"""Adapts the names in a suggestion to the code before the cursor.

If the lines before the cut and the lines before the cursor differ only in names, and these names correspond
one to one, the names of the buffer replace the names of the fragment in the suggestion.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from . import lexemes
from .alignment import CutPoint
from .joining import Joiner
from .lexical_profile import is_identifier
from .query import CursorPrefix
from .suggestion import SuggestedLines

_LINES = 3
"""Number of lines before the cut that are compared with lines before the cursor."""


def adapt(
    joiner: Joiner, prefix: CursorPrefix, text: str, cut: CutPoint, part: SuggestedLines
) -> tuple[SuggestedLines, dict[str, str]]:
    """Returns the suggested lines with the buffer's names, and a mapping from replaced to new names.

    Returns the lines unchanged, and an empty mapping, if there is no name to replace, or if the prefix joined
    with the changed lines would have more syntax errors.
    """
    names = substitution(prefix, text, cut)
    if not names:
        return part, {}
    changed = replace(part, lines=tuple(_replaced(line, names, prefix.language) for line in part.lines))
    if changed.lines == part.lines:
        return part, {}
    if joiner.usable:
        after, before = (joiner.parse(one.lead + one.text).order for one in (changed, part))
        if after > before:
            return part, {}
    return changed, names


def substitution(prefix: CursorPrefix, text: str, cut: CutPoint) -> dict[str, str]:
    """Returns a mapping from names of the fragment to the names of the buffer that replace them.

    The lines nearest to the cut and to the cursor are compared, up to the first pair of lines that differ in
    more than names. Returns {} if the names do not correspond one to one.
    """
    ours = _lines(prefix.text if not cut.inside else prefix.text.rpartition("\n")[0])
    theirs = _lines(text[: cut.at] if not cut.inside else text[: text.rfind("\n", 0, cut.at) + 1])
    found: dict[str, str] = {}
    for mine, other in zip(reversed(ours[-_LINES:]), reversed(theirs[-_LINES:]), strict=False):
        pairs = _pairs(mine, other, prefix.language)
        if pairs is None:
            break
        for name, own in pairs:
            if found.setdefault(name, own) != own:
                return {}
    if len(set(found.values())) != len(found):
        return {}
    return {name: own for name, own in found.items() if name != own}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _pairs(ours: str, theirs: str, language: str) -> list[tuple[str, str]] | None:
    """Returns the pairs of names (theirs, ours) at the same positions of two lines.

    Returns None if the lines differ in more than names.
    """
    mine, other = lexemes.lexemes(ours, language), lexemes.lexemes(theirs, language)
    if len(mine) != len(other):
        return None
    pairs = []
    for own, name in zip(mine, other, strict=True):
        if is_identifier(own) and is_identifier(name):
            pairs.append((name, own))
        elif own != name:
            return None
    return pairs


def _replaced(line: str, names: Mapping[str, str], language: str) -> str:
    """The line, in which the values of `names` replace the keys, except in strings and comments."""
    pieces, at = [], 0
    for lexeme in lexemes.lexemes(line, language):
        start = line.index(lexeme, at)
        pieces += [line[at:start], names.get(lexeme, lexeme)]
        at = start + len(lexeme)
    return "".join([*pieces, line[at:]])
