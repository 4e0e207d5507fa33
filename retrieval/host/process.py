"""The main function of a host process."""

from __future__ import annotations

import asyncio
import faulthandler
import time
from collections.abc import Callable
from contextlib import suppress

from indexer.analysis.worker_pool import IdleWorker
from indexer.errors import StoreBusy, StoreError
from indexer.index.index import Index

from .connection import open_connection
from .server import HostServer
from .service import Service
from .settings import HostKey, HostSettings

_CHECK_SECONDS = 0.2
"""Seconds between two attempts to lock the index or to find the host that holds the index."""

Reporter = Callable[[str], None]


def run(key: HostKey, reload: Callable[[], HostSettings], say: Reporter) -> bool:
    """Serve an index until the host is stopped or idle.

    Returns True when the host has ended. Returns False if another host already serves the index. `reload`
    reads the current settings, and `say` writes a line to the log. Raises StoreBusy if a process that is not
    a host keeps the index locked. Raises StoreError if the index cannot be opened.
    """
    settings = reload()
    index = _locked_index(key, settings, say)
    if index is None:
        return False
    with suppress(OSError, ValueError):  # stderr may be closed
        faulthandler.enable()
    try:
        asyncio.run(_serve(key, index, settings, reload, say))
    finally:
        index.close()
    return True


async def _serve(
    key: HostKey, index: Index, settings: HostSettings, reload: Callable[[], HostSettings], say: Reporter
) -> None:
    server = HostServer(key, settings.idle_seconds)
    service = Service(
        index,
        settings.search,
        reload,
        server.notify,
        lambda: server.leave("the settings have changed"),
        server.report_bug,
    )
    await server.serve(service, say)


def _locked_index(key: HostKey, settings: HostSettings, say: Reporter) -> Index | None:
    """Returns the index after locking it. Returns None if another host holds the index."""
    until = time.monotonic() + settings.config.wait_seconds
    while True:
        try:
            return Index.open(
                key.root, settings.config, wait_seconds=_CHECK_SECONDS, idle_worker=IdleWorker()
            )
        except StoreBusy:
            if time.monotonic() > until:
                raise
        with suppress(StoreError):  # another host is stopping or starting
            connection = open_connection(key)
            if connection is not None:
                connection.close()
                return None
