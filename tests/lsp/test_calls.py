"""Definitions, references and the call hierarchy, where the settings turn them on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lsprotocol import types

from ..e2e.cli import Cli
from ..repositories import write
from .conftest import EditorWindow
from .editor import editor

FILES = {
    "cart.py": "class Cart:\n    def total(self): return 1\n\n\n"
    'def price(cart):\n    """é"""; return cart and price(None)\n',
    "app.py": "from cart import Cart, price\n\n\ndef run():\n    cart = Cart()\n"
    "    é = cart.total()\n    return price(cart)\n",
    "run.sh": "greet() {\n  echo hi\n}\ngreet\n",
}


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EditorWindow]:
    """An editor whose user wants these features in every language."""
    place = tmp_path_factory.mktemp("calls")
    cli = Cli(place / "home", write(place / "shop", FILES))
    opened = EditorWindow(editor(cli, options={"navigation": {"languages": ["all"]}}))
    opened(opened.editor.ready())
    yield opened
    opened.close()
    cli("host", "stop")


def _at(uri: str, line: int, character: int) -> dict[str, object]:
    return {"text_document": types.TextDocumentIdentifier(uri), "position": types.Position(line, character)}


def _place(one: types.Location | types.CallHierarchyItem) -> tuple[str, int, int]:
    start = one.range.start if isinstance(one, types.Location) else one.selection_range.start
    return Path(one.uri).name, start.line, start.character


def test_definition_and_references(calls: EditorWindow) -> None:
    """Of a method that a variable's class has, of a class, of a function; in the client's units."""
    client = calls.editor.client
    uri = calls.editor.open("app.py")

    def definition(line: int, character: int) -> list[tuple[str, int, int]]:
        params = types.DefinitionParams(**_at(uri, line, character))
        return [_place(one) for one in calls(client.text_document_definition_async(params)) or []]

    assert definition(5, 16) == [("cart.py", 1, 8)]
    assert definition(0, 19) == [("cart.py", 0, 6)]
    assert definition(6, 13) == [("cart.py", 4, 4)]
    assert definition(2, 0) == []
    context = types.ReferenceContext(include_declaration=True)
    params = types.ReferenceParams(context=context, **_at(uri, 6, 13))
    found = calls(client.text_document_references_async(params))
    assert [_place(one) for one in found] == [("cart.py", 4, 4), ("app.py", 6, 11), ("cart.py", 5, 29)]
    calls.editor.close(uri)


def test_call_hierarchy(calls: EditorWindow) -> None:
    """Who calls a function, and what a function calls, also of unsaved text."""
    client = calls.editor.client
    uri = calls.editor.open("app.py", FILES["app.py"] + "\n\ndef more():\n    run()\n")
    (item,) = calls(
        client.text_document_prepare_call_hierarchy_async(types.CallHierarchyPrepareParams(**_at(uri, 3, 5)))
    )
    assert (item.name, item.kind, _place(item)) == ("run", types.SymbolKind.Function, ("app.py", 3, 4))
    params = types.CallHierarchyIncomingCallsParams(item)
    incoming = calls(client.call_hierarchy_incoming_calls_async(params))
    assert [(one.from_.name, one.from_ranges[0].start.line) for one in incoming] == [("more", 10)]
    outgoing = calls(client.call_hierarchy_outgoing_calls_async(types.CallHierarchyOutgoingCallsParams(item)))
    assert [one.to.name for one in outgoing] == ["Cart", "Cart.total", "price"]
    assert outgoing[1].from_ranges[0].start == types.Position(5, 13)
    calls.editor.close(uri)


def test_other_languages_are_left_to_other_servers(window: EditorWindow) -> None:
    """By default, only languages without a common server are answered for."""
    uri = window.editor.open("src/order.py")
    params = types.DefinitionParams(**_at(uri, 7, 10))
    assert window(window.editor.client.text_document_definition_async(params)) is None
    window.editor.close(uri)
    assert window.editor.answer.capabilities.definition_provider
    assert window.editor.answer.capabilities.references_provider
    assert window.editor.answer.capabilities.call_hierarchy_provider
