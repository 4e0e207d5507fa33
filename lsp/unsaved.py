"""Gives the hosts the texts of unsaved documents, so that every client of a host is answered from them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Protocol
from urllib.parse import quote

from indexer.errors import CorneaError
from indexer.paths import path_below
from retrieval.host.frames import MAX_REQUEST
from retrieval.host.requests import MAX_CUT_BYTES, BuffersParams

from .documents import UNTITLED, Document, Documents
from .roots import Root, Roots

log = logging.getLogger(__name__)

ROOM = MAX_REQUEST - 500_000
"""The number of bytes that texts may take in a request. The other parameters need the rest."""
DELAY_SECONDS = 0.04
"""Seconds after a change until the hosts get the text. Further changes in the meantime are sent with it."""
LARGE_DELAY_SECONDS = 0.5
"""As DELAY_SECONDS, after a change of a document with more than MAX_CUT_BYTES."""

_LARGE = "its text of {size:.1f} MB is too large (the limit is {room:.1f} MB) and is left out"
_UNCUT = f"its text has more than {MAX_CUT_BYTES / 1e6} MB; changes in it can be found once it is saved"
_NO_ROOM = "the unsaved documents have more than {room:.1f} MB in all; this one is left out until it is saved"
_NO_HOST_ROOM = (
    "the host holds too many unsaved documents of all editors; this one is left out until it is saved"
)


class DocumentSession(Protocol):
    """The part of a session that this module needs."""

    documents: Documents
    roots: Roots

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run a coroutine in the background."""

    def warn_left_out(self, document: Document, why: str) -> None:
        """Warn the user that a document is left out, once for each reason."""


class UnsavedTexts:
    """What the hosts have been given of the unsaved documents. Changes are sent after a moment."""

    def __init__(self, ls: DocumentSession) -> None:
        self._ls = ls
        self._given: dict[Root, dict[str, str]] = {}
        self._locks: dict[Root, asyncio.Lock] = {}
        self._timer: asyncio.TimerHandle | None = None

    def changed(self, document: Document | None = None) -> None:
        """Send what has changed to the running hosts, after a moment. `document` has changed, if known."""
        large = document is not None and sum(map(len, document.lines)) > MAX_CUT_BYTES
        delay = LARGE_DELAY_SECONDS if large else DELAY_SECONDS
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            if self._timer.when() <= loop.time() + delay:
                return
            self._timer.cancel()
        self._timer = loop.call_later(delay, self._send_all)

    def has(self, root: Root, path: str) -> bool:
        """Whether the host of a root has the text of an unsaved document."""
        return path in self._given.get(root, {})

    async def send(self, root: Root) -> None:
        """Send the host of a root what has changed, before a request that must be answered from it.

        Raises CorneaError if the host cannot be reached.
        """
        lock = self._locks.setdefault(root, asyncio.Lock())
        async with lock:
            given = self._given.get(root, {})
            wanted = texts(self._ls, root)
            changes: dict[str, str | None] = dict.fromkeys(given.keys() - wanted.keys())
            changes |= {path: text for path, text in wanted.items() if given.get(path) != text}
            if not changes:
                return
            # A request that fails may have been carried out, so all is sent again then.
            self._given.pop(root, None)
            answer = await root.ask(BuffersParams(texts=changes))
            self._given[root] = {path: wanted[path] for path in wanted if path not in answer.left_out}
        for path in answer.left_out:
            uri = root.uri_of(path)
            if (document := self._ls.documents.get(uri)) is not None:
                self._ls.warn_left_out(document, _NO_HOST_ROOM)

    def forget(self, root: Root) -> None:
        """Forget what a host has been given, because its folder was closed."""
        self._given.pop(root, None)
        self._locks.pop(root, None)

    def close(self) -> None:
        """Send nothing more."""
        if self._timer is not None:
            self._timer.cancel()

    def _send_all(self) -> None:
        self._timer = None
        for root in self._ls.roots:
            if root.started and not root.failed:  # a host is not started for this
                self._ls.spawn(self._send(root))

    async def _send(self, root: Root) -> None:
        try:
            await self.send(root)
        except CorneaError as error:  # the next request to this host shows the error
            log.warning("%s: unsaved texts were not sent: %s", root.folder, error)


def texts(ls: DocumentSession, root: Root) -> dict[str, str]:
    """The texts of the unsaved documents in a root, by path. Documents without a file are in the first root.

    The most recently changed documents come first. A document that does not fit into a request is left out,
    and the user is warned.
    """
    found: dict[str, str] = {}
    room = ROOM
    for document in ls.documents.unsaved():
        path = _path(document, root, is_first=root is ls.roots.first)
        if not path or path in found or not fits(ls, document):
            continue
        if document.size + len(path) > room:
            ls.warn_left_out(document, _NO_ROOM.format(room=ROOM / 1e6))
            continue
        room -= document.size + len(path)
        found[path] = document.text
        if document.size > MAX_CUT_BYTES and len(found[path].encode()) > MAX_CUT_BYTES:
            ls.warn_left_out(document, _UNCUT)
    return dict(reversed(found.items()))  # so that the host, too, knows which was changed last


def fits(ls: DocumentSession, document: Document) -> bool:
    """Whether a request has room for the text of a document. Warns the user if there is no room."""
    if document.size <= ROOM:
        return True
    ls.warn_left_out(document, _LARGE.format(size=document.size / 1e6, room=ROOM / 1e6))
    return False


def _path(document: Document, root: Root, *, is_first: bool) -> str:
    """The path that stands for a document in a root. Returns "" if the document is not in the root."""
    if document.real is not None:
        return path_below(root.real, document.real)
    if not is_first or not document.uri.startswith(UNTITLED):
        return ""
    # The path is quoted because anything may follow the scheme. With "..", the path would lead out of the
    # root, and the request would fail.
    return UNTITLED + quote(document.uri.removeprefix(UNTITLED), safe="", errors="surrogatepass")
