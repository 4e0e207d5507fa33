"""Makes training cases from commits: a commit's message asks for the functions that the commit changed.

The functions of all these commits are sought in the code of one later commit, so that no commit needs an
index of its own. The evidence for a commit's message includes only the commits before that commit.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from indexer.encoding.types import Encoder
from indexer.index.commits import Commit, Past
from retrieval.localization.functions import SourceFunction
from retrieval.localization.locator import Locator

from ..datasets import question_texts
from ..datasets.issues import Issue
from .issues import IssueCase, IssueInputs, case_of, kept_inputs, read_case, write_case

COMMITS = "commits"
_FEWEST_WORDS = 8
_MOST_FUNCTIONS = 5
_MOST_PATHS = 8
_APART = 12
"""Only one of this many successive commits is used, because neighbouring commits are similar."""


def kept(issue: Issue, cache: Path, count: int, encoder: Encoder) -> Iterator[IssueCase]:
    """The result of `cases`, cached in `cache`. Yields nothing if `cache` lacks the issue's inputs."""
    about = f"{issue.repo.replace('/', '+')}@{count}"
    folder = cache / COMMITS / about
    known = [read_case(path) for path in sorted(folder.glob("*.npz"))]
    if known and all(known):
        yield from (case for case in known if case is not None)
        return
    inputs = kept_inputs(issue, cache)
    if inputs is None:
        return
    part = folder.with_name(f"{about}.part")
    shutil.rmtree(part, ignore_errors=True)
    for number, case in enumerate(cases(issue, inputs, count, encoder)):
        write_case(part / f"{number:03}.npz", issue, case)
        yield case
    # The folder gets its name only now, so that an interrupted run leaves no folder with too few cases.
    if part.exists():
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)


def cases(issue: Issue, inputs: IssueInputs, count: int, encoder: Encoder) -> Iterator[IssueCase]:
    """Up to `count` cases, of commits before the issue's commit. The newest commit comes first."""
    locator = Locator(inputs.pieces, Past(()), encoder)
    named: dict[tuple[str, str], list[SourceFunction]] = {}
    for function in locator.corpus.functions:
        named.setdefault((function.path, function.name), []).append(function)
    commits = inputs.past.commits
    telling = (
        (number, question, wanted)
        for number in range(0, len(commits), _APART)
        if (question := _question(commits[number])) and (wanted := _changed(commits[number], named))
    )
    for number, question, wanted in islice(telling, count):
        then = locator.before(Past(commits[number + 1 :]))
        one = replace(issue, id=f"{issue.repo.replace('/', '__')}@{commits[number].id[:12]}", text=question)
        yield case_of(one, then, wanted)


def _question(commit: Commit) -> str:
    """A commit's message as a question. Returns "" if the message is unsuitable."""
    said, reason = question_texts.of_message(commit.message, "")
    return said if not reason and len(said.split()) >= _FEWEST_WORDS else ""


def _changed(commit: Commit, named: dict[tuple[str, str], list[SourceFunction]]) -> list[SourceFunction]:
    """The functions that a commit changed and that still exist.

    Returns an empty list if the commit changed too many paths or functions.
    """
    if len(commit.paths) > _MOST_PATHS:
        return []
    found = [one for key in commit.functions for one in named.get(key, ())]
    return found if len(found) <= _MOST_FUNCTIONS else []
