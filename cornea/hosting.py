"""Finds the host of an index, sends requests to the host, and stops it. Commands use these functions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.errors import UsageError
from retrieval.host.settings import NOTE, HostKey, fingerprint

from .context import Context
from .presentation import output
from .version import __version__

if TYPE_CHECKING:
    from indexer.pipeline import Observer, Report
    from retrieval.host.client import Client
    from retrieval.host.requests import A, RequestParams


_LOOK_SECONDS = 2.0
"""Seconds that `cornea status` waits for an answer of the host."""


def place_of(context: Context) -> HostKey:
    """The key of the host of a context's index, with which a client finds or starts the host."""
    settings = fingerprint(context.config, context.search)
    return HostKey(context.root, context.folder, __version__, settings, max(context.config.wait_seconds, 5.0))


class HostedIndex:
    """A connection to a host. The host's progress is passed to `observe` while the host indexes."""

    def __init__(self) -> None:
        self.observe: Observer | None = None
        self._client: Client

    @classmethod
    def connect_if_running(cls, context: Context) -> HostedIndex | None:
        """Connect to the host of a context's index. Returns None if no host runs.

        A host with other settings is stopped, and None is returned. But an indexing command that answers as a
        host is used in spite of other settings.
        """
        if not (context.folder / NOTE).exists():  # usually there is no host, and then no import is needed
            return None
        from retrieval.host.client import Client

        hosted, place = cls(), place_of(context)
        older = _older_version(context.folder)
        client = Client.connect(place, on_event=hosted._on_event)
        if client is None:
            if older:
                output.say(f"the host of version {older} is being replaced by version {__version__}")
            return None
        hosted._client = client
        output.debug(f"asking the host, process {client.greeting.get('pid')}")
        if client.greeting.get("settings") == place.settings:
            return hosted
        if client.greeting.get("interim"):
            pid = client.greeting.get("pid")
            output.say(f"process {pid} is indexing with other settings, and answers with those")
            return hosted
        client.close()
        stop(context, "it has other settings")
        return None

    @classmethod
    def connect_or_start(cls, context: Context) -> HostedIndex:
        """Connect to the host of a context's index. Starts a host if none runs, also for later requests.

        Raises StoreError if no host can be started, and UsageError if its settings differ from those of
        `context`: a host reads them from files and from its environment, and knows no flags.
        """
        from retrieval.host.client import Client

        hosted, place = cls(), place_of(context)
        client = Client.connect(place, start=True, on_event=hosted._on_event)
        assert client is not None  # because it may start one
        hosted._client = client
        settings = client.greeting.get("settings")
        if settings != place.settings and not client.greeting.get("interim"):
            client.close()
            raise UsageError(
                f"{context.root}: its host has other settings than this program; write them to .cornea.toml "
                f"or to config.toml, or open it without host=True"
            )
        return hosted

    def ask(self, params: RequestParams[A]) -> A:
        """The host's answer to a request.

        Raises HostGone or RequestRefused if the host is leaving, and other CorneaErrors.
        """
        return self._client.ask(params)

    def reindex(self, observe: Observer | None, *, rebuild: bool, yes: bool) -> tuple[Report, str]:
        """Have the host bring the index up to date. Returns the report and the repository's name."""
        from retrieval.host.requests import ReindexParams

        self.observe = observe
        try:
            answer = self.ask(ReindexParams(rebuild=rebuild, yes=yes))
        finally:
            self.observe = None
        return answer.report.report, answer.repo

    def close(self) -> None:
        self._client.close()

    def _on_event(self, name: str, params: dict[str, Any]) -> None:
        if name == "progress" and self.observe is not None:
            from indexer.pipeline import Progress

            self.observe(Progress(**params))


def _older_version(folder: Path) -> str:
    """The version of a running host if that version is older than this program's, else "".

    An older host leaves when this program connects to it.
    """
    from indexer.store.lock import read_owner
    from retrieval.host.address import read_note
    from retrieval.host.messages import is_newer

    note, owner = read_note(folder), read_owner(folder)
    alive = note is not None and owner is not None and owner.pid == note.pid
    return note.version if note is not None and alive and is_newer(__version__, note.version) else ""


def progress_of(context: Context) -> tuple[int, int] | None:
    """The number of files that a running update has done, and the number of all its files.

    Returns None if no update is running or the host does not answer.
    """
    if not (context.folder / NOTE).exists():
        return None
    from indexer.errors import CorneaError
    from retrieval.host.connection import open_connection
    from retrieval.host.requests import StatusParams, answer_to

    try:
        connection = open_connection(place_of(context), seconds=_LOOK_SECONDS)
        if connection is None:
            return None
        try:
            answer = connection.submit("status", {})[1].result(_LOOK_SECONDS)
            seen = answer_to(StatusParams(), answer).indexing
        finally:
            connection.close()
    except (CorneaError, TimeoutError):  # the host is busy or leaving
        return None
    return (seen.done, seen.total) if seen else None


def clients(context: Context) -> int:
    """The number of other clients of the host of a context's index.

    Returns 0 if there is no host or the host does not answer.
    """
    if not (context.folder / NOTE).exists():
        return 0
    from indexer.errors import StoreError
    from retrieval.host.client import Client

    try:
        client = Client.connect(place_of(context))
    except StoreError:  # the host is leaving or hangs
        return 0
    if client is None:
        return 0
    with client:
        return int(client.greeting.get("clients", 1)) - 1


def stop(context: Context, why: str) -> int:
    """Stop the host of a context's index. Returns the host's process id, or 0 if there was no host."""
    pid = stop_folder(context.root, context.folder, context)
    if pid:
        output.debug(f"stopped the host, process {pid}: {why}")
    return pid


def stop_folder(root: Path, folder: Path, context: Context) -> int:
    """Stop the host of the index of `root` in `folder`. Returns the process id, or 0 if there was no host."""
    if not (folder / NOTE).exists():
        return 0
    from retrieval.host.client import stop as end

    return end(replace(place_of(context), root=root, folder=folder))
