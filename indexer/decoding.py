"""Text that somebody hands over as bytes: in a file, or on standard input."""

from __future__ import annotations

import codecs

from .errors import UsageError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def marked(data: bytes) -> tuple[str, int]:
    """The encoding that a byte order mark says, and the mark's length; UTF-8 without one."""
    return next(((encoding, len(mark)) for mark, encoding in _MARKS if data.startswith(mark)), ("utf-8", 0))


def decoded(data: bytes, name: str) -> str:
    """The text of `name`. Raises UsageError for what is binary, or in another encoding than its mark says."""
    encoding, start = marked(data)
    if encoding == "utf-8" and b"\0" in data:
        raise UsageError(f"{name}: binary, not text; give text (UTF-16 needs a byte order mark)")
    try:
        return data[start:].decode(encoding)
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{name}: not {encoding.upper()} (byte {start + error.start}); convert it to UTF-8"
        ) from error


def forgiving(data: bytes) -> str:
    """The same, with U+FFFD for what cannot be decoded."""
    encoding, start = marked(data)
    return data[start:].decode(encoding, "replace")
