"""The texts of all indexed files as they are on disk now, with secrets masked.

A host keeps the texts, so that a question reads only what has changed since: in a file without a name in the
index folder, which the system may write to the disk and need not keep in memory. Each file's size, times and
inode are compared with those from which its text was read.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from indexer.fragment import Entry, Skipped, SourceFile
from indexer.index.index import Index
from indexer.parsing import encodings
from indexer.parsing.source import Raw, load, refuse_text, source_of

from ..result import TextSource
from .literals import Condition
from .unnamed_file import UnnamedFile

if TYPE_CHECKING:
    from .trigrams import TrigramFilter

_MOST_KEPT: Final = 1 << 30
"""The bytes of texts that a host keeps. The texts of further files are read from disk for each question."""
_RACY_NS, _RACY_COARSE_NS, _SECOND_NS = 20_000_000, 2_000_000_000, 1_000_000_000
"""A file that changed less than this long before it was read may change again with the same time."""
_ESCAPED_BYTE = re.compile(rb"\\x([89a-f][0-9a-f])")
_Key = tuple[int, int, int]


class FileText(NamedTuple):
    """The text of a file, which ends with a line end unless it is empty.

    `digest` is that of the content on disk, and "" for an unsaved text.
    """

    entry: Entry
    data: bytes
    digest: str

    @property
    def source(self) -> TextSource:
        """Where the text is: on disk, or in an unsaved buffer."""
        return "disk" if self.digest else "buffer"


@dataclass(slots=True)
class _Kept:
    """A text that is kept: the file's location and state, where the text is, and its row of the filter.

    `length` is -1 if the text is not kept, because there is no space. `sure` says that a change of the file
    would have shown in its key.
    """

    name: bytes
    key: _Key
    sure: bool
    row: int
    digest: str
    start: int = 0
    length: int = -1
    indexed: bool = True


class Texts:
    """The texts of one index. With `keep`, they are kept for the next question; one thread uses them."""

    def __init__(self, index: Index, *, keep: bool) -> None:
        self._index, self._keep = index, keep
        self._root = os.fsencode(index.root)
        self._entries: tuple[object, int, dict[str, Entry]] | None = None
        self._known: dict[str, _Kept] = {}
        self._store: _KeptBytes | None = None
        self._filter: TrigramFilter | None = None
        self._rows = 0
        self.unreadable = 0
        """The files that the last question did not search: they are gone, or no longer to be indexed."""

    def entries(self) -> Mapping[str, Entry]:
        """The indexed files by path, sorted. Raises StoreError if the manifest cannot be read."""
        manifest = self._index.manifest
        known = self._entries
        if known is None or known[0] is not manifest or known[1] != manifest.changes:
            changes = manifest.changes
            rows = manifest.entries()
            entries = {path: rows[path] for path in sorted(rows) if rows[path].why is None}
            known = self._entries = manifest, changes, entries
            for path in self._known.keys() - entries.keys():
                self._forget(path)
        return known[2]

    def read(
        self, entries: Sequence[Entry], condition: Condition | None, documents: Mapping[str, str]
    ) -> tuple[Iterator[FileText], int, int]:
        """The texts that may fulfil a condition, the number of all texts, and the number of their bytes.

        `documents` are unsaved texts by path, which are used instead of those on disk.
        """
        self.unreadable = 0
        if not self._keep:
            return self._from_disk(entries, documents), len(entries), sum(one.size for one in entries)
        current = list(self._current(entries))
        total = sum(max(kept.length, one.size) for one, kept in current)
        if self._filter is not None and condition is not None:
            rows = {kept.row: (one, kept) for one, kept in current if one.path not in documents}
            chosen = [rows[row] for row in self._filter.candidates(condition, rows)]
            edited = [(one, kept) for one, kept in current if one.path in documents]
            found = sorted([*chosen, *edited], key=lambda pair: pair[0].path) if edited else chosen
        else:
            found = current
        return self._texts(found, documents), len(entries), total

    def release(self) -> None:
        """Release memory. What is needed again is read from the file that holds it."""
        self._entries = None
        if self._store is not None:
            self._store.release()
        if self._filter is not None:
            self._filter.release()

    def close(self) -> None:
        """Remove what was kept."""
        for one in (self._store, self._filter):
            if one is not None:
                one.close()
        self._store = self._filter = None
        self._known.clear()

    def _texts(
        self, found: Sequence[tuple[Entry, _Kept]], documents: Mapping[str, str]
    ) -> Iterator[FileText]:
        for entry, kept in found:
            if entry.path in documents:
                text = _unsaved(entry, documents[entry.path])
            elif kept.length >= 0 and self._store is not None:
                text = FileText(entry, self._store.read(kept.start, kept.length), kept.digest)
            else:
                text = self._read(entry)
            if text is not None:
                yield text

    def _from_disk(self, entries: Sequence[Entry], documents: Mapping[str, str]) -> Iterator[FileText]:
        for entry in entries:
            known = documents.get(entry.path)
            text = self._read(entry) if known is None else _unsaved(entry, known)
            if text is None:
                self.unreadable += 1
            else:
                yield text

    def _current(self, entries: Sequence[Entry]) -> Iterator[tuple[Entry, _Kept]]:
        """The files that exist and what is kept of them, after reading those that have changed."""
        known, status = self._known.get, os.lstat
        for entry in entries:
            kept = known(entry.path)
            try:
                found = status(_location(self._root, entry.path) if kept is None else kept.name)
            except OSError:
                self.unreadable += 1
                self._forget(entry.path)
                continue
            # Every change of the content or the type changes the time of the last change, or the inode.
            key = (found.st_ctime_ns, found.st_ino, found.st_size)
            if kept is None or kept.key != key or not kept.sure:
                kept = self._renewed(entry, key, kept)
            if kept.indexed:
                yield entry, kept
            else:
                self.unreadable += 1

    def _renewed(self, entry: Entry, key: _Key, kept: _Kept | None) -> _Kept:
        now = time.time_ns()
        racy = _RACY_NS if key[0] % _SECOND_NS else _RACY_COARSE_NS
        text = self._read(entry)
        row = self._rows if kept is None else kept.row
        self._rows += kept is None
        if kept is not None and self._store is not None:
            self._store.drop(kept.length)
        name = _location(self._root, entry.path) if kept is None else kept.name
        sure = key[0] + racy < now
        fresh = self._known[entry.path] = _Kept(name, key, sure, row, "", indexed=text is not None)
        if text is None:
            return fresh
        fresh.digest = text.digest
        try:
            self._write(fresh, text.data)
        except OSError:  # no space on the disk: the filter cannot be trusted any more
            self.close()
            self._keep = False
            fresh.length = -1
        return fresh

    def _write(self, kept: _Kept, data: bytes) -> None:
        """Keep a text. Raises OSError if there is no space."""
        from .trigrams import TrigramFilter

        if self._store is None or self._filter is None:
            self._store = _KeptBytes(self._index.folder)
            self._filter = TrigramFilter(self._index.folder)
        self._filter.set_row(kept.row, data)
        if self._store.is_sparse:
            self._repack()
        if self._store.size + len(data) <= _MOST_KEPT:
            kept.start, kept.length = self._store.append(data), len(data)

    def _repack(self) -> None:
        """Write what is kept again, without the texts of files that have changed since."""
        old, new = self._store, _KeptBytes(self._index.folder)
        assert old is not None
        for kept in self._known.values():
            if kept.length >= 0:
                kept.start = new.append(old.read(kept.start, kept.length))
        self._store = new
        old.close()

    def _forget(self, path: str) -> None:
        kept = self._known.pop(path, None)
        if kept is not None and self._store is not None:
            self._store.drop(kept.length)

    def _read(self, entry: Entry) -> FileText | None:
        """The text of a file on disk. Returns None if it cannot be read or is no longer to be indexed."""
        name = _location(self._root, entry.path)
        if os.path.realpath(name) != name:
            return None
        language, encoding, written = entry.told.split("\0") if entry.told else ("", "", "")
        location = Path(os.fsdecode(name))
        file = SourceFile(
            entry.path, location, entry.size, entry.mtime_ns, "", 0, language, encoding, bool(written)
        )
        raw = load(file, self._index.config.max_file_bytes)
        if isinstance(raw, Skipped):
            return None
        if raw.digest == entry.digest and not entry.redacted:  # the index found no secret in this content
            return FileText(entry, _ended(_decoded(raw, encoding)), raw.digest)
        source = source_of(raw)
        if isinstance(source, Skipped):
            return None
        return FileText(entry, _ended(source.as_written().encode()), raw.digest)


class _KeptBytes:
    """Texts one after the other, in a file without a name."""

    def __init__(self, folder: Path) -> None:
        self._file = UnnamedFile(folder)
        self.size = self._dropped = 0
        self.release, self.close = self._file.release, self._file.close

    @property
    def is_sparse(self) -> bool:
        """Whether most of the bytes belong to texts that are not used any more."""
        return self._dropped > max(self.size // 2, 1 << 20)

    def append(self, data: bytes) -> int:
        """Write a text and return its place. Raises OSError if there is no space."""
        start = self.size
        self._file.write(data, start)
        self.size += len(data)
        return start

    def drop(self, length: int) -> None:
        """Note that a text of this length is not used any more."""
        self._dropped += max(length, 0)

    def read(self, start: int, length: int) -> bytes:
        """The text at a place."""
        if not length:
            return b""
        mapped = self._file.map
        if mapped is None or len(mapped) < start + length:
            mapped = self._file.map_bytes(self.size)
        return mapped[start : start + length]


def _location(root: bytes, path: str) -> bytes:
    """Where a file is. In a path, bytes that are not UTF-8 are written as `\\xNN`."""
    name = root + b"/" + path.encode("utf-8", "surrogatepass")
    if b"\\x" in name and not os.path.lexists(name):
        return _ESCAPED_BYTE.sub(lambda found: bytes((int(found[1], 16),)), name)
    return name


def _decoded(raw: Raw, told: str) -> bytes:
    """The text of a file without secrets, in UTF-8, with its own line ends."""
    encoding, mark = encodings.identify(raw.data, told)
    body = raw.data[mark:]
    if encoding == "utf-8" and encodings.is_utf8(body):
        return body
    return encodings.whole(encodings.decoded(body, encoding)).encode()


def _ended(data: bytes) -> bytes:
    return data + b"\n" if data and not data.endswith(b"\n") else data


def _unsaved(entry: Entry, text: str) -> FileText | None:
    """An unsaved text. Returns None if it is not one that is indexed."""
    data = _masked(entry.path, text)
    written = entry.told.endswith("written")
    return None if refuse_text(entry.path, data, written=written) else FileText(entry, _ended(data), "")


@lru_cache(maxsize=16)
def _masked(path: str, text: str) -> bytes:
    from indexer.parsing.secrets import redact_text

    return redact_text(text, path).encode("utf-8", "replace")
