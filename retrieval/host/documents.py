"""Answers seen from buffers that are not saved: where their code stands now, or that it is gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from ..result import Hit

MAX_CUT_BYTES = 300_000
"""What only a longer buffer has is not looked for: it is not cut into fragments while somebody waits."""
_NEAR = 50_000
"""Characters before and behind a cursor in which secrets are looked for: in all of a large text it
takes too long."""
_BUFFERS = 16


@lru_cache(maxsize=_BUFFERS)
def redacted(path: str, text: str) -> str:
    """A text with a `*` for each character of a secret: every place is where it was."""
    from indexer.parsing.secrets import redact_text

    return redact_text(text, path)


def without_secrets(path: str, text: str, line: int) -> str:
    """The same, near a line: what may come out again in a suggestion's names."""
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
