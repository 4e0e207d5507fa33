"""Reads the indentation of a file from the `.editorconfig` files in its folder and the folders above.

`.editorconfig` files are untrusted. Only regular files up to a maximum size are read, and the time for
matching globs is limited.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path, PurePosixPath

from indexer.safe_read import read_regular
from indexer.walk.patterns import compiled

from .indentation import IndentStyle

NAME = ".editorconfig"
_MOST_BYTES = 64_000
"""Maximum bytes of an `.editorconfig` file that are read."""
_LONGEST_LINE = 1_000
"""Maximum characters of a line. Longer lines are ignored."""
_MOST_FOLDERS = 100
"""Maximum number of folders that are searched for `.editorconfig` files."""
_MOST_GLOBS = 100
"""Maximum number of globs that the braces of a section name expand to. Further globs are ignored."""
_BRACES = re.compile(r"\{([^{}]*)\}")
_STARS = re.compile(r"\*\*(?=[^/*])")
"""Matches `**` directly before another character. The globs are translated to the syntax of ignore files, in
which such a `**` would match only within one folder."""
_RANGE = re.compile(r"([+-]?\d{1,6})\.\.([+-]?\d{1,6})")
_SIZES = frozenset(map(str, range(1, 17)))
"""The accepted numbers of columns of an indentation level."""


def indentation_of(file: Path) -> IndentStyle | None:
    """Returns the configured indentation of a file. `file` is an absolute path.

    Returns None if no style is configured.
    """
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
    return IndentStyle.of_editor(tabs=style == "tab", width=width)


def _read(place: Path, path: PurePosixPath) -> tuple[bool, dict[str, str]]:
    """Read the `.editorconfig` file at `place`.

    Returns whether the file is a root configuration, and the properties that it sets for `path`. `path` is
    relative to the folder of the `.editorconfig` file.
    """
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
    """Whether the glob of a section matches a path. A glob without a slash matches the file name."""
    anchored = "/" in section
    text = str(path) if anchored else path.name
    for glob in islice(_expanded(section), _MOST_GLOBS):
        pattern = "/" + _STARS.sub("**/*", glob.removeprefix("/")) if anchored else glob
        expression = compiled(pattern.encode("utf-8", "replace"))
        if expression is not None and expression.fullmatch(text.encode("utf-8", "surrogateescape")):
            return True
    return False


def _expanded(glob: str) -> Iterator[str]:
    """Expands `{a,b}` and `{1..3}` in a glob. Other braces are ordinary characters."""
    for braces in _BRACES.finditer(glob):
        if choices := _choices(braces[1]):
            for one in choices:
                yield from _expanded(glob[: braces.start()] + one + glob[braces.end() :])
            return
    yield glob


def _choices(inside: str) -> list[str]:
    if found := _RANGE.fullmatch(inside):
        low, high = sorted((int(found[1]), int(found[2])))
        return [str(number) for number in range(low, min(high, low + _MOST_GLOBS) + 1)]
    return inside.split(",") if "," in inside else []
