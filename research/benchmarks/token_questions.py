"""Makes questions with one function as the answer, and the trees of files in which to look for it.

docstring -> function         in a tree without any docstrings of functions
commit message -> function    in the tree of an older commit, where the function is as before the commit
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from indexer.analysis.roles import is_example, is_test
from indexer.index.commits import MAX_COMMITS
from indexer.parsing.budgeted_parser import OutOfTime
from indexer.parsing.languages import BY_NAME, detect
from indexer.parsing.parse import parse, unparsable_reason
from indexer.parsing.source import refuse_text
from indexer.walk import git

from ..datasets import clones, question_texts
from ..datasets.clones import Clone
from ..datasets.functions import order, outermost
from ..datasets.issues import Change, Issue
from . import history, own

DOCSTRING, COMMIT = "docstring", "commit"
_FEWEST_LINES, _MOST_LINES = 4, 200
"""Minimum and maximum lines of an answer."""
_LOOKED_AT = 12
"""Commits that are looked at for one question. Most commits change several functions."""


@dataclass(frozen=True, slots=True)
class FunctionQuestion:
    """A question whose answer is one function, from line `start` to line `end` of a file of the tree.

    `changed` are the lines of the function that a commit changed; a docstring has none.
    """

    kind: str
    text: str
    path: str
    start: int
    end: int
    changed: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class QuestionTree:
    """A folder with files, and the questions about them.

    `history` is a repository and the commit of which the folder has the files, or None.
    """

    name: str
    folder: Path
    questions: Sequence[FunctionQuestion]
    history: tuple[Path, str] | None = None


@contextmanager
def documented(clone: Clone, count: int, seed: int) -> Iterator[QuestionTree]:
    """A context with a clone's files without docstrings of functions, and `count` docstrings as questions.

    The functions are drawn at random among those outside tests whose name is unique in their file.
    """
    with clones.checkout(clone) as tree:
        asked: list[tuple[bytes, FunctionQuestion]] = []
        for source, name in own.sources_of(tree):
            if source.encoding != "utf-8" or name not in BY_NAME:
                continue
            changed, _, functions = own.bare(source, name)
            if not functions:
                continue
            (tree / source.file.path).write_bytes(changed.text)
            path = source.file.path
            if is_test(path) or is_example(path):
                continue
            places = _places(path, changed.text)
            for one in functions:
                text, _ = question_texts.of_documentation(one.docstring)
                place = places.get(one.symbol)
                if text and place is not None:
                    asked.append(
                        (order(seed, path, one.symbol), FunctionQuestion(DOCSTRING, text, path, *place))
                    )
        times = Counter(one.text for _, one in asked)
        chosen = [one for _, one in sorted(asked, key=lambda row: row[0]) if times[one.text] == 1]
        yield QuestionTree(clone.name, tree, chosen[:count])


@contextmanager
def committed(clone: Clone, count: int) -> Iterator[QuestionTree]:
    """A context with a clone's files at an older commit, and up to `count` messages of later commits.

    Each of these commits changed one function, whose text at that older commit is as before the change. The
    history up to the older commit has none of them.
    """
    issues = history.commits(clone.git_dir, count * _LOOKED_AT)
    if not issues:
        with clones.checkout(clone) as tree:
            yield QuestionTree(clone.name, tree, ())
        return
    oldest = issues[-1].commit
    ids, _ = git.ancestors(clone.git_dir, oldest, most=MAX_COMMITS)
    known = {one[: len(issues[-1].id)] for one in ids}
    later = [issue for issue in issues if issue.id not in known]  # clocks differ: one may be an ancestor
    with clones.checkout(clone, oldest) as tree:
        found = (one for issue in later if (one := _of_commit(clone, issue, tree)) is not None)
        taken: dict[tuple[str, int], FunctionQuestion] = {}
        for one in found:
            taken.setdefault((one.path, one.start), one)
            if len(taken) == count:
                break
        yield QuestionTree(clone.name, tree, list(taken.values()), (clone.git_dir, oldest))


def _of_commit(clone: Clone, issue: Issue, tree: Path) -> FunctionQuestion | None:
    text, reason = question_texts.of_message(issue.text, "")
    if reason:
        return None
    names = [f"{issue.commit}:{path}" for path in issue.changes]
    texts = clones.blobs(clone.git_dir, names)
    touched = [
        (path, found)
        for path, content in zip(issue.changes, texts, strict=True)
        if content is not None
        for found in _touched(path, content, issue.changes[path])
    ]
    if len(touched) != 1:
        return None
    path, (symbol, code, lines) = touched[0]
    place = tree / path
    now = place.read_bytes() if place.is_file() else b""
    start = _places(path, now).get(symbol, (0, 0))[0] if now else 0
    if not start or code not in now or now[: now.index(code)].count(b"\n") + 1 != start:
        return None
    end = start + code.count(b"\n")
    return FunctionQuestion(COMMIT, text, path, start, end, frozenset(start + n for n in lines))


def _touched(path: str, content: bytes, change: Change) -> Iterator[tuple[str, bytes, list[int]]]:
    """Name, code and changed lines, from 0, of the outermost functions that a commit changed."""
    for name, first, last, code in _functions(path, content):
        lines = [n - first for n in change.removed if first <= n <= last]
        lines += [n - first for n in change.inserted_after if first <= n < last]
        if lines:
            yield name, code, lines


def _places(path: str, text: bytes) -> Mapping[str, tuple[int, int]]:
    """The lines of the functions of a suitable length whose names are unique in their file."""
    found = list(_functions(path, text))
    times = Counter(name for name, *_ in found)
    return {
        name: (first, last)
        for name, first, last, _ in found
        if times[name] == 1 and _FEWEST_LINES <= last - first + 1 <= _MOST_LINES
    }


def _functions(path: str, text: bytes) -> Iterator[tuple[str, int, int, bytes]]:
    """Name, first and last line, and code of the outermost functions of a file."""
    language = detect(path, text[:4096])
    if language is None or language.textual or refuse_text(path, text) or unparsable_reason(text):
        return
    try:
        parsed = parse(text, language)
    except (OutOfTime, RecursionError):
        return
    for one in outermost(parsed):
        start = parsed.lines.start(one.nodes[0].start_byte)
        first, last = parsed.lines.at(start) + 1, parsed.lines.at(max(one.end - 1, start)) + 1
        yield one.name, first, last, text[start : one.end]
