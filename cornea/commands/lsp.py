"""`cornea lsp`: the language server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..inputs import OutsidePath
from ..options import common

if TYPE_CHECKING:
    from lsp.roots import EventHandler, Host


@click.command("lsp")
@click.option("--stdio", is_flag=True, help="Use standard input and output (the default).")
@click.option("--tcp", metavar="HOST:PORT", help="Wait for one client at this address; port 0: a free port.")
@click.option(
    "--log-file", type=OutsidePath(path_type=Path), metavar="FILE", help="Also write a log to FILE."
)
@common
@click.pass_context
def command(ctx: click.Context, /, stdio: bool, tcp: str | None, log_file: Path | None) -> int:
    """Run the language server for an editor: ghost text, completion, search, similar code, issues.

    Editors start the server; docs/editors.md says how to set up your editor. The server has one client, and
    ends when the client ends. A host, which editors share, holds the index (see `cornea host`).

    \b
    Examples:
      cornea lsp
      cornea lsp --log-file /tmp/cornea.log
      cornea lsp --tcp 127.0.0.1:9257

    Exit code: 0 if the client sent shutdown and exit, 1 if the client left without that, 2 after an error.
    """
    if stdio and tcp is not None:
        raise click.UsageError("--stdio contradicts --tcp; use one of them", ctx)
    return _serve(None if tcp is None else _address(tcp, ctx), log_file)


def _address(text: str, ctx: click.Context) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise click.UsageError(f"--tcp {text}: expected HOST:PORT, such as 127.0.0.1:9257", ctx)
    return host.strip("[]"), int(port)


def _serve(tcp: tuple[str, int] | None, log_file: Path | None) -> int:
    from lsp.logs import log_to_file
    from lsp.serve import serve

    from ..presentation import output
    from ..version import __version__

    if log_file is not None:
        log_to_file(log_file)
    return serve(__version__, _connect, tcp, output.say)


async def _connect(folder: Path, on_event: EventHandler) -> Host:
    """Connect to the host of a folder's index. If no host runs, start one."""
    import asyncio

    from indexer.errors import UsageError
    from retrieval.host.client import AsyncClient

    from ..context import is_too_wide, load, real_folder
    from ..hosting import place_of

    real = real_folder(folder)
    if is_too_wide(real):
        raise UsageError(f"refusing to index {folder}: open a project folder instead")
    place = place_of(await asyncio.to_thread(load, real))
    client = await AsyncClient.connect(place, start=True, on_event=on_event)
    assert client is not None  # because of start=True
    return client
