"""The unsaved texts that a client has given its host, which the next host must get, too."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator

from .frames import Message

CRASHES, CRASH_SECONDS = 1, 60.0
"""If more than this number of hosts crashed within these seconds, unsaved texts may be the cause."""
RESEND_BYTES = 4_000_000
"""Roughly the size of a request that gives unsaved texts to a new host."""
log = logging.getLogger(__name__)


class GivenTexts:
    """The unsaved texts that a client has given its host. The next host gets them again.

    A text may crash a host. If a second host crashes soon, the texts that it had are kept from the next one.
    """

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._crashes: list[float] = []

    def note(self, params: Message) -> None:
        """Note the parameters of a request `buffers`. The host refuses those that are not valid."""
        texts = params.get("texts")
        for path, text in texts.items() if isinstance(texts, dict) else ():
            self._texts.pop(path, None)
            if isinstance(text, str):
                self._texts[path] = text

    def again(self, *, crashed: bool) -> Iterator[Message]:
        """The parameters of requests that give a new host the texts, each of them small enough.

        `crashed` says that the host before did not end in an orderly way.
        """
        if not self._texts:
            return
        now = time.monotonic()
        if crashed:
            self._crashes = [at for at in self._crashes if now - at < CRASH_SECONDS] + [now]
        if len(self._crashes) > CRASHES:
            log.warning("%d hosts crashed within a minute; unsaved texts are kept from the next", CRASHES + 1)
            self._texts.clear()
            self._crashes.clear()
            return
        part: dict[str, str] = {}
        size = 0
        for path, text in self._texts.items():
            if part and size + 2 * len(text) > RESEND_BYTES:
                yield {"texts": part}
                part, size = {}, 0
            part[path] = text
            size += 2 * len(text)
        yield {"texts": part}
