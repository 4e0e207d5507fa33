"""The methods that query an index. A host uses them, and so does a command without a host.

Each method takes a QueryContext and its parameters, and returns its answer. To add a method, add a row to
METHODS, and one with its types to `requests.REQUESTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import UNSET

from indexer.errors import StoreError, UsageError
from indexer.index.index import Index
from indexer.parsing.languages import known_names, name_of
from indexer.store import Store

from ..config import SIMILAR_PROFILE, SearchConfig
from ..excerpts import excerpt_around
from ..filtering import emptying_filters
from ..query import Filters, Query, parse_query
from ..ranking.reranker import Reranker
from ..rerankers import build
from ..result import Hit, Suggestion
from ..searcher import Searcher
from ..similar import query_for_location
from ..typed_json import decode, encode
from . import unsaved
from .answers import (
    CallsAnswer,
    HitsAnswer,
    Location,
    LocationsAnswer,
    OutlineAnswer,
    QueryAnswer,
    SuggestionsAnswer,
)
from .frames import Message
from .requests import (
    REQUESTS,
    A,
    CallsParams,
    ContinueParams,
    HitsParams,
    LocateParams,
    OutlineParams,
    RequestParams,
    SearchParams,
    SimilarParams,
    answer_to,
    message_of,
)

if TYPE_CHECKING:
    from indexer.config import Config

    from ..calls.indexed_calls import IndexedCalls
    from ..continuation.indentation import IndentStyle
    from ..localization.locator import FileResult, FunctionResult, Locator
    from .outlines import Outlines

_SLOW = ("cross-encoder", "llm")
"""The rerankers that take seconds for a query."""
_HEAD = 4096
"""Number of first characters from which the language is detected if the path does not show the language."""

Result = TypeVar("Result", Hit, Suggestion)


class QueryContext:
    """An index, and the models and caches that queries need. They are loaded on first use and kept.

    If `opens_store` is set, the index opens the store when a query needs the store. Otherwise the store must
    be open already. `index_config` are the settings for parsing buffers: by default those of the index, which
    in a host change only between updates. `remarks` are lines for the user about the current query. `say`
    tells the user that slow work begins; if `say` is None, the text is added to `remarks`.
    """

    def __init__(
        self,
        index: Index,
        search: SearchConfig,
        *,
        index_config: Config | None = None,
        opens_store: bool = True,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self.index, self.config = index, search
        self.index_config = index.config if index_config is None else index_config
        self.remarks: list[str] = []
        self._say = say or self.remarks.append
        self._opens_store = opens_store
        self._reranker: Reranker | None = None
        self._locator: tuple[str, Locator] | None = None

    @property
    def store(self) -> Store:
        """The current store. Raises StoreError if the store must be open already and is not."""
        store = self.index.store if self._opens_store else self.index.store_if_open
        if store is None:
            raise StoreError("the index is being rebuilt; try again")
        return store

    def searcher(self, profile: str) -> Searcher:
        """A searcher for the current store. Raises CorneaError if the configured reranker cannot run."""
        if profile == "rerank" and self._reranker is None:
            self._reranker = build(self.config, self.remarks.append)
        return Searcher(self.store, self.index.encoder, self.index.tenant, self._reranker)

    def take_remarks(self) -> tuple[str, ...]:
        """The remarks about the current query. The next query begins without remarks."""
        remarks = tuple(self.remarks)
        self.remarks.clear()
        return remarks

    def release_locator(self) -> None:
        """Release the locator, which takes much memory and can be rebuilt."""
        self._locator = None

    def close(self) -> None:
        """End the parser processes of `outlines` and of the call graph, if there are any."""
        for name in ("outlines", "indexed_calls"):
            if name in vars(self):
                vars(self)[name].close()

    @cached_property
    def outlines(self) -> Outlines:
        """The implementation of the method `outline`. It is imported on first use."""
        from .outlines import Outlines

        return Outlines()

    @cached_property
    def indexed_calls(self) -> IndexedCalls:
        """The call graph of the index. It is imported and made on first use."""
        from ..calls.indexed_calls import IndexedCalls

        return IndexedCalls(self.index, self._say)

    def locator(self) -> Locator:
        """A locator for the current functions and commits. It is rebuilt only if these have changed."""
        from indexer.index.commits import past

        from ..localization.locator import Locator

        index = self.index
        commit = index.revision.commit if index.revision else "HEAD"
        state = index.manifest.contents_digest()
        known = past(index.root, index.folder, commit, notify=self._say)
        if self._locator is None or self._locator[0] != state:
            self._locator = None  # free the old locator before building a new locator
            made = Locator.of_store(self.store, index.tenant, known, index.encoder)
        elif self._locator[1].past != known:
            made = self._locator[1].before(known)
        else:
            return self._locator[1]
        self._locator = state, made
        return made


def search(context: QueryContext, params: SearchParams) -> HitsAnswer:
    """Search for code by words or by name."""
    query = parse_query(params.query, _filters(params))
    return _hits_answer(context, params, context.config.profile, query)


def similar(context: QueryContext, params: SimilarParams) -> HitsAnswer:
    """Search for code similar to the code at a line of an indexed file."""
    query = query_for_location(context.index, context.store, params.path, params.line, _filters(params))
    return _hits_answer(context, params, SIMILAR_PROFILE, query)


def continue_(context: QueryContext, params: ContinueParams) -> SuggestionsAnswer:
    """Suggest the code that comes next at a position of a buffer. The request contains the buffer's text."""
    from ..continuation.continuer import Continuer, EditorBuffer

    path, text = params.path, params.buffer_text
    language = params.language or name_of(path, text[:_HEAD].encode("utf-8", "replace"))
    continuer = Continuer(context.store, context.index.encoder, context.index.tenant)
    buffer = EditorBuffer(path, text, language, _indentation(context, params))
    line = buffer.lines if params.line is None else params.line
    safe = replace(buffer, text=unsaved.redacted_near(path, buffer.text, line))
    found = continuer.suggest(
        safe,
        line,
        params.column,
        limit=params.limit,
        until=params.until,
        include_low_confidence=params.everything,
        explain=params.explain,
    )
    return SuggestionsAnswer(suggestions=[_plain(one, explain=params.explain) for one in found])


def _indentation(context: QueryContext, params: ContinueParams) -> IndentStyle | None:
    """Returns the indentation that the request contains, or else the indentation from `.editorconfig` files.

    Returns None if neither is known.
    """
    from ..continuation import editorconfig
    from ..continuation.indentation import IndentStyle

    if params.tabs is not None:
        return IndentStyle.of_editor(tabs=params.tabs, width=params.width)
    return editorconfig.indentation_of(context.index.root / params.path) if params.path else None


def locate(context: QueryContext, params: LocateParams) -> LocationsAnswer:
    """The functions and files that probably must change for an issue, with reasons if `explain` is true."""
    from indexer.parsing.secrets import redact_text
    from indexer.store import memory

    limit = context.config.limit if params.limit is None else params.limit
    found = context.locator().locate(redact_text(params.text), limit=limit, folder=params.folder)
    memory.release(context.index.folder)  # `locate` may have read all texts; releasing 200 MB takes 5 ms
    functions = [
        _location(one, place.path, params, start_line=place.start, end_line=place.end, symbol=place.symbol)
        for one in found.functions
        for place in [one.function]
    ]
    files = [_location(one, one.path, params) for one in found.files]
    answer = LocationsAnswer(functions=functions, files=files, missing=list(found.missing))
    if not found.functions:
        filters = Filters(folder=params.folder)
        answer.emptied = tuple(emptying_filters(context.store, context.index.tenant, filters))
    answer.remarks = context.take_remarks()
    return answer


def _location(one: FunctionResult | FileResult, path: str, params: LocateParams, **place: Any) -> Location:
    why = list(one.why) if params.explain else UNSET
    return Location(path=path, score=round(one.score, 6), why=why, **place)


def outline(context: QueryContext, params: OutlineParams) -> OutlineAnswer:
    """The definitions of a buffer. The request contains the buffer's text."""
    config = context.index_config
    return context.outlines.outline(params.path, params.buffer_text, params.language, config)


def calls(context: QueryContext, params: CallsParams) -> CallsAnswer:
    """The callers or callees of the definitions of a name, or of the definition at a line."""
    from ..calls.answering import answer

    _filters(params)
    graph = context.indexed_calls.refresh(context.index_config, params.documents)
    found = answer(graph, params)
    found.remarks = context.take_remarks()
    return found


METHODS: Mapping[str, Callable[[QueryContext, Any], QueryAnswer]] = {
    "search": search,
    "similar": similar,
    "continue": continue_,
    "locate": locate,
    "outline": outline,
    "calls": calls,
}


def is_slow(method: str, config: SearchConfig) -> bool:
    """Whether a method may take seconds. Other queries must not wait for such a method."""
    return method in ("locate", "outline", "calls") or (method == "search" and config.reranker in _SLOW)


def _hits_answer(context: QueryContext, params: HitsParams, profile: str, query: Query) -> HitsAnswer:
    config = context.config
    limit = config.limit if params.limit is None else params.limit
    per_file = config.per_file if params.per_file is None else params.per_file
    profile = profile if params.profile is None else params.profile
    found = context.searcher(profile).answer(query, limit=limit, per_file=per_file, profile=profile)
    if params.documents:
        texts = {path: unsaved.redacted(path, text) for path, text in params.documents.items()}
        found = unsaved.relocated(found, texts)
        found = unsaved.merge_unsaved(query, found, texts, context.index.encoder, limit, per_file)
    answer = HitsAnswer(hits=[_plain(hit, explain=params.explain) for hit in found])
    if not found:
        answer.emptied = tuple(emptying_filters(context.store, context.index.tenant, query.filters))
    if params.around is not None:
        answer.excerpts = [excerpt_around(context.index, hit, params.around) for hit in found]
    answer.remarks = context.take_remarks()
    return answer


def _plain(found: Result, *, explain: bool) -> Result:
    """A hit or suggestion with numbers of Python's types. `why` is empty unless `explain` is true."""
    why = {name: float(value) for name, value in found.why.items()} if explain else {}
    return replace(found, score=float(found.score), why=why)


def _filters(params: HitsParams | CallsParams) -> Filters:
    filters = params.filters
    filters.check(tuple(sorted(known_names())))
    return filters


def warm(context: QueryContext) -> Message:
    """Load what queries need, before the first query arrives."""
    from indexer.store import memory

    code = {"path": "a.py", "text": "def warm(context):\n    store = context.store\n"}
    answer = method_named("continue")(context, code)
    memory.freeze_loaded()
    return answer


def method_named(method: str) -> Callable[[QueryContext, Message], Message]:
    """A function that answers a method's parameters. Both are JSON; wrong parameters raise UsageError.

    Raises UsageError if there is no such method.
    """
    found = METHODS.get(method)
    if found is None:
        raise UsageError(f"unknown method {method[:60]!r}; one of: {', '.join(METHODS)}")
    return lambda context, params: encode(found(context, decode(REQUESTS[method].params, params)))


def respond(context: QueryContext, params: RequestParams[A]) -> A:
    """The answer to a request of this process. It is checked like a request to a host."""
    method, message = message_of(params)
    return answer_to(params, method_named(method)(context, message))
