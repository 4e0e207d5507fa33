"""Extracts the head, the documentation, and the string literals of a function, and the letters of a text."""

from __future__ import annotations

import re

from indexer.parsing import profiles

_DOC = 2_000
_DROPPED = bytes(c for c in range(128) if not chr(c).isalnum())
_STRING = re.compile(r"\"([^\"\n]{2,300})\"|'([^'\n]{2,300})'")


def head(text: str, name: str, most: int = 400) -> str:
    """The head of a function: the lines with its name and its parameters.

    The head ends at most `most` characters after the start of the name.
    """
    at = max(0, text.find(name)) if name else 0
    start = text.rfind("\n", 0, at) + 1
    end = min(len(text), at + most)
    for stop in ("{", ":\n", ";\n", "=>", "\n\n"):
        place = text.find(stop, at, end)
        end = place if place >= 0 else end
    return text[start:end]


def doc(text: str, name: str, language: str) -> str:
    """The documentation of a function: a string literal after the head, or comment lines before the head."""
    at = max(0, text.find(name)) if name else 0
    for quote in ('"""', "'''"):
        start = text.find(quote, at, at + _DOC)
        if start >= 0 and not text[start - 1].isalnum():
            end = text.find(quote, start + 3)
            return text[start + 3 : min(end if end >= 0 else len(text), start + _DOC)]
    lines = (line.strip() for line in text[: text.rfind("\n", 0, at) + 1].splitlines())
    leads = (*profiles.of(language).comment_leads, "'''", '"""')
    return "\n".join(line.lstrip("#/*-;% ") for line in lines if line.startswith(leads))[:_DOC]


def strings(text: str) -> str:
    """The string literals in a function that are on one line each, joined by line ends."""
    return "\n".join(a or b for a, b in _STRING.findall(text))


def alphanumeric(text: str) -> str:
    """The text in lower case, without the ASCII characters that are neither letters nor digits."""
    return text.encode("utf-8", "replace").translate(None, _DROPPED).decode("utf-8", "replace").lower()
