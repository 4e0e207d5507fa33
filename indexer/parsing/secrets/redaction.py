"""Redacts texts: replaces secrets by `*`. The length of every line stays the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from ..encodings import encoded, width_of_unit
from .detection import Secret, doubtful, find

_MAX_ROUNDS = 8
"""A text is searched for secrets at most this number of times.

Several passes are needed because redacting one secret may reveal another beside it. Only a text that is made
for an attack needs more passes.
"""
_MASK = bytes(byte if byte in b"\r\n" else ord("*") for byte in range(256))
_WIDE = ("\u00d7", "\u203b", "\U0001f512")
"""The preferred substitutes for characters of 2, 3 and 4 bytes in UTF-8.

A substitute is used only if it has the right width in the encoding of the file.
"""
_HIDDEN = re.compile(r"[^\s*/#;-].*?\*{4,}|^\s*[\"']?\*{16,}")


def redact(text: bytes, path: str = "") -> tuple[bytes, list[Secret]]:
    """A UTF-8 text with `*` in the place of each byte of a secret, and the secrets in file order."""
    covered: list[Secret] = []
    for _ in range(_MAX_ROUNDS):
        found = [one for one in find(text, path) if text[one.start : one.end].strip(b"*\r\n")]
        if not found:
            break
        hidden = bytearray(text)
        for one in found:
            hidden[one.start : one.end] = text[one.start : one.end].translate(_MASK)
        text = bytes(hidden)
        covered += found
    return text, sorted(covered, key=lambda one: one.start)


def redact_text(text: str, path: str = "") -> str:
    """A decoded text with `*` in the place of each character of a secret."""
    data = text.encode("utf-8", "surrogatepass")
    hidden, found = redact(data, path)
    return _with_characters(data, hidden, lambda _: b"*").decode("utf-8", "surrogatepass") if found else text


def star(text: bytes, hidden: bytes, encoding: str) -> bytes:
    """`hidden`, the redacted form of `text`, after each masked character got its width in `encoding` again.

    For example, a letter of two bytes in UTF-8 may have one byte in `encoding`. Two `*` in the place of this
    letter would be too wide in `encoding`.
    """

    def wide(character: bytes) -> bytes:
        width = len(encoded(character.decode("utf-8", "surrogatepass"), encoding))
        return _as_wide(len(character), width, encoding)

    return _with_characters(text, hidden, wide)


def _with_characters(text: bytes, hidden: bytes, star: Callable[[bytes], bytes]) -> bytes:
    """`hidden`, with the result of `star` in the place of each masked character that is not ASCII."""
    if text.isascii():
        return hidden
    pieces = []
    for character in re.finditer(rb"[\x00-\x7f]+|[\xc0-\xff][\x80-\xbf]*", text):
        piece = hidden[slice(*character.span())]
        is_masked = piece != character[0] and not character[0].isascii()
        pieces.append(star(character[0]) if is_masked else piece)
    return b"".join(pieces)


@lru_cache
def _as_wide(length: int, width: int, encoding: str) -> bytes:
    """The substitute for a character that has `length` bytes in UTF-8 and `width` bytes in `encoding`."""
    if length == width and width_of_unit(encoding) == 1:
        return b"*" * length
    known = [*_WIDE, *(chr(n) for n in range(0x80, 0x3000)), "\uff71", "\u4e02"]
    sizes = ((c, len(c.encode()), len(c.encode(encoding, "ignore"))) for c in known)
    fitting = (c for c, *size in sizes if size == [length, width])
    # The fallback is a lone surrogate, which has three bytes in UTF-8 and one (invalid) byte on disk.
    return next(fitting, "\udcaa").encode("utf-8", "surrogatepass")


def is_redacted(line: str) -> bool:
    """Whether a line of a redacted text had a secret. The `*` in the frame of a comment do not count."""
    return "****" in line and _HIDDEN.search(line) is not None


def is_doubtful(line: str) -> bool:
    """Whether a line of a redacted text had a secret or may still have a secret.

    A quoted word directly after the name of a secret may be a secret. A line with such a word is not
    redacted, but it is not suggested either.
    """
    return is_redacted(line) or any(True for _ in doubtful(line.encode("utf-8", "replace")))


def lines_of(text: bytes, found: Sequence[Secret]) -> dict[str, list[int]]:
    """For each kind of secret, the lines in which secrets of this kind begin. Lines count from 1."""
    lines: dict[str, list[int]] = {}
    line, last = 1, 0
    for one in sorted(found, key=lambda one: one.start):
        line += text.count(b"\n", last, one.start)
        last = one.start
        known = lines.setdefault(one.kind, [])
        if not known or known[-1] != line:
            known.append(line)
    return lines
