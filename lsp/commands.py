"""`workspace/executeCommand`: search, locate, similar, reindex and status.

Each command returns JSON. The first three commands return a list of locations with reasons, best first. For
clients that show no lists, `"show": true` in the argument lets the user choose a location, which the client
then opens. If nothing was found, the server itself tells the user, because the server knows whether indexing
is complete.
"""

from __future__ import annotations

import errno
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from indexer.errors import CorneaError, UsageError

from . import life, results, unsaved
from .arguments import Arguments
from .asking import ask_all, open_roots, without_nested
from .documents import line_on_disk
from .files import file_of, read_text

if TYPE_CHECKING:
    from .roots import Message, Root
    from .session import Session

_MOST = 200
_SHOWN = 8
_SHOWN_URI = 200
_MAX_ISSUE = 10_000_000
"""A file with more than this number of bytes is not read as an issue."""

Command = Callable[..., Awaitable[Any]]


def _with_protocol_errors(command: Command) -> Command:
    """A function that runs the command, but raises errors of the protocol instead of CorneaError."""

    @wraps(command)
    async def run(ls: Session, *arguments: Any) -> Any:
        try:
            return await command(ls, *arguments)
        except CorneaError as error:
            code = types.LSPErrorCodes.RequestFailed
            if isinstance(error, UsageError):
                code = types.ErrorCodes.InvalidParams  # type: ignore[assignment]
            raise JsonRpcException(message=str(error), code=int(code)) from error

    return run


@_with_protocol_errors
async def search(ls: Session, *arguments: Any) -> list[dict[str, Any]]:
    """Search by a description or a name: `{query, limit?, show?}` or only the query."""
    given = Arguments(arguments, alone="query")
    query = given.text("query")
    limit = given.number("limit", ls.settings.search_limit, _MOST)
    answers = await ask_all(
        ls, "search", lambda root: {"query": query, "limit": limit, "documents": unsaved.texts(ls, root)}
    )
    rows = ((root, row) for root, one in answers for row in without_nested(ls, root, one["hits"]))
    return await _best_results(ls, given, rows, limit)


@_with_protocol_errors
async def similar(ls: Session, *arguments: Any) -> list[dict[str, Any]]:
    """Find code that is similar to the code at a position: `{uri, position, limit?, show?}`."""
    given = Arguments(arguments)
    uri, position = given.text("uri"), given.position()
    limit = given.number("limit", ls.settings.search_limit, _MOST)
    root, path = _place(ls, uri)
    document = ls.documents.get(uri)
    line = position.line + 1
    if document is not None and not document.saved:
        line = line_on_disk(document, line)
    asked = {"path": path, "line": line, "limit": limit, "documents": unsaved.texts(ls, root)}
    answer = await root.ask("similar", asked)
    return await _best_results(ls, given, ((root, row) for row in answer["hits"]), limit)


@_with_protocol_errors
async def locate(ls: Session, *arguments: Any) -> list[dict[str, Any]]:
    """Find the functions that an issue is about: `{text | uri, range?, limit?, show?}` or only the text."""
    given = Arguments(arguments, alone="text")
    from retrieval.localization import markdown

    limit = given.number("limit", ls.settings.locate_limit, _MOST)
    part = markdown.shorten(_issue(ls, given))
    if part.remark:
        ls.show(part.remark)
    asked = {"text": part.text, "limit": limit, "explain": True}
    answers = await ask_all(ls, "locate", lambda _: asked)
    rows = ((root, row) for root, one in answers for row in without_nested(ls, root, one["functions"]))
    return await _best_results(ls, given, rows, limit)


@_with_protocol_errors
async def reindex(ls: Session, *arguments: Any) -> list[dict[str, Any]]:
    """Bring all indexes up to date: `{uri?, rebuild?}`.

    With `uri`, only the index that contains this file is brought up to date. With `rebuild`, all files are
    indexed again. Returns a report for each root. If there are several roots and one of them fails, the
    report of this root has only the error message, as the member `trouble`.
    """
    given = Arguments(arguments)
    chosen = [_place(ls, given.text("uri"))[0]] if given.has("uri") else open_roots(ls)
    rebuild = given.flag("rebuild")
    reports: list[dict[str, Any]] = []
    for root in chosen:
        try:
            reports.append({"root": str(root.folder), **await ls.indexing.update(root, rebuild=rebuild)})
        except CorneaError as error:
            if len(chosen) == 1:
                raise
            reports.append({"root": str(root.folder), "trouble": str(error)})
    return reports


@_with_protocol_errors
async def status(ls: Session, *arguments: Any) -> dict[str, Any]:
    """The version, the settings, and the state of each root."""
    Arguments(arguments)
    return {
        "version": ls.version,
        "settings": ls.settings.by_key(),
        "roots": [await _status(root) for root in ls.roots],
    }


COMMANDS: dict[str, Command] = {
    "cornea.search": search,
    "cornea.similar": similar,
    "cornea.locate": locate,
    "cornea.reindex": reindex,
    "cornea.status": status,
}


async def _status(root: Root) -> dict[str, Any]:
    try:
        return await root.ask("status", {}) | {"folder": str(root.folder)}
    except CorneaError as error:
        return {"folder": str(root.folder), "trouble": str(error)}


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


def _issue(ls: Session, given: Arguments) -> str:
    """The text of an issue, which is the argument itself, a selection, or a file. Raises UsageError."""
    if given.has("text"):
        return given.text("text")
    uri = given.text("uri")
    document = ls.documents.get(uri)
    if document is not None:
        return document.between(given.range()) if given.has("range") else document.text
    path = file_of(uri)
    if path is None or given.has("range"):
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
    ls: Session, given: Arguments, rows: Iterable[tuple[Root, Message]], limit: int
) -> list[dict[str, Any]]:
    """The best results of all roots. With `show`, the user can also choose a result to open."""
    show = given.flag("show")
    found = [results.plain(root, row, row.get("why", ())) for root, row in rows]
    best = sorted(found, key=lambda one: -one["score"])[:limit]
    if not best:
        ls.show(await nothing_found(list(ls.roots)))
    elif show:
        ls.spawn(_show(ls, best))
    return best


async def nothing_found(roots: Sequence[Root]) -> str:
    """The message that nothing was found. During indexing, the message says how many files are indexed."""
    states = [(await _status(root)).get("indexing") for root in roots]
    under_way = [state for state in states if state]
    done, total = (sum(state[name] for state in under_way) for name in ("done", "total"))
    return f"nothing found yet: {done} of {total} files are indexed" if total else "nothing found"


async def _show(ls: Session, found: list[dict[str, Any]]) -> None:
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
    line = types.Position(one["range"]["start"]["line"], 0)
    await ls.window_show_document_async(
        types.ShowDocumentParams(one["uri"], take_focus=True, selection=types.Range(line, line))
    )
