"""Which files were changed in the same commits as a file, or as a function of that file."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from indexer.index.commits import Commit

_HALF = 150.0
"""A commit that is this number of commits older weighs half as much."""

_FEW = 10
"""This is added to the number of commits that changed a file, so that a single shared commit says little."""


@dataclass(frozen=True, slots=True)
class CochangedFile:
    """A file that co-changed: in how many of the commits, and the first line of the newest one's message."""

    path: str
    commits: int
    newest: str


def cochanged(
    commits: Sequence[Commit], path: str, name: str, files: Collection[str]
) -> tuple[int, list[CochangedFile]]:
    """The number of commits that changed a file, and the other `files` that they changed, best first.

    `commits` are ordered from new to old. With a `name`, only commits count that changed a function or class
    of this name in the file. A commit weighs less the older it is and the more files it changed. A file that
    many other commits changed is ranked lower.
    """
    weights: dict[str, float] = defaultdict(float)
    counts: dict[str, int] = defaultdict(int)
    newest: dict[str, str] = {}
    changes: dict[str, int] = defaultdict(int)
    own = 0
    for age, commit in enumerate(commits):
        for other in commit.paths:
            changes[other] += 1
        if path not in commit.paths or (name and (path, name) not in commit.functions):
            continue
        own += 1
        weight = 2.0 ** (-age / _HALF) / math.log2(1.0 + len(commit.paths)) if len(commit.paths) > 1 else 0.0
        for other in commit.paths:
            if other != path and other in files:
                weights[other] += weight
                counts[other] += 1
                newest.setdefault(other, commit.message.partition("\n")[0].strip())
    ranked = sorted(weights, key=lambda one: (-round(weights[one] / math.sqrt(changes[one] + _FEW), 9), one))
    return own, [CochangedFile(one, counts[one], newest[one]) for one in ranked]
