"""Escapes text of unknown origin, so that it cannot pass for more lines, or steer a terminal or a reader."""

from __future__ import annotations

import re

# Matches C0 and C1 controls (0x9b starts an escape sequence, as ESC [ does), line separators, bidirectional
# controls, which make a reader see other code than the compiler, and lone surrogates (without an encoding).
_UNSAFE = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufff9-\ufffb]"
)
_TAB = re.compile("\t")


def code(text: str) -> str:
    """Escape one line of code. Tabs are kept."""
    return _UNSAFE.sub(_escaped, text)


def name(text: str) -> str:
    """Escape a path or a name. Tabs are escaped, too, because they would break columns."""
    return _TAB.sub(r"\\t", code(text))


def _escaped(match: re.Match[str]) -> str:
    char = match.group()
    known = {"\n": r"\n", "\r": r"\r"}.get(char)
    number = ord(char)
    return known or (f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}")
