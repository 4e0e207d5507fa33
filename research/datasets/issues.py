"""Reads issues, and the changes that fixed them, from a file with one JSON object per line.

An object has `instance_id`, `repo` (owner/name), `base_commit`, `problem_statement` and `changed_lines`. For
each changed path of the base commit, `changed_lines` has two lists of line numbers: `removed` are the removed
lines, and `inserted_after` are the lines after which new lines were inserted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import UsageError
from retrieval.localization.functions import SourceFunction

from .reading import objects


@dataclass(frozen=True, slots=True)
class Change:
    """Line numbers in the base commit: removed lines, and lines after which new lines were inserted."""

    removed: frozenset[int]
    inserted_after: frozenset[int]


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue and its fix."""

    id: str
    repo: str
    commit: str
    text: str
    changes: Mapping[str, Change]


def load(path: Path) -> list[Issue]:
    """All issues, in order. Raises UsageError with the number of a malformed line."""
    found: dict[str, Issue] = {}
    for number, row in objects(path):
        try:
            issue = Issue(
                str(row["instance_id"]),
                str(row["repo"]),
                str(row["base_commit"]),
                str(row["problem_statement"]),
                {str(name): _change(lines) for name, lines in row["changed_lines"].items()},
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UsageError(
                f"{path}:{number}: {type(error).__name__} ({error}); an issue has instance_id, repo, "
                "base_commit, problem_statement and changed_lines"
            ) from error
        if issue.id in found:
            raise UsageError(f"{path}:{number}: {issue.id!r} is there twice; ids must differ")
        found[issue.id] = issue
    if not found:
        raise UsageError(f"{path}: no issues in it; it must hold one JSON object per line")
    return list(found.values())


def gold(
    changes: Mapping[str, Change], there: Mapping[str, Sequence[SourceFunction]]
) -> list[SourceFunction]:
    """The functions in which a line was removed or inserted."""
    return [
        function
        for path, change in changes.items()
        for function in there.get(path, ())
        if _touches(change, function)
    ]


def _touches(change: Change, function: SourceFunction) -> bool:
    removed = any(function.start <= line <= function.end for line in change.removed)
    return removed or any(function.start <= line < function.end for line in change.inserted_after)


def _change(lines: Mapping[str, Collection[int]]) -> Change:
    return Change(frozenset(map(int, lines["removed"])), frozenset(map(int, lines["inserted_after"])))
