"""pygls' protocol, stricter: documents of our own, an answer to every request, and an orderly end."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import lsp_method

from . import life

if TYPE_CHECKING:
    from .server import Server

log = logging.getLogger(__name__)

_NOT_INITIALIZED = "initialize comes first"
_LEAVING = "shutdown was asked for; only exit may follow"
_CANCEL = types.CANCEL_REQUEST
_TWICE = "initialize was asked for already"


class Protocol(LanguageServerProtocol):
    """What comes in, in the order in which it comes."""

    _server: Server
    initialized = False

    @property
    def leaving(self) -> bool:
        """Whether shutdown was asked for."""
        return self._shutdown

    def take(self, data: Any) -> None:
        """Handle one decoded message. A request that cannot be understood is answered all the same."""
        if not isinstance(data, dict) or data.get("jsonrpc") != self.VERSION:
            self._refuse(None, types.ErrorCodes.InvalidRequest, "a JSON-RPC 2.0 message is an object")
            return
        number, method = data.get("id"), data.get("method")
        if method is not None and (refusal := self._refusal(method)):
            log.warning("refused %.60r: %s", method, refusal[1])
            if number is not None:
                self._refuse(number, *refusal)
            return
        if method is not None and method not in {**self.fm.builtin_features, **self.fm.features, _CANCEL: 0}:
            if number is not None:
                self._refuse(number, types.ErrorCodes.MethodNotFound, f"no method {method!r:.60}")
            return
        try:
            message = self.structure_message(data)
        except JsonRpcException:
            log.warning("cannot understand %.60r", method)
            if number is not None and method is not None:
                self._refuse(number, types.ErrorCodes.InvalidParams, f"wrong parameters for {method!r:.60}")
            return
        if method == types.INITIALIZE:
            self.initialized = True
        self.handle_message(message)

    def refuse_text(self, why: str) -> None:
        """Say that something came that is no JSON."""
        self._refuse(None, types.ErrorCodes.ParseError, why)

    def _refusal(self, method: Any) -> tuple[int, str] | None:
        """Why a method cannot be asked for now, None if it can."""
        if not isinstance(method, str):
            return types.ErrorCodes.InvalidRequest, "a method is a text"
        if method == types.EXIT:
            return None
        if self.leaving:
            return types.ErrorCodes.InvalidRequest, _LEAVING
        if self.initialized == (method == types.INITIALIZE):
            if self.initialized:
                return types.ErrorCodes.InvalidRequest, _TWICE
            return types.ErrorCodes.ServerNotInitialized, _NOT_INITIALIZED
        return None

    def _refuse(self, number: Any, code: int, why: str) -> None:
        answer = {"jsonrpc": self.VERSION, "id": number, "error": {"code": int(code), "message": why}}
        self._send_data(answer)

    @lsp_method(types.EXIT)
    def lsp_exit(self, *_: object) -> None:  # type: ignore[override]
        """Pygls would raise SystemExit in the middle of a callback."""
        self._server.leave()

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        document = self._server.documents.open(params.text_document)
        life.opened(self._server, document)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        document = params.text_document
        if self._server.documents.change(document.uri, document.version, params.content_changes) is None:
            log.warning("a change of %s, which is not open", document.uri)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        self._server.documents.close(params.text_document.uri)
