"""A suggestion in the names of the code before the cursor.

Where the lines before the cut differ from those before the cursor only by names, and always by the same ones,
the suggestion's names are replaced alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from . import lexemes
from .alignment import Cut
from .code import is_keyword
from .joining import Joiner
from .query import Prefix
from .suggestion import Rest

_LINES = 3
"""Lines before the cut that must agree."""


def adapt(joiner: Joiner, prefix: Prefix, text: str, cut: Cut, part: Rest) -> tuple[Rest, dict[str, str]]:
    """A part of a fragment's text in the buffer's names, and which were replaced; the part itself where
    nothing is to be replaced, or the join would parse worse.
    """
    names = substitution(prefix, text, cut)
    if not names:
        return part, {}
    changed = replace(part, lines=tuple(_replaced(line, names, prefix.language) for line in part.lines))
    if changed.lines == part.lines:
        return part, {}
    if joiner.usable and _parsed(joiner, changed) > _parsed(joiner, part):
        return part, {}
    return changed, names


def _parsed(joiner: Joiner, part: Rest) -> tuple[int, float, int]:
    return joiner.parse(part.lead + part.text).order


def substitution(prefix: Prefix, text: str, cut: Cut) -> dict[str, str]:
    """The names to replace, by name of the fragment; empty where the lines differ by more than names.

    A name of the fragment must always stand where one and the same name of the buffer stands, and no two of
    them for the same one.
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
    """The names (theirs, ours) at the same places; None where something else differs."""
    mine, other = lexemes.lexemes(ours, language), lexemes.lexemes(theirs, language)
    if len(mine) != len(other):
        return None
    pairs = []
    for own, name in zip(mine, other, strict=True):
        if lexemes.is_name(own) and lexemes.is_name(name) and not is_keyword(own) and not is_keyword(name):
            pairs.append((name, own))
        elif own != name:
            return None
    return pairs


def _replaced(line: str, names: Mapping[str, str], language: str) -> str:
    """A line with names replaced; strings and comments stay."""
    pieces, at = [], 0
    for lexeme in lexemes.lexemes(line, language):
        start = line.index(lexeme, at)
        pieces += [line[at:start], names.get(lexeme, lexeme)]
        at = start + len(lexeme)
    return "".join([*pieces, line[at:]])
