"""The history of a repository: commit messages, and the files and functions that each commit changed.

A commit never changes, so each commit is read once and kept in a table beside the index. Only the list of a
revision's ancestors is read from git each time.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from ..fragment import storable
from ..paths import show
from ..quarantine import Quarantine, Suspect
from ..skip_reason import SkipKind, SkipReason
from ..sqlite import open_database, transaction
from ..walk import git, git_objects, git_patches
from ..walk.listing import NO_REPOSITORY

COMMITS = "commits.sqlite3"
"""Name of the table's file in an index folder."""
MAX_COMMITS = 5_000
"""Largest number of commits that are read: a revision and its newest ancestors, without merges."""
_BATCH = 500
"""Number of commits per write to the table."""
_MAX_PATHS = 100
"""Number of files above which a commit's changes are left out, because they say little about each file."""
_MAX_MESSAGE_CHARS = 4_000
_MAX_UNREAD = 50
"""Number of unreadable commits in a batch up to which they are recorded in the quarantine."""
_MARKS = (0, 2)
"""SQLite's application_id and user_version. The user_version is raised whenever the table changes."""
_TABLE = (
    "CREATE TABLE IF NOT EXISTS commits (id TEXT PRIMARY KEY, time INTEGER NOT NULL, "
    "message TEXT NOT NULL, paths TEXT NOT NULL, functions TEXT NOT NULL) WITHOUT ROWID",
)
_CALLABLE = re.compile(r"([^\W\d][\w$]*)\s*(?:\[[^\]]{0,60}\]|<[^>]{0,60}>)?\s*\(")
_TYPE = re.compile(r"\b(?:class|struct|interface|trait|impl|enum|module|object)\s+([^\W\d]\w*)")
_FUNCTION_KEYWORD = re.compile(r"\b(?:def|fn|func|fun|sub)\s+([^\W\d]\w*)")
_KEYWORDS = frozenset({"if", "for", "while", "switch", "return", "catch", "match", "with", "func"})


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit: its message, its Unix time, and the paths of the files that it changed.

    `functions` has the path and name of each function or class around a change. `paths` and `functions` are
    empty for a commit that changes more than _MAX_PATHS files.
    """

    id: str
    time: int
    message: str
    paths: tuple[str, ...]
    functions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Past:
    """A commit and its ancestors, newest first. `missing` says why some are unknown; "" if all are known."""

    commits: Sequence[Commit]
    missing: str = ""


def past(
    root: Path,
    folder: Path,
    revision: str = "HEAD",
    limit: int = MAX_COMMITS,
    notify: Callable[[str], None] = lambda line: None,
) -> Past:
    """A revision and its ancestors. Commits that are not in the table in `folder` are read and added to it.

    `folder` must exist. `root` may be a folder inside a repository: paths are relative to `root`, and paths
    outside `root` are left out.
    """
    ids, refusal = git.ancestors(root, revision, most=limit)
    if refusal is not None and not ids:
        return Past((), _no_history(root, refusal))
    known, quarantine = _CommitTable(folder / COMMITS), Quarantine(folder)
    with closing(known):
        there, suspects = known.ids(), quarantine.keys(Suspect.COMMIT)
        new = [id for id in ids if id not in there]
        new = [id for id in new if id not in suspects or quarantine.why(Suspect.COMMIT, id) is None]
        if len(new) > _BATCH:
            notify(f"reading the history of {root}: {len(new):,} commits")
        for start in range(0, len(new), _BATCH):
            batch = new[start : start + _BATCH]
            found = read(root, batch)
            known.add(found)
            unread = set(batch).difference(commit.id for commit in found)
            # git exits at each such commit. If there are many, the cause is not in the commits.
            suspicious = sorted(unread) if len(unread) <= _MAX_UNREAD else ()
            for id in git_objects.unreadable(root, suspicious):
                quarantine.record(Suspect.COMMIT, id, SkipReason(SkipKind.KILLED_GIT))
        commits = known.commits(ids)
    asked = git.answer(root, "rev-parse", "--is-shallow-repository", "--show-prefix")
    told = b"" if isinstance(asked, git.Refusal) else asked
    shallow, _, prefix = told.partition(b"\n")
    missing = f"a shallow clone: its history ends after {len(ids):,} commits" if shallow == b"true" else ""
    if refusal is not None:
        missing = f"the history ends after {len(ids):,} commits ({refusal.reason})"
    elif len(commits) < len(ids):
        missing = f"{len(ids) - len(commits):,} commits cannot be read; run git fsck"
    return Past(_restricted_to(commits, show(prefix.removesuffix(b"\n"))), missing)


def _no_history(root: Path, refusal: git.Refusal) -> str:
    """A message that there is no history. It names no reason if there is no repository or no commit."""
    if refusal.reason == "git failed: bad revision 'HEAD'":
        return "no git history"
    if not refusal.repository and refusal is not git.MISSING:
        return f"no git history ({NO_REPOSITORY})" if (root / ".git").exists() else "no git history"
    return f"no git history ({refusal.reason})"


def _restricted_to(commits: Sequence[Commit], prefix: str) -> Sequence[Commit]:
    """The commits with only the paths that begin with `prefix`, and without the prefix."""
    if not prefix:
        return commits
    return [
        replace(
            one,
            paths=tuple(p.removeprefix(prefix) for p in one.paths if p.startswith(prefix)),
            functions=tuple((p.removeprefix(prefix), n) for p, n in one.functions if p.startswith(prefix)),
        )
        for one in commits
    ]


def read(repository: Path, ids: Sequence[str]) -> list[Commit]:
    """The commits with these ids and their changes.

    In a partial clone, git may lack the objects from which it finds a commit's functions, or even the paths.
    Then the commit has no functions, or neither functions nor paths.
    """
    half = (len(ids) + 1) // 2
    with ThreadPoolExecutor(2) as pool:  # two git processes, because git takes most of the time
        parts = pool.map(lambda part: _read(repository, part), (ids[:half], ids[half:]))
        return list(chain.from_iterable(parts))


def _read(repository: Path, ids: Sequence[str]) -> list[Commit]:
    changed = git_patches.hunks(repository, ids, most=_MAX_PATHS)
    unknown = [id for id in ids if id not in changed]
    changed |= git_patches.names(repository, unknown)
    return [_commit(one, changed.get(one.id, [])) for one in git_objects.commits(repository, ids)]


def _commit(one: git_objects.CommitObject, changes: Sequence[git_patches.FileChange]) -> Commit:
    paths = tuple(dict.fromkeys(show(change.path) for change in changes))
    if len(paths) > _MAX_PATHS:
        return Commit(one.id, one.time, _redacted(one), (), ())
    named = ((show(change.path), _name(show(line))) for change in changes for line in change.lines)
    functions = tuple(dict.fromkeys((path, name) for path, name in named if name))
    return Commit(one.id, one.time, _redacted(one), paths, functions)


def _redacted(one: git_objects.CommitObject) -> str:
    """The beginning of a commit's message, with secrets masked."""
    from ..parsing.secrets import redact_text

    # Mask secrets before cutting, because a secret that is cut in half would not be recognised.
    return redact_text(one.message(2 * _MAX_MESSAGE_CHARS))[:_MAX_MESSAGE_CHARS]


def _name(line: str) -> str:
    """The name of the function, or else of the type, that a line of code defines; "" if there is none."""
    for pattern in (_FUNCTION_KEYWORD, _TYPE, _CALLABLE):
        for match in pattern.finditer(line):
            if match[1] not in _KEYWORDS:
                return match[1]
    return ""


class _CommitTable:
    """The table of commits in SQLite. A damaged table, or that of another version, is replaced."""

    def __init__(self, path: Path) -> None:
        try:
            self._db = open_database(path, _MARKS, _TABLE, "synchronous = OFF")
        except sqlite3.DatabaseError:
            with suppress(OSError):
                path.unlink()
            self._db = open_database(path, _MARKS, _TABLE, "synchronous = OFF")

    def ids(self) -> set[str]:
        return {row[0] for row in self._db.execute("SELECT id FROM commits")}

    def add(self, commits: Iterable[Commit]) -> None:
        rows = [
            (c.id, storable(c.time), c.message, json.dumps(c.paths), json.dumps(c.functions)) for c in commits
        ]
        with transaction(self._db):
            self._db.executemany("INSERT OR REPLACE INTO commits VALUES (?, ?, ?, ?, ?)", rows)

    def commits(self, ids: Sequence[str]) -> list[Commit]:
        """The commits with these ids, in the order of the ids, without ids that are not in the table."""
        wanted = dict.fromkeys(ids)
        found = {row[0]: row for row in self._db.execute("SELECT * FROM commits") if row[0] in wanted}
        return [_row(found[id]) for id in ids if id in found]

    def close(self) -> None:
        self._db.close()


def _row(row: tuple[str, int, str, str, str]) -> Commit:
    id, time, message, paths, functions = row
    pairs = tuple((str(path), str(name)) for path, name in json.loads(functions))
    return Commit(id, time, message, tuple(json.loads(paths)), pairs)
