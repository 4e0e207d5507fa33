"""Sends log records to the client, and writes log records to the file that `--log-file` names."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from indexer.errors import UsageError

if TYPE_CHECKING:
    from .server import CorneaServer

_LEVELS = (
    (logging.ERROR, types.MessageType.Error),
    (logging.WARNING, types.MessageType.Warning),
    (logging.INFO, types.MessageType.Info),
)
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class ClientLogHandler(logging.Handler):
    """Sends log records to the client as `window/logMessage`, debug records only while tracing is on."""

    def __init__(self, server: CorneaServer) -> None:
        super().__init__(logging.DEBUG)
        self._server = server
        self._busy = False

    def emit(self, record: logging.LogRecord) -> None:
        if self._busy or not self._server.protocol.initialized:
            return
        kind = next((kind for level, kind in _LEVELS if record.levelno >= level), None)
        if kind is None and self._server.protocol.trace == types.TraceValue.Off:
            return
        self._busy = True
        try:
            message = self.format(record)
            params = types.LogMessageParams(kind or types.MessageType.Log, message)
            self._server.window_log_message(params)
        except OSError:
            self.handleError(record)
        finally:
            self._busy = False


def log_to_client(server: CorneaServer) -> logging.Handler:
    """Send the log records of the package `lsp` to a client, until the returned handler is removed."""
    handler = ClientLogHandler(server)
    # The records of pygls must not go to stderr: some clients do not read stderr, and the pipe would fill up.
    logging.getLogger("pygls").addHandler(logging.NullHandler())
    logger = logging.getLogger("lsp")
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    return handler


def log_to_file(path: Path) -> None:
    """Write all log records, including the records of libraries, to a file.

    Raises UsageError if the file cannot be opened.
    """
    try:
        handler = logging.FileHandler(path, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--log-file {path}: {error.strerror}; name another file") from error
    handler.setFormatter(logging.Formatter(_FORMAT))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    # At INFO, pygls logs every message in full, with the text of documents.
    logging.getLogger("pygls").setLevel(logging.WARNING)
