"""How a file is to be indented by the `.editorconfig` files of its folder and of those above.

They may be anybody's: only regular files are read, a bounded part of each, and no glob takes long to match.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from indexer.walk.patterns import compiled
from indexer.walk.safe_read import read_regular

from .indentation import Indentation

NAME = ".editorconfig"
_MOST_BYTES = 64_000
"""Of one file; what is behind is not read."""
_LONGEST_LINE = 1_000
_MOST_FOLDERS = 100
_MOST_GLOBS = 100
"""That braces may stand for; a section with more applies to nothing."""
_BRACES = re.compile(r"\{([^{}]*)\}")
_STARS = re.compile(r"\*\*(?=[^/*])")
"""In ignore files, whose globs are used here, these two stars would stay within a folder."""
_RANGE = re.compile(r"([+-]?\d{1,6})\.\.([+-]?\d{1,6})")
_SIZES = frozenset(map(str, range(1, 17)))
"""Columns of a level that are believed."""


def indentation_of(file: Path) -> Indentation | None:
    """What the configuration says of a file (an absolute path); None where it names no style."""
    properties: dict[str, str] = {}
    for folder in list(file.parents)[:_MOST_FOLDERS]:
        is_root, found = _read(folder / NAME, PurePosixPath(file.relative_to(folder).as_posix()))
        properties = found | properties
        if is_root:
            break
    style = properties.get("indent_style")
    if style not in ("tab", "space"):
        return None
    sizes = (properties.get(name, "") for name in ("indent_size", "tab_width"))
    width = next((int(size) for size in sizes if size in _SIZES), 0)
    return Indentation.of_editor(tabs=style == "tab", width=width)


def _read(place: Path, path: PurePosixPath) -> tuple[bool, dict[str, str]]:
    """Whether no folder above counts, and the properties for a path relative to the file's folder."""
    try:
        data, _ = read_regular(place, _MOST_BYTES)
    except OSError:
        return False, {}
    is_root, applies = False, None
    properties: dict[str, str] = {}
    for line in map(str.strip, data.decode("utf-8-sig", "replace").split("\n")):
        if not line or line[0] in "#;" or len(line) > _LONGEST_LINE:
            continue
        if line[0] == "[" and line[-1] == "]":
            applies = _matches(line[1:-1], path)
            continue
        name, _, value = (part.strip().lower() for part in line.partition("="))
        if applies is None:
            is_root = is_root or (name, value) == ("root", "true")
        elif applies:
            properties[name] = value
    return is_root, properties


def _matches(section: str, path: PurePosixPath) -> bool:
    """Whether a section's glob matches a path, or, without a slash in it, the path's name."""
    anchored = "/" in section
    text = str(path) if anchored else path.name
    for count, glob in enumerate(_expanded(section)):
        if count == _MOST_GLOBS:
            return False
        pattern = "/" + _STARS.sub("**/*", glob.removeprefix("/")) if anchored else glob
        expression = compiled(pattern.encode("utf-8", "replace"))
        if expression is not None and expression.fullmatch(text.encode("utf-8", "surrogateescape")):
            return True
    return False


def _expanded(glob: str) -> Iterator[str]:
    """The globs that one with braces stands for: `{a,b}` and `{1..3}`; other braces are characters."""
    waiting = [glob]
    while waiting:
        glob = waiting.pop()
        for braces in _BRACES.finditer(glob):
            choices = _choices(braces[1])
            if choices:
                waiting += [glob[: braces.start()] + one + glob[braces.end() :] for one in reversed(choices)]
                break
        else:
            yield glob


def _choices(inside: str) -> list[str]:
    if found := _RANGE.fullmatch(inside):
        low, high = sorted((int(found[1]), int(found[2])))
        return [str(number) for number in range(low, min(high, low + _MOST_GLOBS) + 1)]
    return inside.split(",") if "," in inside else []
