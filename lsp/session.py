"""The state of one client's session: documents, settings, roots, and the errors that the user has seen."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInternalError
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol

from indexer.errors import CorneaError

from .documents import Document, Documents
from .indexing import Indexing
from .latest import LatestOnly
from .roots import Closed, Connect, Root, Roots
from .settings import EditorSettings
from .suggestion import RecentSuggestions
from .unsaved import UnsavedTexts

log = logging.getLogger(__name__)


class Session(LanguageServer):
    """The session of one client. The features of the server read and change the session.

    `connect` connects to the host of a folder.
    """

    def __init__(self, version: str, connect: Connect, protocol: type[LanguageServerProtocol]) -> None:
        super().__init__("cornea", version, protocol_cls=protocol)
        self.documents = Documents()
        self.settings = EditorSettings()
        self.latest = LatestOnly()
        self.recent = RecentSuggestions()
        self.indexing = Indexing(self)
        self.roots = Roots(connect, self.indexing.handle_event, self.documents.uri_at)
        self.unsaved = UnsavedTexts(self)
        self.client_name = ""
        self.tells_indentation = True
        self.registered: set[str] = set()
        self.gone = False
        self._tasks: set[asyncio.Task[Any]] = set()
        self.parent: int | None = None
        self._errors_shown: dict[str, Root | None] = {}
        self._left_out: dict[str, set[str]] = {}

    def leave(self) -> None:
        """Stop after the current message."""
        self.gone = True

    async def close(self) -> None:
        """Cancel running tasks and disconnect from the hosts."""
        self.unsaved.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.roots.close()

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run a coroutine in the background. If the coroutine fails, the error is shown or logged."""
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
                self.show_error_once(str(error))
            elif isinstance(error, JsonRpcException):
                log.warning("the client refused a request: %s", error)
            else:
                log.error("this is a bug in cornea", exc_info=error)

    def show_error_once(self, message: str, root: Root | None = None) -> None:
        """Log an error, and show the error to the user unless the same message was shown before."""
        log.error("%s", message)
        if message not in self._errors_shown:
            self._errors_shown[message] = root
            self.show(message, types.MessageType.Error)

    def clear_errors(self, root: Root) -> None:
        """Forget which errors of a root were shown, so that recurring errors are shown again."""
        self._errors_shown = {text: about for text, about in self._errors_shown.items() if about is not root}

    def warn_left_out(self, document: Document, why: str) -> None:
        """Warn the user that a document is left out of requests, once for each reason while it is open."""
        said = self._left_out.setdefault(document.uri, set())
        if why not in said:
            said.add(why)
            log.warning("%s: %s", document.uri, why)
            self.show(f"{document.name}: {why}", types.MessageType.Warning)

    def close_document(self, uri: str) -> None:
        """Remove a document that the client has closed."""
        self.documents.close(uri)
        self.unsaved.changed()
        self._left_out.pop(uri, None)

    def show(self, message: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """Show a message to the user."""
        self.window_show_message(types.ShowMessageParams(kind, f"cornea: {message}"))

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log an exception of a handler. The client has already received an error response."""
        if isinstance(error, JsonRpcInternalError) or not isinstance(error, JsonRpcException):
            log.error("this is a bug in cornea", exc_info=error)
