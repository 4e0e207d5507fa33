"""Finds the lines of a definition that say what it is: its signature, and the first line of its docstring."""

from __future__ import annotations

import re
from collections.abc import Sequence

from indexer.parsing import profiles

_MOST = 4
"""Maximum lines of a signature. The rest of a longer one is mostly parameters, one a line."""
_OPENING, _CLOSING = "([", ")]"
_QUOTES = ('"""', "'''", '"', "'")


def signature(lines: Sequence[str], symbol: str, language: str) -> list[int]:
    """The indexes of the lines of a definition's signature, at least one.

    These are the first line outside comments that names the symbol, and the lines up to the end of its
    parameters. Without such a line, it is the first line that is not blank.
    """
    start = named_line(lines, symbol, language)
    if start is None:
        return [next((n for n, line in enumerate(lines) if line.strip()), 0)]
    found, depth = [], 0
    for n, line in enumerate(lines[start : start + _MOST], start):
        found.append(n)
        depth += sum(line.count(sign) for sign in _OPENING) - sum(line.count(sign) for sign in _CLOSING)
        if depth <= 0:
            break
    return found


def named_line(lines: Sequence[str], symbol: str, language: str) -> int | None:
    """The index of the first line that names a symbol, outside comments and attributes. None if none does."""
    name = re.split(r"[.\s]", symbol)[-1]
    if not name:
        return None
    profile = profiles.of(language)
    leads = (*profile.comment_leads, *profile.attribute_leads, "@", '"', "'")  # a string may be documentation
    whole = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    for number, line in enumerate(lines):
        code = line.lstrip()
        if whole.search(code) and (code.startswith(name) or not code.startswith(leads)):
            return number
    return None


def summary_line(lines: Sequence[str], head: Sequence[int], language: str) -> int | None:
    """The index of the first line of a definition's documentation that has words. None if there is none.

    The documentation is a docstring below the signature `head`, or a comment above it.
    """
    profile = profiles.of(language)
    below = head[-1] + 1
    if profile.docstrings:
        while below < len(lines) and not lines[below].strip():
            below += 1
        if below < len(lines) and lines[below].strip().lstrip("rRuUbB").startswith(_QUOTES):
            return next((n for n in (below, below + 1) if n < len(lines) and _says(lines[n])), None)
    leads = profile.comment_leads
    return next(
        (n for n in range(head[0]) if leads and lines[n].lstrip().startswith(leads) and _says(lines[n])), None
    )


def documentation(lines: Sequence[str], head: Sequence[int], language: str) -> list[int]:
    """The indexes of the lines of a definition's docstring and of its comments."""
    profile = profiles.of(language)
    leads = profile.comment_leads
    found = [n for n, line in enumerate(lines) if leads and line.lstrip().startswith(leads)]
    first = next((n for n in range(head[-1] + 1, len(lines)) if lines[n].strip()), None)
    if profile.docstrings and first is not None:
        opening = next((q for q in _QUOTES[:2] if lines[first].lstrip().lstrip("rRuUbB").startswith(q)), None)
        if opening is not None:
            last = next(
                (n for n in range(first, len(lines)) if lines[n].count(opening) > (n == first)),
                len(lines) - 1,
            )
            found += range(first, last + 1)
    return found


def _says(line: str) -> bool:
    return sum(char.isalpha() for char in line) > 2
