"""Finds the parts of a line of code that match the words of a query."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+|[^\W\d_a-zA-Z]+")

Matcher = Callable[[str], list[tuple[int, int]]]
"""A function that returns the matching ranges [start, end) of a line, in order and without overlaps."""


def nothing(line: str) -> list[tuple[int, int]]:
    """A Matcher that finds nothing. It is used if the question is a place in code."""
    return []


def of_question(text: str) -> Matcher:
    """A matcher for the words and phrases of a query."""
    from retrieval.query import parse_query

    query = parse_query(text)
    return matcher(query.words, query.phrases)


def matcher(words: Iterable[str], phrases: Iterable[str] = ()) -> Matcher:
    """A matcher that finds phrases literally, and words by their stems, also as parts of identifiers."""
    from indexer.encoding import bm25  # imported here because most answers are printed without colour

    stems = frozenset(bm25.stem(word) for word in words)
    literal = [re.escape(phrase) for phrase in sorted(phrases, key=len, reverse=True)]
    phrase = re.compile("|".join(literal)) if literal else None

    def match(line: str) -> list[tuple[int, int]]:
        found = [m.span() for m in phrase.finditer(line)] if phrase else []
        found += [m.span() for m in _WORD.finditer(line) if bm25.stem(m.group().lower()) in stems]
        return _joined(found)

    return match


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The ranges, sorted, with overlapping and adjacent ranges merged."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
