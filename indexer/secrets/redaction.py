"""Texts with `*` in place of their secrets: as long as before, line by line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from .detection import Secret, doubtful, find

_ROUNDS = 8
"""What stands beside a secret may be one once that is covered; more rounds than this only an
attacker needs."""
_WIDE = {len(one.encode()): one.encode() for one in ("\u00d7", "\u203b", "\U0001f512")}
"""What stands for a character of 2, 3 and 4 bytes where its width counts."""
_HIDDEN = re.compile(r"[^\s*/#;-].*?\*{4,}|^\s*[\"']?\*{16,}")


def redact(text: bytes, path: str = "") -> tuple[bytes, list[Secret]]:
    """A UTF-8 text with a `*` for each byte of a secret, and what was covered, in order."""
    covered: list[Secret] = []
    for _ in range(_ROUNDS):
        found = [one for one in find(text, path) if text[one.start : one.end].strip(b"*\r\n")]
        if not found:
            break
        text = _covered(text, found)
        covered += found
    return text, sorted(covered, key=lambda one: one.start)


def redact_text(text: str, path: str = "") -> str:
    """The same for a decoded text: a `*` for each character."""
    data = text.encode("utf-8", "surrogatepass")
    hidden, found = redact(data, path)
    if not found:
        return text
    if text.isascii():
        return hidden.decode("ascii")
    parts, last = [], 0
    for one in found:
        secret = data[one.start : one.end].decode("utf-8", "replace")
        if one.start >= last:
            parts += [data[last : one.start], _stars(secret).encode()]
            last = one.end
    return b"".join([*parts, data[last:]]).decode("utf-8", "surrogatepass")


def star(text: bytes, hidden: bytes) -> bytes:
    """A redacted text in which each character is as wide as before in UTF-16 and in Latin-1.

    Two `*` in place of a letter with an accent are wider there than the letter was.
    """
    if text.isascii():
        return hidden
    pieces = []
    for character in re.finditer(rb"[\x00-\x7f]+|[\xc0-\xff][\x80-\xbf]*", text):
        start, end = character.span()
        piece = hidden[start:end]
        wide = text[start] > 127 and piece != text[start:end]
        pieces.append(_WIDE[end - start] if wide else piece)
    return b"".join(pieces)


def is_redacted(line: str) -> bool:
    """Whether a line of a redacted text had a secret in it; a comment's frame of `*` does not count."""
    return "****" in line and _HIDDEN.search(line) is not None


def is_doubtful(line: str) -> bool:
    """Whether a line had a secret in it, or may have one: a word in quotes right behind a secret's name.

    Good enough a reason not to suggest it, but not to take it out of an index.
    """
    return is_redacted(line) or any(True for _ in doubtful(line.encode("utf-8", "replace")))


def lines_of(text: bytes, found: Sequence[Secret]) -> dict[str, list[int]]:
    """The lines of secrets by kind, counted from 1."""
    lines: dict[str, list[int]] = {}
    line, last = 1, 0
    for one in sorted(found, key=lambda one: one.start):
        line += text.count(b"\n", last, one.start)
        last = one.start
        known = lines.setdefault(one.kind, [])
        if not known or known[-1] != line:
            known.append(line)
    return lines


def _covered(text: bytes, found: Iterable[Secret]) -> bytes:
    parts, last = [], 0
    for one in found:
        parts += [text[last : one.start], re.sub(rb"[^\r\n]", b"*", text[one.start : one.end])]
        last = one.end
    return b"".join([*parts, text[last:]])


def _stars(text: str) -> str:
    return re.sub(r"[^\r\n]", "*", text)
