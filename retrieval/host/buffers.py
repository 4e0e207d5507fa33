"""The unsaved texts that editors give a host, which answers every client from them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from itertools import count

from .answers import BuffersAnswer

MAX_BUFFERS = 1_000
"""Maximum number of buffers of one client."""
MAX_CLIENT_BYTES = 8_000_000
"""Maximum characters of all buffers of one client."""
MAX_BYTES = 64_000_000
"""Maximum characters of all buffers."""


@dataclass(frozen=True, slots=True)
class _Buffer:
    number: int
    """Buffers are numbered in the order of their changes."""
    text: str


class Buffers:
    """The unsaved texts of all clients, by path. The event loop changes them; any thread may read `texts`.

    If several clients have a file open, the text that was changed last counts. When that client saves or
    closes the file or disconnects, the text of the other client counts again.
    """

    def __init__(self) -> None:
        self.texts: Mapping[str, str] = {}
        """The text that counts, by path, the latest first. The mapping is replaced, never changed."""
        self._held: dict[Hashable, dict[str, _Buffer]] = {}
        self._numbers = count(1)

    def change(self, client: Hashable, texts: Mapping[str, str | None]) -> BuffersAnswer:
        """Replace texts of a client; None removes a text, because the file was saved or closed.

        A text for which there is no room is left out, and a former text of the same file is removed, because
        it is no longer true.
        """
        held = self._held.setdefault(client, {})
        left_out: list[str] = []
        for path, text in texts.items():
            held.pop(path, None)
            if text is None:
                continue
            if len(held) < MAX_BUFFERS and self._has_room(held, len(text)):
                held[path] = _Buffer(next(self._numbers), text)
            else:
                left_out.append(path)
        if not held:
            del self._held[client]
        self._choose()
        return BuffersAnswer(held=len(held), left_out=tuple(left_out))

    def forget(self, client: Hashable) -> None:
        """Remove all texts of a client that has disconnected."""
        if self._held.pop(client, None):
            self._choose()

    def _has_room(self, held: Mapping[str, _Buffer], size: int) -> bool:
        if size + sum(len(one.text) for one in held.values()) > MAX_CLIENT_BYTES:
            return False
        every = (one for buffers in self._held.values() for one in buffers.values())
        return size + sum(len(one.text) for one in every) <= MAX_BYTES

    def _choose(self) -> None:
        rows = sorted(
            ((one.number, path, one.text) for held in self._held.values() for path, one in held.items()),
            reverse=True,
        )
        texts: dict[str, str] = {}
        for _, path, text in rows:
            texts.setdefault(path, text)
        self.texts = texts
