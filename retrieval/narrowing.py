"""The paths that filters leave, and which filter it is that leaves nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from indexer.store import Filter, HasPrefix, Store

from . import globs
from .candidates import tenant
from .query import Filters

FOLDER = "folder"
_NAMES = ("languages", "globs", "kinds", "tests")
_NONE = Filters()


def paths(store: Store, repo: str, filters: Filters) -> Iterable[str]:
    """The indexed paths in the folder that the filters name."""
    where = tenant(repo)
    if filters.folder:
        where &= Filter((HasPrefix("path", filters.prefix),))
    return store.facet("path", where)


def emptied(store: Store, repo: str, filters: Filters) -> list[str]:
    """The names of the fields of `filters` that leave nothing: those that do so alone, else all of them.

    Empty where something is left. The folder, which is the whole root if none is named, comes first: where
    nothing in it is indexed, it alone is named.
    """

    def leaves(names: Iterable[str]) -> bool:
        kept = replace(_NONE, folder=filters.folder, **{name: getattr(filters, name) for name in names})
        where = globs.conditions(kept, lambda: paths(store, repo, kept))
        return where is not None and store.count(tenant(repo) & where.fragments) > 0

    if not leaves(()):
        return [FOLDER]
    given = [name for name in _NAMES if getattr(filters, name) != getattr(_NONE, name)]
    alone = [name for name in given if not leaves((name,))]
    return alone or ([] if leaves(given) else given)
