"""Finds the files and functions that changed in the same commits as a file or a function.

Renames are not followed: a file's commits are those that changed it under its present path.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from indexer.index.commits import Commit

MAX_CHANGES = 200
"""Number of the target's newest changes that are used. Older ones say little about the present code."""
MIN_TOGETHER = 2
"""Number of common commits below which an item is left out, because one common commit is often chance."""
_PRIOR = 5
"""Changes of an item without the target that are assumed, so that few common commits are not trusted."""
_HALF = 100.0
"""Of two changes of the target, the change with this number of newer changes weighs half as much."""

Function = tuple[str, str]
"""A path and the last part of a function's qualified name, as commits record functions."""
T = TypeVar("T", str, Function)


@dataclass(frozen=True, slots=True)
class CommonChanges(Generic[T]):
    """How often an item changed together with the target.

    `together` of the last `changes` commits that changed the target changed the item, too. `commit`, `time`
    and `subject` are the id, the Unix time and the first line of the message of the newest of these.
    """

    item: T
    together: int
    changes: int
    commit: str
    time: int
    subject: str
    score: float


@dataclass(frozen=True, slots=True)
class Cochanges:
    """What changed together with a file or a function, the most closely related first.

    `changes` is the number of the target's changes that were used.
    """

    changes: int
    files: Sequence[CommonChanges[str]]
    functions: Sequence[CommonChanges[Function]]


def cochanges(commits: Sequence[Commit], path: str, name: str = "") -> Cochanges:
    """What changed together with the file `path`, or with the function `name` in this file.

    `commits` are in order, newest first. The functions do not include the target, and the files do not
    include its file.
    """
    if name:
        chosen = [one for one in commits if (path, name) in one.functions]
    else:
        chosen = [one for one in commits if path in one.paths]
    chosen = chosen[:MAX_CHANGES]
    files = _common(commits, chosen, lambda one: (other for other in one.paths if other != path))
    functions = _common(
        commits,
        chosen,
        lambda one: (f for f in one.functions if (f != (path, name) if name else f[0] != path)),
    )
    return Cochanges(len(chosen), files, functions)


def _common(
    commits: Sequence[Commit], chosen: Sequence[Commit], items_of: Callable[[Commit], Iterable[T]]
) -> list[CommonChanges[T]]:
    """The items of the `chosen` commits that at least MIN_TOGETHER of them changed, best first.

    The score is the weighted share of the target's changes that changed the item, too, times the square root
    of the share of the item's changes that changed the target. So a changelog, which most commits change,
    comes after a file that changes only with the target. A change weighs less if it is older, and if its
    commit changed many items.
    """
    found: dict[T, list[tuple[int, float]]] = defaultdict(list)
    total = 0.0
    for age, one in enumerate(chosen):
        items = set(items_of(one))
        weight = math.exp2(-age / _HALF)
        total += weight
        for item in items:
            found[item].append((age, weight / math.log2(2 + len(items) / 4)))
    repeated = {item: ages for item, ages in found.items() if len(ages) >= MIN_TOGETHER}
    if not repeated:
        return []
    changes: dict[T, int] = defaultdict(int)
    for one in commits:
        for item in set(items_of(one)):
            if item in repeated:
                changes[item] += 1
    rows = []
    for item, ages in repeated.items():
        newest = chosen[ages[0][0]]
        share = sum(weight for _, weight in ages) / total
        score = share * math.sqrt(len(ages) / (changes[item] + _PRIOR))
        subject = newest.message.partition("\n")[0].strip()
        rows.append(
            CommonChanges(item, len(ages), len(chosen), newest.id, newest.time, subject, round(score, 6))
        )
    rows.sort(key=lambda row: (-row.score, -row.together, row.item))
    return rows
