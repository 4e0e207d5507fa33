"""Runs other search tools on the same questions: bm25s (Lù, 2024) and ripgrep."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from indexer.encoding import bm25
from indexer.errors import Unsupported, UsageError
from retrieval.stop_words import STOP_WORDS

from .runs import require

Tokens = Callable[[Sequence[str]], list[list[str]]]

RIPGREP = "ripgrep"
_SECONDS = 60
"""Maximum seconds of a search with ripgrep."""


Ranker = Callable[[str, int], Sequence[int]]
"""Takes a question and a limit. Returns the numbers of the texts that answer the question, best first, up to
the limit."""


def bm25s(texts: Sequence[str], tokens: Tokens) -> Ranker:
    """bm25s with its own defaults (Lucene's variant, k1 = 1.5, b = 0.75)."""
    index = require("bm25s").BM25()
    # bm25s would give no number to a text without a token.
    index.index([row or [""] for row in tokens(texts)], show_progress=False)

    def rank(question: str, limit: int) -> Sequence[int]:
        words = [word for word in tokens([question])[0] if word in index.vocab_dict]
        if not words:
            return []
        scores = np.asarray(index.get_scores(words))
        # bm25s orders ties at random; here the earlier text comes first.
        order = np.argsort(-scores, kind="stable")[:limit]
        return [int(number) for number in order if scores[number] > 0]

    return rank


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
    return bm25s(texts, _TOKENS[name])


def _ripgrep() -> str:
    """The path of ripgrep. Raises Unsupported if ripgrep is missing."""
    found = shutil.which("rg")
    if found is None:
        raise Unsupported("ripgrep is not installed; install it, or leave --peer ripgrep out")
    return found


def ripgrep(tree: Path, question: str, limit: int) -> list[str]:
    """Paths relative to `tree`, sorted by the number of matches of any word in any case, then by path."""
    words = dict.fromkeys(word.lower() for word in bm25.words(question))
    wanted = [word for word in words if word not in STOP_WORDS] or list(words)
    patterns = [argument for word in wanted for argument in ("-e", word)]
    if not patterns:
        return []
    flags = ("--no-config", "--count-matches", "--ignore-case", "--fixed-strings", "--null")
    try:
        done = subprocess.run(
            [_ripgrep(), *flags, *patterns, "./"],
            cwd=tree,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UsageError(f"{tree}: ripgrep took more than {_SECONDS} s; leave --peer ripgrep out") from error
    counts = []
    for line in done.stdout.splitlines():
        path, _, count = line.partition(b"\0")
        counts.append((-int(count), path.decode("utf-8", "backslashreplace").removeprefix("./")))
    return [path for _, path in sorted(counts)[:limit]]
