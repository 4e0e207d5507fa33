"""Definitions, references and the call hierarchy, in the languages that the settings name.

Definitions are those of functions, methods, classes, types and macros; references are their calls.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from indexer.errors import CorneaError, UsageError
from retrieval.host.relation_answers import CallEdge, CallLine, CallPlace, CallsAnswer, DefinitionCalls
from retrieval.host.requests import CallsParams, Direction

from . import cursor, life, positions
from .documents import clean

if TYPE_CHECKING:
    from .documents import Document
    from .roots import Root
    from .session import Session

MAX_PLACES = 1_000
"""Maximum callers or callees of one definition."""
_LAST = 1_000_000_000
"""A number above all lines and columns."""
_KINDS = {
    "function": types.SymbolKind.Function,
    "method": types.SymbolKind.Method,
    "class": types.SymbolKind.Class,
    "type": types.SymbolKind.Class,
    "macro": types.SymbolKind.Constant,
    "module": types.SymbolKind.File,
}
_PATH = re.compile(r"[\w$@]+(?:(?:\.|::|->|\?\.)[\w$@]+)*")
_WORD = re.compile(r"[\w$@]+")


async def definition(ls: Session, params: types.DefinitionParams) -> list[types.Location] | None:
    """The definitions of the name at a position. Returns None for a language that other servers serve."""
    found = await _at(ls, params, "definitions")
    if found is None:
        return None
    root, answer = found
    return [_location(ls, root, one.definition) for one in answer.definitions]


async def references(ls: Session, params: types.ReferenceParams) -> list[types.Location] | None:
    """The calls of the definition at a position. Returns None for a language that other servers serve."""
    found = await _at(ls, params, "callers")
    if found is None:
        return None
    root, answer = found
    places: dict[tuple[str, int, int], types.Location] = {}
    if params.context.include_declaration:
        for one in answer.definitions:
            where = one.definition
            places[where.path, where.line, where.column] = _location(ls, root, where)
    for edge in [edge for one in answer.definitions for edge in one.edges] + answer.shared:
        name = answer.definitions[0].definition.symbol.rpartition(".")[2]
        for call in edge.calls:
            places[edge.path, call.line, call.column] = types.Location(
                root.uri_of(edge.path), _range(ls, call, name)
            )
    return list(places.values())


async def prepare(
    ls: Session, params: types.CallHierarchyPrepareParams
) -> list[types.CallHierarchyItem] | None:
    """The definitions at a position, as the beginning of a call hierarchy. Returns None if there are none."""
    found = await _at(ls, params, "definitions")
    if found is None or not found[1].definitions:
        return None
    root, answer = found
    return [_item(ls, root, one.definition) for one in answer.definitions]


async def incoming(
    ls: Session, params: types.CallHierarchyIncomingCallsParams
) -> list[types.CallHierarchyIncomingCall] | None:
    """The callers of an item. Each of their calls has the name of the item."""
    edges = await _edges(ls, params.item, "callers")
    return (
        None
        if edges is None
        else [
            types.CallHierarchyIncomingCall(_item(ls, root, edge), _ranges(ls, edge, params.item.name))
            for root, edge in edges
        ]
    )


async def outgoing(
    ls: Session, params: types.CallHierarchyOutgoingCallsParams
) -> list[types.CallHierarchyOutgoingCall] | None:
    """What an item calls. Each call has the name of the callee."""
    edges = await _edges(ls, params.item, "callees")
    return (
        None
        if edges is None
        else [
            types.CallHierarchyOutgoingCall(
                _item(ls, root, edge), _ranges(ls, edge, edge.symbol.rpartition(".")[2])
            )
            for root, edge in edges
        ]
    )


async def _edges(
    ls: Session, item: types.CallHierarchyItem, direction: Direction
) -> list[tuple[Root, CallEdge]] | None:
    """The callers or callees of an item, with their root. Returns None if the item is not of a root."""
    found = await _of_item(ls, item, direction)
    if found is None:
        return None
    root, answer = found
    return [(root, edge) for one in answer.definitions for edge in one.edges]


async def _at(
    ls: Session,
    params: types.DefinitionParams | types.ReferenceParams | types.CallHierarchyPrepareParams,
    direction: Direction,
) -> tuple[Root, CallsAnswer] | None:
    """The answer about a position, and the root. Returns None if another server serves the language."""
    document = ls.documents.get(params.text_document.uri)
    if document is None or not ls.settings.navigates(cursor.language_of(document)):
        return None
    document = document.snapshot()
    found = life.root_of(ls, document)
    if found is None or not found[1] or not (found[0].started or ls.settings.index):
        return None
    root, path = found
    line, column = document.place(params.position)
    name = _name(document, line, column)
    if not name:
        return root, CallsAnswer(definitions=[])
    asked = CallsParams(
        direction=direction,
        name=name,
        path=path,
        line=line + 1,
        column=column + 1,
        limit=MAX_PLACES,
    )
    answer = await _ask(ls, root, asked)
    return root, answer


async def _of_item(
    ls: Session, item: types.CallHierarchyItem, direction: Direction
) -> tuple[Root, CallsAnswer] | None:
    """The answer about an item that `prepare` or another answer has made."""
    if item.kind == types.SymbolKind.File:  # a file's own code is called by nothing that we know
        return None
    asked = _question(item.data, direction)
    root = next((one for one in ls.roots if asked and one.uri_of(asked.path) == item.uri), None)
    if asked is None or root is None:
        return None
    answer = await _ask(ls, root, asked)
    answer.definitions = [_merged(answer)] if answer.definitions else []
    return root, answer


def _question(data: Any, direction: Direction) -> CallsParams | None:
    """The question about an item with this data. Returns None if the data is not ours."""
    if not isinstance(data, dict):
        return None
    path, line, column = (data.get(key) for key in ("path", "line", "column"))
    if not isinstance(path, str) or not path or clean(path) != path:
        return None
    if not (isinstance(line, int) and isinstance(column, int) and 0 < line < _LAST and 0 < column < _LAST):
        return None
    try:
        return CallsParams(direction=direction, path=path, line=line, column=column, limit=MAX_PLACES)
    except UsageError:  # the path leads out of the root
        return None


def _merged(answer: CallsAnswer) -> DefinitionCalls:
    """The answer about one definition, with each caller or callee once."""
    first = answer.definitions[0]
    known: dict[tuple[str, int, str], CallEdge] = {}
    for edge in [*first.edges, *answer.shared]:
        key = edge.path, edge.line, edge.symbol
        if key in known:
            known[key].calls.extend(edge.calls)
        else:
            known[key] = edge
    return DefinitionCalls(definition=first.definition, edges=list(known.values()))


async def _ask(ls: Session, root: Root, params: CallsParams) -> CallsAnswer:
    try:
        await ls.unsaved.send(root)
        return await root.ask(params)
    except CorneaError as error:
        ls.show_error_once(str(error), root)
        return CallsAnswer(definitions=[])


def _name(document: Document, line: int, column: int) -> str:
    """The name at a position, with what is before it: `a.b` in `a.b.c`, if the position is at `b`."""
    text = document.line(line)
    for path in _PATH.finditer(text):
        if path.start() <= column <= path.end():
            word = next((w for w in _WORD.finditer(text, path.start()) if w.end() >= column), None)
            return text[path.start() : word.end()] if word else path[0]
    return ""


def _location(ls: Session, root: Root, one: CallPlace) -> types.Location:
    name = CallLine(one.line, one.column, one.text)
    return types.Location(root.uri_of(one.path), _range(ls, name, one.symbol.rpartition(".")[2]))


def _ranges(ls: Session, edge: CallEdge, name: str) -> list[types.Range]:
    return [_range(ls, call, name.rpartition(".")[2]) for call in edge.calls]


def _range(ls: Session, call: CallLine, name: str) -> types.Range:
    """The range of a name at a place of its line, in the client's units."""
    encoding = ls.documents.encoding
    before = call.text[: call.column - 1].ljust(call.column - 1)
    start = positions.units(before, encoding)
    return types.Range(
        types.Position(call.line - 1, start),
        types.Position(call.line - 1, start + positions.units(name, encoding)),
    )


def _item(ls: Session, root: Root, one: CallPlace) -> types.CallHierarchyItem:
    name = one.symbol or one.path.rpartition("/")[2]
    named = _range(ls, CallLine(one.line, one.column, one.text), one.symbol.rpartition(".")[2])
    whole = types.Range(types.Position(one.start_line - 1, 0), types.Position(one.end_line, 0))
    resolution = one.resolution if isinstance(one, CallEdge) else ""
    detail = f"{one.path} ({resolution})" if resolution == "by name" else one.path
    data = {"path": one.path, "line": one.line, "column": one.column}
    return types.CallHierarchyItem(
        name, _KINDS.get(one.kind, types.SymbolKind.Function), root.uri_of(one.path), whole, named,
        detail=detail, data=data,
    )  # fmt: skip
