"""What commits changed: a message, and the functions it is about as they were before.

git log (messages, names of files) -> telling ones -> git diff-tree (lines) -> functions around those lines
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from indexer import git
from indexer.languages import Language, detect
from indexer.parse import parse, refusal
from indexer.revision import Revision
from indexer.roles import is_example, is_test
from indexer.source import refuse_text
from indexer.trees import OutOfTime

from ..evaluation.functions import outermost
from . import messages, objects, prints
from .drops import Drops
from .leaks import Known
from .pairs import Changed
from .repository import FEWEST_LINES, LONGEST, SHORTEST, decoded
from .worker import Watch

_LOOKED_AT = 10
"""Commits looked at for each one wanted."""
_TRIED = 3
"""Commits whose files are parsed for each one wanted."""
_MOST_FILES, _MOST_PATHS, _MOST_FUNCTIONS = 5, 30, 5
"""Source files, files and functions of a commit; what changes more is a sweep, and its message names none."""
_MAX_BYTES = 150_000
_BATCH = 50
_CHUNK = 1 << 16

_RAW = re.compile(rb"^:(\d+) (\d+) ([0-9a-f]{40,64}) [0-9a-f]{40,64} ([A-Z])\d*\t(.+)$", re.MULTILINE)
_COMMIT = re.compile(rb"^([0-9a-f]{40,64})$", re.MULTILINE)
_FILE = re.compile(rb"^diff --git ", re.MULTILINE)
_INDEX = re.compile(rb"^index ([0-9a-f]{40,64})\.\.", re.MULTILINE)
_HUNK = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many commits, in which languages (none: all); blobs `without` which killed a process before."""

    count: int
    languages: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Commit:
    """A commit with a telling message; the source files that it changed, by the blob of their old content."""

    id: str
    question: str
    files: dict[str, str]


def changes(
    revision: Revision, known: Known, wanted: Wanted, drops: Drops, watch: Watch
) -> Iterator[Changed]:
    """The functions that the newest telling commits changed, commit by commit; none of a shallow clone."""
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
        texts = dict(zip(blobs, objects.read(revision.repository, blobs), strict=True))
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


def _telling(revision: Revision, wanted: Wanted, drops: Drops) -> Iterator[_Commit]:
    for record in _log(revision, wanted.count * _LOOKED_AT):
        head, _, raw = record.partition(b"\x02")
        fields = head.split(b"\0", 2)
        if len(fields) < 3:
            continue
        id, author, message = (field.decode("utf-8", "replace") for field in fields)
        question, reason = messages.question(message, author)
        if reason:
            drops.add(reason, f"{id[:12]} {message.strip().partition(chr(10))[0][:80]}")
            continue
        files = _sources(raw, wanted)
        if files:
            yield _Commit(id, question, files)
        else:
            drops.add("commit: changed no source file, or too many", f"{id[:12]} {question[:80]}")


def _log(revision: Revision, most: int) -> Iterator[bytes]:
    """Records of commits that are no merges, the newest first, read while git still writes."""
    form = "--format=%x01%H%x00%an <%ae>%x00%B%x02"
    words = ("--no-merges", f"--max-count={most}", "--raw", "--no-abbrev", "--no-renames", form)
    bare = git.is_bare(revision.repository)
    process = git.start(revision.repository, "log", *words, revision.commit, bare=bare)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    try:
        rest = b""
        while chunk := process.stdout.read1(_CHUNK):  # type: ignore[attr-defined]
            *whole, rest = (rest + chunk).split(b"\x01")
            yield from whole
        yield rest
    finally:
        process.stdout.close()
        process.kill()
        process.wait()


def _sources(raw: bytes, wanted: Wanted) -> dict[str, str]:
    """Blob -> path of the source files that a commit changed in place; none if it touches too much."""
    rows = _RAW.findall(raw)
    if len(rows) > _MOST_PATHS:
        return {}
    found = {}
    count = 0
    for old_mode, new_mode, blob, status, name in rows:
        path = name.decode("utf-8", "replace")
        if _language(path, wanted) is None or is_test(path) or is_example(path):
            continue
        count += 1
        if status == b"M" and old_mode == new_mode:
            found[blob.decode("ascii")] = path
    return found if count <= _MOST_FILES else {}


def _language(path: str, wanted: Wanted) -> Language | None:
    language = None if path.startswith('"') else detect(path, b"")
    if language is None or language.textual or (wanted.languages and language.name not in wanted.languages):
        return None
    return language


def _hunks(revision: Revision, ids: Sequence[str]) -> dict[str, dict[str, list[tuple[int, int]]]]:
    """Commit -> old blob -> first line and number of the lines changed in it (0: some were added behind)."""
    asked = "".join(f"{id}\n" for id in ids).encode("ascii")
    words = ("--stdin", "-r", "-p", "--unified=0", "--no-renames", "--full-index")
    bare = git.is_bare(revision.repository)
    done = git.run(revision.repository, "diff-tree", *words, stdin=asked, bare=bare)
    if isinstance(done, git.Refusal) or done.returncode != 0:
        return {}
    parts = _COMMIT.split(done.stdout)
    found = {}
    for id, diff in zip(parts[1::2], parts[2::2], strict=True):
        rows = {}
        for part in _FILE.split(diff)[1:]:
            index = _INDEX.search(part)
            if index is not None:
                hunks = _HUNK.findall(part)
                rows[index[1].decode("ascii")] = [(int(first), int(size or 1)) for first, size in hunks]
        found[id.decode("ascii")] = rows
    return found


def _changed(
    number: int,
    commit: _Commit,
    hunks: dict[str, list[tuple[int, int]]],
    texts: Mapping[str, bytes | None],
    wanted: Wanted,
    watch: Watch,
) -> Iterator[Changed]:
    for blob, path in commit.files.items():
        language = _language(path, wanted)
        data = texts[blob] if blob in hunks and blob not in wanted.without else None
        if data is None or language is None or len(data) > _MAX_BYTES:
            continue
        text, reason = decoded(data)
        if reason or refuse_text(path, text) or refusal(text):
            continue
        watch(blob)
        try:
            for symbol, content in _around(text, language, hunks[blob]):
                yield Changed(number, commit.question, path, language.name, symbol, content)
        except (OutOfTime, RecursionError):
            continue


def _around(text: bytes, language: Language, hunks: Sequence[tuple[int, int]]) -> Iterator[tuple[str, str]]:
    """The outermost functions that hold a line that was changed, or lines between which some were added."""
    parsed = parse(text, language)
    for one in outermost(parsed):
        first, last = parsed.lines.at(one.start) + 1, parsed.lines.at(one.end - 1) + 1
        if any(
            (start <= last and start + size > first) if size else first <= start < last
            for start, size in hunks
        ):
            yield one.name, text[one.start : one.end].decode("utf-8", "replace").strip("\r\n").rstrip()


def _unknown(found: Sequence[Changed], known: Known, drops: Drops) -> list[Changed]:
    """Those of a fit size that excluded data does not hold."""
    fit = [c for c in found if SHORTEST <= len(c.text) <= LONGEST and c.text.count("\n") + 1 >= FEWEST_LINES]
    reasons = known.reasons([prints.of(prints.code(one.text)) for one in fit]) if known else [""] * len(fit)
    for one, reason in zip(fit, reasons, strict=True):
        if reason:
            drops.add(f"commit: function in the excluded data ({reason})", f"{one.path} {one.symbol}")
    return [one for one, reason in zip(fit, reasons, strict=True) if not reason]
