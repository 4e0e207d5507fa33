"""Decodes text that the user passes in, as a file or on standard input."""

from __future__ import annotations

import codecs

from .errors import UsageError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is the beginning of this mark
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def marked(data: bytes) -> tuple[str, int]:
    """The encoding that a byte order mark names, and the mark's length; without a mark, UTF-8 and 0."""
    return next(((name, len(mark)) for mark, name in _MARKS if data.startswith(mark)), ("utf-8", 0))


def decoded(data: bytes, name: str) -> str:
    """The text in `data`.

    Raises UsageError, which names `name`, if the data is binary or cannot be decoded.
    """
    encoding, start = marked(data)
    if encoding == "utf-8" and b"\0" in data:
        raise UsageError(f"{name}: binary, not text; give text (UTF-16 needs a byte order mark)")
    try:
        return data[start:].decode(encoding)
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{name}: not {encoding.upper()} (byte {start + error.start}); convert it to UTF-8"
        ) from error


def decode_replacing(data: bytes) -> str:
    """The text in `data`. Invalid bytes become U+FFFD."""
    encoding, start = marked(data)
    return data[start:].decode(encoding, "replace")
