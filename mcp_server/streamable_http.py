"""Serves clients over streamable HTTP, at a port of this machine alone.

Every request must have the token. The headers Host and Origin must name this machine, so that no page of a
browser can reach the server by a name that it lets point here (DNS rebinding).
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
import secrets
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.errors import UsageError

from .server import ToolServer

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from .folders import Hosts

VARIABLE = "CORNEA_MCP_TOKEN"
"""The environment variable that may have the token."""
ADDRESS = "127.0.0.1"
PATH = "/mcp"
_NAMES = (ADDRESS, "localhost")
_FEWEST, _MOST = 16, 4_096
"""How many characters a token has."""


def token_of(file: Path | None) -> tuple[str, bool]:
    """The token, and whether it is a new one: that in a file, or of the environment, or a new one.

    Raises UsageError if a token is not usable, or its file cannot be read.
    """
    if file is None and not os.environ.get(VARIABLE):
        return secrets.token_urlsafe(32), True
    where, text = VARIABLE, os.environ.get(VARIABLE, "")
    if file is not None:
        where = f"--token-file {file}"
        try:
            with file.open("rb") as opened:
                text = opened.read(_MOST + 2).decode("utf-8")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not text"
            raise UsageError(f"{where}: {reason}; write the token into it, in one line") from error
    text = text.strip()
    if not _FEWEST <= len(text) <= _MOST or not text.isascii() or any(not "!" <= one <= "~" for one in text):
        raise UsageError(
            f"{where}: a token has {_FEWEST} to {_MOST:,} letters, digits or signs, and no space"
        )
    return text, False


def serve_http(
    version: str,
    hosts: Hosts,
    folders: Sequence[Path],
    port: int,
    token: tuple[str, bool],
    say: Callable[[str], None],
) -> None:
    """Serve until the process is ended. `say` prints the address, and a token that is new.

    Raises UsageError if the port is not available.
    """
    try:
        listening = socket.create_server((ADDRESS, port))
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno else str(error)
        raise UsageError(f"--http {port}: {reason}; name another port, or 0 for a free one") from error
    with listening:
        address = f"http://{ADDRESS}:{listening.getsockname()[1]}{PATH}"
        say(f"serving {address}; clients must send the header `Authorization: Bearer TOKEN`")
        if token[1]:
            say(f"the token, for this run alone: {token[0]}")
        tools = ToolServer(version, hosts, folders, folders[0])
        asyncio.run(_serve(tools, listening, token[0]))


async def _serve(tools: ToolServer, listening: socket.socket, token: str) -> None:
    import uvicorn
    from mcp.server.transport_security import TransportSecuritySettings

    port = listening.getsockname()[1]
    security = TransportSecuritySettings(
        allowed_hosts=[f"{name}:{port}" for name in _NAMES],
        allowed_origins=[f"http://{name}:{port}" for name in _NAMES],
    )
    app = tools.server.streamable_http_app(streamable_http_path=PATH, transport_security=security)
    logging.getLogger("mcp.server.transport_security").setLevel(logging.ERROR)
    config = uvicorn.Config(TokenCheck(app, token), log_config=None, access_log=False, lifespan="on")
    try:
        await uvicorn.Server(config).serve(sockets=[listening])
    finally:
        await tools.close()


class TokenCheck:
    """An ASGI application that passes on only requests with the token, and answers others with 401."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._wanted = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._is_allowed(scope):
            await self._app(scope, receive, send)
            return
        from starlette.responses import PlainTextResponse

        text = "the header `Authorization: Bearer TOKEN` is missing or wrong; `cornea mcp` prints the token\n"
        refusal = PlainTextResponse(text, 401, {"WWW-Authenticate": 'Bearer realm="cornea"'})
        await refusal(scope, receive, send)

    def _is_allowed(self, scope: Scope) -> bool:
        sent = [value for name, value in scope["headers"] if name.lower() == b"authorization"]
        return len(sent) == 1 and hmac.compare_digest(sent[0], self._wanted)
