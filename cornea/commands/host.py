"""`cornea host`: show or stop the process that serves an index to all its clients."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..options import common
from ..presentation import output

if TYPE_CHECKING:
    from retrieval.host.answers import HostStatus

    from ..context import Context

_MEGABYTE = 1_000_000


@click.group("host", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> int:
    """Show or stop the process that serves this root's index.

    Editors and `cornea watch` start a host when they need one. The host keeps the index up to date, and
    answers editors and all commands. It ends after [host] idle_seconds without clients.

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
    """Show the host of this root, its clients and its activity.

    \b
    Examples:
      cornea host status
      cornea host status --json
      cornea -C ~/src/django host status

    Exit code: 0 if there is a host, 1 if there is none, 2 after an error.
    """
    from ..context import load
    from ..hosting import place_of

    context = _readable(load())
    from retrieval.host.client import Client
    from retrieval.host.requests import StatusParams

    from ..presentation.json_reports import NoHost

    client = Client.connect(place_of(context))
    if client is None:
        if as_json:
            output.write_json(NoHost(str(context.root)))
        else:
            output.say(f"no host for {context.root}; editors and `cornea watch` start one")
        return 1
    with client:
        seen = client.ask(StatusParams())
    if as_json:
        output.write_json(seen)
    else:
        _show(seen)
    return 0


@command.command("stop")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@common
def stop(as_json: bool) -> int:
    """Stop the host of this root.

    The host finishes its current work first. If it does not answer, it is killed, which loses no data. The
    host's clients start another host: `cornea watch` at once, an editor with its next request. To prevent
    that, end the clients first.

    \b
    Examples:
      cornea host stop
      cornea host stop --json
      cornea -C ~/src/django host stop

    Exit code: 0 if there was a host, 1 if there was none, 2 after an error.
    """
    from .. import hosting
    from ..context import load

    context = _readable(load())
    others = hosting.clients(context)
    pid = hosting.stop(context, "stop requested")
    if as_json:
        from ..presentation.json_reports import StoppedHost

        output.write_json(StoppedHost(str(context.root), pid or None))
    else:
        output.say(f"stopped process {pid}" if pid else f"no host for {context.root}")
        if pid and others:
            output.say(f"it had {others} client{'s' * (others != 1)}, which may start another host")
    return 0 if pid else 1


@command.command("run", hidden=True)
@click.argument("root", type=click.Path(path_type=Path))
@click.option("--by-hook", is_flag=True, help="Do so only if [host] start_by_hook is true.")
@common
def run(root: Path, by_hook: bool) -> int:
    """Run the host of ROOT until it has been idle for some time. Clients start hosts with this command."""
    from indexer.settings import arguments
    from retrieval.host import process
    from retrieval.host.settings import HostSettings

    from .. import session
    from ..context import load
    from ..hosting import place_of

    context = session.load_context(root)

    def reload() -> HostSettings:
        now = load(root)
        return HostSettings(now.config, now.search, **arguments(HostSettings, now.resolved.values))

    if by_hook and not reload().start_by_hook:
        return 0
    if not process.run(place_of(context), reload, _log):
        _log("another host already serves this root")
    return 0


def _readable(context: Context) -> Context:
    """Print the root, and return `context`.

    Raises StoreError if the index folder is not readable, because the folder tells where the host is.
    """
    from indexer.index.catalog import check_readable

    from ..nesting import print_root

    print_root(context)
    check_readable(context.folder)
    return context


def _log(line: str) -> None:
    output.say(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {line}")


def _show(seen: HostStatus) -> None:
    from ..presentation.tables import pairs

    progress = seen.indexing
    facts = [
        ("root", seen.root),
        ("process", f"{seen.pid} (version {seen.version}, {seen.memory / _MEGABYTE:.0f} MB)"),
        ("since", time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seen.since))),
        ("clients", str(seen.clients - 1)),
        ("indexed", f"{seen.files:,} files, {seen.fragments:,} fragments"),
        ("indexing", f"{progress.done:,} of {progress.total:,} files" if progress else "no"),
    ]
    if seen.interim:
        facts.append(("ends after", "its update: it is an indexing command, not a host"))
    else:
        facts.append(("watches", f"{seen.folders:,} folders by {seen.watches}"))
        facts.append(("ends after", f"{seen.idle_seconds:g} s without clients"))
    if seen.trouble:
        facts.append(("trouble", seen.trouble))
    for line in pairs(facts, color=False):
        output.write(line)
