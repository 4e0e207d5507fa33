"""`textDocument/documentSymbol`: the definitions of a document, as a tree if the client supports that."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lsprotocol import types

from indexer.errors import CorneaError
from retrieval.host.answers import BufferDefinition
from retrieval.host.requests import OutlineParams

from . import cursor, life, unsaved
from .documents import Document

if TYPE_CHECKING:
    from .session import Session

log = logging.getLogger(__name__)

DEEPEST = 32
"""The maximum number of levels of the tree. Deeper definitions are put on the last level.

A limit is needed because the encoding of JSON is recursive.
"""

_KIND = types.SymbolKind
_KINDS = {
    "class": _KIND.Class,
    "constant": _KIND.Constant,
    "enumerator": _KIND.EnumMember,
    "field": _KIND.Field,
    "function": _KIND.Function,
    "macro": _KIND.Constant,
    "method": _KIND.Method,
    "type": _KIND.TypeParameter,
    "variable": _KIND.Variable,
}
_FIRST_KINDS = frozenset(kind for kind in _KIND if kind.value <= _KIND.Array.value)
"""The kinds of the protocol's first version."""
_OLD_KINDS = {_KIND.EnumMember: _KIND.Constant, _KIND.TypeParameter: _KIND.Class}
"""Kinds that later versions of the protocol have added, and the kinds that replace them for older clients."""

_TOO_MANY = "it has too many symbols; {} are not listed"


@dataclass(eq=False)
class Node:
    """One definition. `symbol` is the qualified name of the definition.

    `around` is the enclosing definition. `children` are the definitions directly inside this definition.
    """

    symbol: str
    kind: types.SymbolKind
    range: types.Range
    selection: types.Range
    around: Node | None = None
    children: list[Node] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of the definition, without the name of the enclosing definition."""
        return self.symbol.removeprefix(f"{self.around.symbol}.") if self.around else self.symbol

    @property
    def depth(self) -> int:
        """The number of enclosing definitions."""
        return self.around.depth + 1 if self.around else 0


async def answer(
    ls: Session, params: types.DocumentSymbolParams
) -> Sequence[types.DocumentSymbol] | Sequence[types.SymbolInformation] | None:
    """The definitions in the open text of a document.

    Returns None for a language that the settings leave to other servers. Returns an empty list for a document
    that is not open, has no root, is too large, or cannot be parsed.
    """
    document = ls.documents.get(params.text_document.uri)
    if document is None:
        return []
    language = cursor.language_of(document)
    if not ls.settings.lists_symbols_of(language):
        return None
    document = document.snapshot()
    nodes = tree(await _definitions(ls, document, language), document, _known_kinds(ls))
    if _supports_trees(ls):
        return [_nested(node) for node in nodes if node.around is None]
    return [_flat(node, document.uri) for node in nodes]


async def _definitions(ls: Session, document: Document, language: str) -> list[BufferDefinition]:
    """The definitions that the document's host finds. If it finds none, the reason is logged or shown."""
    found = life.root_of(ls, document)
    if found is None or not (found[0].started or ls.settings.index) or not unsaved.fits(ls, document):
        return []
    root, path = found
    try:
        result = await root.ask(OutlineParams(path=path, text=document.text, language=language))
    except CorneaError as error:
        ls.show_error_once(str(error), root)
        return []
    if result.reason:
        log.info("%s: no symbols: %s", document.uri, result.reason)
    if result.left_out:
        ls.warn_left_out(document, _TOO_MANY.format(result.left_out))
    return result.definitions


def tree(
    rows: Sequence[BufferDefinition], document: Document, known: frozenset[types.SymbolKind]
) -> list[Node]:
    """The definitions as linked nodes. Outer definitions come before inner definitions.

    The parent of a definition is the innermost enclosing definition whose qualified name is a prefix of the
    definition's own qualified name. If there is no such definition, the parent is the innermost enclosing
    definition.
    """
    nodes: list[Node] = []
    around: list[Node] = []
    for row in rows:
        node = _node(row, document, known)
        while around and not _contains(around[-1].range, node.range):
            around.pop()
        node.around = _outer(node, around)
        if node.around is not None:
            node.around.children.append(node)
        nodes.append(node)
        if node.depth + 1 < DEEPEST:
            around.append(node)
    return nodes


def _outer(node: Node, around: Sequence[Node]) -> Node | None:
    named = (one for one in reversed(around) if node.symbol.startswith(f"{one.symbol}."))
    return next(named, around[-1] if around else None)


def _node(row: BufferDefinition, document: Document, known: frozenset[types.SymbolKind]) -> Node:
    whole = _range(document, row.start, row.end)
    named = _range(document, row.name_start, row.name_end)
    if not _contains(whole, named):
        named = types.Range(whole.start, whole.start)
    kind = _KINDS[row.kind]
    return Node(row.symbol, kind if kind in known else _OLD_KINDS[kind], whole, named)


def _range(document: Document, start: Sequence[int], end: Sequence[int]) -> types.Range:
    """The range in the client's units between two positions. A position is a line and a column from 1."""
    return types.Range(*(document.position(line - 1, column - 1) for line, column in (start, end)))


def _contains(outer: types.Range, inner: types.Range) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _nested(node: Node) -> types.DocumentSymbol:
    children = [_nested(one) for one in node.children]
    return types.DocumentSymbol(node.name, node.kind, node.range, node.selection, children=children)


def _flat(node: Node, uri: str) -> types.SymbolInformation:
    container = node.around.symbol if node.around else None
    return types.SymbolInformation(
        types.Location(uri, node.range), node.name, node.kind, container_name=container
    )


def _supports_trees(ls: Session) -> bool:
    able = _capabilities(ls)
    return bool(able and able.hierarchical_document_symbol_support)


def _known_kinds(ls: Session) -> frozenset[types.SymbolKind]:
    """The kinds that a client declares, and the kinds of the first version of the protocol."""
    able = _capabilities(ls)
    declared = able.symbol_kind.value_set if able and able.symbol_kind else None
    return _FIRST_KINDS.union(declared or ())


def _capabilities(ls: Session) -> types.DocumentSymbolClientCapabilities | None:
    able = ls.client_capabilities.text_document
    return able.document_symbol if able else None
