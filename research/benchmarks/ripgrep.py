"""ripgrep as a search tool: the files with the most matches of the question's words."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from indexer.encoding import bm25
from indexer.errors import Unsupported, UsageError
from retrieval.query import STOP_WORDS

_SECONDS = 60


def binary() -> str:
    """The path of ripgrep. Raises Unsupported if ripgrep is missing."""
    found = shutil.which("rg")
    if found is None:
        raise Unsupported("ripgrep is not installed; install it, or leave --peer ripgrep out")
    return found


def rank(tree: Path, question: str, limit: int) -> list[str]:
    """Paths relative to `tree`, sorted by the number of matches of any word in any case, then by path."""
    words = dict.fromkeys(word.lower() for word in bm25.words(question))
    wanted = [word for word in words if word not in STOP_WORDS] or list(words)
    patterns = [argument for word in wanted for argument in ("-e", word)]
    if not patterns:
        return []
    flags = ("--no-config", "--count-matches", "--ignore-case", "--fixed-strings", "--null")
    try:
        done = subprocess.run(
            [binary(), *flags, *patterns, "./"], cwd=tree, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise UsageError(f"{tree}: ripgrep took more than {_SECONDS} s; leave --peer ripgrep out") from error
    counts = []
    for line in done.stdout.splitlines():
        path, _, count = line.partition(b"\0")
        counts.append((-int(count), path.decode("utf-8", "backslashreplace").removeprefix("./")))
    return [path for _, path in sorted(counts)[:limit]]
