"""The fragments of files, without their texts: which definition encloses a line, and what it defines.

Those of unchanged files come from the index. A file that has changed since, or an unsaved text, is cut again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, NamedTuple

from indexer.fragment import SourceFile, language_of
from indexer.index.index import Index
from indexer.parsing.languages import name_of
from indexer.store import Filter, Match, Store

from ..candidates import repository_filter
from .texts import FileText

MAX_CUT_BYTES: Final = 300_000
"""A changed text of more bytes is not cut again, because that would take too long."""
_FIELDS = ("path", "kind", "symbol", "ordinal", "start_line", "end_line", "defines", "language")
_HEAD: Final = 4096
_MOST_EDITED: Final = 64
"""The number of changed texts of which the fragments are kept."""


class Piece(NamedTuple):
    """A fragment's lines, its symbol, and the bare names that it defines or declares.

    `id` is that of its point, and "" for a fragment of a changed text.
    """

    start_line: int
    end_line: int
    symbol: str
    names: tuple[str, ...]
    language: str
    id: str = ""


class Pieces:
    """The fragments of the files of an index, which are kept until they are released."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._indexed: dict[str, tuple[str, list[Piece]]] = {}
        self._edited: dict[tuple[str, bytes], list[Piece]] = {}

    def of(self, texts: Sequence[FileText], store: Store) -> dict[str, list[Piece]]:
        """The fragments of each file, by path, in the order of their lines."""
        current = [text for text in texts if text.digest and text.digest == text.entry.digest]
        missing = [
            text.entry
            for text in current
            if self._indexed.get(text.entry.path, ("",))[0] != text.entry.digest
        ]
        if missing:
            found: dict[str, list[Piece]] = {entry.path: [] for entry in missing}
            where = repository_filter(self._index.tenant) & Filter((Match("path", tuple(found)),))
            for record in store.scroll(where, _FIELDS):
                if "start_line" in record.payload:  # the others are the points of files
                    found[str(record.payload["path"])].append(_of_payload(record.payload, record.id))
            for entry in missing:
                pieces = sorted(found[entry.path], key=attrgetter("start_line"))
                self._indexed[entry.path] = entry.digest, pieces
        known = {text.entry.path: self._indexed[text.entry.path][1] for text in current}
        return known | {text.entry.path: self._cut(text) for text in texts if text.entry.path not in known}

    def release(self) -> None:
        """Release memory that can be computed again."""
        self._indexed.clear()
        self._edited.clear()

    def _cut(self, text: FileText) -> list[Piece]:
        key = text.entry.path, text.data
        found = self._edited.get(key)
        if found is None:
            while len(self._edited) >= _MOST_EDITED:
                self._edited.pop(next(iter(self._edited)))
            found = self._edited[key] = _cut(text)
        return found


def _of_payload(payload: dict[str, Any], id: str) -> Piece:
    symbol = str(payload["symbol"])
    return Piece(
        int(payload["start_line"]),
        int(payload["end_line"]),
        symbol,
        _names(symbol if payload["ordinal"] == 0 else "", payload.get("defines") or ()),
        language_of(payload),
        id,
    )


def _names(symbol: str, defines: Iterable[str]) -> tuple[str, ...]:
    """The last parts of qualified names, without repetitions."""
    every = (symbol, *defines) if symbol else tuple(defines)
    return tuple(dict.fromkeys(name.rpartition(".")[2] for name in every))


def _cut(text: FileText) -> list[Piece]:
    """The fragments of a changed text. There are none if it is large."""
    data = text.data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if len(data) > MAX_CUT_BYTES:
        return []
    from indexer.analysis.fragment_points import fragments
    from indexer.parsing.source import Source

    path = text.entry.path
    source = Source(SourceFile(path, Path(path), len(data), 0), data, data, "utf-8", "", len(data), 0)
    return [
        Piece(
            one.span.start_line,
            one.span.end_line,
            one.symbol,
            _names(one.symbol if one.ordinal == 0 else "", one.defines),
            one.language,
        )
        for one in fragments(source, "", name_of(path, data[:_HEAD]))
    ]
