"""Runs other search tools on the same questions: bm25s (Lù, 2024) and ripgrep."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from indexer.encoding import bm25
from indexer.errors import UsageError

from ..datasets.extra import require

Tokens = Callable[[Sequence[str]], list[list[str]]]

RIPGREP = "ripgrep"


class Ranker(Protocol):
    """Returns the numbers of the texts that answer a question, best first."""

    def __call__(self, question: str, limit: int) -> Sequence[int]: ...


class Bm25s:
    """bm25s with its own defaults (Lucene's variant, k1 = 1.5, b = 0.75)."""

    def __init__(self, texts: Sequence[str], tokens: Tokens) -> None:
        self._tokens = tokens
        # bm25s would give no number to a text without a token.
        words = [row or [""] for row in tokens(texts)]
        self._index = require("bm25s").BM25()
        self._index.index(words, show_progress=False)

    def __call__(self, question: str, limit: int) -> Sequence[int]:
        known = self._index.vocab_dict
        words = [word for word in self._tokens([question])[0] if word in known]
        if not words:
            return []
        scores = np.asarray(self._index.get_scores(words))
        # bm25s orders ties at random; here the earlier text comes first.
        order = np.argsort(-scores, kind="stable")[:limit]
        return [int(number) for number in order if scores[number] > 0]


def default_tokens(texts: Sequence[str]) -> list[list[str]]:
    """The tokens by bm25s itself: lower-case words of two letters or more, without English stop words."""
    found: Any = require("bm25s").tokenize(list(texts), return_ids=False, show_progress=False)
    return [list(row) for row in found]


def code_tokens(texts: Sequence[str]) -> list[list[str]]:
    """Whole identifiers and their parts, in lower case, without stemming."""
    return [[token for word in bm25.words(text) for token in _forms(word)] for text in texts]


def _forms(word: str) -> list[str]:
    parts = bm25.parts(word)
    return [*parts, word.lower()] if len(parts) > 1 else parts


_TOKENS: Mapping[str, Tokens] = {"bm25s": default_tokens, "bm25s-code": code_tokens}


def over(name: str, texts: Sequence[str]) -> Ranker:
    """The peer `name`, which ranks `texts`. Raises UsageError for ripgrep, which searches only files."""
    if name not in _TOKENS:
        raise UsageError(f"{name} can only search files; choose one of: {', '.join(_TOKENS)}")
    return Bm25s(texts, _TOKENS[name])
