"""Parses FILE:LINE arguments.

Some editors and agents write a range of lines instead of a line. Then the first line of the range is used.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import UsageError
from indexer.fragment import Skipped, SourceFile
from indexer.parsing.source import read
from indexer.paths import path_below, path_text, real_path
from indexer.walk.walk import source_file

from .context import Context, working_folder
from .inputs import code_hint, code_path

_PLACE = re.compile(r"(.+?):(\d{1,99})(-\d{1,99}|:\d{1,99})?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class CodeLocation:
    """A line of a file. `path` is the file's path in the index; `location` is the file's path on disk."""

    path: str
    location: Path
    line: int


def parse_location(place: str, context: Context) -> CodeLocation:
    """Parse FILE:LINE, FILE:LINE:COLUMN or FILE:FIRST-LAST.

    Raises UsageError if `place` does not name a line of a file inside the root.
    """
    parts = split_place(place)
    if parts is None:
        raise UsageError(f"{place}: no line number; write FILE:LINE, such as src/server.py:120")
    file, line, rest = parts
    if rest.startswith(":") and int(rest[1:]) < 1:
        raise UsageError(f"{place}: columns count from 1")
    if rest.startswith("-") and int(rest[1:]) < line:
        raise UsageError(f"{place}: the last line is before the first; write FILE:FIRST-LAST")
    return location_of(file, line, context)


def split_place(place: str) -> tuple[str, int, str] | None:
    """Split a place into the file, the line, and the rest, which is `:COLUMN`, `-LAST` or "".

    Returns None if the place has no line. In FILE:N:M, M is the line if a file has the name FILE:N.
    """
    match = _PLACE.fullmatch(place)
    if match is None:
        return None
    file, line, rest = match[1], match[2], match[3] or ""
    if rest.startswith(":") and Path(code_path(f"{file}:{line}")).is_file():
        return f"{file}:{line}", int(rest[1:]), ""
    return file, int(line), rest


def location_of(file: str, line: int, context: Context) -> CodeLocation:
    """The location of a line of a file.

    Raises UsageError if the root has no such file, or if the file has no such line.
    """
    if line < 1:
        raise UsageError(f"{file}:{line}: lines count from 1")
    location = real_path(code_path(file))
    path = relative(location, context)
    if not location.exists():
        raise UsageError(f"{file}: no such file; {code_hint(file)}")
    if not location.is_file():
        raise UsageError(f"{file}: not a file; name a file and a line, such as src/server.py:120")
    _check_line(source_file(context.root, path, location), line, context)
    return CodeLocation(path, location, line)


def relative(location: Path, context: Context) -> str:
    """The path in the index of a file, given the file's real path.

    Raises UsageError if it is not in the root.
    """
    if location == context.root:
        raise UsageError(f"{location}: that is the root itself; name a file in it, such as src/server.py")
    path = path_below(context.root, location)
    if not path:
        raise UsageError(
            f"{location}: outside the root {context.root}; change to its own root, or name it: cornea -C DIR"
        )
    return path


def relative_to_root(name: str, context: Context) -> str:
    """The path in the index of a file or folder, given the path that the user typed.

    The path may be a link, and need not exist. Raises UsageError if it is empty or not inside the root.
    """
    if not name:
        raise UsageError("empty path; name a file or a folder inside the root, such as src/server.py")
    path = Path(os.path.abspath(code_path(name)))  # noqa: PTH100 - a link as the last part stays a link
    return relative(real_path(path.parent) / path.name, context)


def relative_to_cwd(context: Context) -> Callable[[str], str]:
    """A function that turns a path in the index into a path relative to the working directory.

    The function returns paths unchanged if the working directory is the root or outside the root.
    """
    here = real_path(working_folder())
    if here == context.root or not here.is_relative_to(context.root):
        return str
    # Make both paths absolute below "/", so that relpath does not use the real working directory.
    start = "/" + path_text(here.relative_to(context.root))
    return lambda path: posixpath.relpath(f"/{path}", start)


def _check_line(file: SourceFile, line: int, context: Context) -> None:
    source = read(file, context.config.max_file_bytes)
    if isinstance(source, Skipped):
        raise UsageError(f"{file.path}: not indexed ({source.reason}); name another file")
    lines = source.lines - source.text.endswith(b"\n")
    if line > max(lines, 1):
        raise UsageError(
            f"{file.path}:{line}: the file has only {lines} line{'s' * (lines != 1)}; name one of them"
        )
