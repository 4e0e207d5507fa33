"""A process that becomes the host of an index."""

from __future__ import annotations

import asyncio
import faulthandler
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from indexer.errors import StoreBusy, StoreError
from indexer.index.index import Index

from .connection import reach
from .place import Place
from .server import Server
from .service import Service, Settings

_LOOK_SECONDS = 0.2
"""Between two looks whether whoever holds the index is a host."""

Say = Callable[[str], None]


def run(place: Place, reload: Callable[[], Settings], idle_seconds: float, say: Say) -> bool:
    """Serve the index of a place until it is time to leave; False where another host does already.

    `reload` reads the settings in force, `say` takes lines for the log. Raises StoreBusy where somebody else
    holds the index and keeps it, StoreError where it cannot be opened.
    """
    settings = reload()
    index = _held(place, settings, say)
    if index is None:
        return False
    with suppress(OSError, ValueError):  # without a stderr
        faulthandler.enable()
    try:
        asyncio.run(_serve(place, index, settings, reload, idle_seconds, say))
    finally:
        index.close()
    return True


async def _serve(
    place: Place,
    index: Index,
    settings: Settings,
    reload: Callable[[], Settings],
    idle_seconds: float,
    say: Say,
) -> None:
    server = Server(place, idle_seconds)
    service = Service(
        index, settings.search, reload, server.tell, lambda: server.leave("its settings have changed")
    )
    await server.serve(service, say)


def _held(place: Place, settings: Settings, say: Say) -> Index | None:
    """The index, with its lock held; None where a host has it."""
    until = time.monotonic() + settings.config.wait_seconds
    config = replace(settings.config, wait_seconds=_LOOK_SECONDS)
    while True:
        try:
            return Index.open(place.root, config)
        except StoreBusy:
            if time.monotonic() > until:
                raise
        with suppress(StoreError):  # it is leaving, or starting
            connection = reach(place)
            if connection is not None:
                connection.close()
                return None
