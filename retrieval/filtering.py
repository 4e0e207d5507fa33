"""Translates the user's filters into conditions of the store, and finds which filters exclude everything."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from indexer.errors import UsageError
from indexer.fragment import KINDS
from indexer.store import Condition, Filter, HasId, HasPrefix, Match, Store

from .candidates import FilterConditions, repository_filter
from .query import Filters

FOLDER = "folder"
_NAMES = ("languages", "globs", "kinds", "tests")
_NONE = Filters()

_ESCAPED = re.compile(r"\\.")
_EXAMPLE = "write for example 'src/**/*.py' or '!tests/'"


def conditions(filters: Filters, paths: Callable[[], Iterable[str]]) -> FilterConditions | None:
    """Returns the filters as conditions on fragments and on files. Returns None if no path matches the globs.

    `paths` returns the indexed paths in the filters' folder. A store does not support globs, so a condition
    lists the paths that match the globs.
    """
    shared: list[Condition] = []
    prefix = filters.prefix
    if filters.languages:
        shared.append(Match("language", filters.languages))
    if filters.tests is not None:
        shared.append(Match("is_test", (filters.tests,)))
    if filters.globs:
        inside = (path.removeprefix(prefix) for path in paths() if path.startswith(prefix))
        matching = tuple(prefix + path for path in match(filters.globs, inside))
        if not matching:
            return None
        shared.append(Match("path", matching))
    elif filters.folder:
        shared.append(HasPrefix("path", prefix))
    kinds: list[Condition] = [Match("kind", filters.kinds)] if filters.kinds else []
    if filters.ids:
        kinds.append(HasId(filters.ids))
    return FilterConditions(Filter((*shared, *kinds)), Filter(tuple(shared)))


def match(globs: Iterable[str], paths: Iterable[str]) -> list[str]:
    """Returns the paths that match at least one glob, and that no glob with "!" excludes.

    If all globs begin with "!", returns all paths that no glob excludes. The syntax of globs is that of
    .gitignore. Raises UsageError for an invalid glob.
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
    if glob.startswith("#"):  # in .gitignore, "#" begins a comment
        return f"\\{glob}"
    return glob.removeprefix(".") if glob.startswith("./") else glob


def paths_in_folder(store: Store, repo: str, filters: Filters) -> Iterable[str]:
    """The repository's indexed paths in the folder that the filters name."""
    where = repository_filter(repo)
    if filters.folder:
        where &= Filter((HasPrefix("path", filters.prefix),))
    return store.facet("path", where)


def emptying_filters(store: Store, repo: str, filters: Filters) -> list[str]:
    """Returns the names of the fields of `filters` that exclude all fragments.

    If the folder has no indexed fragment, returns only "folder". Otherwise returns each field that alone
    excludes all fragments of the folder. If no field does this alone, but all fields together do, returns all
    fields that are set. Returns [] if the filters do not exclude all fragments.
    """

    def leaves(names: Iterable[str]) -> bool:
        kept = replace(_NONE, folder=filters.folder, **{name: getattr(filters, name) for name in names})
        where = conditions(kept, lambda: paths_in_folder(store, repo, kept))
        return where is not None and store.count(repository_filter(repo) & where.fragments) > 0

    if not leaves(()):
        return [FOLDER]
    given = [name for name in _NAMES if getattr(filters, name) != getattr(_NONE, name)]
    alone = [name for name in given if not leaves((name,))]
    return alone or ([] if leaves(given) else given)


def left_out(store: Store, repo: str, filters: Filters) -> dict[str, int]:
    """For each field of `filters` that is set, the number of fragments that this filter leaves out."""
    given = [name for name in (FOLDER, *_NAMES) if getattr(filters, name) != getattr(_NONE, name)]
    if not given:
        return {}
    ours = repository_filter(repo) & Filter((Match("kind", KINDS),))
    total = store.count(ours)
    found: dict[str, int] = {}
    for name in given:
        folder = {FOLDER: filters.folder} if name == "globs" else {}  # globs are relative to the folder
        kept = replace(_NONE, **{**folder, name: getattr(filters, name)})
        where = conditions(kept, lambda kept=kept: paths_in_folder(store, repo, kept))  # type: ignore[misc]
        found[name] = total - (0 if where is None else store.count(ours & where.fragments))
    return found
