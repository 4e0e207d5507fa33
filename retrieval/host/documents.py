"""Gives hits the line numbers that their code has in unsaved buffers, and masks secrets in buffers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from ..result import Hit

MAX_CUT_BYTES = 300_000
"""Maximum bytes of a buffer that is split into fragments. To split a larger buffer would take too long."""
_NEAR = 50_000
"""Maximum characters before a cursor, and after it, in which secrets are looked for. To scan all of a large
text would take too long."""
_BUFFERS = 16


@lru_cache(maxsize=_BUFFERS)
def redacted(path: str, text: str) -> str:
    """The text with each character of a secret replaced by `*`, so that positions stay the same."""
    from indexer.parsing.secrets import redact_text

    return redact_text(text, path)


def redacted_near(path: str, text: str, line: int) -> str:
    """As `redacted`, but in a large text only near a line: suggestions use only names near the cursor."""
    from indexer.parsing.secrets import redact_text

    if len(text) <= 2 * _NEAR:
        return redact_text(text, path)
    at = -1
    for _ in range(line):
        at = text.find("\n", at + 1)
        if at < 0:
            at = len(text)
            break
    start = text.rfind("\n", 0, max(0, at - _NEAR)) + 1
    end = text.find("\n", at + _NEAR)
    end = len(text) if end < 0 else end
    return text[:start] + redact_text(text[start:end], path) + text[end:]


def relocated(hits: Iterable[Hit], unsaved: Mapping[str, str]) -> list[Hit]:
    """The hits with the line numbers that their code has in `unsaved`, which maps paths to texts.

    Leaves out hits whose code is no longer in the text of their file. `unsaved.merge_unsaved` adds hits in
    new code.
    """
    moved = (_relocated(hit, unsaved[hit.path]) if hit.path in unsaved else hit for hit in hits)
    found: dict[tuple[str, int, int], Hit] = {}
    for hit in moved:
        if hit is not None:  # two hits with equal code may get the same lines
            found.setdefault((hit.path, hit.start_line, hit.end_line), hit)
    return list(found.values())


def _relocated(hit: Hit, text: str) -> Hit | None:
    code, lines = _lines(hit.text.rstrip("\n")), _lines(text)
    starts = (n for n, line in enumerate(lines) if line == code[0] and lines[n : n + len(code)] == code)
    start = min(starts, key=lambda n: abs(n + 1 - hit.start_line), default=None)
    if start is None:
        return None
    return replace(hit, start_line=start + 1, end_line=start + 1 + hit.end_line - hit.start_line)


def _lines(text: str) -> list[str]:
    return [line.removesuffix("\r") for line in text.split("\n")]
