"""Mines commits: the message of a commit, and the functions that the commit changed, in their old versions.

messages and file names -> commits that give questions -> lines that changed -> functions around those lines
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from indexer.analysis.roles import is_example, is_test
from indexer.parsing.budgeted_parser import OutOfTime
from indexer.parsing.languages import detect
from indexer.parsing.parse import parse, unparsable_reason
from indexer.parsing.profiles import LanguageProfile
from indexer.parsing.source import refuse_text
from indexer.walk import git, git_objects, git_patches
from indexer.walk.git_objects import CommitObject
from indexer.walk.git_patches import FileChange
from indexer.walk.revision import Revision

from ..datasets import clones, question_texts
from ..datasets.functions import outermost
from . import fingerprints
from .drops import Drops
from .leaks import Known
from .pairs import Changed
from .repository import FEWEST_LINES, LONGEST, SHORTEST, Watch, decoded

_LOOKED_AT = 10
"""Maximum commits whose messages are read, per commit wanted."""
_TRIED = 3
"""Maximum commits whose files are parsed, per commit wanted."""
_MOST_FILES, _MOST_PATHS, _MOST_FUNCTIONS = 5, 30, 5
"""Maximum source files, maximum files and maximum functions that a commit changed. The message of a larger
commit does not describe single functions."""
_MAX_BYTES = 150_000
_BATCH = 50
_READ = 250
"""Maximum commits whose messages and file names are read at once."""


@dataclass(frozen=True, slots=True)
class CommitRequest:
    """How many commits to mine, and in which languages. If `languages` is empty, all languages are mined.

    The blobs in `without` have killed an earlier process and are left out.
    """

    count: int
    languages: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Commit:
    """A commit whose message gives a question. `files` maps old blobs of the changed files to paths."""

    id: str
    question: str
    files: dict[str, str]


def changes(
    revision: Revision, known: Known, wanted: CommitRequest, drops: Drops, watch: Watch
) -> Iterator[Changed]:
    """The functions that the newest suitable commits changed, commit by commit.

    Yields nothing for a shallow clone.
    """
    if not wanted.count:
        return
    if (revision.repository / "shallow").is_file():
        drops.add("commit: the clone is shallow", revision.repository.name)
        return
    number = 0
    tried = islice(_telling(revision, wanted, drops), _TRIED * wanted.count)
    while number < wanted.count and (batch := list(islice(tried, _BATCH))):
        hunks = _hunks(revision, [one.id for one in batch])
        blobs = list(dict.fromkeys(blob for one in batch for blob in one.files))
        texts = dict(zip(blobs, clones.blobs(revision.repository, blobs), strict=True))
        for one in batch:
            found = list(_changed(number, one, hunks.get(one.id, {}), texts, wanted, watch))
            left = _unknown(found, known, drops) if 0 < len(found) <= _MOST_FUNCTIONS else []
            yield from left
            number += bool(left)
            if not left:
                drops.add("commit: changed no function, or too many", f"{one.id[:12]} {one.question[:80]}")
            if number == wanted.count:
                break
        watch("")


def _telling(revision: Revision, wanted: CommitRequest, drops: Drops) -> Iterator[_Commit]:
    for one, changed in _log(revision, wanted.count * _LOOKED_AT):
        message = one.message()
        question, reason = question_texts.of_message(message, one.author)
        if reason:
            drops.add(reason, f"{one.id[:12]} {message.partition(chr(10))[0][:80]}")
            continue
        files = _sources(changed, wanted)
        if files:
            yield _Commit(one.id, question, files)
        else:
            drops.add("commit: changed no source file, or too many", f"{one.id[:12]} {question[:80]}")


def _log(revision: Revision, most: int) -> Iterator[tuple[CommitObject, Sequence[FileChange]]]:
    """The commits except merges, newest first, each with the files that the commit changed."""
    repository = revision.repository
    ids, _ = git.ancestors(repository, revision.commit, most=most)
    for start in range(0, len(ids), _READ):
        part = ids[start : start + _READ]
        changed = git_patches.names(repository, part)
        for one in git_objects.commits(repository, part):
            yield one, changed.get(one.id, ())


def _sources(changed: Sequence[FileChange], wanted: CommitRequest) -> dict[str, str]:
    """The old blobs of the source files that a commit changed in place, with their paths.

    Returns an empty dictionary if the commit changed too many files.
    """
    if len(changed) > _MOST_PATHS:
        return {}
    found = {}
    count = 0
    for one in changed:
        path = one.path.decode("utf-8", "replace")
        if _language(path, wanted) is None or is_test(path) or is_example(path):
            continue
        count += 1
        if one.status == "M":
            found[one.old] = path
    return found if count <= _MOST_FILES else {}


def _language(path: str, wanted: CommitRequest) -> LanguageProfile | None:
    language = None if path.startswith('"') else detect(path, b"")
    if language is None or language.textual or (wanted.languages and language.name not in wanted.languages):
        return None
    return language


def _hunks(revision: Revision, ids: Sequence[str]) -> dict[str, dict[str, list[tuple[int, int]]]]:
    """The changed line ranges by commit and old blob. A range has a first line and a number of lines.

    If the number is 0, new lines were inserted after the first line.
    """
    found = git_patches.hunks(revision.repository, ids)
    return {id: {change.old: change.hunks for change in changes} for id, changes in found.items()}


def _changed(
    number: int,
    commit: _Commit,
    hunks: dict[str, list[tuple[int, int]]],
    texts: Mapping[str, bytes | None],
    wanted: CommitRequest,
    watch: Watch,
) -> Iterator[Changed]:
    for blob, path in commit.files.items():
        language = _language(path, wanted)
        data = texts[blob] if blob in hunks and blob not in wanted.without else None
        if data is None or language is None or len(data) > _MAX_BYTES:
            continue
        text, reason = decoded(data)
        if reason or refuse_text(path, text) or unparsable_reason(text):
            continue
        watch(blob)
        try:
            for symbol, content in _around(text, language, hunks[blob]):
                yield Changed(number, commit.question, path, language.name, symbol, content)
        except (OutOfTime, RecursionError):
            continue


def _around(
    text: bytes, language: LanguageProfile, hunks: Sequence[tuple[int, int]]
) -> Iterator[tuple[str, str]]:
    """The name and text of each outermost function that has changed, removed or inserted lines."""
    parsed = parse(text, language)
    for one in outermost(parsed):
        first, last = parsed.lines.at(one.start) + 1, parsed.lines.at(one.end - 1) + 1
        if any(
            (start <= last and start + size > first) if size else first <= start < last
            for start, size in hunks
        ):
            yield one.name, text[one.start : one.end].decode("utf-8", "replace").strip("\r\n").rstrip()


def _unknown(found: Sequence[Changed], known: Known, drops: Drops) -> list[Changed]:
    """The functions of a suitable size that are not in the excluded data."""
    fit = [c for c in found if SHORTEST <= len(c.text) <= LONGEST and c.text.count("\n") + 1 >= FEWEST_LINES]
    reasons = known.reasons([fingerprints.of(fingerprints.code(one.text)) for one in fit])
    for one, reason in zip(fit, reasons, strict=True):
        if reason:
            drops.add(f"commit: function in the excluded data ({reason})", f"{one.path} {one.symbol}")
    return [one for one, reason in zip(fit, reasons, strict=True) if not reason]
