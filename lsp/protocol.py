"""A stricter version of pygls' protocol, with our own documents.

Every request gets an answer, and the server shuts down cleanly.
"""

from __future__ import annotations

import logging
from collections.abc import Generator
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import attrs
from lsprotocol import types
from lsprotocol.types import ResponseError
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import lsp_method

from . import life

if TYPE_CHECKING:
    from .session import Session

log = logging.getLogger(__name__)


class Protocol(LanguageServerProtocol):
    """Handles incoming messages in the order of their arrival."""

    _server: Session
    initialized = False

    def __init__(self, server: Session, converter: Any) -> None:
        super().__init__(server, converter)
        self._pending: set[str | int] = set()
        for method in [one for one in self.fm.builtin_features if one.startswith("notebookDocument/")]:
            del self.fm.builtin_features[method]  # not supported, and not advertised

    @property
    def shutting_down(self) -> bool:
        """Whether the client has requested shutdown."""
        return self._shutdown

    def handle(self, data: Any) -> None:
        """Handle one decoded message. Even an invalid request gets an answer."""
        if not isinstance(data, dict) or data.get("jsonrpc") != self.VERSION:
            self._refuse(None, types.ErrorCodes.InvalidRequest, "a message must be a JSON-RPC 2.0 object")
            return
        number, method = data.get("id"), data.get("method")
        if "id" in data and (isinstance(number, bool) or not isinstance(number, str | int)):
            self._refuse(None, types.ErrorCodes.InvalidRequest, "an id must be a string or a whole number")
            return
        if method is not None and (refusal := self._refusal(method)):
            log.warning("refused %.60r: %s", method, refusal[1])
            if number is not None:
                self._refuse(number, *refusal)
            return
        known = {*self.fm.builtin_features, *self.fm.features, types.CANCEL_REQUEST}
        if method is not None and method not in known:
            if number is not None:
                self._refuse(number, types.ErrorCodes.MethodNotFound, f"no method {method!r:.60}")
            return
        if number is not None and method not in (None, types.EXIT) and self.get_result_type(method) is None:
            self._refuse(number, types.ErrorCodes.InvalidRequest, f"{method} is not a request; omit the id")
            return
        try:
            message = self.structure_message(data)
        except JsonRpcException:
            log.warning("invalid parameters for %.60r", method)
            if number is not None and method is not None:
                self._refuse(number, types.ErrorCodes.InvalidParams, f"invalid parameters for {method!r:.60}")
            elif number in self._pending:  # Other code awaits the response to this request, so let it fail.
                why = ResponseError(int(types.ErrorCodes.InvalidRequest), "the response is invalid")
                self._handle_response(number, error=why)
            return
        if method == types.INITIALIZE:
            self.initialized = True
        self.handle_message(message)

    def refuse_text(self, why: str) -> None:
        """Answer a message that is not JSON."""
        self._refuse(None, types.ErrorCodes.ParseError, why)

    def _refusal(self, method: Any) -> tuple[int, str] | None:
        """The error code and message for a method that is not allowed now. Returns None if it is allowed."""
        if not isinstance(method, str):
            return types.ErrorCodes.InvalidRequest, "a method must be a string"
        if method == types.EXIT:
            return None
        if self.shutting_down:
            return types.ErrorCodes.InvalidRequest, "after shutdown only exit may follow"
        if self.initialized == (method == types.INITIALIZE):
            if self.initialized:
                return types.ErrorCodes.InvalidRequest, "the server is already initialized"
            return types.ErrorCodes.ServerNotInitialized, "the first request must be initialize"
        return None

    def _refuse(self, number: Any, code: int, why: str) -> None:
        answer = {"jsonrpc": self.VERSION, "id": number, "error": {"code": int(code), "message": why}}
        self._send_data(answer)

    def send_request(
        self, method: str, params: Any = None, callback: Any = None, msg_id: str | int | None = None
    ) -> Future[Any]:
        """Like pygls, but remember the id of the request.

        Pygls itself confuses the ids of our requests with the ids of the client's requests.
        """
        msg_id = str(uuid4()) if msg_id is None else msg_id
        self._pending.add(msg_id)
        return super().send_request(method, params, callback, msg_id)

    def _handle_response(
        self, msg_id: str | int, result: Any = None, error: ResponseError | None = None
    ) -> None:
        """Handle the client's response to one of our requests. Ignore any other response."""
        if msg_id not in self._pending:
            log.warning("ignored a response to %.60r, which is not a pending request", msg_id)
            return
        self._pending.discard(msg_id)
        super()._handle_response(msg_id, result, error)

    def _handle_cancel_notification(self, msg_id: str | int) -> None:
        """Let the client cancel its own requests, but not ours."""
        if isinstance(msg_id, str | int) and msg_id not in self._pending:
            super()._handle_cancel_notification(msg_id)

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        """Like pygls, but do not pass the folders to pygls, because pygls fails on some URIs."""
        for uri in life.folders(params):
            life.add(self._server, uri)
        plain = attrs.evolve(params, root_uri=None, root_path=None, workspace_folders=None)
        return (yield from super().lsp_initialize(plain))

    @lsp_method(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def lsp_workspace__did_change_workspace_folders(
        self, params: types.DidChangeWorkspaceFoldersParams
    ) -> None:
        """Replaces pygls' handler, which ignores other changes if the client removes an unknown folder."""
        life.folders_changed(self._server, params)

    @lsp_method(types.WORKSPACE_EXECUTE_COMMAND)
    async def lsp_workspace__execute_command(  # type: ignore[override]
        self, params: types.ExecuteCommandParams
    ) -> Any:
        """Run the command in this coroutine, so that cancelling the request cancels the command.

        With pygls' handler, the command would go on.
        """
        command = self.fm.commands.get(params.command)
        if command is None:
            raise JsonRpcInvalidParams(message=f"the command {params.command!r:.60} is not defined")
        return await command(*(params.arguments or ()))

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *_: object) -> None:  # type: ignore[override]
        """Replaces pygls' handler, which fails because the pending requests change during its iteration."""
        life.shutdown(self._server)
        for future in list(self._request_futures.values()):
            future.cancel()
        self._shutdown = True

    @lsp_method(types.EXIT)
    def lsp_exit(self, *_: object) -> None:  # type: ignore[override]
        """Replaces pygls' handler, which raises SystemExit inside a callback."""
        self._server.leave()

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        document = self._server.documents.open(params.text_document)
        life.opened(self._server, document)
        if not document.saved:
            self._server.unsaved.changed(document)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        changed = params.text_document
        document = self._server.documents.change(changed.uri, changed.version, params.content_changes)
        if document is None:
            log.warning("ignored a change of %s, which is not open", changed.uri)
        else:
            self._server.unsaved.changed(document)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        self._server.close_document(params.text_document.uri)
