"""The server: its state, and which feature answers what. It speaks the protocol; helpers do the work."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInternalError
from pygls.lsp.server import LanguageServer

from indexer.errors import CorneaError

from . import actions, commands, completion, hover, inline, life, outline, symbols
from .documents import Document, Documents
from .hover import Offered
from .indexing import Indexing
from .latest import Latest
from .protocol import Protocol
from .roots import Closed, Connect, Message, Root, Roots
from .settings import Settings

log = logging.getLogger(__name__)

FEATURES = (
    (types.INITIALIZE, life.initialize, None),
    (types.INITIALIZED, life.initialized, None),
    (types.TEXT_DOCUMENT_DID_SAVE, life.saved, None),
    (types.WORKSPACE_DID_CHANGE_CONFIGURATION, life.configured, None),
    (types.WORKSPACE_DID_CHANGE_WATCHED_FILES, life.files_changed, None),
    (types.TEXT_DOCUMENT_INLINE_COMPLETION, inline.answer, types.InlineCompletionOptions()),
    (types.TEXT_DOCUMENT_COMPLETION, completion.answer, types.CompletionOptions(resolve_provider=True)),
    (types.COMPLETION_ITEM_RESOLVE, completion.resolve, None),
    (types.WORKSPACE_SYMBOL, symbols.answer, types.WorkspaceSymbolOptions(work_done_progress=False)),
    (types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, outline.answer, types.DocumentSymbolOptions(label="Cornea")),
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
        self.roots = Roots(connect, self._heard, self.documents.uri_at)
        self.indexing = Indexing(self)
        self.client_name = ""
        self.tells_indentation = True
        self.registered: set[str] = set()
        self.gone = False
        self._tasks: set[asyncio.Task[Any]] = set()
        self.parent: int | None = None
        self._complaints: dict[str, Root | None] = {}
        self._left_out: set[str] = set()
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
            if isinstance(error, Closed):
                log.info("%s", error)
            elif isinstance(error, CorneaError):
                self.complain(str(error))
            elif isinstance(error, JsonRpcException):
                log.warning("the client refuses: %s", error)
            else:
                log.error("this is a bug in cornea", exc_info=error)

    def complain(self, message: str, root: Root | None = None) -> None:
        """Show an error to the person, once; one of a root again after that was well."""
        log.error("%s", message)
        if message not in self._complaints:
            self._complaints[message] = root
            self.show(message, types.MessageType.Error)

    def content(self, root: Root) -> None:
        """All is well with a root again: its next error is shown even if it is an old one."""
        self._complaints = {text: about for text, about in self._complaints.items() if about is not root}

    def leave_out(self, document: Document, why: str) -> None:
        """Tell the person that a document is left out, once as long as it is open."""
        if document.uri not in self._left_out:
            self._left_out.add(document.uri)
            log.warning("%s: %s", document.uri, why)
            self.show(f"{document.name}: {why}", types.MessageType.Warning)

    def close_document(self, uri: str) -> None:
        """The client has closed a document."""
        self.documents.close(uri)
        self._left_out.discard(uri)

    def show(self, message: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """Show a line to the person."""
        self.window_show_message(types.ShowMessageParams(kind, f"cornea: {message}"))

    def report_server_error(self, error: Exception, source: Any) -> None:
        """What handlers raise: who asked has been answered, so it only goes to the log."""
        if isinstance(error, JsonRpcInternalError) or not isinstance(error, JsonRpcException):
            log.error("this is a bug in cornea", exc_info=error)

    def _heard(self, root: Root, name: str, params: Message) -> None:
        self.indexing.heard(root, name, params)
