"""The method `outline`: the definitions of a text that is open in an editor.

The text is parsed in a separate process. If a text crashes the parser or takes too long, the host goes on.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.analysis.worker_pool import IdleWorker, outlines
from indexer.fragment import Skipped, Symbol, UnsavedFile

from .answers import BufferDefinition, OutlineAnswer

if TYPE_CHECKING:
    from indexer.analysis.outline import Outline
    from indexer.config import Config

MAX_DEFINITIONS = 5_000
"""Maximum definitions in an answer. Files with more definitions are usually generated."""
PARSE_SECONDS = 5.0
"""Maximum CPU seconds for parsing one text. A user waits for the answer."""
_CACHED = 16
"""Maximum number of cached answers. Editors request the outline of the same text several times."""
_BOM_BYTES = 3
"""Bytes of the byte order mark that precedes the content of a buffer."""
_END = re.compile(rb"\r\n|\r|\n")


class Outlines:
    """Computes outlines, in one thread. Caches the latest, and keeps a parser process for a minute."""

    def __init__(self) -> None:
        self._reserve = IdleWorker()
        self._answers: dict[tuple[str, str, bytes], OutlineAnswer] = {}
        """The cached answers, of which the latest is the last."""

    def outline(self, path: str, text: str, language: str, config: Config) -> OutlineAnswer:
        """The outline of a text. If `language` is "", it is detected from the path and the text.

        Raises CorneaError if no process can be started.
        """
        content = text.encode("utf-8", "replace")
        key = path, language, hashlib.blake2b(content, digest_size=16).digest()
        answer = self._answers.pop(key, None) or _parse(path, content, language, config, self._reserve)
        self._answers[key] = answer
        if len(self._answers) > _CACHED:
            del self._answers[next(iter(self._answers))]
        return answer

    def close(self) -> None:
        """End the idle parser process, if there is one."""
        self._reserve.close()


def _parse(path: str, content: bytes, language: str, config: Config, reserve: IdleWorker) -> OutlineAnswer:
    buffer = UnsavedFile(path, Path(path), len(content), 0, language=language, written=True, content=content)
    (found,) = outlines([buffer], config, reserve, PARSE_SECONDS)
    if isinstance(found, Skipped):
        return OutlineAnswer(language=language, reason=found.reason)
    return _answer(found, content)


def _answer(outline: Outline, content: bytes) -> OutlineAnswer:
    starts = [0, *(match.end() for match in _END.finditer(content))]

    def position(offset: int) -> tuple[int, int]:
        """The line and the column of a byte offset, counted from 1. Columns are in code points."""
        line = bisect_right(starts, offset)
        return line, len(content[starts[line - 1] : offset].decode("utf-8", "replace")) + 1

    def definition(one: Symbol) -> BufferDefinition:
        start, end = one.span.start_byte - _BOM_BYTES, one.span.end_byte - _BOM_BYTES
        body = content[start:end]
        start, end = end - len(body.lstrip()), start + len(body.rstrip())
        name = one.name_span
        first, last = (name.start_byte - _BOM_BYTES, name.end_byte - _BOM_BYTES) if name else (start, start)
        first = max(first, start)
        return BufferDefinition(
            one.name,
            one.kind,
            position(start),
            position(max(start, end)),
            position(first),
            position(max(first, last)),
        )

    return OutlineAnswer(
        language=outline.language,
        definitions=[definition(one) for one in outline.definitions[:MAX_DEFINITIONS]],
        left_out=max(0, len(outline.definitions) - MAX_DEFINITIONS),
        reason=outline.unparsed,
    )
