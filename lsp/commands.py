"""`workspace/executeCommand`: search, locate, similar, reindex and status.

Each answers JSON: the first three a list of locations with reasons, best first. With `"show": true` in the
argument the person chooses one of them and the client opens it, for clients that have no list of their own.
That nothing was found is told to the person by us, who know whether everything is indexed yet.
"""

from __future__ import annotations

import errno
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from indexer.errors import CorneaError, UsageError

from . import life, results, shifted, unsaved
from .arguments import Arguments
from .asking import ask_all, owned, served
from .files import file_of, read_text

if TYPE_CHECKING:
    from .roots import Message, Root
    from .session import Session

_MOST = 200
_SHOWN = 8
_SHOWN_URI = 200
_MAX_ISSUE = 10_000_000
"""Bytes of a file with an issue."""

Command = Callable[..., Awaitable[Any]]


def _failing_well(command: Command) -> Command:
    """Errors as the protocol has them, for the person who ran the command."""

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


@_failing_well
async def search(ls: Session, *arguments: Any) -> list[dict[str, Any]]:
    """Code for words or a name: `{query, limit?, show?}` or the query alone."""
    given = Arguments(arguments, alone="query")
    query = given.text("query")
    limit = given.number("limit", ls.settings.search_limit, _MOST)
    answers = await ask_all(
        ls, "search", lambda root: {"query": query, "limit": limit, "documents": unsaved.texts(ls, root)}
    )
    rows = ((root, row) for root, one in answers for row in owned(ls, root, one["hits"]))
    return await _answered(ls, given, rows, limit)


@_failing_well
async def similar(ls: Session, *arguments: Any) -> list[dict[str, Any]]:
    """Code like that at a place: `{uri, position, limit?, show?}`."""
    given = Arguments(arguments)
    uri, position = given.text("uri"), given.position()
    limit = given.number("limit", ls.settings.search_limit, _MOST)
    root, path = _place(ls, uri)
    document = ls.documents.get(uri)
    line = position.line + 1
    if document is not None and not document.saved:
        line = shifted.line_on_disk(document, line)
    asked = {"path": path, "line": line, "limit": limit, "documents": unsaved.texts(ls, root)}
    answer = await root.ask("similar", asked)
    return await _answered(ls, given, ((root, row) for row in answer["hits"]), limit)


@_failing_well
async def locate(ls: Session, *arguments: Any) -> list[dict[str, Any]]:
    """The functions that an issue is about: `{text | uri, range?, limit?, show?}` or the text alone."""
    given = Arguments(arguments, alone="text")
    from retrieval.localization import shortening

    limit = given.number("limit", ls.settings.locate_limit, _MOST)
    part = shortening.shorten(_issue(ls, given))
    if part.remark:
        ls.show(part.remark)
    asked = {"text": part.text, "limit": limit, "explain": True}
    answers = await ask_all(ls, "locate", lambda _: asked)
    rows = ((root, row) for root, one in answers for row in owned(ls, root, one["functions"]))
    return await _answered(ls, given, rows, limit)


@_failing_well
async def reindex(ls: Session, *arguments: Any) -> list[dict[str, Any]]:
    """Bring the indexes up to date, all or that of `{uri}`; `{rebuild: true}` rebuilds them.

    The report of each; of several roots, one that fails has its `trouble` instead.
    """
    given = Arguments(arguments)
    chosen = [_place(ls, given.text("uri"))[0]] if given.has("uri") else served(ls)
    rebuild = given.flag("rebuild")
    reports: list[dict[str, Any]] = []
    for root in chosen:
        try:
            reports.append({"root": str(root.folder), **await ls.indexing.refreshed(root, rebuild=rebuild)})
        except CorneaError as error:
            if len(chosen) == 1:
                raise
            reports.append({"root": str(root.folder), "trouble": str(error)})
    return reports


@_failing_well
async def status(ls: Session, *arguments: Any) -> dict[str, Any]:
    """What is served, and how it is."""
    Arguments(arguments)
    return {
        "version": ls.version,
        "settings": {key: getattr(ls.settings, name) for key, (name, _) in _keys().items()},
        "roots": [await _status(root) for root in ls.roots],
    }


COMMANDS: dict[str, Command] = {
    "cornea.search": search,
    "cornea.similar": similar,
    "cornea.locate": locate,
    "cornea.reindex": reindex,
    "cornea.status": status,
}


def _keys() -> Any:
    from .settings import KEYS

    return KEYS


async def _status(root: Root) -> dict[str, Any]:
    try:
        return await root.ask("status", {}) | {"folder": str(root.folder)}
    except CorneaError as error:
        return {"folder": str(root.folder), "trouble": str(error)}


def _place(ls: Session, uri: str) -> tuple[Root, str]:
    """The root of a file and its path there. Raises UsageError."""
    document = ls.documents.get(uri)
    path = file_of(uri)
    found = life.root_of(ls, document) if document else ls.roots.of(path) if path else None
    if found is None or not found[1]:
        raise UsageError(
            f"{uri[:_SHOWN_URI]} is not in a folder of this workspace; open the folder that it is in"
        )
    return found


def _issue(ls: Session, given: Arguments) -> str:
    """The text of an issue: given as it is, a selection, or a file. Raises UsageError."""
    if given.has("text"):
        return given.text("text")
    uri = given.text("uri")
    document = ls.documents.get(uri)
    if document is not None:
        return document.between(given.range()) if given.has("range") else document.text
    path = file_of(uri)
    if path is None or given.has("range"):
        raise UsageError(f"{uri[:_SHOWN_URI]} is not open; open it, or give the text")
    try:
        return read_text(path, _MAX_ISSUE)
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise UsageError(
                f"{path}: more than {_MAX_ISSUE:,} bytes; give the text of the issue alone"
            ) from error
        why = (error.strerror or str(error)).lower()
        raise UsageError(f"{path}: cannot be read ({why}); give the text") from error


async def _answered(
    ls: Session, given: Arguments, rows: Iterable[tuple[Root, Message]], limit: int
) -> list[dict[str, Any]]:
    """The best of all roots; chosen from and opened where that is wanted."""
    show = given.flag("show")
    found = [results.plain(root, row, row.get("why", ())) for root, row in rows]
    best = sorted(found, key=lambda one: -one["score"])[:limit]
    if not best:
        ls.show(await nothing(list(ls.roots)))
    elif show:
        ls.spawn(_show(ls, best))
    return best


async def nothing(roots: Sequence[Root]) -> str:
    """That nothing was found, and how much there was to look in while it is being indexed."""
    states = [(await _status(root)).get("indexing") for root in roots]
    under_way = [state for state in states if state]
    done, total = (sum(state[name] for state in under_way) for name in ("done", "total"))
    return f"nothing found yet: {done} of {total} files are indexed" if total else "nothing found"


async def _show(ls: Session, found: list[dict[str, Any]]) -> None:
    titles = {results.title(one): one for one in found[:_SHOWN]}
    choices = [types.MessageActionItem(title) for title in titles]
    # Helix shows no more of a choice than the question is long.
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
