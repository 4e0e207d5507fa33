"""The symbols of a document, as a tree or a list."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from lsprotocol import types

from lsp import outline
from lsp.documents import Document, lines_of
from lsp.outline import DEEPEST
from retrieval.host.answers import BufferDefinition

from ..e2e.cli import Cli
from ..support.waiting import until_in_loop
from .conftest import EditorWindow
from .editor import Editor, editor
from .wire import Wire

SQL = """-- Everybody who bakes.
CREATE TABLE bakers (
    id integer PRIMARY KEY,
    name text
);

CREATE VIEW names AS SELECT name FROM bakers;
"""
PYTHON = '''import os

LIMIT = 3


class Bakery:
    """Bakes 😀."""

    ovens = 2

    @staticmethod
    def bake(flour):
        def knead(dough):
            return dough

        return knead(flour)

    def sell(self): """😀"""; return LIMIT
'''
TREES = {"textDocument": {"documentSymbol": {
    "hierarchicalDocumentSymbolSupport": True, "symbolKind": {"valueSet": list(range(1, 27))},
}}}  # fmt: skip
EVERY = {"documentSymbols": {"languages": ["all"]}}

Row = tuple[str, str, int, int]


async def _symbols(ed: Editor, uri: str) -> Sequence[Any] | None:
    params = types.DocumentSymbolParams(types.TextDocumentIdentifier(uri))
    return await ed.client.text_document_document_symbol_async(params)


def _rows(symbols: Sequence[types.DocumentSymbol], depth: int = 0) -> list[Row]:
    """Each symbol's name below those around it, its kind, and its first and last line."""
    return [
        row
        for one in symbols
        for row in [
            ("  " * depth + one.name, one.kind.name, one.range.start.line, one.range.end.line),
            *_rows(one.children or (), depth + 1),
        ]
    ]


def _check(symbols: Sequence[types.DocumentSymbol], around: types.Range | None = None) -> None:
    """What the protocol demands: names, selections within ranges, and those within the ranges around them."""
    for one in symbols:
        assert one.name.strip()
        assert one.range.start <= one.selection_range.start <= one.selection_range.end <= one.range.end
        assert around is None or (around.start <= one.range.start and one.range.end <= around.end)
        _check(one.children or (), one.range)


def test_a_tree(stores: Cli) -> None:
    """Nested as the definitions are, with their kinds; each name is where it is written."""

    async def scenario() -> None:
        async with editor(stores, capabilities=TREES, options=EVERY) as ed:
            assert ed.answer.capabilities.document_symbol_provider
            await ed.ready()
            found = await _symbols(ed, ed.open("src/bakery.py", PYTHON)) or []
            assert _rows(found) == [
                ("LIMIT", "Constant", 2, 2),
                ("Bakery", "Class", 5, 17),
                ("  ovens", "Field", 8, 8),
                ("  bake", "Method", 10, 15),
                ("    knead", "Function", 12, 13),
                ("  sell", "Method", 17, 17),
            ]
            _check(found)
            lines = PYTHON.split("\n")
            for one in [*found, *found[1].children]:
                place = one.selection_range
                assert lines[place.start.line][place.start.character : place.end.character] == one.name
            sql = await _symbols(ed, ed.open("schema.sql", SQL, "sql")) or []
            assert [(one.name, one.kind) for one in sql] == [
                ("bakers", types.SymbolKind.Class),
                ("names", types.SymbolKind.Class),
            ]
            _check(sql)
            assert sql[0].selection_range.start == types.Position(1, 13)

    asyncio.run(scenario())


@pytest.mark.parametrize(("encoding", "codec", "width"), [
    ("utf-8", "utf-8", 1), ("utf-16", "utf-16-le", 2), ("utf-32", "utf-32-le", 4),
])  # fmt: skip
def test_positions_are_the_clients(stores: Cli, encoding: str, codec: str, width: int) -> None:
    """Behind an emoji, in the units that were agreed."""

    async def scenario() -> None:
        wanted = {**TREES, "general": {"positionEncodings": [encoding]}}
        async with editor(stores, capabilities=wanted, options=EVERY) as ed:
            await ed.ready()
            found = await _symbols(ed, ed.open("src/bakery.py", PYTHON)) or []
            line = PYTHON.split("\n")[17].encode(codec)
            whole = types.Range(types.Position(17, 4), types.Position(17, len(line) // width))
            assert found[1].children[-1].range == whole

    asyncio.run(scenario())


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_and_declared_encodings(window: EditorWindow, end: str) -> None:
    """Lines are the protocol's; a text is not read in the encoding that it says its file has."""
    uri = window.editor.open(
        "load.sh", end.join(["# coding: latin-1", "", "say() { echo 'ü'; }", ""]), "shellscript"
    )
    (found,) = window(_symbols(window.editor, uri)) or []
    window.editor.close(uri)
    assert (found.name, found.location.range) == (
        "say",
        types.Range(types.Position(2, 0), types.Position(2, 19)),
    )


def test_a_list_for_clients_without_trees(stores: Cli) -> None:
    """Flat, with the qualified name of what each is in, and only kinds that any client knows."""

    async def scenario() -> None:
        async with editor(stores, options=EVERY) as ed:
            await ed.ready()
            uri = ed.open("src/bakery.py", PYTHON)
            found = await _symbols(ed, uri) or []
            assert [(one.name, one.container_name) for one in found] == [
                ("LIMIT", None), ("Bakery", None), ("ovens", "Bakery"), ("bake", "Bakery"),
                ("knead", "Bakery.bake"), ("sell", "Bakery"),
            ]  # fmt: skip
            assert {one.location.uri for one in found} == {uri}
            rust = "enum Bread {\n    Rye,\n}\n\ntype Loaf = Bread;\n"
            kinds = [one.kind for one in await _symbols(ed, ed.open("src/bread.rs", rust, "rust")) or []]
            assert len(kinds) == 3
            assert max(kind.value for kind in kinds) <= types.SymbolKind.Array.value

    asyncio.run(scenario())


def test_the_settings_say_for_which_languages(own: Cli) -> None:
    """By default those without a server of their own; none is no error, and a change counts at once."""

    async def shows(ed: Editor, python: str, sql: str, wanted: tuple[bool, bool]) -> bool:
        return (bool(await _symbols(ed, python)), bool(await _symbols(ed, sql))) == wanted

    async def scenario() -> None:
        async with editor(own, capabilities=TREES, settings={}) as ed:
            python = ed.open("src/bakery.py", PYTHON)
            sql = ed.open("schema.sql", SQL, "sql")
            assert await _symbols(ed, python) is None
            assert len(await _symbols(ed, sql) or []) == 2
            for languages, wanted in (([], (False, False)), (["py"], (True, False)), (["all"], (True, True))):
                ed.client.set_configuration({"documentSymbols": {"languages": languages}}, section="cornea")
                ed.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
                await until_in_loop(partial(shows, ed, python, sql, wanted))

    asyncio.run(scenario())


def test_the_text_is_the_editors(window: EditorWindow) -> None:
    """What is typed counts, also in a document that has no file; when one is closed there is nothing."""
    ed = window.editor

    def tables(uri: str) -> list[str]:
        return [one.name for one in window(_symbols(ed, uri)) or [] if one.container_name is None]

    uri = ed.open("schema.sql", SQL, "sql")
    ed.type(uri, 0, 0, "CREATE TABLE ovens (id integer);\n")
    assert tables(uri) == ["ovens", "bakers", "names"]
    ed.close(uri)
    assert window(_symbols(ed, uri)) == []
    item = types.TextDocumentItem(uri="untitled:Untitled-1", language_id="sql", version=1, text=SQL)
    ed.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    assert tables(item.uri) == ["bakers", "names"]
    ed.close(item.uri)
    for other in ("untitled:nothing", "http://example.org/a.sql", "file:///../..", "", ed.uri("src/user.py")):
        assert window(_symbols(ed, other)) == []


def test_hostile_documents(own: Cli) -> None:
    """What cannot be parsed, is too deep, too large or too much: an answer, and the server goes on."""
    wire = Wire(own)
    base = own.folder.as_uri()

    def names(path: str, text: str) -> list[str]:
        wire.open(f"{base}/{path}", text, "python")
        found = wire.ask("textDocument/documentSymbol", {"textDocument": {"uri": f"{base}/{path}"}})
        return [one["name"] for one in found]

    try:
        wire.initialize(own.folder, options=EVERY)
        assert names("deep.py", "x = " + "[" * 100_000) == []
        assert names("nul.py", "def knead():\n    pass\0\n") == []
        assert names("long.py", "x = '" + "a" * 100_000 + "'") == []
        assert names("large.py", "def knead():\n    pass\n" * 60_000) == []
        assert names("huge.py", "def knead():\n    pass\n" * 600_000) == []
        nested = "".join(f"{' ' * n}class A{n}:\n" for n in range(400)) + f"{' ' * 400}x = 1\n"
        assert len(names("nested.py", nested)) >= 400
        many = "".join(f"NAME_{n} = {n}\n" for n in range(6_000))
        assert len(names("many.py", many)) == 5_000
        assert any("many.py" in one and "1000 are not listed" in one for one in wire.shown)
        assert names("half.py", "def knead(\ud83d):\n    pass\n") == ["knead"]
        assert wire.ghost(f"{base}/half.py", 0, 0) is not None
        assert wire.leave() == 0
    finally:
        wire.close()


def _row(name: str, first: int, last: int) -> BufferDefinition:
    return BufferDefinition(name, "class", (first, 1), (last, 2), (first, 1), (first, 2))


def test_where_a_definition_is_put() -> None:
    """Below the one around it, by its name first; not below one that it leaves, and not too deep."""
    document = Document("untitled:a", "python", 1, lines_of("ab\n" * 200))
    rows = [
        _row("A", 1, 9), _row("A.b", 2, 8), _row("A.c", 3, 4), _row("d", 5, 6), _row("E", 7, 12),
        _row("F", 13, 14),
    ]  # fmt: skip
    kinds = frozenset(types.SymbolKind)
    nodes = outline.tree(rows, document, kinds)
    placed = {node.symbol: (node.around.symbol if node.around else "", node.name) for node in nodes}
    assert placed == {
        "A": ("", "A"), "A.b": ("A", "b"), "A.c": ("A", "c"), "d": ("A.b", "d"),
        "E": ("", "E"), "F": ("", "F"),
    }  # fmt: skip
    deep = outline.tree([_row(f"A{n}", n + 1, 200 - n) for n in range(90)], document, kinds)
    assert max(node.depth for node in deep) == DEEPEST - 1
    assert len(deep) == 90


def test_scripts_of_components(stores: Cli) -> None:
    """A component has the symbols of its scripts, with the lines of the page."""
    script = '<script lang="ts">\nclass Oven {\n  bake(): void {}\n}\n</script>\n'
    vue = f"<template>\n  <p>ü</p>\n</template>\n{script}"

    async def scenario() -> None:
        options = {"documentSymbols": {"languages": ["vue"]}}
        async with editor(stores, capabilities=TREES, options=options) as ed:
            await ed.ready()
            found = await _symbols(ed, ed.open("web/Oven.vue", vue, "vue")) or []
            assert _rows(found) == [("Oven", "Class", 4, 6), ("  bake", "Method", 5, 5)]
            assert await _symbols(ed, ed.open("web/oven.html", vue, "html")) is None

    asyncio.run(scenario())
