"""The Python API: open a repository, keep it up to date, ask it.

import cornea

with cornea.open("~/src/project") as repository:
    repository.update()
    for hit in repository.search("where are passwords hashed", limit=5):
        print(hit.path, hit.start_line, hit.symbol)
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from indexer.index import Index
from indexer.pipeline import Observer, Report, ensure
from indexer.pipeline import update as bring_up_to_date
from retrieval.config import SIMILAR_PROFILE
from retrieval.query import Filters, understand
from retrieval.result import Hit
from retrieval.searcher import Searcher
from retrieval.similar import question_at

from .context import Context, load
from .options import Kinds, Languages, NameList
from .places import spot_of
from .searching import reranker


class Repository:
    """A root and its index, held by this process until `close`.

    Every error is an `indexer.errors.CorneaError`.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._index = Index.open(context.root, context.config)

    @property
    def root(self) -> Path:
        """The folder that paths in answers are relative to."""
        return self._context.root

    def update(self, *, rebuild: bool = False, observe: Observer | None = None) -> Report:
        """Index what changed since the last update; `rebuild` starts from nothing."""
        return bring_up_to_date(self._index, observe, rebuild=rebuild, allow=lambda files: True)

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
        """The best fragments for a question in words or a name, as of the last update."""
        question = understand(query, _filters(languages, globs, kinds, tests))
        settings = self._context.search
        return self._searcher(profile or settings.profile).answer(
            question,
            limit=settings.limit if limit is None else limit,
            per_file=settings.per_file if per_file is None else per_file,
            profile=profile or settings.profile,
        )

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
        """Fragments that resemble the code at a line (from 1) of a file, given relative to the root."""
        filters = _filters(languages, globs, kinds, tests)
        searcher = self._searcher(profile)
        spot = spot_of(str(self.root / path), line, self._context)
        settings = self._context.search
        return searcher.answer(
            question_at(self._index, self._index.store, spot.path, spot.line, filters),
            limit=settings.limit if limit is None else limit,
            per_file=settings.per_file if per_file is None else per_file,
            profile=profile,
        )

    def close(self) -> None:
        """Let go of the index; may be called twice."""
        self._index.close()

    def __enter__(self) -> Repository:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _searcher(self, profile: str) -> Searcher:
        index = self._index
        before = index.generation
        store = index.store
        if index.generation != before:  # it was damaged and is empty now
            ensure(index, allow=lambda files: True)
            store = index.store
        return Searcher(store, index.encoder, index.tenant, reranker(self._context.search, profile))


def open_repository(path: str | os.PathLike[str] = ".", **settings: object) -> Repository:
    """A folder as a root of its own, with its index as it is: `update` builds it or brings it up to date.

    `settings` are those of `cornea status`, with `__` for the dot: `search__limit=5`, `index__hidden=True`.
    """
    flags = {name.replace("__", ".", 1): value for name, value in settings.items()}
    return Repository(load(Path(path).expanduser(), flags))


def _filters(
    languages: Sequence[str], globs: Sequence[str], kinds: Sequence[str], tests: bool | None
) -> Filters:
    return Filters(_names(Languages(), languages), tuple(globs), _names(Kinds(), kinds), tests)


def _names(kind: NameList, words: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(kind.checked(word) for word in words))
