"""The unit of a budget: a token is 4 bytes of UTF-8, rounded up. Every model counts in its own way; this
measure is the same for all, needs no vocabulary, and rarely undercounts code."""

from __future__ import annotations

BYTES_PER_TOKEN = 4
DEFAULT_TOKENS = 1_500
MAX_TOKENS = 1_000_000
"""Maximum budget, so that a mistyped one is refused."""


def size(text: str) -> int:
    """The length of a text in bytes of UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def tokens(text: str) -> int:
    """The length of a text in tokens."""
    return -(-size(text) // BYTES_PER_TOKEN)


def cut(text: str, limit: int) -> str:
    """The text, cut to `limit` bytes. If it is cut, it ends in "..."."""
    if size(text) <= limit:
        return text
    return text.encode("utf-8", "replace")[: max(limit - 3, 0)].decode("utf-8", "ignore") + "..."
