"""Questions from a repository's own history: a commit's message, and the functions that it changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from indexer import git

from .issues import Change, Issue

_LOOKED_AT = 40
"""Commits looked at for each one that is asked about."""
_MOST_FILES = 5
"""A commit over more files is a sweep, and its message names none of them."""
_FEWEST_WORDS = 4
_TRAILER = re.compile(r"^[A-Z][A-Za-z-]+-(?:by|Id|on|Upstream|Url): .*$|^\(cherry picked .*\)$", re.MULTILINE)
_ROUTINE = re.compile(r"^(?:merge|revert|bump|release|update changelog|version)\b", re.IGNORECASE)
_HUNK = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@", re.MULTILINE)
_FILE = re.compile(rb"^diff --git ", re.MULTILINE)
_OLD = re.compile(rb"^--- a/(.+)$", re.MULTILINE)


def commits(root: Path, count: int) -> list[Issue]:
    """The newest commits with a telling message that changed a few files, as issues at their parents.

    Fewer than `count`, or none, where the history has no more or there is no git.
    """
    found: list[Issue] = []
    for commit, parent, message in _log(root, count * _LOOKED_AT):
        if len(found) == count:
            break
        text = _TRAILER.sub("", message).strip()
        if len(text.split()) < _FEWEST_WORDS or _ROUTINE.match(text):
            continue
        changes = _changes(root, parent, commit)
        if 0 < len(changes) <= _MOST_FILES:
            found.append(Issue(commit[:12], root.name, parent, text, changes))
    return found


def _log(root: Path, most: int) -> Iterator[tuple[str, str, str]]:
    """Commit, its only parent and its message, the newest first."""
    done = git.run(root, "log", "--no-merges", f"--max-count={most}", "--format=%H%x00%P%x00%B%x1e")
    if isinstance(done, git.Refusal) or done.returncode != 0:
        return
    for record in done.stdout.decode("utf-8", "replace").split("\x1e"):
        commit, _, rest = record.strip().partition("\0")
        parent, _, message = rest.partition("\0")
        if parent and " " not in parent:
            yield commit, parent, message


def _changes(root: Path, parent: str, commit: str) -> dict[str, Change]:
    """By path of the parent, what a commit changed in files that were there and are no tests."""
    done = git.run(root, "diff-tree", "-r", "-p", "--unified=0", "--no-renames", parent, commit)
    if isinstance(done, git.Refusal) or done.returncode != 0:
        return {}
    found = {}
    for part in _FILE.split(done.stdout)[1:]:
        old = _OLD.search(part)
        name = old[1].decode("utf-8", "replace") if old else ""
        if name and "test" not in name:
            found[name] = _change(part)
    return found


def _change(diff: bytes) -> Change:
    removed: set[int] = set()
    inserted: set[int] = set()
    for start, length in _HUNK.findall(diff):
        first, lines = int(start), int(length or 1)
        if lines:
            removed.update(range(first, first + lines))
        else:
            inserted.add(first)
    return Change(frozenset(removed), frozenset(inserted))
