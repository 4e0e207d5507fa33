"""`cornea watch`: keep an index up to date, and print each update."""

from __future__ import annotations

import json
import os
import queue
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..codes import INTERRUPTED
from ..options import common, yes_option
from ..presentation import output

if TYPE_CHECKING:
    from retrieval.host.client import Client

Event = tuple[str, dict[str, Any]]

_RETRY_SECONDS = 3.0
"""Seconds between two attempts to restart the host."""


@click.command("watch")
@yes_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each update.")
@common
def command(yes: bool, as_json: bool) -> int:
    """Keep the index of this root up to date while you work.

    Starts the host of this root, or uses the running host, and prints each update of the index, until Ctrl-C.
    Meanwhile, other commands answer at once, because the host has already indexed every change. If the host
    dies or is stopped (`cornea host stop`), the command starts it again.

    \b
    Examples:
      cornea watch
      cornea watch --json
      cornea -C ~/src/django watch
    """
    from .. import session
    from ..nesting import print_root

    context = session.load_context()
    print_root(context)
    session.agree_to_root(context, yes)
    from retrieval.host.client import Client

    from ..hosting import place_of

    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    place = place_of(context)
    client = Client.connect(place, start=True, on_event=lambda *event: events.put(event))
    assert client is not None  # because of start=True
    with client:
        if client.greeting["settings"] != place.settings:
            output.say("the host has other settings; `cornea host stop` stops it")
        _update(client, yes, as_json)
        try:
            while True:
                event = events.get()
                if event[0] == "gone":
                    _reconnect(client, context.root, yes, as_json)
                elif as_json or event[0] == "updated" or _exists(context.root):
                    _show(event, as_json)
        except KeyboardInterrupt:  # users end the command by Ctrl-C, so they need no advice to run it again
            output.say("stopped")
            return INTERRUPTED


def _update(client: Client, yes: bool, as_json: bool) -> None:
    """Have the host bring the index up to date, and print a line when the update is done."""
    from retrieval.host.requests import ReindexParams
    from retrieval.typed_json import encode

    done = client.ask(ReindexParams(yes=yes)).report
    if as_json:
        _write("watching", encode(done))
    else:
        output.write(f"{_now()} watching, {done.unchanged + done.added + done.changed:,} files")
        output.flush()


def _reconnect(client: Client, root: Path, yes: bool, as_json: bool) -> None:
    """Wait until a host runs again, after the host died, was stopped or lost its root.

    Print each new obstacle once.
    """
    from indexer.errors import CorneaError

    said = ""
    while True:
        try:
            if _exists(root):
                return _update(client, yes, as_json)
            why = f"{root} is gone; waiting for it to come back (Ctrl-C to end)"
        except CorneaError as error:
            why = str(error)
        if why != said:
            said = why
            output.say(said)
        time.sleep(_RETRY_SECONDS)


def _exists(root: Path) -> bool:
    """Whether the root exists. While the root is gone, the host's other problems are not printed."""
    return os.path.isdir(root)  # noqa: PTH112 - False where pathlib raises


def _show(event: Event, as_json: bool) -> None:
    from ..presentation import progress

    name, params = event
    if as_json:
        _write(name, params)
    elif name == "updated":
        import msgspec

        from retrieval.host.answers import UpdateReport

        report = msgspec.convert(params, UpdateReport).report
        for remark in report.remarks:
            output.say(remark)
        output.write(f"{_now()} {progress.summary(report)}")
        output.flush()
    elif name in ("trouble", "leaving"):
        output.say(str(params.get("message") or f"host stopped: {params.get('why')}"))


def _write(name: str, params: dict[str, Any]) -> None:
    output.write(json.dumps({"event": name, **params}))
    output.flush()


def _now() -> str:
    return time.strftime("%H:%M:%S")
