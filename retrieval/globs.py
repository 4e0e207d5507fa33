"""The user's filters as conditions that the store understands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from indexer.errors import UsageError
from indexer.store import Condition, Filter, HasPrefix, Match

from .candidates import Where
from .query import Filters

_ESCAPED = re.compile(r"\\.")
_EXAMPLE = "write for example 'src/**/*.py' or '!tests/'"


def conditions(filters: Filters, paths: Callable[[], Iterable[str]]) -> Where | None:
    """Conditions on fragments and on files; None if no path matches the globs.

    `paths` lists the paths of the folder that is asked for. A store has no globs, so they become the list of
    the paths that match.
    """
    shared: list[Condition] = []
    if filters.languages:
        shared.append(Match("language", filters.languages))
    if filters.tests is not None:
        shared.append(Match("is_test", (filters.tests,)))
    if filters.globs:
        matching = _matching(filters, paths())
        if not matching:
            return None
        shared.append(Match("path", tuple(matching)))
    elif filters.folder:
        shared.append(HasPrefix("path", filters.prefix))
    kinds: list[Condition] = [Match("kind", filters.kinds)] if filters.kinds else []
    return Where(Filter((*shared, *kinds)), Filter(tuple(shared)))


def _matching(filters: Filters, paths: Iterable[str]) -> list[str]:
    """The paths that the globs leave; these are written from the folder, as somebody in it sees the files."""
    prefix = filters.prefix
    inside = [path.removeprefix(prefix) for path in paths if path.startswith(prefix)]
    return [prefix + path for path in match(filters.globs, inside)]


def match(globs: Iterable[str], paths: Iterable[str]) -> list[str]:
    """The paths that some glob matches and no "!" glob does; with "!" globs alone, all but theirs.

    The syntax is that of .gitignore. Raises UsageError for a glob that means nothing.
    """
    import pathspec

    wanted = [_checked(glob) for glob in globs if not glob.startswith("!")]
    unwanted = [_checked(glob[1:]) for glob in globs if glob.startswith("!")]
    try:
        keep = pathspec.GitIgnoreSpec.from_lines(wanted)
        drop = pathspec.GitIgnoreSpec.from_lines(unwanted)
    except (ValueError, re.error) as error:
        raise UsageError(f"bad glob ({error}); {_EXAMPLE}") from error
    return [p for p in paths if (not wanted or keep.match_file(p)) and not drop.match_file(p)]


def _checked(glob: str) -> str:
    plain = _ESCAPED.sub("", glob)
    if not glob.strip() or plain.count("[") > plain.count("]"):
        raise UsageError(f"bad glob {glob!r}; {_EXAMPLE}")
    if glob.startswith("#"):  # would begin a comment
        return f"\\{glob}"
    return glob.removeprefix(".") if glob.startswith("./") else glob
