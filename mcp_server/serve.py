"""Serves one client over standard streams, until it leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .server import ToolServer
from .stdio import stdio_streams

if TYPE_CHECKING:
    from .folders import Hosts


def serve(version: str, hosts: Hosts, folders: Sequence[Path], default: Path) -> None:
    """Serve one client. Raises UsageError if the standard streams are not those of a client."""
    asyncio.run(_serve(ToolServer(version, hosts, folders, default)))


async def _serve(tools: ToolServer) -> None:
    server = tools.server
    try:
        async with stdio_streams() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())
    finally:
        await tools.close()
