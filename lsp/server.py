"""The server: its state, and which feature answers what. It speaks the protocol; helpers do the work."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from indexer.errors import CorneaError

from . import actions, commands, completion, hover, inline, life, symbols
from .documents import Documents
from .hover import Offered
from .indexing import Indexing
from .latest import Latest
from .protocol import Protocol
from .roots import Connect, Message, Root, Roots
from .settings import Settings

log = logging.getLogger(__name__)

FEATURES = (
    (types.INITIALIZE, life.initialize, None),
    (types.INITIALIZED, life.initialized, None),
    (types.SHUTDOWN, life.shutdown, None),
    (types.TEXT_DOCUMENT_DID_SAVE, life.saved, None),
    (types.WORKSPACE_DID_CHANGE_CONFIGURATION, life.configured, None),
    (types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, life.folders_changed, None),
    (types.WORKSPACE_DID_CHANGE_WATCHED_FILES, life.files_changed, None),
    (types.TEXT_DOCUMENT_INLINE_COMPLETION, inline.answer, types.InlineCompletionOptions()),
    (types.TEXT_DOCUMENT_COMPLETION, completion.answer, types.CompletionOptions(resolve_provider=True)),
    (types.COMPLETION_ITEM_RESOLVE, completion.resolve, None),
    (types.WORKSPACE_SYMBOL, symbols.answer, types.WorkspaceSymbolOptions(work_done_progress=False)),
    (types.TEXT_DOCUMENT_HOVER, hover.answer, None),
    (types.TEXT_DOCUMENT_CODE_ACTION, actions.answer, types.CodeActionOptions(resolve_provider=False)),
)
"""Method -> handler and options. One that is registered without options may not be advertised by pygls."""


class Server(LanguageServer):
    """One client's session. `connect` makes the helper of a folder."""

    protocol: Protocol

    def __init__(self, version: str, connect: Connect) -> None:
        super().__init__("cornea", version, protocol_cls=Protocol)
        self.documents = Documents()
        self.settings = Settings()
        self.latest = Latest()
        self.offered = Offered()
        self.roots = Roots(connect, self._heard)
        self.indexing = Indexing(self)
        self.client_name = ""
        self.tells_indentation = True
        self.registered: set[str] = set()
        self.gone = False
        self._tasks: set[asyncio.Task[Any]] = set()
        self._complaints: set[str] = set()
        for method, handler, options in FEATURES:
            self.feature(method, options)(handler)
        for name, command in commands.COMMANDS.items():
            self.command(name)(self._bound(command))

    def _bound(self, command: commands.Command) -> commands.Command:
        """A command of this server; pygls would look up the names in its annotations, and not find them."""

        async def run(*arguments: Any) -> Any:
            return await command(self, *arguments)

        return run

    def leave(self) -> None:
        """Take no more messages."""
        self.gone = True

    async def close(self) -> None:
        """End what is running, let go of the helpers."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.roots.close()

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something beside the requests; its failure is logged."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            if isinstance(error, CorneaError):
                self.complain(str(error))
            else:
                log.error("this is a bug in cornea", exc_info=error)

    def complain(self, message: str) -> None:
        """Show an error to the person, once."""
        log.error("%s", message)
        if message not in self._complaints:
            self._complaints.add(message)
            self.show(message, types.MessageType.Error)

    def content(self) -> None:
        """All is well again: the next error is shown even if it is an old one."""
        self._complaints.clear()

    def show(self, message: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """Show a line to the person."""
        self.window_show_message(types.ShowMessageParams(kind, f"cornea: {message}"))

    def report_server_error(self, error: Exception, source: Any) -> None:
        """What handlers raise: who asked has been answered, so it only goes to the log."""
        if not isinstance(error, JsonRpcException):
            log.error("this is a bug in cornea", exc_info=error)

    def root_at(self, path: Path | None) -> tuple[Root, str] | None:
        """The root of a file, and the file's path there."""
        return self.roots.of(path)

    def unsaved(self, root: Root) -> dict[str, str]:
        """The texts of open documents of a root that the disk does not have; the first has the nameless."""
        found = self.documents.unsaved(root.folder)
        if root.real != root.folder:
            found = {**self.documents.unsaved(root.real), **found}
        return {**self.documents.untitled(), **found} if root is self.roots.first else found

    def _heard(self, root: Root, name: str, params: Message) -> None:
        self.indexing.heard(root, name, params)
