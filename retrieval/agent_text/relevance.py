"""Scores lines of code by the words that they share with a question.

This runs in a client, which does not import numpy, so its words are simpler than those of the index.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from ..stop_words import STOP_WORDS

_WORD = re.compile(r"[^\W_]+")
_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+|[^\W\d_a-zA-Z]+")
_ENDINGS = ("ations", "ation", "ings", "ing", "ies", "ers", "ed", "er", "es", "s", "y", "e")
_SHORTEST = 3
"""Minimum characters that an ending leaves of a word."""
_NEAR = 0.5
"""How much of a line's score counts for the next line, half of that for the line after it, and so on."""

Weights = Mapping[str, float]
"""For each word of a question, its weight."""


@lru_cache(maxsize=20_000)
def stems(line: str) -> frozenset[str]:
    """The parts of the words of a line, in lower case and without common endings."""
    return frozenset(one for word in _WORD.findall(line) for one in _stems_of(word))


@lru_cache(maxsize=20_000)
def _stems_of(word: str) -> tuple[str, ...]:
    return tuple(_stem(part.lower()) for part in _PART.findall(word))


def weights(question: str, texts: Iterable[str]) -> Weights:
    """The weight of each word of a question: its BM25 IDF over the lines of all texts."""
    words = {one for one in stems(question) if one not in _STOPS} or stems(question)
    if not words:
        return {}
    lines, counts = 0, Counter[str]()
    for text in texts:
        for line in text.split("\n"):
            lines += 1
            counts.update(words.intersection(stems(line)))
    return {w: math.log1p((lines - counts[w] + 0.5) / (counts[w] + 0.5)) for w in words}


def line_scores(lines: Sequence[str], known: Weights) -> list[float]:
    """The relevance of each line: the weights of its words, and a share of those of the lines near it."""
    own = [sum(known[word] for word in known.keys() & stems(line)) for line in lines]
    for order in (range(len(own)), range(len(own) - 1, -1, -1)):
        carried = 0.0
        spread = list(own)
        for n in order:
            spread[n] = own[n] + carried
            carried = _NEAR * max(carried, own[n])
        own = spread if order.step > 0 else [max(a, b) for a, b in zip(own, spread, strict=True)]
    return own


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            return word[: -len(ending)]
    return word


_STOPS = frozenset(map(_stem, STOP_WORDS))
