"""`cornea mcp`: the MCP server for coding agents."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..codes import OK
from ..inputs import OutsidePath
from ..options import common

if TYPE_CHECKING:
    from mcp_server.folders import EventHandler, HostClient


@click.command("mcp")
@click.option(
    "--root", "roots", type=OutsidePath(path_type=Path), metavar="DIR", multiple=True,
    help="Serve this folder only; may be repeated (default: the agent's folders, or this one).",
)  # fmt: skip
@click.option(
    "--http", "port", type=click.IntRange(0, 65535), metavar="PORT",
    help="Serve HTTP at this port of this machine instead; port 0: a free port.",
)  # fmt: skip
@click.option(
    "--token-file", type=OutsidePath(path_type=Path), metavar="FILE",
    help="With --http: FILE has the token that clients must send (default: CORNEA_MCP_TOKEN, or a new one).",
)  # fmt: skip
@common
@click.pass_context
def command(ctx: click.Context, /, roots: tuple[Path, ...], port: int | None, token_file: Path | None) -> int:
    """Run the MCP server for a coding agent: search, locate, related code.

    Agents start the server themselves; `cornea install` sets them up, and docs/agents.md says more. A host,
    which agents and editors share, holds the index (see `cornea host`). All paths that a tool takes and
    returns are relative to the served folder, and none leads out of it.

    \b
    Examples:
      cornea mcp
      cornea mcp --root ~/src/shop --root ~/src/billing
      cornea mcp --http 8765

    Exit code: 0 when the client has left, 2 after an error.
    """
    if token_file is not None and port is None:
        raise click.UsageError("--token-file needs --http", ctx)
    _import_library()
    from ..version import __version__

    hosts = _Hosts()
    folders = [_served(folder) for folder in roots]
    if port is None:
        from mcp_server.serve import serve

        serve(__version__, hosts, folders, Path.cwd())
        return OK
    from mcp_server.streamable_http import serve_http, token_of

    from ..presentation import output

    serve_http(__version__, hosts, folders or [Path.cwd()], port, token_of(token_file), output.say)
    return OK


def _import_library() -> None:
    """Import the library of the protocol. Raises Unsupported if it is missing or too old."""
    from indexer.extras import missing

    gc.disable()  # thousands of objects are made that all stay, and collecting them takes a fifth of the time
    try:
        import mcp_types
        from mcp.server.lowlevel import server

        assert mcp_types and server
    except ImportError as error:
        raise missing("`cornea mcp` needs mcp 2.3 or newer, which is not installed", "mcp") from error
    finally:
        gc.freeze()
        gc.enable()


def _served(folder: Path) -> Path:
    """A folder that `--root` names, as a real path. Raises UsageError if it cannot be served."""
    from ..context import real_folder

    found = real_folder(folder)
    _Hosts().root_of(found)
    return found


class _Hosts:
    """Finds the roots of folders, and connects to the hosts of roots."""

    def root_of(self, folder: Path) -> Path:
        from indexer.errors import UsageError

        from ..context import find_root, home_folder, is_too_wide, real_folder

        real = real_folder(folder)
        root = find_root(real, home_folder())
        if is_too_wide(root):
            raise UsageError(
                f"refusing to index {root}: start the agent in a project folder, or name one with `--root`"
            )
        return root

    def is_indexed(self, root: Path) -> bool:
        from indexer.index.catalog import folder_of, read_info

        from ..context import home_folder

        return read_info(folder_of(root, home_folder())) is not None

    async def connect(self, root: Path, on_event: EventHandler) -> HostClient:
        import asyncio

        from retrieval.host.client import AsyncClient

        from ..context import load
        from ..hosting import place_of

        place = place_of(await asyncio.to_thread(load, root))
        client = await AsyncClient.connect(place, start=True, on_event=on_event)
        assert client is not None  # because of start=True
        return client
