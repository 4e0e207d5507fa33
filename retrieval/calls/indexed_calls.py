"""Keeps a call graph up to date with an index, and with texts that are not saved."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from indexer.analysis.file_calls import FileCalls
from indexer.analysis.worker_pool import IdleWorker, calls_of_files
from indexer.fragment import SourceFile, UnsavedFile
from indexer.parsing.languages import BY_NAME
from indexer.walk.walk import source_file

from .call_graph import RepositoryCalls
from .facts_store import FactsStore

if TYPE_CHECKING:
    from indexer.config import Config
    from indexer.index.index import Index

_PACKAGE_FILES = ("package.json", "go.mod", "Cargo.toml")
_MANY = 24
"""From this number of files on, several processes read them, and the user is told."""
_MOST_PROCESSES = 8
_SECONDS = 10.0
"""Maximum CPU seconds for one file."""
_BATCH = 200
_KEPT_BUFFERS = 64


class IndexedCalls:
    """The call graph of one index. One thread at a time uses it: `refreshed` and `current` lend it.

    Files are read by worker processes, because hostile input may crash a parser, and what they say is stored
    beside the index. So only changed files are read again.
    """

    def __init__(self, index: Index, say: Callable[[str], None]) -> None:
        self._index, self._say = index, say
        self._store = FactsStore(index.folder)
        self._idle_worker = IdleWorker()
        self._lock = Lock()
        self._state: object = None
        self._buffers: dict[tuple[str, str], FileCalls] = {}
        self._wanted: dict[str, str] = {}
        self._newer: dict[str, str] = {}
        """The digests of files that had changed since they were indexed when they were read."""
        self.graph = RepositoryCalls(self._store.lines)

    def close(self) -> None:
        """End the parser process, and close the database."""
        self._idle_worker.close()
        self._store.close()

    def has_file(self, path: str) -> bool:
        """Whether the index has a file, or a reason for leaving it out."""
        return self._index.manifest.entry(path) is not None

    @contextmanager
    def refreshed(self, config: Config, documents: Mapping[str, str | None]) -> Iterator[RepositoryCalls]:
        """The graph in the state of the index, with these present texts in the place of files.

        A text that is None stands for a file that is gone. Waits for the thread that uses the graph. Raises
        CorneaError if no process can be started that parses files.
        """
        with self._lock:
            yield self.refresh(config, documents)

    @contextmanager
    def current(self, documents: Mapping[str, str]) -> Iterator[RepositoryCalls | None]:
        """The graph as `refreshed`, but None if files would have to be read, or another thread uses it."""
        if not self._lock.acquire(blocking=False):
            yield None
            return
        try:
            yield self.graph if self._state == self._wanted_state(_keys(_encoded(documents))) else None
        finally:
            self._lock.release()

    def _wanted_state(self, keys: Mapping[str, str], lost: Iterable[str] = ()) -> object:
        manifest = self._index.manifest
        return id(manifest), manifest.changes, tuple(sorted(keys.items())), tuple(sorted(lost))

    def refresh(self, config: Config, documents: Mapping[str, str | None]) -> RepositoryCalls:
        """As `refreshed`, for an object that only one thread uses."""
        manifest = self._index.manifest
        buffers = _encoded(documents)
        keys, lost = _keys(buffers), documents.keys() - buffers.keys()
        state = self._wanted_state(keys, lost)
        if state == self._state:
            return self.graph
        wanted = {path: digest for path, digest, language in manifest.contents() if _is_read(path, language)}
        wanted |= keys
        for path in lost:
            wanted.pop(path, None)
        self._newer = {}
        gone = self._wanted.keys() - wanted.keys()
        changed = [path for path, digest in wanted.items() if self._wanted.get(path) != digest]
        if gone or changed:
            self._state = None  # if reading fails, the changed files must be read again
            self._wanted = {
                path: digest for path, digest in self._wanted.items() if wanted.get(path) == digest
            }
            for path in gone:
                self.graph.remove(path)
            self._store.remove(gone - keys.keys() - lost)
            self._read(self._unknown(changed, wanted, buffers), wanted, buffers, config)
            self.graph.resolve()
            self._wanted = wanted | self._newer
        self._state = None if self._newer else state
        return self.graph

    def _unknown(
        self, changed: Iterable[str], wanted: Mapping[str, str], buffers: Mapping[str, bytes]
    ) -> list[SourceFile]:
        """The files that must be read. Those whose content is known are put into the graph."""
        unread: list[SourceFile] = []
        root = self._index.root
        for path in changed:
            is_buffer = path in buffers
            key = path, wanted[path]
            facts = self._buffers.get(key) if is_buffer else self._store.read(*key)
            if facts is not None:
                self.graph.put(facts)
            elif is_buffer:
                content = buffers[path]
                unread.append(UnsavedFile(path, Path(path), len(content), 0, written=True, content=content))
            elif os.path.realpath(location := root / path) == str(location):  # no link has come into the path
                unread.append(source_file(root, path, location))
            else:
                self.graph.remove(path)
        return unread

    def _read(
        self,
        unread: list[SourceFile],
        wanted: Mapping[str, str],
        buffers: Mapping[str, bytes],
        config: Config,
    ) -> None:
        """Read files, and put what they say into the graph. What cannot be read has no calls."""
        many = len(unread) >= _MANY
        if many:
            self._say(f"reading the calls of {len(unread):,} files")
        size = max(1, min(config.workers or os.cpu_count() or 1, _MOST_PROCESSES)) if many else 1
        idle_worker = None if many else self._idle_worker
        batch: list[FileCalls] = []
        for found in calls_of_files(unread, config, idle_worker, _SECONDS, size) if unread else ():
            if not isinstance(found, FileCalls):
                self.graph.remove(found.path)
            elif found.path in buffers:
                self.graph.put(found)
                self._keep(found, wanted[found.path])
            else:
                self.graph.put(found._replace(lines={}))
                batch.append(found)
                if found.digest != wanted[found.path]:  # it changed after it was indexed
                    self._newer[found.path] = found.digest
            if len(batch) >= _BATCH:
                self._store.write(batch)
                batch = []
        self._store.write(batch)

    def _keep(self, found: FileCalls, key: str) -> None:
        self._buffers[found.path, key] = found
        while len(self._buffers) > _KEPT_BUFFERS:
            del self._buffers[next(iter(self._buffers))]


def _encoded(documents: Mapping[str, str | None]) -> dict[str, bytes]:
    return {path: text.encode("utf-8", "replace") for path, text in documents.items() if text is not None}


def _keys(buffers: Mapping[str, bytes]) -> dict[str, str]:
    return {path: hashlib.blake2b(content, digest_size=16).hexdigest() for path, content in buffers.items()}


def _is_read(path: str, language: str) -> bool:
    """Whether a file has calls, or says how a package is named."""
    name = path.rpartition("/")[2]
    return language in BY_NAME or name in _PACKAGE_FILES or name.startswith(("tsconfig", "jsconfig"))
