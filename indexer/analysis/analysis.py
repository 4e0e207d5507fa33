"""Gets a file's points from the cache if the cache has them, else from the workers."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..config import Config
from ..errors import CorneaError
from ..fragment import Skipped, SourceFile, Span, cache_name
from ..parsing.source import Raw, decode, load
from ..quarantine import Quarantine
from ..skip_reason import SkipKind, SkipReason
from ..walk.revision import Blobs
from .cache import Cache, CacheEntry
from .packed_points import FileAnalysis, PackedPoints, file_analysis

if TYPE_CHECKING:
    from .worker_pool import IdleWorker, Result, WorkerPool

_FILES_A_WORKER = 50
"""Files per worker. Starting another worker takes as long as indexing this many files."""
_MAX_WORKERS = 8


class Analysis:
    """Analyses files: `results` yields one result per file, in any order.

    Leaving the context ends the workers.
    """

    def __init__(
        self,
        files: Sequence[SourceFile],
        config: Config,
        repo: str,
        model: str | None,
        cache: Cache,
        idle_worker: IdleWorker | None = None,
        quarantine: Quarantine | None = None,
    ) -> None:
        """Start workers for the files whose path is not in the cache.

        The workers load their libraries while the caller opens the store. `model` is None if the parent
        process, and not the workers, computes the dense vectors.
        """
        self._idle_worker, self._quarantine = idle_worker, quarantine
        self._config, self._repo, self._model, self._cache = config, repo, model, cache
        self._git: Blobs | None = None
        self._maybe_cached: list[SourceFile] = []
        self._uncached: list[SourceFile] = []
        for file in files:
            cached = cache.has_path(cache_name(file.path, file.told))
            (self._maybe_cached if cached else self._uncached).append(file)
        self._pool = self._start_workers() if self._uncached else None

    def results(self) -> Iterator[Result]:
        """One result per file. Call it once."""
        for file in self._maybe_cached:
            try:
                found = self._from_cache(file)
            except CorneaError:
                raise
            except Exception as error:  # noqa: BLE001 - one file must not end the run; the user is shown the reason
                found = Skipped(file.path, SkipReason.of_error(error))
            if found is None:
                self._uncached.append(file)
            else:
                yield found
        if self._uncached:
            self._pool = self._pool or self._start_workers()
            yield from self._pool.run(self._uncached)

    def __enter__(self) -> Analysis:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._git is not None:
            self._git.close()
        if self._pool is not None:
            self._pool.close()

    def _from_cache(self, file: SourceFile) -> Result | None:
        """The cached result for a file's present content. Returns None if the cache has no usable result.

        Returns Skipped if the file cannot be read, or has a language that the settings leave out.
        """
        seen = time.time_ns()
        if file.blob and self._git is None:
            self._git = Blobs(file.location)
        raw = load(file, self._config.max_file_bytes, self._git)
        if isinstance(raw, Skipped):
            return raw
        kept = self._cache.get(cache_name(file.path, file.told), raw.digest)
        if kept is None:
            return None
        if kept.why is not None:
            return Skipped(file.path, kept.why, raw.digest)
        if self._config.languages and kept.language not in self._config.languages:
            return Skipped(file.path, SkipReason(SkipKind.LANGUAGE, kept.language))
        return _restored(raw, kept, self._repo, seen)

    def _start_workers(self) -> WorkerPool:
        """As many workers as are worth starting for the files that are not in the cache."""
        from .worker import Setup
        from .worker_pool import WorkerPool

        config = self._config
        setup = Setup(
            repo=self._repo,
            model=self._model,
            max_file_bytes=config.max_file_bytes,
            seconds=config.parse_seconds,
            languages=config.languages,
            megabytes=config.worker_mb,
        )
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        size = min(config.workers or min(cores, _MAX_WORKERS), -(-len(self._uncached) // _FILES_A_WORKER))
        return WorkerPool(setup, size, self._idle_worker, self._quarantine)


def _restored(raw: Raw, kept: CacheEntry, repo: str, seen: int) -> FileAnalysis | None:
    """The result that a worker would give, restored from a cache entry.

    Returns None for a malformed entry.
    """
    assert kept.packed is not None
    source = decode(raw, is_free_of_secrets=kept.is_free_of_secrets)

    def text(row: Mapping[str, Any]) -> str:
        return source.slice(Span(row["start_byte"], row["end_byte"], row["start_line"], row["end_line"]))

    try:
        points = PackedPoints(kept.packed, repo, raw.file.path, text)
    except (ValueError, KeyError):
        return None
    return file_analysis(source, seen, kept.language, kept.functions, points, from_cache=True)
