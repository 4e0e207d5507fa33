"""Makes questions from a repository's history: a commit's message, and the lines that the commit changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from indexer.paths import show
from indexer.walk import git, git_objects, git_patches

from ..datasets.issues import Change, Issue

_LOOKED_AT = 40
"""Number of commits examined per commit that is used."""
_MOST_FILES = 5
"""Maximum files of a commit. The message of a larger commit does not describe single files."""
_FEWEST_WORDS = 4
_TRAILER = re.compile(r"^[A-Z][A-Za-z-]+-(?:by|Id|on|Upstream|Url): .*$|^\(cherry picked .*\)$", re.MULTILINE)
_ROUTINE = re.compile(r"^(?:merge|revert|bump|release|update changelog|version)\b", re.IGNORECASE)


def commits(root: Path, count: int) -> list[Issue]:
    """The newest commits with a meaningful message and few changed files, as issues at their parents.

    The list has fewer than `count` commits if the history has no more, and is empty without a git repository.
    """
    found: list[Issue] = []
    for commit, parent, message in _log(root, count * _LOOKED_AT):
        if len(found) == count:
            break
        text = _TRAILER.sub("", message).strip()
        if len(text.split()) < _FEWEST_WORDS or _ROUTINE.match(text):
            continue
        changes = _changes(root, commit)
        if 0 < len(changes) <= _MOST_FILES:
            found.append(Issue(commit[:12], root.name, parent, text, changes))
    return found


def _log(root: Path, most: int) -> Iterator[tuple[str, str, str]]:
    """The id, parent and message of each commit with exactly one parent, newest first."""
    ids, _ = git.ancestors(root, "HEAD", most=most)
    for one in git_objects.commits(root, ids):
        if len(one.parents) == 1:
            yield one.id, one.parents[0], one.message()


def _changes(root: Path, commit: str) -> dict[str, Change]:
    """What a commit changed, by path in the parent. New files and tests are left out."""
    changed = git_patches.hunks(root, [commit]).get(commit, [])
    found = {}
    for one in changed:
        name = show(one.path)
        if one.hunks and one.old.strip("0") and "test" not in name:
            found[name] = _change(one.hunks)
    return found


def _change(hunks: Sequence[tuple[int, int]]) -> Change:
    removed = frozenset(line for first, lines in hunks for line in range(first, first + lines))
    return Change(removed, frozenset(first for first, lines in hunks if not lines))
