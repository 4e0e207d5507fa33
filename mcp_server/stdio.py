"""Messages over standard input and output: one JSON-RPC message per line.

Unlike the transport of the library, this one answers lines that are not messages, so that no client waits for
ever, limits the length of a line, accepts halves of surrogate pairs, and at the end of the input finishes the
running requests.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import select
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeAlias

import anyio
import mcp_types as types
from mcp.shared._context_streams import ContextReceiveStream, ContextSendStream, create_context_streams
from mcp.shared.message import SessionMessage
from pydantic import ValidationError

from indexer.errors import UsageError

MAX_MESSAGE = 4 << 20
"""The maximum number of bytes of a line. No agent sends longer ones."""
_CHUNK = 65_536
_DRAIN_SECONDS = 10.0
"""How long requests may take that are running when the input ends."""
_CHECK_SECONDS = 0.05
_ID = re.compile(rb'"id"\s*:\s*(\d{1,15}|"[^"\\]{1,200}")')
_HALVES = re.compile("[\ud800-\udfff]")

Incoming: TypeAlias = "ContextReceiveStream[SessionMessage | Exception]"
Outgoing: TypeAlias = "ContextSendStream[SessionMessage]"


@asynccontextmanager
async def stdio_streams() -> AsyncIterator[tuple[Incoming, Outgoing]]:
    """The streams of messages from and to the client.

    Meanwhile, file descriptor 1 leads to stderr, so that nothing can print between the messages. Raises
    UsageError if the standard input is not a pipe, a socket or a terminal.
    """
    mode = os.fstat(0).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(0)):
        raise UsageError("standard input is not a pipe; let an agent start `cornea mcp`")
    out = os.dup(1)
    os.dup2(2, 1)
    connection = _Connection(out)
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(connection.read)
            group.start_soon(connection.write)
            yield connection.incoming, connection.outgoing
    finally:
        os.dup2(out, 1)
        os.close(out)


class _Connection:
    """Both directions of the connection, and the ids of the requests that have no answer yet."""

    def __init__(self, out: int) -> None:
        self._out = out
        self._received, self.incoming = create_context_streams[SessionMessage | Exception](0)
        self.outgoing, self._to_send = create_context_streams[SessionMessage](0)
        self._pending: set[str | int] = set()
        self._gone = False

    async def read(self) -> None:
        """Pass on the client's messages until its stream ends, then wait for the answers to them."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(_CHUNK)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        async with self._received:
            with suppress(anyio.ClosedResourceError, anyio.BrokenResourceError):  # the session has ended
                buffer = bytearray()
                is_refused = False  # the rest of a line that was too long
                while chunk := await reader.read(_CHUNK):
                    for number, part in enumerate(chunk.split(b"\n")):
                        if number:  # a line ends before this part
                            await self._receive(bytes(buffer) if not is_refused else b"")
                            buffer.clear()
                            is_refused = False
                        buffer += part
                        if len(buffer) > MAX_MESSAGE:
                            if not is_refused:
                                await self._refuse_long(buffer)
                            is_refused = True
                            buffer.clear()
                await self._receive(bytes(buffer) if not is_refused else b"")
                await self._drain()

    async def write(self) -> None:
        """Write messages to the client until the session ends."""
        async with self._to_send:
            async for outgoing in self._to_send:
                message = outgoing.message
                if isinstance(message, types.JSONRPCResponse | types.JSONRPCError):
                    self._pending.discard(message.id if message.id is not None else "")
                text = message.model_dump_json(by_alias=True, exclude_unset=True)
                if not self._gone:
                    await asyncio.to_thread(self._write_line, text.encode("utf-8") + b"\n")

    def _write_line(self, line: bytes) -> None:
        view = memoryview(line)
        try:
            while view:
                try:
                    view = view[os.write(self._out, view) :]
                except BlockingIOError:  # the descriptor is shared with an input that does not block
                    select.select([], [self._out], [], 1.0)
        except OSError:  # the client is gone
            self._gone = True

    async def _receive(self, line: bytes) -> None:
        if not line.strip():
            return
        try:
            value = _whole(json.loads(line))
        except (ValueError, RecursionError) as error:
            await self._refuse(types.PARSE_ERROR, f"not JSON: {error}", _id_in(line))
            return
        message = _message(value)
        if message is None:
            known = value.get("id") if isinstance(value, dict) else None
            number = known if isinstance(known, str | int) and not isinstance(known, bool) else None
            await self._refuse(types.INVALID_REQUEST, "not a JSON-RPC 2.0 message", number)
            return
        if isinstance(message, types.JSONRPCRequest):
            self._pending.add(message.id)
        elif isinstance(message, types.JSONRPCNotification) and message.method == "notifications/cancelled":
            self._pending.discard((message.params or {}).get("requestId", ""))
        await self._received.send(SessionMessage(message))

    async def _refuse_long(self, start: bytearray) -> None:
        reason = f"a message has more than {MAX_MESSAGE:,} bytes; send less"
        await self._refuse(types.INVALID_REQUEST, reason, _id_in(start))

    async def _refuse(self, code: int, reason: str, number: str | int | None) -> None:
        error = types.ErrorData(code=code, message=reason)
        await self.outgoing.send(SessionMessage(types.JSONRPCError(jsonrpc="2.0", id=number, error=error)))

    async def _drain(self) -> None:
        """Wait until the requests that have arrived are answered, or the client is gone."""
        end = asyncio.get_running_loop().time() + _DRAIN_SECONDS
        poll = select.poll()
        poll.register(self._out, 0)
        while self._pending and asyncio.get_running_loop().time() < end and not poll.poll(0):
            await asyncio.sleep(_CHECK_SECONDS)


def _message(value: Any) -> types.JSONRPCMessage | None:
    """A value as a message. Returns None if it is none."""
    try:
        message = types.jsonrpc_message_adapter.validate_python(value, by_name=False)
    except ValidationError:
        return None
    if isinstance(message, types.JSONRPCNotification) and "id" in value:
        return None  # a request whose id is neither a number nor a string
    return message


def _id_in(text: bytes | bytearray) -> str | int | None:
    """The id of a request that cannot be read as a whole, if it stands at its beginning or its end."""
    found = _ID.search(text[:_CHUNK]) or _ID.search(text[-_CHUNK:])
    try:
        return json.loads(found[1]) if found else None
    except ValueError:  # bytes that are not UTF-8, or a control character
        return None


def _whole(value: Any) -> Any:
    """A JSON value whose halves of surrogate pairs, which cannot be encoded, are replaced."""
    if isinstance(value, str):
        return _HALVES.sub("\ufffd", value)
    if isinstance(value, list):
        return [_whole(one) for one in value]
    if isinstance(value, dict):
        return {_whole(name): _whole(one) for name, one in value.items()}
    return value
