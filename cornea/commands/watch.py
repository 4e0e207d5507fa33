"""`cornea watch`: keep an index up to date, and say so."""

from __future__ import annotations

import json
import queue
import time
from typing import TYPE_CHECKING, Any

import click

from .. import output
from ..options import common, yes_option

if TYPE_CHECKING:
    from retrieval.host.client import Client

Event = tuple[str, dict[str, Any]]

_AGAIN_SECONDS = 3.0
"""Between two attempts to get a host back."""


@click.command("watch")
@yes_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each update.")
@common
def command(yes: bool, as_json: bool) -> None:
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

    context = load()
    session.warn(context)
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
        while True:
            event = events.get()
            if event[0] == "gone":
                _again(client, yes, as_json)
            else:
                _show(event, as_json)


def _begin(client: Client, yes: bool, as_json: bool) -> None:
    """Have the index brought up to date, and say from when on it is."""
    done = client.request("reindex", {"yes": yes})["report"]
    if as_json:
        _write("watching", done)
    else:
        output.write(f"{_now()} watching, {done['unchanged'] + done['added'] + done['changed']:,} files")
        output.flush()


def _again(client: Client, yes: bool, as_json: bool) -> None:
    """Get a host back: it died, was stopped, or made room. What keeps it away is said once."""
    from indexer.errors import CorneaError

    said = ""
    while True:
        try:
            return _begin(client, yes, as_json)
        except CorneaError as error:
            if str(error) != said:
                said = str(error)
                output.say(said)
            time.sleep(_AGAIN_SECONDS)


def _show(event: Event, as_json: bool) -> None:
    from retrieval.host.reports import report_of

    from .. import progress

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
