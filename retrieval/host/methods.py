"""The methods that query an index. A host uses them, and so does a command without a host.

Each method takes a QueryContext and the parameters of a request, and returns a JSON object. To add a method,
add a row to METHODS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from indexer.errors import StoreError, UsageError
from indexer.index.index import Index
from indexer.parsing.languages import known_names, name_of
from indexer.store import Store

from ..config import DEFAULT_UNTIL, MAX_LIMIT, SIMILAR_PROFILE, SearchConfig
from ..excerpts import excerpt_around
from ..filtering import emptying_filters
from ..query import Filters, Query, parse_query
from ..ranking.reranker import Reranker
from ..rerankers import build
from ..searcher import Searcher
from ..similar import query_for_location
from . import documents
from .answers import row
from .frames import Message
from .params import Params

if TYPE_CHECKING:
    from ..continuation.indentation import IndentStyle
    from ..localization.locator import Locator
    from .outlines import Outlines

_MAX_CONTEXT_LINES = 1_000
"""Maximum lines before a hit, and after it, in an excerpt."""
_MAX_INDENT_WIDTH = 16
"""Maximum columns of one level of indentation."""
_SLOW = ("cross-encoder", "llm")
"""The rerankers that take seconds for a query."""
_HEAD = 4096
"""Number of first characters from which the language is detected if the path does not show the language."""


class QueryContext:
    """An index, and the models and caches that queries need. They are loaded on first use and kept.

    If `opens_store` is set, the index opens the store when a query needs the store. Otherwise the store must
    be open already. `remarks` are lines for the user about the current query. `say` tells the user that slow
    work begins; if `say` is None, the text is added to `remarks`.
    """

    def __init__(
        self,
        index: Index,
        search: SearchConfig,
        *,
        opens_store: bool = True,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self.index, self.config = index, search
        self.remarks: list[str] = []
        self._outlines: Outlines | None = None
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

    def release_locator(self) -> None:
        """Release the locator, which takes much memory and can be rebuilt."""
        self._locator = None

    def close(self) -> None:
        """End the parser process of `outlines`, if there is one."""
        if self._outlines is not None:
            self._outlines.close()

    def outlines(self) -> Outlines:
        """The implementation of the method `outline`. It is imported on first use."""
        from .outlines import Outlines

        if self._outlines is None:
            self._outlines = Outlines()
        return self._outlines

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


def search(context: QueryContext, params: Params) -> Message:
    """Search for code by words or by name."""
    query = parse_query(params.text("query"), _filters(params))
    return _search_answer(context, params, context.config.profile, query)


def similar(context: QueryContext, params: Params) -> Message:
    """Search for code similar to the code at a line of an indexed file."""
    query = query_for_location(
        context.index, context.store, params.path("path"), params.number("line", 1), _filters(params)
    )
    return _search_answer(context, params, SIMILAR_PROFILE, query)


def continue_(context: QueryContext, params: Params) -> Message:
    """Suggest the code that comes next at a position of a buffer. The request contains the buffer's text."""
    from ..continuation.continuer import LIMIT, Continuer, EditorBuffer

    path = params.path("path", "")
    text = params.text("text", params.documents().get(path))
    language = params.text("language", "") or name_of(path, text[:_HEAD].encode("utf-8", "replace"))
    continuer = Continuer(context.store, context.index.encoder, context.index.tenant)
    buffer = EditorBuffer(path, text, language, _indentation(context, params, path))
    line = params.number("line", buffer.lines)
    safe = replace(buffer, text=documents.redacted_near(path, buffer.text, line))
    found = continuer.suggest(
        safe,
        line,
        params.optional("column"),
        limit=params.number("limit", LIMIT, MAX_LIMIT),
        until=params.text("until", DEFAULT_UNTIL),
        include_low_confidence=params.flag("everything"),
        explain=params.flag("explain"),
    )
    return {"suggestions": [row(one, why=params.flag("explain")) for one in found]}


def _indentation(context: QueryContext, params: Params, path: str) -> IndentStyle | None:
    """Returns the indentation that the request contains, or else the indentation from `.editorconfig` files.

    Returns None if neither is known.
    """
    from ..continuation import editorconfig
    from ..continuation.indentation import IndentStyle

    tabs = params.either("tabs")
    if tabs is not None:
        return IndentStyle.of_editor(tabs=tabs, width=params.number("width", 0, _MAX_INDENT_WIDTH))
    return editorconfig.indentation_of(context.index.root / path) if path else None


def locate(context: QueryContext, params: Params) -> Message:
    """The functions and files that probably must change for an issue, with reasons if `explain` is true."""
    from indexer.parsing.secrets import redact_text
    from indexer.store import memory

    text = redact_text(params.text("text"))
    limit = params.number("limit", context.config.limit, MAX_LIMIT)
    explain, folder = params.flag("explain"), params.path("folder", "")
    found = context.locator().locate(text, limit=limit, folder=folder)
    memory.release(context.index.folder)  # `locate` may have read all texts; releasing 200 MB takes 5 ms
    answer: Message = {
        "functions": [one.as_json(explain=explain) for one in found.functions],
        "files": [one.as_json(explain=explain) for one in found.files],
        "missing": list(found.missing),
    }
    if not found.functions:
        answer["emptied"] = emptying_filters(context.store, context.index.tenant, Filters(folder=folder))
    return _with_remarks(context, answer)


def outline(context: QueryContext, params: Params) -> Message:
    """The definitions of a buffer. The request contains the buffer's text."""
    path = params.path("path", "")
    text = params.text("text", params.documents().get(path))
    return context.outlines().outline(path, text, params.text("language", ""), context.index.config)


METHODS: Mapping[str, Callable[[QueryContext, Params], Message]] = {
    "search": search,
    "similar": similar,
    "continue": continue_,
    "locate": locate,
    "outline": outline,
}


def is_slow(method: str, config: SearchConfig) -> bool:
    """Whether a method may take seconds. Other queries must not wait for such a method."""
    return method in ("locate", "outline") or (method == "search" and config.reranker in _SLOW)


def _search_answer(context: QueryContext, params: Params, profile: str, query: Query) -> Message:
    config = context.config
    profile = params.text("profile", profile)
    limit = params.number("limit", config.limit, MAX_LIMIT)
    per_file = params.number("per_file", config.per_file, MAX_LIMIT)
    found = context.searcher(profile).answer(query, limit=limit, per_file=per_file, profile=profile)
    if texts := params.documents():
        from . import unsaved

        texts = {path: documents.redacted(path, text) for path, text in texts.items()}
        found = documents.relocated(found, texts)
        found = unsaved.merge_unsaved(query, found, texts, context.index.encoder, limit, per_file)
    answer: Message = {"hits": [row(hit, why=params.flag("explain")) for hit in found]}
    if not found:
        answer["emptied"] = emptying_filters(context.store, context.index.tenant, query.filters)
    lines = params.optional("around", _MAX_CONTEXT_LINES)
    if lines is not None:
        excerpts = (excerpt_around(context.index, hit, lines) for hit in found)
        answer["excerpts"] = [[excerpt.start_line, excerpt.text] for excerpt in excerpts]
    return _with_remarks(context, answer)


def _with_remarks(context: QueryContext, answer: Message) -> Message:
    if context.remarks:
        answer["remarks"], context.remarks[:] = list(context.remarks), []
    return answer


def _filters(params: Params) -> Filters:
    filters = Filters(
        params.texts("languages"),
        params.texts("globs"),
        params.texts("kinds"),
        params.either("tests"),
        params.path("folder", ""),
    )
    filters.check(tuple(sorted(known_names())))
    return filters


def warm(context: QueryContext) -> Message:
    """Load what queries need, before the first query arrives."""
    from indexer.store import memory

    code = Params({"path": "a.py", "text": "def warm(context):\n    store = context.store\n"})
    answer = continue_(context, code)
    memory.freeze_loaded()
    return answer


def method_named(method: str) -> Callable[[QueryContext, Params], Message]:
    """The function that implements a method. Raises UsageError if there is no such method."""
    found = METHODS.get(method)
    if found is None:
        raise UsageError(f"unknown method {method[:60]!r}; one of: {', '.join(METHODS)}")
    return found
