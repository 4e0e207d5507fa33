"""Answers seen from buffers that are not saved: where their code stands now, or that it is gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..result import Hit

MAX_CUT_BYTES = 300_000
"""What only a longer buffer has is not looked for: it is not cut into fragments while somebody waits."""


def current(hits: Iterable[Hit], unsaved: Mapping[str, str]) -> list[Hit]:
    """The hits with the lines that their code has in `unsaved` texts by path.

    What is not in its text any more is left out; what only an unsaved text has is `unsaved.answers`' affair.
    """
    placed = (_placed(hit, unsaved[hit.path]) if hit.path in unsaved else hit for hit in hits)
    found: dict[tuple[str, int, int], Hit] = {}
    for hit in placed:
        if hit is not None:  # equal code of two places may have one place now
            found.setdefault((hit.path, hit.start_line, hit.end_line), hit)
    return list(found.values())


def _placed(hit: Hit, text: str) -> Hit | None:
    code, lines = _lines(hit.text.rstrip("\n")), _lines(text)
    starts = (n for n, line in enumerate(lines) if line == code[0] and lines[n : n + len(code)] == code)
    start = min(starts, key=lambda n: abs(n + 1 - hit.start_line), default=None)
    if start is None:
        return None
    return replace(hit, start_line=start + 1, end_line=start + 1 + hit.end_line - hit.start_line)


def _lines(text: str) -> list[str]:
    return [line.removesuffix("\r") for line in text.split("\n")]
