"""Reads what commits changed, from `git diff-tree`: paths, line numbers and lines that name functions.

One command gives the changes of many commits. Each line begins with its kind: a commit's id, `diff --git`,
`index` or `@@`, or `:` where only names are listed; a line of a file begins with `+`, `-` or `\\`. So no
line of a file can be mistaken for a header. A line of a commit's message could, so `git_objects` reads the
messages. git quotes names that contain control characters, quotes or backslashes, so no name contains a line
break.
"""

from __future__ import annotations

import fcntl
import os
import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from . import git

_PIPE = 1 << 20  # size in bytes of the pipe from git, and of one read from the pipe
_SMALL_READ, _PAUSE = 1 << 17, 0.005
"""After a read of fewer than _SMALL_READ bytes, the next read comes _PAUSE seconds later: git writes after
every commit, and many small reads are slower than one large read."""
_MAX_LINE = 1 << 16
"""Number of bytes of a line that are examined. Names are shorter, even if they are quoted."""
_RETRIES = 8
"""Number of unreadable commits after which reading stops. git exits at each commit that it cannot read."""
_LINE = re.compile(
    rb"^(?:(?P<commit>" + git.ID + rb")$|diff --git (?P<names>.+)$|index (?P<old>" + git.ID + rb")\.\."
    rb"|@@ -(?P<first>\d{1,12})(?:,(?P<lines>\d{1,12}))? \+[0-9,]{1,30} @@(?: (?P<context>.{1,120}))?"
    rb"|[-+][ \t]{0,40}(?P<head>(?:async |pub |export |static |public |private ){0,4}"
    rb"(?:def|func|fn|function|fun|sub) .{1,120})"
    rb"|:(?P<before>\d{6}) (?P<after>\d{6}) (?P<blob>" + git.ID + rb") " + git.ID + rb" (?P<status>[A-Z])\d*"
    rb"\t(?P<path>.+)$)",
    re.MULTILINE,
)


@dataclass(slots=True)
class FileChange:
    """A file that a commit changed: its path, the id of its old content (zeros for a new file), its hunks.

    Each of `hunks` is (first line, number of lines), the lines of the old content that were replaced. If the
    number is 0, lines were added after the first line. `lines` are the context lines that git gives, and the
    added or removed lines that look like a function's head. A change from `names` has no hunks and no lines;
    its `status` is git's letter for the change, but T instead of M if the file's mode changed.
    """

    path: bytes
    old: str = ""
    status: str = ""
    hunks: list[tuple[int, int]] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)


def hunks(repository: Path, ids: Sequence[str], most: int | None = None) -> dict[str, list[FileChange]]:
    """The changes of each commit, without the commits that git cannot compare with their parents.

    If a commit changes more than `most` files, only the first `most` have hunks and lines. Merges and empty
    commits have no changes.
    """
    return _changes(repository, ids, ("-p", "--unified=0", "--full-index"), most)


def names(repository: Path, ids: Sequence[str]) -> dict[str, list[FileChange]]:
    """The changes of each commit, without hunks and lines. git needs no file contents for these changes."""
    return _changes(repository, ids, ("--raw", "--no-abbrev"))


def _changes(
    repository: Path, ids: Sequence[str], words: tuple[str, ...], most: int | None = None
) -> dict[str, list[FileChange]]:
    found: dict[str, list[FileChange]] = {}
    for _ in range(_RETRIES):
        part, whole = _diff_tree(repository, ids, words, most)
        found |= part
        if whole:
            break
        # git exited at a commit that it cannot read. The output for the last commit may be incomplete and was
        # dropped, so ask for the next commit alone.
        last = max((i for i, id in enumerate(ids) if id in part), default=-1)
        ids = ids[last + 1 :]
        found |= _diff_tree(repository, ids[:1], words, most)[0]
        ids = ids[1:]
    return found


def _diff_tree(
    repository: Path, ids: Sequence[str], words: tuple[str, ...], most: int | None
) -> tuple[dict[str, list[FileChange]], bool]:
    """The changes of the commits for which git's output is complete, and whether git ended without error."""
    if not ids:
        return {}, True
    found: dict[str, list[FileChange]] = {}
    wanted, reading = set(ids), ""
    try:
        process = git.start(repository, "diff-tree", "--stdin", "--always", "-r", "--root", *words)
    except OSError:
        return {}, False
    assert process.stdin is not None
    assert process.stdout is not None
    timer = threading.Timer(git.TIMEOUT, process.kill)
    timer.start()
    try:
        with suppress(OSError), process.stdin as stdin:  # if git has ended already, its exit status tells
            stdin.write("".join(f"{id}\n" for id in ids).encode("ascii"))
        for block in _read_blocks(process.stdout):
            for match in _LINE.finditer(block):
                if match["commit"]:
                    reading = match["commit"].decode("ascii")
                    found[reading] = []
                elif reading in wanted:
                    _record_line(found[reading], match, most)
        whole = process.wait() == 0
    finally:
        timer.cancel()
        git.stop(process)
    if not whole:
        found.pop(reading, None)  # the output for the last commit may be incomplete
    return {id: changes for id, changes in found.items() if id in wanted}, whole


def _read_blocks(stream: IO[bytes]) -> Iterator[bytes]:
    """The output in blocks of whole lines. A very long line is cut to its beginning."""
    rest = b""
    # On Linux, enlarge the pipe, so that git need not wait after every 64 KB.
    with suppress(OSError, AttributeError):
        fcntl.fcntl(stream, fcntl.F_SETPIPE_SZ, _PIPE)
    while chunk := os.read(stream.fileno(), _PIPE):
        if len(chunk) < _SMALL_READ:
            time.sleep(_PAUSE)
        whole, end, tail = chunk.rpartition(b"\n")
        if end:
            yield rest + whole + end
            rest = tail[:_MAX_LINE]
        else:
            rest += chunk[: max(0, _MAX_LINE - len(rest))]
    if rest:
        yield rest


def _record_line(files: list[FileChange], match: re.Match[bytes], most: int | None) -> None:
    """Add a line of the output to `files`: as a new change, or to the last change."""
    kind = match.lastgroup
    if kind == "names":
        files.append(FileChange(_path_of_header(match["names"])))
    elif kind == "path":
        status = match["status"].decode("ascii")
        if status == "M" and match["before"] != match["after"]:
            status = "T"
        files.append(FileChange(_unquoted(match["path"]), match["blob"].decode("ascii"), status))
    elif not files or (most is not None and len(files) > most):
        return
    elif kind == "old":
        files[-1].old = match["old"].decode("ascii")
    elif kind == "head":
        files[-1].lines.append(match["head"])
    else:
        files[-1].hunks.append((int(match["first"]), int(match["lines"] or 1)))
        if match["context"]:
            files[-1].lines.append(match["context"])


def _path_of_header(names: bytes) -> bytes:
    """The path in a `diff --git` line. The line has the path twice, as a/PATH and b/PATH, quoted or not."""
    half = names[: (len(names) - 1) // 2]
    return _unquoted(half).removeprefix(b"a/")


def _unquoted(name: bytes) -> bytes:
    return git.unescaped(name[1:-1]) if name.startswith(b'"') else name
