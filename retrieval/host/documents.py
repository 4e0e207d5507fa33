"""Moves hits to where their code is in unsaved buffers, and redacts secrets in buffers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from ..result import Hit

MAX_CUT_BYTES = 300_000
"""Bytes of the largest buffer that is split into fragments; splitting a larger one takes too long."""
_NEAR = 50_000
"""Characters before and after a cursor that are scanned for secrets; all of a large text takes too long."""
_BUFFERS = 16


@lru_cache(maxsize=_BUFFERS)
def redacted(path: str, text: str) -> str:
    """The text with each character of a secret replaced by `*`, so that positions stay the same."""
    from indexer.parsing.secrets import redact_text

    return redact_text(text, path)


def redacted_near(path: str, text: str, line: int) -> str:
    """As `redacted`, but only near a line, because suggestions take names from there."""
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

    Leaves out hits whose code is no longer in the text. `unsaved.merge_unsaved` adds new code.
    """
    moved = (_relocated(hit, unsaved[hit.path]) if hit.path in unsaved else hit for hit in hits)
    found: dict[tuple[str, int, int], Hit] = {}
    for hit in moved:
        if hit is not None:  # two hits with equal code may have moved to the same lines
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
