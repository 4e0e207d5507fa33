"""Frames of the host's protocol: four bytes of length, big-endian, then so many bytes of a JSON object."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any

MAX_REQUEST = 8 * 1024 * 1024
"""Bytes of a message to the host: an editor's buffers are at most 1 MB each."""
MAX_ANSWER = 64 * 1024 * 1024
"""Bytes of a message from it: a thousand fragments with the lines around them."""

_LENGTH = struct.Struct(">I")

Message = dict[str, Any]


class FrameError(ValueError):
    """What came is no frame of ours; nothing that follows on the same connection can be understood."""


def pack(message: Message, limit: int = MAX_ANSWER) -> bytes:
    """A message as a frame. Raises FrameError where it is longer than `limit` bytes.

    ASCII alone: half a surrogate pair, which an editor may send, survives it.
    """
    body = json.dumps(message, separators=(",", ":")).encode("ascii")
    if len(body) > limit:
        raise FrameError(f"a message of {len(body):,} bytes, where {limit:,} are allowed")
    return _LENGTH.pack(len(body)) + body


class Reader:
    """Bytes in, as they come; messages out."""

    def __init__(self, limit: int) -> None:
        """`limit` is how many bytes a message may have."""
        self._limit = limit
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Message]:
        """The messages that are complete now. Raises FrameError for what is none, as soon as it is known."""
        self._buffer += data
        while (body := self._take()) is not None:
            yield _parsed(body)

    def _take(self) -> bytes | None:
        if len(self._buffer) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._buffer)
        if length > self._limit:
            raise FrameError(f"a message of {length:,} bytes, where {self._limit:,} are allowed")
        end = _LENGTH.size + length
        if len(self._buffer) < end:
            return None
        body = bytes(self._buffer[_LENGTH.size : end])
        del self._buffer[:end]
        return body


def _parsed(body: bytes) -> Message:
    try:
        message = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise FrameError(f"not JSON ({error})"[:200]) from error
    if not isinstance(message, dict):
        raise FrameError("not a JSON object")
    return message
