"""The Python API: open a repository, update its index, ask it. `docs/python.md` shows all of it.

import cornea

with cornea.open("~/src/project") as repository:
    repository.update()
    for hit in repository.search("where are passwords hashed", limit=5):
        print(hit.path, hit.start_line, hit.symbol)
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from indexer.errors import IndexMissing, UsageError
from indexer.index.index import Index
from indexer.pipeline import Observer, Report, ensure
from indexer.pipeline import update as bring_up_to_date
from retrieval.config import DEFAULT_UNTIL, SIMILAR_PROFILE
from retrieval.host.answers import QueryAnswer
from retrieval.host.messages import HostGone, RequestRefused, is_leaving
from retrieval.host.methods import QueryContext, respond
from retrieval.host.requests import LocateParams, OutlineParams, SearchParams, SimilarParams, UpdateParams
from retrieval.result import Hit, Suggestion
from retrieval.typed_json import decode

from . import api_answers as answers
from . import api_arguments as arguments
from .api_arguments import StrPath
from .buffers import file_buffer
from .context import Context
from .hosting import HostedIndex
from .places import relative_to_root
from .session import acquire_index, agree_to_root

if TYPE_CHECKING:
    from .api_answers import FileDefinitions, IssueLocations, ResultSequence
    from .api_matches import GrepMatches
    from .api_related import Related

T = TypeVar("T")
Q = TypeVar("Q", bound=QueryAnswer)

_ATTEMPTS = 3


class Repository:
    """A root and its index. This process holds the index until `close`, unless a host holds it already.

    Several threads may use one object. Requests to a host run at the same time; without a host, one after the
    other. Every error is an `indexer.errors.CorneaError`.
    """

    def __init__(self, context: Context, *, host: bool = False) -> None:
        """If `host` is true, a host is started if none runs, and answers."""
        self._context, self._host = context, host
        self._lock = threading.RLock()
        """A thread holds this lock while it uses the index in this process, or replaces `_holder`."""
        self._updating = threading.Lock()
        self._closed = self._updated = False
        self._queries: QueryContext | None = None
        self._holder = self._acquire()

    @property
    def root(self) -> Path:
        """The folder to which the paths of hits are relative."""
        return self._context.root

    def update(self, *, rebuild: bool = False, observe: Observer | None = None) -> Report:
        """Index the files that changed since the last update. With `rebuild`, index all files again."""

        def update(holder: Index | HostedIndex) -> Report:
            if isinstance(holder, HostedIndex):
                with self._updating:
                    return holder.reindex(observe, rebuild=rebuild, yes=True)[0]
            report = bring_up_to_date(holder, observe, rebuild=rebuild, allow=lambda files: True)
            self._updated = True
            return report

        agree_to_root(self._context, yes=True)
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
        folder: StrPath = "",
    ) -> ResultSequence[Hit]:
        """The best fragments for a description or a name, from the index as of the last update."""
        params = arguments.hits_params(self._context, limit, per_file, languages, globs, kinds, tests, folder)
        ranking = profile or self._context.search.profile
        return answers.hits_of(
            self._ask(decode(SearchParams, {"query": query, "profile": ranking, **params}))
        )

    def grep(
        self,
        pattern: str | Sequence[str],
        *,
        fixed_strings: bool = False,
        ignore_case: bool = False,
        smart_case: bool = False,
        word: bool = False,
        whole_line: bool = False,
        invert: bool = False,
        before: int = 0,
        after: int = 0,
        paths: Sequence[StrPath] = (),
        languages: Sequence[str] = (),
        globs: Sequence[str] = (),
        by_path: bool = False,
        files_only: bool = False,
    ) -> GrepMatches:
        """All lines of indexed files that match a regular expression, or one of several, definitions first.

        The lines are those that files and unsaved buffers have now. The options are those of
        `cornea grep`; with `files_only`, the answer has the files, and no lines.
        """
        from .api_matches import all_matches, grep_params

        params = grep_params(
            self._context, pattern, paths, languages, globs, before=before, after=after,
            fixed_strings=fixed_strings, ignore_case=ignore_case, smart_case=smart_case, word=word,
            whole_line=whole_line, invert=invert, by_path=by_path, files_only=files_only,
        )  # fmt: skip
        return all_matches(self._ask, params)

    def similar(
        self,
        path: StrPath,
        line: int,
        *,
        limit: int | None = None,
        per_file: int | None = None,
        profile: str = SIMILAR_PROFILE,
        languages: Sequence[str] = (),
        globs: Sequence[str] = (),
        kinds: Sequence[str] = (),
        tests: bool | None = None,
        folder: StrPath = "",
    ) -> ResultSequence[Hit]:
        """Fragments that are similar to the code at a line.

        `line` counts from 1; `path` is relative to the root.
        """
        params = arguments.hits_params(self._context, limit, per_file, languages, globs, kinds, tests, folder)
        location = arguments.place(self._context, path, line)
        place = {"path": location.path, "line": location.line}
        return answers.hits_of(self._ask(decode(SimilarParams, {**place, "profile": profile, **params})))

    def continue_(
        self,
        path: StrPath = "",
        line: int | None = None,
        column: int | None = None,
        *,
        text: str | None = None,
        language: str = "",
        limit: int = 3,
        until: str = DEFAULT_UNTIL,
        everything: bool = False,
    ) -> ResultSequence[Suggestion]:
        """What may come next at a position of a file, or of `text`, which need not be saved.

        Without `column`, the position is at the end of the line; with `text` and without `line`, at its end.
        `until` is "statement", "block" or "function". `everything` includes suggestions that are probably
        wrong.
        """
        params = arguments.continue_params(
            self._context, path, line, column, text, language, limit, until, everything
        )
        return answers.suggestions_of(self._ask(params))

    def locate(self, issue: str, *, limit: int | None = None, folder: StrPath = "") -> IssueLocations:
        """The functions and files that probably must change for an issue, with reasons."""
        from retrieval.localization import markdown
        from retrieval.localization.issue import parse_issue

        parse_issue(arguments.text_of("issue", issue))  # raises UsageError for an empty issue
        part = markdown.shorten(issue)
        most = arguments.count("limit", self._context.search.limit if limit is None else limit)
        inside = arguments.folder_in_root(folder, self._context)
        found = self._ask(LocateParams(text=part.text, limit=most, explain=True, folder=inside))
        return answers.locations_of(found, part.remark)

    def related(
        self, path: StrPath = "", line: int | None = None, *, name: str = "", limit: int | None = None
    ) -> Related:
        """What is related to the definition at a line, or to those with a name, which may be qualified.

        That is its callers, what it calls, what is similar to it, and what changed in the same commits. If
        several definitions have the name, similar code and common commits are those of the first one. With
        a path alone, the answer is about the whole file, and has neither callers nor similar code.
        """
        from .api_related import related

        return related(self._context, self._ask, self.similar, path, line, name, limit)

    def outline(self, path: StrPath, *, text: str | None = None, language: str = "") -> FileDefinitions:
        """The definitions of a file, or of `text`, which is then the file's content. It needs no index."""
        place = arguments.in_root(path, self._context)
        if text is None:
            buffer = file_buffer(place, self._context, "it has no outline")
            name, text, language = buffer.path, buffer.text, language or buffer.language
        else:
            name, text = relative_to_root(place, self._context), arguments.text_of("text", text)
        params = OutlineParams(path=name, text=text, language=arguments.language_name(language))
        return answers.outline_of(self._ask(params, needs_index=False), name)

    def close(self) -> None:
        """Release the index, after running requests. A second call does nothing."""
        self._closed = True
        with self._lock:
            self._close_queries()
            self._holder.close()

    def _close_queries(self) -> None:
        """End the processes and close the databases that queries of this process have opened."""
        if self._queries is not None:
            self._queries.close()
            self._queries = None

    def __enter__(self) -> Repository:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _ask(self, params: UpdateParams[Q], *, needs_index: bool = True) -> Q:
        def answer(holder: Index | HostedIndex) -> Q:
            if isinstance(holder, HostedIndex):
                return holder.ask(params)
            if needs_index:
                self._prepare(holder)
            if self._queries is None or self._queries.index is not holder:
                self._close_queries()
                self._queries = QueryContext(holder, self._context.search)
            return respond(self._queries, params)

        return self._with_retry(answer)

    def _prepare(self, index: Index) -> None:
        """Open the store. Raises IndexMissing if the root has never been indexed."""
        if not self._updated and index.manifest.is_empty():
            raise IndexMissing(f"{self.root}: not indexed; call update() first, or run `cornea index`")
        before = index.generation
        _ = index.store
        if index.generation != before:  # the store was damaged, so the index was discarded
            ensure(index, allow=lambda files: True)

    def _with_retry(self, job: Callable[[Index | HostedIndex], T]) -> T:
        """The result of `job` for the index or its host.

        If the host is leaving, acquire the index and retry.
        """
        for attempt in range(_ATTEMPTS):
            with self._lock:
                self._check_open()
                holder = self._holder
                if not isinstance(holder, HostedIndex):
                    return job(holder)
            try:
                return job(holder)
            except (HostGone, RequestRefused) as error:
                if self._closed:
                    self._check_open()
                if not is_leaving(error) or attempt + 1 == _ATTEMPTS:
                    raise
            with self._lock:
                self._check_open()
                if self._holder is holder:  # no other thread was faster
                    holder.close()
                    self._holder = self._acquire()
        raise AssertionError("the last attempt returns or raises")

    def _check_open(self) -> None:
        if self._closed:
            raise UsageError(f"the index of {self.root} is closed; open it again: cornea.open(...)")

    def _acquire(self) -> Index | HostedIndex:
        if self._host:
            return HostedIndex.connect_or_start(self._context)
        return acquire_index(self._context, hosted=True)


def open_repository(path: StrPath = ".", *, host: bool = False, **settings: object) -> Repository:
    """Open a folder as a root. To build its index or bring the index up to date, call `update`.

    If `host` is true, a host of the root answers, which is started if none runs and which keeps the index up
    to date. Otherwise a host answers if one runs, else this process. `settings` have the names that
    `cornea status` shows, with `__` instead of the dot: `search__limit=5`, `index__hidden=True`.
    """
    return Repository(arguments.context_of(path, settings), host=host)
