"""`workspace/executeCommand`: search, locate, similar, reindex and status.

Each command returns JSON. The first three commands return a list of locations with reasons, best first. For
clients that show no lists, `"show": true` in the argument lets the user choose a location, which the client
then opens. If nothing was found, the server itself tells the user, because the server knows whether indexing
is complete.
"""

from __future__ import annotations

import errno
from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from msgspec import Struct, structs
from pygls.exceptions import JsonRpcException

from indexer.errors import CorneaError, InternalError, UsageError
from retrieval.host.answers import HostStatus
from retrieval.host.requests import LocateParams, SearchParams, SimilarParams, StatusParams
from retrieval.typed_json import encode

from . import life, results
from .asking import ask_all, open_roots, without_nested
from .command_types import (
    FailedStatus,
    FailedUpdate,
    FoundPlace,
    LocateArguments,
    ReindexArguments,
    RootReport,
    SearchArguments,
    ServerStatus,
    SimilarArguments,
    StatusArguments,
    arguments_of,
)
from .documents import line_on_disk
from .files import file_of, read_text

if TYPE_CHECKING:
    from .roots import Root
    from .session import Session

_SHOWN = 8
_SHOWN_URI = 200
_MAX_ISSUE = 10_000_000
"""A file with more than this number of bytes is not read as an issue."""

_CODES = {UsageError: types.ErrorCodes.InvalidParams, InternalError: types.ErrorCodes.InternalError}

Command = Callable[..., Awaitable[Any]]


def _as_json(command: Command) -> Command:
    """The command with a JSON value as its result, and errors of the protocol instead of CorneaError."""

    @wraps(command)
    async def run(ls: Session, *arguments: Any) -> Any:
        try:
            return encode(await command(ls, *arguments))
        except CorneaError as error:
            codes = (int(code) for kind, code in _CODES.items() if isinstance(error, kind))
            code = next(codes, int(types.LSPErrorCodes.RequestFailed))
            raise JsonRpcException(message=str(error), code=code) from error

    return run


@_as_json
async def search(ls: Session, *arguments: Any) -> Sequence[Struct]:
    """Search by a description or a name: `{query, limit?, show?}` or only the query."""
    given = arguments_of(SearchArguments, arguments)
    limit = given.limit or ls.settings.search_limit
    params = SearchParams(query=given.query, limit=limit, check_names=False)
    answers = await ask_all(ls, lambda _: params)
    found = [
        results.place_of_hit(root, row) for root, one in answers for row in without_nested(ls, root, one.hits)
    ]
    return await _best_results(ls, found, limit, show=given.show)


@_as_json
async def similar(ls: Session, *arguments: Any) -> Sequence[Struct]:
    """Find code that is similar to the code at a position: `{uri, position, limit?, show?}`."""
    given = arguments_of(SimilarArguments, arguments)
    limit = given.limit or ls.settings.search_limit
    root, path = _place(ls, given.uri)
    await ls.unsaved.send(root)
    document = ls.documents.get(given.uri)
    line = given.position.protocol.line + 1
    if document is not None and not document.saved and not ls.unsaved.has(root, path):
        line = line_on_disk(document, line)
    params = SimilarParams(path=path, line=line, limit=limit)
    answer = await root.ask(params)
    found = [results.place_of_hit(root, row) for row in answer.hits]
    return await _best_results(ls, found, limit, show=given.show)


@_as_json
async def locate(ls: Session, *arguments: Any) -> Sequence[Struct]:
    """Find the functions that an issue is about: `{text | uri, range?, limit?, show?}` or only the text."""
    given = arguments_of(LocateArguments, arguments)
    from retrieval.localization import markdown

    limit = given.limit or ls.settings.locate_limit
    part = markdown.shorten(_issue(ls, given))
    if part.remark:
        ls.show(part.remark)
    params = LocateParams(text=part.text, limit=limit, explain=True)
    answers = await ask_all(ls, lambda _: params)
    found = [
        results.place_of_function(root, row)
        for root, one in answers
        for row in without_nested(ls, root, one.functions)
    ]
    return await _best_results(ls, found, limit, show=given.show)


@_as_json
async def reindex(ls: Session, *arguments: Any) -> Sequence[Struct]:
    """Bring all indexes up to date: `{uri?, rebuild?}`.

    With `uri`, only the index that contains this file is brought up to date. With `rebuild`, all files are
    indexed again. Returns a report for each root. If there are several roots and one of them fails, the
    report of this root has only the error message, as the member `trouble`.
    """
    given = arguments_of(ReindexArguments, arguments)
    chosen = open_roots(ls) if given.uri is None else [_place(ls, given.uri)[0]]
    reports: list[Struct] = []
    for root in chosen:
        folder = str(root.folder)
        try:
            report = await ls.indexing.update(root, rebuild=given.rebuild)
            reports.append(RootReport(root=folder, **structs.asdict(report)))
        except CorneaError as error:
            if len(chosen) == 1:
                raise
            reports.append(FailedUpdate(folder, str(error)))
    return reports


@_as_json
async def status(ls: Session, *arguments: Any) -> Struct:
    """The version, the settings, and the state of each root."""
    arguments_of(StatusArguments, arguments)
    roots = [await _status(root) for root in ls.roots]
    return ServerStatus(ls.version, ls.settings.by_key(), roots)


COMMANDS: dict[str, Command] = {
    "cornea.search": search,
    "cornea.similar": similar,
    "cornea.locate": locate,
    "cornea.reindex": reindex,
    "cornea.status": status,
}


async def _status(root: Root) -> HostStatus | FailedStatus:
    folder = str(root.folder)
    try:
        return structs.replace(await root.ask(StatusParams()), folder=folder)
    except CorneaError as error:
        return FailedStatus(folder, str(error))


def _place(ls: Session, uri: str) -> tuple[Root, str]:
    """The root of a file, and the path of the file in the root. Raises UsageError if the file has no root."""
    document = ls.documents.get(uri)
    path = file_of(uri)
    found = life.root_of(ls, document) if document else ls.roots.of(path) if path else None
    if found is None or not found[1]:
        raise UsageError(
            f"{uri[:_SHOWN_URI]} is not in a folder of this workspace; open the folder that contains it"
        )
    return found


def _issue(ls: Session, given: LocateArguments) -> str:
    """The text of an issue, which is the argument itself, a selection, or a file. Raises UsageError."""
    if given.text is not None:
        return given.text
    uri = given.uri
    if uri is None:
        raise UsageError("'uri' must be a string")
    document = ls.documents.get(uri)
    if document is not None:
        return document.between(given.range.protocol) if given.range else document.text
    path = file_of(uri)
    if path is None or given.range:
        raise UsageError(f"{uri[:_SHOWN_URI]} is not open; open it, or pass the text")
    try:
        return read_text(path, _MAX_ISSUE)
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise UsageError(
                f"{path}: more than {_MAX_ISSUE:,} bytes; pass only the text of the issue"
            ) from error
        why = (error.strerror or str(error)).lower()
        raise UsageError(f"{path}: cannot be read ({why}); pass the text") from error


async def _best_results(
    ls: Session, found: Sequence[FoundPlace], limit: int, *, show: bool
) -> Sequence[FoundPlace]:
    """The best results of all roots. With `show`, the user can also choose a result to open."""
    best = sorted(found, key=lambda one: -one.score)[:limit]
    if not best:
        ls.show(await nothing_found(list(ls.roots)))
    elif show:
        ls.spawn(_show(ls, best))
    return best


async def nothing_found(roots: Sequence[Root]) -> str:
    """The message that nothing was found. During indexing, the message says how many files are indexed."""
    states = [await _status(root) for root in roots]
    running = [one.indexing for one in states if isinstance(one, HostStatus) and one.indexing]
    done, total = sum(one.done for one in running), sum(one.total for one in running)
    return f"nothing found yet: {done} of {total} files are indexed" if total else "nothing found"


async def _show(ls: Session, found: Sequence[FoundPlace]) -> None:
    titles = {results.title(one): one for one in found[:_SHOWN]}
    choices = [types.MessageActionItem(title) for title in titles]
    # Helix cuts each choice at the length of the question.
    question = "cornea: open which?".ljust(max(map(len, titles)))
    chosen = await ls.window_show_message_request_async(
        types.ShowMessageRequestParams(types.MessageType.Info, question, choices)
    )
    if chosen is None or chosen.title not in titles:
        return
    one = titles[chosen.title]
    line = one.range.start.protocol
    await ls.window_show_document_async(
        types.ShowDocumentParams(one.uri, take_focus=True, selection=types.Range(line, line))
    )
