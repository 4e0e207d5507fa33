"""The definitions of a text that an editor has open: the method `outline`.

The text is parsed in a process of its own: a text that kills or stalls its parser does not harm the host.
"""

from __future__ import annotations

import hashlib
import re
import threading
from bisect import bisect_right
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.analysis.worker_pool import IdleWorker, outlines
from indexer.fragment import Skipped, Symbol, UnsavedFile

from .frames import Message

if TYPE_CHECKING:
    from indexer.analysis.outline import Outline
    from indexer.config import Config

MOST = 5_000
"""Definitions in an answer. A file of more was written by a program."""
SECONDS = 5.0
"""CPU time that one text may take: somebody waits for it."""
_KEPT = 16
"""Answers that are kept: editors ask several times for the same text."""
_MARK = 3
"""Bytes of the byte order mark that a buffer is read with."""
_END = re.compile(rb"\r\n|\r|\n")


class Outlines:
    """Makes outlines of texts; keeps the last ones, and for a minute the process that parses."""

    def __init__(self) -> None:
        self._reserve = IdleWorker()
        self._lock = threading.Lock()
        self._answers: OrderedDict[tuple[str, str, bytes], Message] = OrderedDict()

    def of(self, path: str, text: str, language: str, config: Config) -> Message:
        """`language` and `definitions` of a text; `left_out` counts those above MOST, `reason` says why there
        are none. The language is told by the path and the text where it is "".

        Raises CorneaError where no process can be started.
        """
        content = text.encode("utf-8", "replace")
        key = path, language, hashlib.blake2b(content, digest_size=16).digest()
        with self._lock:
            if key not in self._answers:
                self._answers[key] = _made(path, content, language, config, self._reserve)
                if len(self._answers) > _KEPT:
                    self._answers.popitem(last=False)
            self._answers.move_to_end(key)
            return dict(self._answers[key])

    def close(self) -> None:
        """End the process that parses, if it waits for work."""
        self._reserve.close()


def _made(path: str, content: bytes, language: str, config: Config, reserve: IdleWorker) -> Message:
    buffer = UnsavedFile(path, Path(path), len(content), 0, language=language, written=True, content=content)
    (found,) = outlines([buffer], config, reserve, SECONDS)
    if isinstance(found, Skipped):
        return {"language": language, "definitions": [], "left_out": 0, "reason": found.reason}
    return _answer(found, content)


def _answer(outline: Outline, content: bytes) -> Message:
    starts = [0, *(match.end() for match in _END.finditer(content))]

    def place(offset: int) -> list[int]:
        """Line and column of a byte, from 1; columns are code points."""
        line = bisect_right(starts, offset)
        return [line, len(content[starts[line - 1] : offset].decode("utf-8", "replace")) + 1]

    def row(one: Symbol) -> Message:
        start, end = one.span.start_byte - _MARK, one.span.end_byte - _MARK
        body = content[start:end]
        start, end = end - len(body.lstrip()), start + len(body.rstrip())
        name = one.name_span
        first, last = (name.start_byte - _MARK, name.end_byte - _MARK) if name else (start, start)
        first = max(first, start)
        return {
            "symbol": one.name,
            "kind": one.kind,
            "start": place(start),
            "end": place(max(start, end)),
            "name_start": place(first),
            "name_end": place(max(first, last)),
        }

    return {
        "language": outline.language,
        "definitions": [row(one) for one in outline.definitions[:MOST]],
        "left_out": max(0, len(outline.definitions) - MOST),
        "reason": outline.unparsed,
    }
