"""The Python API: open a repository, update its index, search it.

import cornea

with cornea.open("~/src/project") as repository:
    repository.update()
    for hit in repository.search("where are passwords hashed", limit=5):
        print(hit.path, hit.start_line, hit.symbol)
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from indexer.errors import UsageError
from indexer.index.index import Index
from indexer.pipeline import Observer, Report, ensure
from indexer.pipeline import update as bring_up_to_date
from retrieval.config import MAX_LIMIT, SIMILAR_PROFILE
from retrieval.host.messages import HostGone, RequestRefused, is_leaving
from retrieval.host.methods import QueryContext, respond
from retrieval.host.requests import HitsParams, SearchParams, SimilarParams
from retrieval.result import Hit
from retrieval.typed_json import decode

from .context import Context, load
from .hosting import HostedIndex
from .options import Kinds, Languages, NameList
from .places import location_of
from .session import acquire_index

T = TypeVar("T")


class Repository:
    """A root and its index. This process holds the index until `close`, unless a host holds it already.

    Every error is an `indexer.errors.CorneaError`.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._closed = False
        self._holder = acquire_index(context, hosted=True)

    @property
    def root(self) -> Path:
        """The folder to which the paths of hits are relative."""
        return self._context.root

    def update(self, *, rebuild: bool = False, observe: Observer | None = None) -> Report:
        """Index the files that changed since the last update. With `rebuild`, index all files again."""

        def update(holder: Index | HostedIndex) -> Report:
            if isinstance(holder, HostedIndex):
                return holder.reindex(observe, rebuild=rebuild, yes=True)[0]
            return bring_up_to_date(holder, observe, rebuild=rebuild, allow=lambda files: True)

        return self._with_retry(update)

    def search(
        self,
        query: str,
        *,
        limit: int | None = None,
        per_file: int | None = None,
        profile: str | None = None,
        languages: Sequence[str] = (),
        globs: Sequence[str] = (),
        kinds: Sequence[str] = (),
        tests: bool | None = None,
    ) -> list[Hit]:
        """The best fragments for a description or a name, from the index as of the last update."""
        params = self._params(limit, per_file, languages, globs, kinds, tests)
        ranking = profile or self._context.search.profile
        return self._hits(decode(SearchParams, {"query": query, "profile": ranking, **params}))

    def similar(
        self,
        path: str | os.PathLike[str],
        line: int,
        *,
        limit: int | None = None,
        per_file: int | None = None,
        profile: str = SIMILAR_PROFILE,
        languages: Sequence[str] = (),
        globs: Sequence[str] = (),
        kinds: Sequence[str] = (),
        tests: bool | None = None,
    ) -> list[Hit]:
        """Fragments that are similar to the code at a line.

        `line` counts from 1; `path` is relative to the root.
        """
        params = self._params(limit, per_file, languages, globs, kinds, tests)
        location = location_of(str(self.root / path), line, self._context)
        place = {"path": location.path, "line": location.line}
        return self._hits(decode(SimilarParams, {**place, "profile": profile, **params}))

    def close(self) -> None:
        """Release the index. A second call does nothing."""
        self._closed = True
        self._holder.close()

    def __enter__(self) -> Repository:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _params(
        self,
        limit: int | None,
        per_file: int | None,
        languages: Sequence[str],
        globs: Sequence[str],
        kinds: Sequence[str],
        tests: bool | None,
    ) -> dict[str, Any]:
        settings = self._context.search
        return {
            "limit": _count("limit", settings.limit if limit is None else limit),
            "per_file": _count("per_file", settings.per_file if per_file is None else per_file),
            "languages": _names(Languages(), languages),
            "globs": tuple(globs),
            "kinds": _names(Kinds(), kinds),
            "tests": tests,
            "explain": True,
        }

    def _hits(self, params: HitsParams) -> list[Hit]:
        def answer(holder: Index | HostedIndex) -> list[Hit]:
            if isinstance(holder, HostedIndex):
                return holder.ask(params).hits
            before = holder.generation
            _ = holder.store
            if holder.generation != before:  # the store was damaged, so the index was discarded
                ensure(holder, allow=lambda files: True)
            return respond(QueryContext(holder, self._context.search), params).hits

        return self._with_retry(answer)

    def _with_retry(self, job: Callable[[Index | HostedIndex], T]) -> T:
        """The result of `job` for the index or its host.

        If the host is leaving, acquire the index and retry.
        """
        if self._closed:
            raise UsageError(f"the index of {self.root} is closed; open it again: cornea.open(...)")
        try:
            return job(self._holder)
        except (HostGone, RequestRefused) as error:
            if not is_leaving(error):
                raise
        self._holder.close()
        self._holder = acquire_index(self._context, hosted=True)
        return job(self._holder)


def open_repository(path: str | os.PathLike[str] = ".", **settings: object) -> Repository:
    """Open a folder as a root. To build its index or bring the index up to date, call `update`.

    `settings` have the names that `cornea status` shows, with `__` instead of the dot: `search__limit=5`,
    `index__hidden=True`.
    """
    flags = {name.replace("__", ".", 1): value for name, value in settings.items()}
    try:
        folder = Path(path).expanduser()
    except RuntimeError as error:  # the path begins with ~USER, and there is no such user
        raise UsageError(f"{path}: {error}; write the folder's whole path") from error
    return Repository(load(folder, flags))


def _count(name: str, value: int) -> int:
    """`value` if it is a valid number of answers. Raises UsageError, with the text of the options' error."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_LIMIT:
        raise UsageError(f"{name}: {value!r} is not a whole number from 1 to {MAX_LIMIT}")
    return value


def _names(kind: NameList, words: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(kind.checked(word) for word in words))
