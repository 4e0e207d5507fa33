"""Histories that git itself would not write, made fast: `git fast-import` takes any bytes.

made = [Made(files={b"a.py": b"x = 1\\n"}, message=b"One"), Made(files={b"a.py": None})]
ids = build(folder, made)
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .repositories import git

File = bytes | tuple[bytes, bytes] | None
"""Content, content with a mode, or None for a file that is taken away."""


@dataclass(frozen=True)
class Made:
    """A commit: what it says, and the files that it writes over those of the one before."""

    message: bytes = b"x"
    files: Mapping[bytes, File] = field(default_factory=dict)
    author: bytes = b"A <a@example.org>"
    when: bytes = b"1700000000 +0000"
    encoding: bytes = b""


def build(folder: Path, history: Sequence[Made], *options: str) -> list[str]:
    """A bare repository with these commits one after another on `main`; their ids, the oldest first."""
    folder.mkdir()
    git(folder, "init", "-q", "--bare", *options)
    stream = b"".join(_commit(number, made) for number, made in enumerate(history, 1))
    words = ["git", "-C", str(folder), "fast-import", "--quiet", "--date-format=raw-permissive"]
    done = subprocess.run([*words, "--export-marks=marks"], input=stream, capture_output=True)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    marks = dict(line.split() for line in (folder / "marks").read_text().splitlines())
    return [marks[f":{number}"] for number in range(1, len(history) + 1)]


def _commit(number: int, made: Made) -> bytes:
    lines = [b"commit refs/heads/main", b"mark :%d" % number]
    lines += [b"author " + made.author + b" " + made.when, b"committer " + made.author + b" " + made.when]
    lines += [b"encoding " + made.encoding] * bool(made.encoding)
    lines += [_data(made.message)]
    lines += [b"from :%d" % (number - 1)] * (number > 1)
    return b"\n".join([*lines, *(_file(path, file) for path, file in made.files.items()), b""])


def _file(path: bytes, file: File) -> bytes:
    if file is None:
        return b"D " + _quoted(path)
    content, mode = (file, b"100644") if isinstance(file, bytes) else file
    if mode == b"160000":
        return b"M 160000 " + content + b" " + _quoted(path)
    return b"M " + mode + b" inline " + _quoted(path) + b"\n" + _data(content)


def _data(content: bytes) -> bytes:
    return b"data %d\n%s" % (len(content), content)


def _quoted(path: bytes) -> bytes:
    return b'"' + re.sub(rb'[^ -~]|["\\]', lambda found: b"\\%03o" % found[0][0], path) + b'"'
