"""Reads the output of a search: the places of matches, the files, and the names in the pattern."""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from .tool_calls import Search

MAX_PLACES = 60
MAX_MATCHED_FILES = 16
"""Number of files with matches that are asked about. The host needs a millisecond for each."""
MAX_FILES = 12
MAX_NAMES = 3
_MAX_LINE = 2_000
_MATCH = re.compile(r"(?P<path>[^:\x00]{1,1000}):(?:(?P<line>\d{1,9})[:-])?(?P<text>.*)", re.DOTALL)
_NUMBERED = re.compile(r"(?P<line>\d{1,9}):(?P<text>.*)", re.DOTALL)
_COUNT = re.compile(r"(.+):\d{1,9}")
_ESCAPE = re.compile(r"\\[A-Za-z0-9<>]|\[[^\]]*\]|\(\?[a-zA-Z:=!<]*")
_NAME = re.compile(r"[^\W\d]\w{2,99}")
_SPECIAL = re.compile(r"[\\^$.|?*+()\[\]{}]")
_KEYWORDS = frozenset(
    "abstract async await class const def default else enum export extends false final fn for func function "
    "impl import interface let new none null override package private protected pub public return self "
    "static struct super this trait true type union use using var virtual void while with".split()
)


def request_for(search: Search, root: str) -> dict[str, Any]:
    """The parameters of the host's method `symbols` for a search in `root`. Empty if there is nothing to ask.

    Paths outside of the root are left out.
    """
    relative = _relative_to(root, search.folder)
    params: dict[str, Any] = {}
    names = names_in(search.pattern, fixed=search.fixed)
    if names:
        params["names"] = names
    if search.files:
        paths = [path for path in map(relative, _file_lines(search.text)) if path]
        paths = list(dict.fromkeys(paths))[:MAX_FILES]
        literal = search.pattern if search.fixed or not _SPECIAL.search(search.pattern) else ""
        if paths and literal:
            params |= {"places": [{"path": path} for path in paths], "literal": literal}
        elif paths and not search.pattern:
            params["files"] = paths
        return params if paths else {}
    places = list(_places(search, relative))
    return params | {"places": places} if places else {}


def names_in(pattern: str, *, fixed: bool = False) -> list[str]:
    """The names that a pattern is about, longer ones first, without keywords and parts of the syntax."""
    plain = pattern if fixed else _ESCAPE.sub(" ", pattern[:_MAX_LINE])
    found = dict.fromkeys(name for name in _NAME.findall(plain) if name.lower() not in _KEYWORDS)
    return sorted(found, key=lambda name: -len(name))[:MAX_NAMES]


def _places(search: Search, relative: Callable[[str], str]) -> Iterator[dict[str, Any]]:
    """The first matches in files of the root. A match without a line number has its text."""
    only = relative(search.file) if search.file else ""
    seen: set[tuple[str, int, str]] = set()
    files: set[str] = set()
    for line in search.text.splitlines():
        if len(line) > _MAX_LINE or len(seen) == MAX_PLACES:
            continue
        path, number, text = only, 0, line
        match = (_NUMBERED if only else _MATCH).fullmatch(line)
        if match is not None:
            path = only or relative(match["path"])
            number, text = int(match["line"] or 0), match["text"]
        elif not only:
            continue
        place = path, number, "" if number else text.strip()
        if path and (number or place[2]) and place not in seen:
            if path not in files and len(files) == MAX_MATCHED_FILES:
                continue
            files.add(path)
            seen.add(place)
            yield {"path": path, "line": number, "text": text.strip()}


def _file_lines(text: str) -> Iterator[str]:
    """The paths in a list of files, which may have counts of matches."""
    for line in text.splitlines():
        path = line.strip()
        match = _COUNT.fullmatch(path)
        if path and len(path) <= _MAX_LINE:
            yield match[1] if match else path


def _relative_to(root: str, folder: str) -> Callable[[str], str]:
    """A function that makes a path relative to the root; "" for one that is not a file inside the root."""
    known: dict[str, str] = {}

    def relative(path: str) -> str:
        if path not in known:
            known[path] = ""
            if len(known) <= 4 * MAX_PLACES and "\0" not in path:
                real = os.path.realpath(os.path.join(folder, path))
                inside = os.path.relpath(real, root)
                if real.startswith(root.rstrip("/") + "/") and os.path.isfile(real):
                    known[path] = inside
        return known[path]

    return relative
