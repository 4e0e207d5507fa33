"""From start to end: the index's life, folders, settings, and what goes wrong."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from ..e2e.cli import SOURCES, Cli
from ..repositories import repository, write
from .conftest import FILES, TYPED
from .editor import CAPABILITIES, Editor, editor, until
from .test_inline import END, LINE, NEXT


async def _names(ed: Editor, query: str) -> set[str]:
    params = types.WorkspaceSymbolParams(query)
    return {one.name for one in await ed.client.workspace_symbol_async(params) or []}


async def _named(ed: Editor, name: str, query: str = "") -> None:
    """Wait until a symbol is found."""

    async def found() -> bool:
        return any(name in one for one in await _names(ed, query or name))

    await until(found)


def test_what_is_opened_is_indexed_and_kept_fresh(own: Cli) -> None:
    """Nothing was indexed before; a file that is saved is found soon."""

    async def scenario() -> None:
        async with editor(own) as ed:
            await _named(ed, "find_order")
            write(own.folder, {"src/late.py": "def knead_dough(flour):\n    return flour * 2\n"})
            ed.save(ed.uri("src/late.py"))
            await _named(ed, "knead_dough")

    asyncio.run(scenario())


UNWATCHED = """
import indexer.walk.watch

def refuse(places):
    raise OSError("OS file watch limit reached.")

indexer.walk.watch.POLL_SECONDS = 600.0
indexer.walk.watch._events = refuse
"""


def test_where_the_system_refuses_events(own: Cli) -> None:
    """The client's word counts, and is asked for: files that it saves, and those that it has seen change."""
    watches: dict[str, Any] = CAPABILITIES["workspace"] | {
        "didChangeWatchedFiles": {"dynamicRegistration": True}
    }
    place = write(own.home.parent / "unwatched", {"sitecustomize.py": UNWATCHED})
    own.env["PYTHONPATH"] = os.pathsep.join((str(place), SOURCES))

    async def scenario() -> None:
        async with editor(own, capabilities={"workspace": watches}) as ed:
            await _named(ed, "find_order")
            asked = await until(lambda: ed.registered.get(types.WORKSPACE_DID_CHANGE_WATCHED_FILES))
            assert [watcher["globPattern"] for watcher in asked["watchers"]] == ["**/*"]
            status = ed.plain(await ed.run("cornea.status"))["roots"][0]
            assert "the system refused events" in status["watches"]
            write(own.folder, {"src/late.py": "def knead_dough(flour):\n    return flour * 2\n"})
            ed.save(ed.uri("src/late.py"))
            await _named(ed, "knead_dough")
            write(own.folder, {"src/later.py": "def bake_bread(dough):\n    return dough\n"})
            event = types.FileEvent(ed.uri("src/later.py"), types.FileChangeType.Created)
            ed.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
            await _named(ed, "bake_bread")

    asyncio.run(scenario())


def test_folders_come_and_go(own: Cli, tmp_path: Path) -> None:
    """Two folders from the start, one of which is closed, and a third one that is opened later."""
    bakery = write(tmp_path / "bakery", {"oven.py": "def bake_bread(dough):\n    return dough\n"})
    post = write(tmp_path / "post", {"mail.py": "def send_parcel(parcel):\n    return parcel\n"})

    async def scenario() -> None:
        async with editor(own, own.folder, bakery) as ed:
            await _named(ed, "bake_bread")
            await _named(ed, "find_order")
            added = [types.WorkspaceFolder(post.as_uri(), "post")]
            removed = [types.WorkspaceFolder(bakery.as_uri(), "bakery")]
            event = types.WorkspaceFoldersChangeEvent(added, removed)
            ed.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
            await _named(ed, "send_parcel")
            assert not any("bake_bread" in name for name in await _names(ed, "bake_bread"))

    try:
        asyncio.run(scenario())
    finally:
        for folder in (bakery, post):
            own("-C", str(folder), "host", "stop")


def test_a_file_without_a_folder(own: Cli) -> None:
    """Its repository is served; a file of none is not, and nothing fails."""
    repository(own.folder)

    async def scenario() -> None:
        async with editor(own, folders_open=False) as ed:
            with pytest.raises(JsonRpcException, match="no folder is open"):
                await ed.run("cornea.search", "find_order")
            loose = write(own.home, {"loose.py": TYPED}) / "loose.py"
            uri = ed.open(str(loose))
            assert await ed.ghost(uri, LINE, END) == []
            ed.open("src/item.py")
            await _named(ed, "find_order")

    asyncio.run(scenario())


def test_two_servers_share_one_index(own: Cli) -> None:
    """Two editors on one folder; what one of them saves, the other finds."""

    async def scenario() -> None:
        async with editor(own) as one, editor(own) as two:
            await asyncio.gather(_named(one, "find_order"), _named(two, "find_order"))
            write(own.folder, {"src/late.py": "def knead_dough(flour):\n    return flour * 2\n"})
            one.save(one.uri("src/late.py"))
            await _named(two, "knead_dough")
            pids = []
            for ed in (one, two):
                status = ed.plain(await ed.run("cornea.status"))
                pids.append(status["roots"][0]["pid"])
            assert pids[0] == pids[1]

    asyncio.run(scenario())


def test_settings_are_checked(stores: Cli) -> None:
    """What is right counts, what is wrong is told once with what to do, and a change is followed."""

    async def scenario() -> None:
        settings: dict[str, Any] = {"inlineCompletion": {"enabled": False}, "completion": {"limit": 99}}
        async with editor(stores, settings=settings, options={"suggest.until": "paragraph"}) as ed:
            await ed.ready()
            uri = ed.open("src/item.py")
            assert await ed.ghost(uri, LINE, END) == []
            shown = await until(lambda: ed.messages if len(ed.messages) > 1 else None)
            assert any("cornea.suggest.until: 'paragraph' is not one of: statement" in one for one in shown)
            assert any("cornea.completion.limit: 99 is not a number from 1 to 20" in one for one in shown)
            ed.client.set_configuration({"inlineCompletion": {"enabled": True}}, section="cornea")
            ed.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
            await until(lambda: ed.ghost(uri, LINE, END))
            assert len(ed.messages) == 2

    asyncio.run(scenario())


def test_a_workspace_that_is_deleted(own: Cli) -> None:
    """Requests are answered all the same, with nothing, and the server ends well."""

    async def scenario() -> None:
        async with editor(own) as ed:
            await _named(ed, "find_order")
            shutil.rmtree(own.folder)
            uri = ed.open("src/item.py", TYPED)
            found = await ed.ghost(uri, LINE, END)
            assert found == [] or str(found[0].insert_text).startswith("\n" + NEXT)
            assert isinstance(await _names(ed, "find_order"), set)
            status = ed.plain(await ed.run("cornea.status"))
            assert status["roots"]

    asyncio.run(scenario())


def test_a_host_that_dies_is_replaced(own: Cli) -> None:
    """The next question starts another one; nobody notices."""

    async def scenario() -> None:
        async with editor(own) as ed:
            await _named(ed, "find_order")
            status = ed.plain(await ed.run("cornea.status"))
            own("host", "stop")
            uri = ed.open("src/item.py")
            assert await ed.ghost(uri, LINE, END)
            again = ed.plain(await ed.run("cornea.status"))
            assert again["roots"][0]["pid"] != status["roots"][0]["pid"]
            assert ed.messages == []

    asyncio.run(scenario())


def test_a_folder_that_is_too_wide(own: Cli) -> None:
    """The whole disk is not indexed because somebody opened it; that is shown once."""

    async def scenario() -> None:
        async with editor(own, Path("/")) as ed:
            shown = await until(lambda: ed.messages)
            assert "refusing to index" in shown[0]
            params = types.WorkspaceSymbolParams("find_order")
            assert not await ed.client.workspace_symbol_async(params)
            assert len(ed.messages) == 1

    asyncio.run(scenario())


def test_progress_that_is_cancelled(tmp_path: Path) -> None:
    """A long first index shows how far it is; cancelling it ends it, and it says so."""
    many = {f"src/m{n}.py": FILES["src/user.py"].replace("user", f"thing{n}") * 6 for n in range(1500)}
    cli = Cli(tmp_path / "home", write(tmp_path / "many", many))

    async def scenario() -> None:
        async with editor(cli) as ed:
            values = await until(lambda: _begun(ed))
            token, begin = next(iter(values.items()))
            assert begin.cancellable
            cancel = types.WorkDoneProgressCancelParams(token)
            ed.client.window_work_done_progress_cancel(cancel)
            end = await until(lambda: _last(ed, token, types.WorkDoneProgressEnd))
            assert end.message == "cancelled"

            async def idle() -> bool:
                status = ed.plain(await ed.run("cornea.status"))
                return status["roots"][0]["indexing"] is None

            await until(idle)
            status = ed.plain(await ed.run("cornea.status"))["roots"][0]
            assert status["indexing"] is None
            assert status["files"] < len(many)

    try:
        asyncio.run(scenario())
    finally:
        cli("host", "stop")


def _begun(ed: Editor) -> dict[Any, Any]:
    reports = ed.client.progress_reports
    return {token: seen[0] for token, seen in reports.items() if seen and hasattr(seen[0], "title")}


def _last(ed: Editor, token: Any, kind: type) -> Any:
    return next((one for one in ed.client.progress_reports[token] if isinstance(one, kind)), None)


@pytest.mark.parametrize("level", ["off", "verbose"])
def test_the_log_goes_to_the_client(stores: Cli, level: str) -> None:
    """What happens is told to the client's log, details only while it traces."""

    async def scenario() -> None:
        async with editor(stores) as ed:
            ed.client.set_trace(types.SetTraceParams(types.TraceValue(level)))
            await ed.ready()
            uri = "file:///somewhere/else.py"
            document = types.VersionedTextDocumentIdentifier(uri=uri, version=3)
            whole = types.TextDocumentContentChangeWholeDocument(text="")
            ed.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [whole]))
            await until(lambda: [one for one in ed.client.log_messages if "not open" in one.message])
            kinds = {one.type for one in ed.client.log_messages}
            assert types.MessageType.Warning in kinds

    asyncio.run(scenario())
