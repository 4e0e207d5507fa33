"""Frames of the host's protocol: a big-endian 32-bit length in bytes, followed by a JSON object."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any

MAX_REQUEST = 8 * 1024 * 1024
"""Maximum bytes of a message to the host. Editors send buffers of at most 1 MB each."""
MAX_ANSWER = 64 * 1024 * 1024
"""Maximum bytes of a message from the host. They suffice for 1,000 fragments with surrounding lines."""
CHUNK = 262_144
"""Maximum bytes that are read in one call."""

_LENGTH = struct.Struct(">I")

Message = dict[str, Any]


class FrameError(ValueError):
    """The data is not a valid frame. No more messages can be read from the connection."""


def pack(message: Message, limit: int = MAX_ANSWER) -> bytes:
    """A message as a frame. Raises FrameError if the message is longer than `limit` bytes.

    The JSON is ASCII. An editor may send lone surrogates, which UTF-8 lacks but `\\u` escapes can express.
    """
    body = json.dumps(message, separators=(",", ":")).encode("ascii")
    if len(body) > limit:
        raise FrameError(f"a message of {len(body):,} bytes, where {limit:,} are allowed")
    return _LENGTH.pack(len(body)) + body


class Reader:
    """Decodes a stream of bytes into messages."""

    def __init__(self, limit: int) -> None:
        """`limit` is the maximum number of bytes of a message."""
        self._limit = limit
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Message]:
        """Yields the messages that `data` completes. Raises FrameError for an invalid frame."""
        self._buffer += data
        while len(self._buffer) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer)
            if length > self._limit:
                raise FrameError(f"a message of {length:,} bytes, where {self._limit:,} are allowed")
            end = _LENGTH.size + length
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[_LENGTH.size : end])
            del self._buffer[:end]
            yield _parsed(body)


def _parsed(body: bytes) -> Message:
    try:
        message = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise FrameError(f"not JSON ({error})"[:200]) from error
    if not isinstance(message, dict):
        raise FrameError("not a JSON object")
    return message
