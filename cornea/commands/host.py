"""`cornea host`: the process that holds an index for everybody."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..options import common
from ..presentation import output

if TYPE_CHECKING:
    from ..context import Context

_MEGABYTE = 1_000_000


@click.group("host", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> int:
    """Show or stop the process that holds this root's index.

    Editors and `cornea watch` start it when they need it: it keeps the index up to date and answers
    everybody, other commands too. It leaves when nobody was connected for a while ([host] idle_seconds).

    \b
    Examples:
      cornea host status
      cornea host status --json
      cornea -C ~/src/django host stop
    """
    if ctx.invoked_subcommand is None:
        output.write(ctx.get_help())
    return 0


@command.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@common
def status(as_json: bool) -> int:
    """Show the host of this root: its process, its clients, what it does.

    \b
    Examples:
      cornea host status
      cornea host status --json
      cornea -C ~/src/django host status

    Exit code: 0 if there is one, 1 if not, 2 after an error.
    """
    from ..context import load
    from ..hosting import place_of

    context = _readable(load())
    from retrieval.host.client import Client

    client = Client.connect(place_of(context))
    if client is None:
        if as_json:
            output.write(json.dumps({"root": str(context.root), "pid": None}))
        else:
            output.say(f"no host for {context.root}; editors and `cornea watch` start one")
        return 1
    with client:
        seen = client.request("status")
    if as_json:
        output.write(json.dumps(seen))
    else:
        _show(seen)
    return 0


@command.command("stop")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@common
def stop(as_json: bool) -> int:
    """Stop the host of this root; its clients start another one when they need it.

    It finishes what it is doing. One that does not answer is killed, which loses nothing. `cornea watch`
    starts another one at once, an editor with its next question: end them first if none is to run.

    \b
    Examples:
      cornea host stop
      cornea host stop --json
      cornea -C ~/src/django host stop

    Exit code: 0 if there was one, 1 if not, 2 after an error.
    """
    from .. import hosting
    from ..context import load

    context = _readable(load())
    others = hosting.clients(context)
    pid = hosting.stop(context, "told to")
    if as_json:
        output.write(json.dumps({"root": str(context.root), "stopped": pid or None}))
    else:
        output.say(f"stopped process {pid}" if pid else f"no host for {context.root}")
        if pid and others:
            output.say(f"clients that were connected: {others}; each starts another one when it needs it")
    return 0 if pid else 1


@command.command("run", hidden=True)
@click.argument("root", type=click.Path(path_type=Path))
@common
def run(root: Path) -> int:
    """Be the host of ROOT until nobody needs it; how clients start it."""
    from retrieval.host import process
    from retrieval.host.service import HostSettings

    from .. import session
    from ..context import load
    from ..hosting import place_of

    context = load(root)
    session.warn(context)

    def reload() -> HostSettings:
        now: Context = load(root)
        return HostSettings(now.config, now.search)

    idle = float(context.resolved.values["host.idle_seconds"])
    if not process.run(place_of(context), reload, idle, _log):
        _log("another host serves it already")
    return 0


def _readable(context: Context) -> Context:
    """The same, if its index folder may be looked into. StoreError if not: "no host" would be a guess."""
    from indexer.index.catalog import check_readable

    from ..nesting import tell_root

    tell_root(context)
    check_readable(context.folder)
    return context


def _log(line: str) -> None:
    output.say(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {line}")


def _show(seen: dict[str, Any]) -> None:
    from ..presentation.tables import pairs

    progress = seen["indexing"]
    facts = [
        ("root", seen["root"]),
        ("process", f"{seen['pid']} (version {seen['version']}, {seen['memory'] / _MEGABYTE:.0f} MB)"),
        ("since", time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seen["since"]))),
        ("clients", str(seen["clients"] - 1)),
        ("indexed", f"{seen['files']:,} files, {seen['fragments']:,} fragments"),
        ("indexing", f"{progress['done']:,} of {progress['total']:,} files" if progress else "no"),
    ]
    if seen.get("interim"):
        facts.append(("leaves after", "its update: it is a command that indexes, no host"))
    else:
        facts.append(("watches", f"{seen['folders']:,} folders by {seen['watches']}"))
        facts.append(("leaves after", f"{seen['idle_seconds']:g} s without clients"))
    if seen["trouble"]:
        facts.append(("trouble", seen["trouble"]))
    for line in pairs(facts, color=False):
        output.write(line)
