"""An editor for tests: pytest-lsp's client, a server process, and what an editor would do with it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lsprotocol import types
from pytest_lsp import LanguageClient
from pytest_lsp.client import make_test_lsp_client

from tests.support.schemas import validate_command
from tests.support.waiting import until_in_loop

from ..e2e.cli import Cli

COMMAND = (sys.executable, "-m", "cornea", "lsp")
"""Not with -W error: the libraries of the client's side are not ours."""

CAPABILITIES: dict[str, Any] = {
    "workspace": {"configuration": True, "workspaceFolders": True},
    "textDocument": {
        "completion": {"completionItem": {"documentationFormat": ["markdown", "plaintext"]}},
        "hover": {"contentFormat": ["markdown"]},
    },
    "window": {"workDoneProgress": True, "showDocument": {"support": True}},
}


@dataclass
class Editor:
    """One client with its server, which serves `folders`."""

    client: LanguageClient
    answer: types.InitializeResult
    folders: Sequence[Path]
    on_progress: dict[str, Any] = field(default_factory=dict)
    """Takes the values of a progress token."""
    choice: int | None = None
    """Which of the offered actions the person takes."""
    registered: dict[str, Any] = field(default_factory=dict)
    """What the server wants to hear of, by method."""

    @property
    def messages(self) -> list[str]:
        """What the person was shown."""
        return [one.message for one in self.client.messages]

    def uri(self, path: str) -> str:
        return (self.folders[0] / path).as_uri()

    @staticmethod
    def plain(value: Any) -> Any:
        """JSON, also where the client has made objects of it."""
        return json.loads(json.dumps(value, default=vars))

    def open(self, path: str, text: str | None = None, language: str = "python") -> str:
        """Open a file, with another text than the disk's if one is given: its URI."""
        place = self.folders[0] / path
        uri = place.as_uri()
        text = place.read_text() if text is None else text
        item = types.TextDocumentItem(uri=uri, language_id=language, version=1, text=text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    def type(self, uri: str, line: int, character: int, text: str, version: int = 2) -> None:
        """Put a text at a position."""
        at = types.Position(line, character)
        change = types.TextDocumentContentChangePartial(range=types.Range(at, at), text=text)
        document = types.VersionedTextDocumentIdentifier(uri=uri, version=version)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))

    def close(self, uri: str) -> None:
        document = types.TextDocumentIdentifier(uri)
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(document))

    def save(self, uri: str) -> None:
        document = types.TextDocumentIdentifier(uri)
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(document))

    async def ghost(
        self, uri: str, line: int, character: int, *, invoked: bool = True, chosen: Any = None
    ) -> list[types.InlineCompletionItem]:
        """The ghost texts at a position."""
        kind = types.InlineCompletionTriggerKind
        context = types.InlineCompletionContext(kind.Invoked if invoked else kind.Automatic, chosen)
        params = types.InlineCompletionParams(
            context, types.TextDocumentIdentifier(uri), types.Position(line, character)
        )
        found = await self.client.text_document_inline_completion_async(params)
        return list(found.items) if isinstance(found, types.InlineCompletionList) else list(found or [])

    async def complete(
        self, uri: str, line: int, character: int, kind: int = 1
    ) -> list[types.CompletionItem]:
        """The items of the completion list at a position."""
        context = types.CompletionContext(types.CompletionTriggerKind(kind))
        params = types.CompletionParams(
            types.TextDocumentIdentifier(uri), types.Position(line, character), context
        )
        found = await self.client.text_document_completion_async(params)
        return list(found.items) if isinstance(found, types.CompletionList) else list(found or [])

    async def run(self, command: str, *arguments: Any) -> Any:
        """The answer of a command."""
        params = types.ExecuteCommandParams(command, list(arguments))
        found = await self.client.workspace_execute_command_async(params)
        validate_command(command, arguments, self.plain(found))
        return found

    async def ready(self) -> None:
        """Wait until everything is indexed."""
        await self.run("cornea.reindex")


@asynccontextmanager
async def editor(
    cli: Cli,
    *folders: Path,
    capabilities: dict[str, Any] | None = None,
    options: Any = None,
    settings: dict[str, Any] | None = None,
    command: Sequence[str] = COMMAND,
    folders_open: bool = True,
) -> AsyncIterator[Editor]:
    """An editor with folders open, `cli`'s if none are given; it leaves in an orderly way."""
    client = make_test_lsp_client()
    if settings is not None:
        client.set_configuration(settings, section="cornea")
    opened = folders or (cli.folder,)
    await client.start_io(*command, env=cli.environment(), cwd=str(opened[0].parent))
    try:
        shown = opened if folders_open else ()
        first = initialization(*shown, capabilities=capabilities, options=options)
        answer = await client.initialize_session(first)
        ed = Editor(client, answer, opened)
        _follow(ed)
        yield ed
        await client.shutdown_session()
        server = client._server
        assert server is not None
        assert server.returncode == 0
    finally:
        if client._server is not None and client._server.returncode is None:
            client._server.kill()
        await client.stop()


def _follow(ed: Editor) -> None:
    """Have the client do what an editor does with what the server asks for."""
    features = ed.client.protocol.fm.features
    usual = features[types.PROGRESS]

    def progress(params: types.ProgressParams) -> None:
        if params.token in ed.on_progress:
            ed.on_progress[str(params.token)](ed.plain(params.value))
        else:
            usual(params)

    def choose(params: types.ShowMessageRequestParams) -> types.MessageActionItem | None:
        return params.actions[ed.choice] if ed.choice is not None and params.actions else None

    def register(params: types.RegistrationParams) -> None:
        ed.registered |= {one.method: ed.plain(one.register_options) for one in params.registrations}

    features[types.CLIENT_REGISTER_CAPABILITY] = register
    features[types.PROGRESS] = progress
    features[types.WINDOW_SHOW_MESSAGE_REQUEST] = choose


def initialization(
    *folders: Path, capabilities: dict[str, Any] | None = None, options: Any = None
) -> types.InitializeParams:
    """What an editor says first."""
    from pygls.protocol import default_converter

    wanted = CAPABILITIES | (capabilities or {})
    return types.InitializeParams(
        capabilities=default_converter().structure(wanted, types.ClientCapabilities),
        workspace_folders=[types.WorkspaceFolder(folder.as_uri(), folder.name) for folder in folders],
        initialization_options=options,
        process_id=os.getpid(),
    )


until = until_in_loop
