"""Commands and code actions."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from lsp.commands import nothing_found
from lsp.roots import Root

from ..e2e.cli import Cli
from .conftest import FILES, ISSUE, EditorWindow
from .editor import editor, until
from .test_inline import END, LINE

START = {"line": 0, "character": 0}
STATUS = {
    "root": "/a", "pid": 1, "version": "0", "protocol": 1, "since": 0.0, "clients": 1, "requests": 1,
    "idle_seconds": 600.0, "folder": "/b", "repo": "a", "files": 0, "fragments": 0, "updated": 0.0,
    "watches": "events", "folders": 1, "trouble": "", "memory": 0,
}  # fmt: skip
"""What a host answers to `status`, without the update that is running."""


def _get(value: Any, name: str) -> Any:
    """A member of an answer, which the client may have made an object of."""
    return value[name] if isinstance(value, dict) else getattr(value, name)


def test_search(window: EditorWindow) -> None:
    """Places with what they are, the best first."""
    found = window(window.editor.run("cornea.search", {"query": "find_order", "limit": 2}))
    assert 1 <= len(found) <= 2
    assert _get(found[0], "path") == "src/order.py"
    assert _get(found[0], "uri") == window.editor.uri("src/order.py")
    assert window(window.editor.run("cornea.search", "find_order"))


def test_similar(window: EditorWindow) -> None:
    """The same function of the other store, also from a buffer whose lines have moved."""
    ed = window.editor
    uri = ed.uri("src/user.py")
    asked = {"uri": uri, "position": {"line": 9, "character": 0}}
    (first, *_) = window(ed.run("cornea.similar", asked))
    assert _get(first, "path") == "src/order.py"
    assert "find_order" in _get(first, "symbol")
    ed.open("src/user.py", "# new\n" * 30 + (ed.folders[0] / "src/user.py").read_text())
    asked = {"uri": uri, "position": {"line": 39, "character": 0}}
    (first, *_) = window(ed.run("cornea.similar", asked))
    ed.close(uri)
    assert "find_order" in _get(first, "symbol")


@pytest.mark.parametrize("how", ["text", "file", "selection"])
def test_locate(window: EditorWindow, how: str) -> None:
    """The function that an issue names, with reasons, from a text, a file or a part of an open document."""
    ed = window.editor
    argument: Any = ISSUE
    if how == "file":
        argument = {"uri": ed.uri("ISSUE.md")}
    if how == "selection":
        uri = ed.open("note.md", "Bananas.\n" + ISSUE, "markdown")
        where = {"start": {"line": 1, "character": 0}, "end": {"line": 4, "character": 0}}
        argument = {"uri": uri, "range": where, "limit": 3}
    (first, *_) = window(ed.run("cornea.locate", argument))
    assert "find_order" in _get(first, "symbol")
    assert _get(first, "uri") == ed.uri("src/order.py")
    assert _get(first, "why")


def test_status_and_reindex(window: EditorWindow) -> None:
    """What is served, and how many fragments there are."""
    ed = window.editor
    status = window(ed.run("cornea.status"))
    (root,) = _get(status, "roots")
    assert _get(root, "folder") == str(ed.folders[0])
    (report,) = window(ed.run("cornea.reindex", {"uri": ed.uri("src/user.py")}))
    assert _get(report, "unchanged") == _get(root, "files") == 4
    assert _get(root, "fragments") > 3


@pytest.mark.parametrize(
    ("command", "arguments", "said"),
    [
        ("cornea.search", [], "'query' must be a string"),
        ("cornea.search", [{"query": ""}], "nothing to search for"),
        ("cornea.search", [{"query": "a", "limit": 0}], "from 1 to 200"),
        ("cornea.search", [1], "expected one object"),
        ("cornea.similar", [{"uri": "file:///x/a.py", "position": START}], "not in a folder"),
        ("cornea.similar", [{"uri": "file:///a.py", "position": {"line": "0"}}], "must have a line"),
        ("cornea.locate", [{"uri": "file:///nowhere/a.md"}], "cannot be read .no such file or directory.;"),
        ("cornea.reindex", [{"rebuild": 1}], "'rebuild' must be true or false"),
        ("cornea.reindex", ["src/a.py"], "expected one object as the argument$"),
        ("cornea.locate", [{"uri": "file:///a", "range": {"start": START}}], "'range' must be a range"),
        ("cornea.locate", [{}], "'uri' must be a string"),
        ("cornea.nothing", [], "not defined"),
    ],
)  # fmt: skip
def test_wrong_arguments(window: EditorWindow, command: str, arguments: list[Any], said: str) -> None:
    """An error says what is wrong and what to do."""
    with pytest.raises(JsonRpcException, match=said):
        window(window.editor.run(command, *arguments))


def test_a_result_is_chosen_and_shown(window: EditorWindow) -> None:
    """A client without a list of its own lets the person choose, and opens the file."""
    ed = window.editor
    ed.choice = 0
    window(ed.run("cornea.search", {"query": "find_order", "show": True}))
    (shown,) = window(
        until(lambda: [one for one in ed.client.shown_documents if one.uri.endswith("order.py")])
    )
    assert shown.selection is not None
    assert shown.selection.start.line == 7


def test_nothing_found_is_told(own: Cli) -> None:
    """Once, also to a client that has a list of its own."""
    for path in FILES:
        (own.folder / path).unlink()

    async def told() -> list[str]:
        async with editor(own) as ed:
            await ed.ready()
            assert await ed.run("cornea.search", {"query": "find_order"}) == []
            await until(lambda: ed.messages)
            return ed.messages

    assert asyncio.run(told()) == ["cornea: nothing found"]


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ([None], "nothing found"),
        ([{"done": 0, "total": 0, "fragments": 0}], "nothing found"),
        (
            [{"done": 3, "total": 90, "fragments": 9}, None, {"done": 4, "total": 10, "fragments": 9}],
            "nothing found yet: 7 of 100 files are indexed",
        ),
    ],
)
def test_nothing_found_yet(states: list[Any], said: str) -> None:
    """While roots are being indexed, it is said how far they are."""

    class Connected:
        def __init__(self, state: Any) -> None:
            self.state = state

        async def request(self, method: str, params: Any = None) -> dict[str, Any]:
            return {"status": STATUS | {"indexing": self.state}}[method]

        async def close(self) -> None:
            """Nothing is held."""

    async def connect(folder: Path, heard: Any) -> Connected:
        return Connected(states[int(folder.name)])

    roots = [Root(Path(str(n)), f"file:///{n}", connect, lambda *_: None) for n in range(len(states))]
    assert asyncio.run(nothing_found(roots)) == said


def _actions(window: EditorWindow, uri: str, wanted: types.Range, kind: int = 1) -> list[types.Command]:
    context = types.CodeActionContext([], trigger_kind=types.CodeActionTriggerKind(kind))
    params = types.CodeActionParams(types.TextDocumentIdentifier(uri), wanted, context)
    found = window(window.editor.client.text_document_code_action_async(params))
    return [one for one in found or [] if isinstance(one, types.Command)]


def test_an_issue_that_is_selected_can_be_located(window: EditorWindow) -> None:
    """In prose, with something selected; the action's command does it."""
    ed = window.editor
    uri = ed.open("issue2.md", ISSUE, "markdown")
    nothing = types.Range(types.Position(0, 0), types.Position(0, 0))
    assert _actions(window, uri, nothing) == []
    everything = types.Range(types.Position(0, 0), types.Position(3, 0))
    (action,) = _actions(window, uri, everything)
    assert action.title == "Locate this issue"
    (argument,) = action.arguments or []
    wanted = {"uri": _get(argument, "uri"), "range": ed.plain(_get(argument, "range"))}
    (first, *_) = window(ed.run(action.command, wanted))
    assert "find_order" in _get(first, "symbol")


def test_similar_code_is_offered_to_whoever_asks(window: EditorWindow) -> None:
    """No light bulb on every line: only where actions are asked for."""
    ed = window.editor
    uri = ed.open("src/item.py")
    here = types.Range(types.Position(3, 0), types.Position(3, 0))
    assert [one.title for one in _actions(window, uri, here)] == ["Find similar code"]
    assert _actions(window, uri, here, kind=2) == []


def test_hover_tells_where_a_suggested_line_comes_from(window: EditorWindow) -> None:
    """After ghost text was accepted; other lines have no hover."""
    ed = window.editor
    uri = ed.open("src/hovered.py", (ed.folders[0] / "src/item.py").read_text().rstrip())
    (item,) = window(ed.ghost(uri, LINE, END))
    ed.type(uri, LINE, END, str(item.insert_text))

    def hover(line: int) -> types.Hover | None:
        params = types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(line, 10))
        return window(ed.client.text_document_hover_async(params))

    shown = hover(LINE + 1)
    assert shown is not None
    assert isinstance(shown.contents, types.MarkupContent)
    assert "Suggested by Cornea" in shown.contents.value
    assert hover(LINE - 2) is None


def test_an_issue_in_a_file_that_is_not_open(own: Cli) -> None:
    """In UTF-16, and with its error at the end of a long log; what was not read is said."""
    trace = 'Traceback:\n  File "/srv/src/order.py", line 9, in find_order\nKeyError: 3\n'
    log = own.folder / "app.log"
    log.write_bytes(("It fails\n" + "12:00:01 INFO nothing\n" * 60_000 + trace).encode("utf-16"))

    async def scenario() -> None:
        async with editor(own) as ed:
            await ed.ready()
            (first, *_) = ed.plain(await ed.run("cornea.locate", {"uri": log.as_uri()}))
            assert first["symbol"].endswith("find_order")
            await until(lambda: any("were not read" in one.message for one in ed.client.messages))

    asyncio.run(scenario())
