"""The methods that query an index. A host uses them, and so does a command without a host.

Each method takes a QueryContext and its parameters, and returns its answer. To add a method, add a row to
METHODS, and one with its types to `requests.REQUESTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from msgspec import structs

from indexer.errors import UsageError
from indexer.parsing.languages import known_names, name_of

from ..config import SIMILAR_PROFILE, SearchConfig
from ..filtering import emptying_filters
from ..query import Filters, parse_query
from ..similar import query_for_location
from ..typed_json import decode, encode
from . import unsaved
from .answers import HitsAnswer, LocationsAnswer, OutlineAnswer, QueryAnswer, SuggestionsAnswer
from .current_texts import CurrentTexts
from .frames import Message
from .grep_answers import GrepAnswer
from .present_hits import hits_answer, matching_hits, plain, query_for_text
from .query_context import QueryContext as QueryContext  # noqa: PLC0414 - callers of methods need it
from .relation_answers import CallsAnswer, CochangeAnswer, SymbolsAnswer
from .requests import (
    REQUESTS,
    A,
    BufferParams,
    CallsParams,
    CochangeParams,
    ContinueParams,
    GrepParams,
    HitsParams,
    LocateParams,
    OutlineParams,
    RequestParams,
    SearchParams,
    SimilarParams,
    SymbolsParams,
    answer_to,
    message_of,
)

if TYPE_CHECKING:
    from ..continuation.indentation import IndentStyle

_SLOW = ("cross-encoder", "llm")
"""The rerankers that take seconds for a query."""
GREP = "grep"
_HEAD = 4096
"""Number of first characters from which the language is detected if the path does not show the language."""

_LOOKS = frozenset({"search", "similar", "locate", "calls", "symbols", GREP})
"""The methods that first look for changes which the system has told. It takes a millisecond or two, which is
much for `continue`."""


def search(context: QueryContext, params: SearchParams) -> HitsAnswer:
    """Search for code by words or by name."""
    if params.patterns:
        return matching_hits(context, params, _filters(params))
    query, texts = parse_query(params.query, _filters(params)), context.current_texts(params.documents)
    answer = hits_answer(context, params, context.config.profile, query, texts)
    if params.check_names and context.known.whole:
        answer.unknown = context.names.unknown(context.store, query, texts)
    return answer


def similar(context: QueryContext, params: SimilarParams) -> HitsAnswer:
    """Search for code similar to the code at a line of an indexed file."""
    filters, texts = _filters(params), context.current_texts(params.documents)
    query = None
    if params.path not in params.documents:  # with `documents`, the line is that of the file on disk
        query = query_for_text(context.index, texts.if_different(params.path), params.line, filters)
    if query is None:
        query = query_for_location(context.index, context.store, params.path, params.line, filters)
    return hits_answer(context, params, SIMILAR_PROFILE, query, texts)


def continue_(context: QueryContext, params: ContinueParams) -> SuggestionsAnswer:
    """Suggest the code that comes next at a position of a buffer, or of a file on disk."""
    from ..continuation.continuer import Continuer, EditorBuffer
    from .present_places import suggestions

    texts = context.current_texts(params.documents)
    path, text = params.path, _text(params, texts)
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
    found = suggestions(context.store, context.index.repo, texts, found)
    return SuggestionsAnswer(
        suggestions=[plain(one, explain=params.explain) for one in found], text=_unsaved(params, texts)
    )


def _text(params: BufferParams[Any], texts: CurrentTexts) -> str:
    """The text that a request is about. Raises UsageError if there is none."""
    if (unsaved_text := _unsaved(params, texts)) is not None:
        return unsaved_text
    if params.sent_text is not None:
        return params.sent_text
    if not params.path:
        raise UsageError("'text' must be a string")
    found = texts.of(params.path)
    if found.text is None:
        raise UsageError(f"{params.path} {found.why}, and the request has no 'text'")
    return found.text


def _unsaved(params: BufferParams[Any], texts: CurrentTexts) -> str | None:
    """The unsaved text that comes before the one that a request has. None if there is none."""
    found = texts.if_different(params.path) if params.saved and params.path else None
    return found.text if found is not None and found.source == "buffer" else None


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

    from .present_places import locations

    limit = context.config.limit if params.limit is None else params.limit
    texts = context.current_texts()
    found = context.locator().locate(redact_text(params.text), limit=limit, folder=params.folder)
    memory.release(context.index.folder)  # `locate` may have read all texts; releasing 200 MB takes 5 ms
    answer = locations(found, params, texts, context.new_code, context.store, limit)
    if not found.functions:
        filters = Filters(folder=params.folder)
        answer.emptied = tuple(emptying_filters(context.store, context.index.tenant, filters))
    answer.remarks = (*answer.remarks, *context.take_remarks())
    return answer


def outline(context: QueryContext, params: OutlineParams) -> OutlineAnswer:
    """The definitions of a buffer, or of a file on disk."""
    text = _text(params, context.current_texts(params.documents))
    return context.outlines.outline(params.path, text, params.language, context.index_config)


def cochange(context: QueryContext, params: CochangeParams) -> CochangeAnswer:
    """What changed in the same commits as a file or a function."""
    from .cochanges import answer

    limit = context.config.limit if params.limit is None else params.limit
    found = answer(context.index, context.store, context.past(), params, limit)
    found.remarks = context.take_remarks()
    return found


def symbols(context: QueryContext, params: SymbolsParams) -> SymbolsAnswer:
    """What is around the matches of another search tool, and where its names are defined."""
    from .symbols import answer

    texts = context.current_texts()
    found = answer(context.index, context.store, params, texts, context.known_callers(texts))
    stale = context.state().line
    found.remarks = (*context.take_remarks(), *((stale,) if stale else ()))
    return found


def grep(context: QueryContext, params: GrepParams) -> GrepAnswer:
    """All lines of indexed files that match a regular expression, definitions first."""
    texts = context.current_texts(params.documents)
    answer = context.grep.answer(structs.replace(params, documents=dict(texts.buffers)), context.store)
    answer.remarks = (*context.take_remarks(), *answer.remarks)
    return answer


def calls(context: QueryContext, params: CallsParams) -> CallsAnswer:
    """The callers or callees of the definitions of a name, or of the definition at a line."""
    from ..calls.present_calls import present_answer

    _filters(params)
    texts = context.current_texts(params.documents)
    found = present_answer(context.indexed_calls, context.index_config, texts, params)
    found.remarks = (*context.take_remarks(), *found.remarks)
    return found


METHODS: Mapping[str, Callable[[QueryContext, Any], QueryAnswer]] = {
    "search": search,
    "similar": similar,
    "continue": continue_,
    "locate": locate,
    "outline": outline,
    "calls": calls,
    "cochange": cochange,
    "symbols": symbols,
    GREP: grep,
}


def is_slow(method: str, config: SearchConfig) -> bool:
    """Whether a method may take seconds. Other queries must not wait for such a method."""
    return method in ("locate", "outline", "calls", "cochange") or (
        method == "search" and config.reranker in _SLOW
    )


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

    def answer(context: QueryContext, params: Message) -> Message:
        request = decode(REQUESTS[method].params, params)
        context.begin_query(look=method in _LOOKS)
        result = found(context, request)
        result.state = context.state()
        message: Message = encode(result)
        return message

    return answer


def respond(context: QueryContext, params: RequestParams[A]) -> A:
    """The answer to a request of this process. It is checked like a request to a host."""
    method, message = message_of(params)
    return answer_to(params, method_named(method)(context, message))
