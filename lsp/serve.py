"""Serves one client over standard streams or a TCP connection, until the client or its process is gone."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import stat
import sys
from collections.abc import Callable
from contextlib import suppress

from indexer.errors import UsageError

from . import logs
from .life import is_alive
from .roots import Connect
from .server import CorneaServer

log = logging.getLogger(__name__)

OK, ABANDONED = 0, 1
"""Exit codes of the protocol. OK: the client sent shutdown and exit. ABANDONED: the client did not do so."""

MAX_MESSAGE = 128_000_000
"""The maximum number of bytes of a message. No language client sends larger messages."""
_MAX_HEADER = 65_536
_PARENT_SECONDS = 10.0


def serve(version: str, connect: Connect, tcp: tuple[str, int] | None, say: Callable[[str], None]) -> int:
    """Serve one client until it leaves, and return the exit code. `say` prints the address of a TCP server.

    Raises UsageError if the address is not available.
    """
    return asyncio.run(_tcp(version, connect, tcp, say) if tcp else _stdio(version, connect))


async def _stdio(version: str, connect: Connect) -> int:
    # Redirect fd 1 to stderr, so that no library can print between the messages.
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(_MAX_HEADER)
    mode = os.fstat(0).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(0)):
        raise UsageError("standard input is not a pipe; let an editor start `cornea lsp`")
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    with out:
        writer = _BlockingWriter(out.fileno())
        try:
            return await _session(CorneaServer(version, connect), reader, writer)
        finally:
            writer.close()


class _BlockingWriter:
    """Writes to standard output synchronously.

    `write` raises BrokenPipeError if the client is gone. After `close`, `write` does nothing.
    """

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._open = True

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view and self._open:
            view = view[os.write(self._handle, view) :]

    def close(self) -> None:
        self._open = False


async def _tcp(version: str, connect: Connect, where: tuple[str, int], say: Callable[[str], None]) -> int:
    ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not server.is_serving():  # Only one client is served, and another client came first.
            writer.close()
            return
        server.close()
        try:
            code = await _session(CorneaServer(version, connect), reader, writer)
        except Exception as error:  # noqa: BLE001 - awaiting `ended` raises it
            if not ended.done():
                ended.set_exception(error)
            return
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
        if not ended.done():
            ended.set_result(code)

    try:
        server = await asyncio.start_server(client, *where, limit=_MAX_HEADER)
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"--tcp {_address(*where)}: {_address_error(error)}; name another address"
        ) from error
    say(f"listening on {_address(*server.sockets[0].getsockname()[:2])}")
    return await ended


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _address_error(error: OSError | OverflowError) -> str:
    """The reason why an address is not available. The reason does not repeat the address."""
    if isinstance(error, OSError) and not isinstance(error, socket.gaierror) and error.errno:
        return os.strerror(error.errno).lower()
    return (getattr(error, "strerror", None) or str(error)).lower()


async def _session(server: CorneaServer, reader: asyncio.StreamReader, writer: object) -> int:
    """Handle messages until the client leaves or disconnects. Returns the exit code."""
    server.protocol.set_writer(writer)  # type: ignore[arg-type]
    handler = logs.log_to_client(server)
    parent = server.spawn(_watch_parent(server, reader))
    try:
        while not server.gone and (body := await _message(reader)) is not None:
            _handle(server, body)
    except BrokenPipeError:
        log.info("the client has disconnected")
    finally:
        parent.cancel()
        await server.close()
        logging.getLogger("lsp").removeHandler(handler)
    return OK if server.gone and server.protocol.shutting_down else ABANDONED


def _handle(server: CorneaServer, body: bytes) -> None:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        log.warning("a message is not JSON: %s", error)
        server.protocol.refuse_text(f"not JSON: {error}")
        return
    try:
        server.protocol.handle(data)
    except BrokenPipeError:
        raise
    except Exception:
        # One message must not end the session.
        log.exception("this is a bug in cornea")


async def _message(reader: asyncio.StreamReader) -> bytes | None:
    """The body of the next message. Returns None at the end of the stream, or if the message is invalid."""
    length = -1
    try:
        while line := await reader.readline():
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length":
                length = int(value) if value.strip().isdigit() else -1
            elif not line.strip() and length >= 0:
                if length > MAX_MESSAGE:
                    log.error("a message of %d bytes is too large; closing the session", length)
                    return None
                return await reader.readexactly(length)
    except (ValueError, OSError, asyncio.IncompleteReadError) as error:
        log.error("the client's stream ended inside a message: %s", error)
    return None


async def _watch_parent(server: CorneaServer, reader: asyncio.StreamReader) -> None:
    """End the session when the client's process ends, even if another process keeps our stdin open."""
    while server.parent is None or is_alive(server.parent):
        await asyncio.sleep(_PARENT_SECONDS)
    log.info("the parent process has ended")
    reader.feed_eof()
