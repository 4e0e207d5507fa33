"""`cornea watch`: keep an index up to date, and say so."""

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

_AGAIN_SECONDS = 3.0
"""Between two attempts to get a host back."""


@click.command("watch")
@yes_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each update.")
@common
def command(yes: bool, as_json: bool) -> int:
    """Keep the index of this root up to date while you work.

    Starts the root's host, or uses the one that runs, and prints what each change of your files did to the
    index, until Ctrl-C. Commands answer at once meanwhile: they ask the host, which has seen every change.
    A host that dies or is stopped (`cornea host stop`) is started again at once: this is what watching takes.

    \b
    Examples:
      cornea watch
      cornea watch --json
      cornea -C ~/src/django watch
    """
    from .. import session
    from ..context import load
    from ..nesting import tell_root

    context = load()
    session.warn(context)
    tell_root(context)
    session.agree_to_root(context, yes)
    from retrieval.host.client import Client

    from ..hosting import place_of

    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    place = place_of(context)
    client = Client.connect(place, start=True, on_event=lambda *event: events.put(event))
    assert client is not None  # it was to be started
    with client:
        if client.greeting["settings"] != place.settings:
            output.say("the host has other settings than these; `cornea host stop` makes it go")
        _begin(client, yes, as_json)
        try:
            while True:
                event = events.get()
                if event[0] == "gone":
                    _again(client, context.root, yes, as_json)
                elif as_json or event[0] == "updated" or _is_there(context.root):
                    _show(event, as_json)
        except KeyboardInterrupt:  # how watching ends: there is nothing left to go on with
            output.say("stopped")
            return INTERRUPTED


def _begin(client: Client, yes: bool, as_json: bool) -> None:
    """Have the index brought up to date, and say from when on it is."""
    done = client.request("reindex", {"yes": yes})["report"]
    if as_json:
        _write("watching", done)
    else:
        output.write(f"{_now()} watching, {done['unchanged'] + done['added'] + done['changed']:,} files")
        output.flush()


def _again(client: Client, root: Path, yes: bool, as_json: bool) -> None:
    """Get a host back: it died, was stopped, made room, or its root went. What keeps it away is said once."""
    from indexer.errors import CorneaError

    said = ""
    while True:
        try:
            if _is_there(root):
                return _begin(client, yes, as_json)
            why = f"{root} is gone; waiting for it to come back, Ctrl-C ends"
        except CorneaError as error:
            why = str(error)
        if why != said:
            said = why
            output.say(said)
        time.sleep(_AGAIN_SECONDS)


def _is_there(root: Path) -> bool:
    """Whether there is anything to watch; of a host's troubles without it only this one is told."""
    return os.path.isdir(root)  # noqa: PTH112 - where pathlib raises, it is not there for us either


def _show(event: Event, as_json: bool) -> None:
    from retrieval.host.reports import report_of

    from ..presentation import progress

    name, params = event
    if as_json:
        _write(name, params)
    elif name == "updated":
        report = report_of({"report": params})
        for remark in report.remarks:
            output.say(remark)
        output.write(f"{_now()} {progress.summary(report)}")
        output.flush()
    elif name in ("trouble", "leaving"):
        output.say(str(params.get("message") or f"the host leaves: {params.get('why')}"))


def _write(name: str, params: dict[str, Any]) -> None:
    output.write(json.dumps({"event": name, **params}))
    output.flush()


def _now() -> str:
    return time.strftime("%H:%M:%S")
