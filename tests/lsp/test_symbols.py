"""Workspace symbols: a search, by name or in words."""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from lsp.symbols import merge_pieces
from retrieval.result import Hit

from .conftest import EditorWindow


def _symbols(window: EditorWindow, query: str, token: str | None = None) -> list[types.WorkspaceSymbol]:
    params = types.WorkspaceSymbolParams(query, partial_result_token=token)
    return list(window(window.editor.client.workspace_symbol_async(params)) or [])


def test_by_name(window: EditorWindow) -> None:
    """The definition comes first, as a place that an editor can open."""
    found = _symbols(window, "find_order")
    assert found[0].name.endswith("find_order")
    assert found[0].kind == types.SymbolKind.Method
    assert isinstance(found[0].location, types.Location)
    assert found[0].location.uri == window.editor.uri("src/order.py")
    assert found[0].location.range.start.line == 7


def test_in_words(window: EditorWindow) -> None:
    """By what the code does, several fragments of a file among them."""
    names = [one.name for one in _symbols(window, "keeps users in a table")]
    assert any("User" in name for name in names)


def test_nothing_to_search_for(window: EditorWindow) -> None:
    """Clients ask before the first letter is typed."""
    assert _symbols(window, "") == []
    assert _symbols(window, "  ") == []
    assert _symbols(window, "(") == []


def test_partial_results(window: EditorWindow) -> None:
    """A client that takes them gets the results as they come, and nothing twice."""
    window.editor.client.protocol.progress.tokens.pop("part", None)
    heard: list[Any] = []
    window.editor.on_progress["part"] = heard.append
    assert _symbols(window, "find_order", "part") == []
    (first, *_) = heard
    assert first[0]["name"].endswith("find_order")


KNEAD = '''class Bakery:
    def knead_dough(self, flour, water):
        """Fold flour and water until the dough is smooth."""
        return self.fold(flour + water)
'''


def test_text_that_was_never_saved_is_found(window: EditorWindow) -> None:
    """A new file's code is found by name and in words while it is open, and not when it is closed."""
    uri = window.editor.open("src/bakery.py", KNEAD)
    try:
        found = _symbols(window, "knead_dough")
        assert found[0].name == "Bakery.knead_dough"
        assert isinstance(found[0].location, types.Location)
        assert (found[0].location.uri, found[0].location.range.start.line) == (uri, 1)
        assert any(
            one.location.uri == uri for one in _symbols(window, "fold flour and water until smooth")[:3]
        )
        found = _symbols(window, "find_order")
        assert found[0].name.endswith("find_order")
        assert all(one.location.uri != uri for one in found)
    finally:
        window.editor.close(uri)
    assert all(one.location.uri != uri for one in _symbols(window, "knead_dough"))


def test_a_document_without_a_file_is_found(window: EditorWindow) -> None:
    """By its own URI, also by the command."""
    uri = "untitled:Untitled-1"
    item = types.TextDocumentItem(uri=uri, language_id="python", version=1, text=KNEAD)
    window.editor.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    try:
        assert _symbols(window, "knead_dough")[0].location.uri == uri
        answer = window.editor.plain(window(window.editor.run("cornea.search", "knead dough")))
        assert answer[0]["uri"] == uri
    finally:
        window.editor.close(uri)
    assert all(one.location.uri != uri for one in _symbols(window, "knead_dough"))


def test_code_that_was_added_to_a_saved_file(window: EditorWindow) -> None:
    """What was typed into a file is found where it stands; what was there before is found once."""
    ed = window.editor
    text = (ed.folders[0] / "src/user.py").read_text()
    added = "\n    def forget_user(self, key):\n        del self.table[key]\n"
    uri = ed.open("src/user.py", text + added)
    try:
        first = _symbols(window, "forget_user")[0]
        assert first.name == "UserStore.forget_user"
        assert first.location.uri == uri
        named = [one for one in _symbols(window, "find_user") if one.name == "UserStore.find_user"]
        assert len(named) == 1
    finally:
        ed.close(uri)


def test_unsaved_text_counts(window: EditorWindow) -> None:
    """A hit is where its code is now, or left out where it is gone; on closing the disk counts again."""
    ed = window.editor
    text = (ed.folders[0] / "src/user.py").read_text()
    uri = ed.open("src/user.py", "\n\n" + text)
    try:
        found = next(one for one in _symbols(window, "find_user") if one.location.uri == uri)
        assert isinstance(found.location, types.Location)
        assert found.location.range.start.line == 9
        ed.type(uri, 0, 0, "")
        document = types.VersionedTextDocumentIdentifier(uri=uri, version=3)
        whole = types.TextDocumentContentChangeWholeDocument(text="")
        ed.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [whole]))
        assert all(one.location.uri != uri for one in _symbols(window, "find_user"))
    finally:
        ed.close(uri)
    assert any(one.location.uri == uri for one in _symbols(window, "find_user"))


LONG = "def {name}(table):\n" + "".join(f"    value_{n} = table.lookup({n})\n" for n in range(70))


def test_a_long_function_is_listed_once(window: EditorWindow) -> None:
    """Its pieces are one symbol; so is one that was edited, whose pieces begin elsewhere now."""
    ed = window.editor
    text = LONG.format(name="lookup_everything")
    place = ed.folders[0] / "src" / "long.py"
    place.write_text(text)
    try:
        window(ed.ready())
        found = [one for one in _symbols(window, "lookup_everything") if one.name == "lookup_everything"]
        assert len(found) == 1
        assert isinstance(found[0].location, types.Location)
        assert found[0].location.range.start.line == 0
        uri = ed.open("src/long.py", text.replace("table.lookup(30)", "table.lookup(30)\n    again = 1"))
        found = [one for one in _symbols(window, "lookup_everything") if one.name == "lookup_everything"]
        assert len(found) == 1
        ed.close(uri)
    finally:
        place.unlink()
        window(ed.ready())


def _row(start: int, end: int, text: str, symbol: str = "Store.find", path: str = "a.py") -> Hit:
    return Hit(path, start, end, symbol, "function", "python", 1.0, text)


def test_pieces_and_overloads() -> None:
    """Pieces are put together, in the order of the best; functions of one name stay apart."""
    rows = [
        _row(60, 80, "        if found:\n            return find(found)\n"),
        _row(5, 6, "def find(): pass", "find"),
        _row(40, 59, "        if found:\n            find()\n"),
        _row(20, 39, "    @cached\n    def find(self, a,\n             b):\n        if a:\n"),
        _row(90, 95, "    def find(self, a):\n        return a\n"),
        _row(1, 2, "    int find(int a)\n    {\n", path="b.cpp"),
        _row(3, 4, "    int find(float a)\n    {\n", path="b.cpp"),
        _row(1, 2, "x = 1", ""),
        _row(3, 4, "y = 1", ""),
    ]
    spans = [(one.path, one.start_line, one.end_line) for one in merge_pieces(rows)]
    assert spans == [
        ("a.py", 20, 80), ("a.py", 5, 6), ("a.py", 90, 95), ("b.cpp", 1, 2), ("b.cpp", 3, 4),
        ("a.py", 1, 2), ("a.py", 3, 4),
    ]  # fmt: skip
