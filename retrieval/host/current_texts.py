"""The present texts of files: those of unsaved buffers, and those on disk that differ from the index.

A query takes a snapshot at its beginning. What it then says of a file agrees with the text that it names.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from threading import Lock
from typing import Concatenate, ParamSpec, TypeVar

from indexer.config import Config
from indexer.fragment import Entry, Skipped
from indexer.index.index import Index
from indexer.parsing.source import Source, read, refuse_text
from indexer.paths import location_of
from indexer.walk.skip_rules import reason_by_name
from indexer.walk.walk import source_file

from ..result import TextSource
from .freshness import status_of

MAX_READ_FILES = 16
"""If more files are known to have changed on disk, as after a branch switch, a query looks for new code in
none of them: an update, which is running then, is soon done."""
CACHED = 1_000
"""Number of files for whose latest text results are cached: as many as a client may have unsaved buffers."""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CurrentText:
    """The present text of a file, with secrets masked. `text` is None if the file has no text to answer from.

    `why` then says why: it is gone, or it is no longer a file that may be indexed.
    """

    path: str
    text: str | None
    source: TextSource = "disk"
    why: str = ""


def cached_for_latest_text(
    function: Callable[Concatenate[str, str, P], T],
) -> Callable[Concatenate[str, str, P], T]:
    """The function of a path and its text, with a cache that keeps only the latest text of each path.

    Any thread may call it. The results for at most CACHED paths are kept, those used last.
    """
    known: dict[object, tuple[str, T]] = {}
    lock = Lock()

    @wraps(function)
    def cached(path: str, text: str, /, *rest: P.args, **named: P.kwargs) -> T:
        key = path, rest, tuple(named.items())
        with lock:
            found = known.pop(key, None)
        if found is None or found[0] != text:
            found = text, function(path, text, *rest, **named)
        with lock:
            known[key] = found
            while len(known) > CACHED:
                del known[next(iter(known))]
        return found[1]

    return cached


@cached_for_latest_text
def redacted(path: str, text: str) -> str:
    """The text with each character of a secret replaced by `*`, so that positions stay the same."""
    from indexer.parsing.secrets import redact_text

    return redact_text(text, path)


class CurrentTexts:
    """The present texts of an index's files, for one query. Only the query's thread uses it.

    `buffers` are unsaved texts by path, and `changed` the paths that are known to have changed on disk since
    the index was updated.
    """

    def __init__(
        self, index: Index, config: Config, buffers: Mapping[str, str], changed: Collection[str] = ()
    ) -> None:
        self._index, self._config, self._changed = index, config, changed
        self._pending = index.manifest.pending()
        self._writes = index.manifest.changes
        self._known: dict[str, CurrentText | None] = {}
        self._buffers = {path: text for path, text in buffers.items() if self._may_answer(path, text)}

    @property
    def differ(self) -> bool:
        """Whether any text is known to differ from the index."""
        return bool(self._buffers or self._changed)

    @property
    def buffers(self) -> Mapping[str, str]:
        """The unsaved texts from which queries are answered, by path, with secrets masked."""
        return {path: redacted(path, text) for path, text in self._buffers.items()}

    def has_buffer(self, path: str) -> bool:
        """Whether queries are answered from an unsaved text of a file."""
        return path in self._buffers

    def of(self, path: str) -> CurrentText:
        """The present text of a file of the root: of its buffer, else on disk."""
        found = self.if_different(path)
        if found is not None:
            return found
        return self._read(path)[1]

    def if_different(self, path: str) -> CurrentText | None:
        """The present text of a file. Returns None if the index has this text.

        If the file has not changed since it was indexed, this costs one look at its times. Paths that stand
        for no file of the root have no text.
        """
        if path not in self._known:
            self._known[path] = self._difference(path)
        return self._known[path]

    def different(self, paths: Iterable[str]) -> dict[str, CurrentText]:
        """The present texts of those of `paths` that differ from the index."""
        found = ((path, self.if_different(path)) for path in dict.fromkeys(paths))
        return {path: text for path, text in found if text is not None}

    def with_new_code(self) -> Iterator[CurrentText]:
        """The texts that may have code which the index lacks: buffers, then files that changed on disk.

        Files that are not indexed yet are left out, because only an update knows whether they may be.
        """
        for path in self._buffers:
            if (found := self.if_different(path)) and found.text is not None:
                yield found
        changed = sorted(set(self._changed) - self._buffers.keys())
        for path in changed if len(changed) <= MAX_READ_FILES else ():
            entry = self._index.manifest.entry(path)
            if entry is not None and entry.why is None:
                found = self.if_different(path)
                if found is not None and found.text is not None:
                    yield found

    def _difference(self, path: str) -> CurrentText | None:
        if path in self._buffers:
            return CurrentText(path, redacted(path, self._buffers[path]), "buffer")
        if self._index.revision is not None:
            return None
        manifest = self._index.manifest
        entry = manifest.entry(path)
        # While an update writes, a query may have read points that are older or newer than the row.
        is_stable = manifest.changes == self._writes and path not in self._pending
        if entry is not None and is_stable and _is_current(self._index, entry):
            return None
        digest, found = self._read(path)
        same = entry is not None and entry.why is None and digest == entry.digest
        return None if same and is_stable else found

    def _read(self, path: str) -> tuple[str, CurrentText]:
        """The digest and the text of a file on disk. The digest is "" if the file has no text."""
        location = location_of(self._index.root, path)
        # The path may come from a store on a server, to which other users may be able to write.
        inside = location.is_relative_to(self._index.root) and Path(os.path.realpath(location)) == location
        if not inside:
            gone = "is gone" if not os.path.lexists(location) else "is not a file of the root"
            return "", CurrentText(path, None, why=gone)
        source = read(source_file(self._index.root, path, location), self._config.max_file_bytes)
        if isinstance(source, Skipped):
            gone = "is gone" if not os.path.lexists(location) else f"is left out now: {source.reason}"
            return "", CurrentText(path, None, why=gone)
        return source.digest, CurrentText(path, _text_of(source))

    def _may_answer(self, path: str, text: str) -> bool:
        """Whether an unsaved text may be in answers: not that of a file which the index leaves out."""
        entry = self._index.manifest.entry(path)
        if entry is not None:
            return entry.why is None
        location = location_of(self._index.root, path)
        if os.path.lexists(location):
            return False  # it is left out by a rule, or the next update will index it
        names = path.split("/")
        if not self._config.hidden and any(name.startswith(".") for name in names):
            return False
        if reason_by_name(names[-1].encode("utf-8", "replace")) is not None:
            return False
        return refuse_text(path, text[:_HEAD].encode("utf-8", "replace")) is None


_HEAD = 8_192


def _text_of(source: Source) -> str:
    return source.text.decode("utf-8", "replace")


def _is_current(index: Index, entry: Entry) -> bool:
    return entry.is_current(status_of(index.root, entry.path), time.time_ns())
