"""The fragments of files as they are now: those of the index, or of present texts that differ from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from indexer.fragment import KINDS, Fragment
from indexer.store import Filter, Match

from . import unsaved

if TYPE_CHECKING:
    from indexer.index.index import Index
    from indexer.store import Record, Store

    from .current_texts import CurrentText, CurrentTexts

_MOST_CUT = 24
"""Number of differing texts that are cut for one answer. After a branch switch there may be many more: they
then have no fragments, rather than outdated ones."""
Payload = Mapping[str, Any]
"""The fields of a fragment. One of the index has the requested fields and its `id`, the others have their
`text` and `source`."""


class PresentFragments:
    """The fragments of one index, with those of present texts in the place of fragments that are outdated."""

    def __init__(self, index: Index, store: Store, texts: CurrentTexts) -> None:
        self._index, self._store, self._texts = index, store, texts
        self._known: dict[str, tuple[CurrentText, list[Payload]] | None] = {}
        self._cut = 0

    def of_paths(self, paths: Iterable[str], fields: Sequence[str]) -> dict[str, list[Payload]]:
        """The fragments of files, by path and in file order."""
        found: dict[str, list[Payload]] = defaultdict(list)
        unchanged = []
        for path in dict.fromkeys(paths):
            different = self._different(path)
            if different is None:
                unchanged.append(path)
            elif different[1]:
                found[path] = [*different[1]]
        if unchanged:
            where = Filter((Match("path", tuple(unchanged)), Match("kind", KINDS)))
            for record in self._store.scroll(self._index.tenant_filter & where, fields):
                found[record.payload["path"]].append(record.payload)
        for payloads in found.values():
            payloads.sort(key=lambda one: (one["start_line"], one["end_line"]))
        return found

    def present(self, records: Iterable[Record], word: str) -> list[Payload]:
        """Fragments that a query has found, as they are now, and those of new code in texts with a word.

        Of a file that differs from the index, all fragments are returned.
        """
        found: list[Payload] = []
        seen: set[str] = set()
        for record in records:
            path = record.payload["path"]
            different = self._different(path)
            if different is None:
                found.append({"id": record.id, **record.payload})
            elif path not in seen:
                seen.add(path)
                found += different[1]
        for text in self._texts.with_new_code():
            if text.path not in seen and word.lower() in (text.text or "").lower():
                different = self._different(text.path)
                found += different[1] if different is not None else []
        return found

    def line_now(self, path: str, line: int, code: str = "", word: str = "") -> int | None:
        """Where a line is now: in a text that differs from the index, the nearest with this code or word.

        Returns None if there is none. In other texts, or without code and word, it is the line itself.
        """
        different = self._different(path)
        if different is None or not (code or word):
            return line
        bare = code.strip()
        lines = enumerate((different[0].text or "").split("\n"), 1)
        equal = (number for number, one in lines if (one.strip() == bare if bare else word in one))
        return min(equal, key=lambda number: abs(number - line), default=None)

    def _different(self, path: str) -> tuple[CurrentText, list[Payload]] | None:
        """The present text of a file with its fragments. Returns None if the index has this text.

        A file that is not indexed has no text here, unless a buffer may answer for it.
        """
        if path not in self._known:
            self._known[path] = self._found(path)
        return self._known[path]

    def _found(self, path: str) -> tuple[CurrentText, list[Payload]] | None:
        entry = self._index.manifest.entry(path)
        if (entry is None or entry.why is not None) and not self._texts.has_buffer(path):
            return None  # the index has no fragment of it
        text = self._texts.if_different(path)
        if text is None:
            return None
        if text.text is None or self._cut == _MOST_CUT:
            return text, []
        self._cut += 1
        return text, [_payload(one, text) for one in unsaved.fragments_of_text(path, text.text)]


def _payload(one: Fragment, text: CurrentText) -> Payload:
    return {
        "path": one.path,
        "symbol": one.symbol,
        "kind": one.kind,
        "start_line": one.span.start_line,
        "end_line": one.span.end_line,
        "is_test": one.is_test,
        "text": one.text,
        "defines": one.defines,
        "source": text.source,
    }
