"""Where a file's points come from: the cache, if its content was seen before, else the workers."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..config import Config
from ..errors import CorneaError
from ..fragment import Entry, Skipped, SourceFile, Span, failure_of, kept_as, not_wanted
from ..parsing.source import Raw, decode, load
from ..walk.revision import Blobs
from .cache import Cache, Kept
from .packed_points import Analysed, Bundle

if TYPE_CHECKING:
    from .worker import Setup
    from .worker_pool import Pool, Reserve

_FILES_A_WORKER = 50
"""Fewer are not worth another process: one starts as long as it takes to index so many."""
_MAX_WORKERS = 8

Result = Analysed | Skipped


class Analysis:
    """The analysis of files, to be used in a `with`: `results` gives one result a file, in any order.

    Workers are started at once for what was never seen, so that they load while the store is opened.
    """

    def __init__(
        self, config: Config, repo: str, model: str | None, cache: Cache, reserve: Reserve | None = None
    ) -> None:
        """`model` is None where the parent encodes. A worker may come out of a reserve."""
        self._reserve = reserve
        self._config, self._repo, self._model, self._cache = config, repo, model, cache
        self._seen: list[SourceFile] = []
        self._new: list[SourceFile] = []
        self._pool: Pool | None = None
        self._git: Blobs | None = None

    def begin(self, files: Sequence[SourceFile]) -> None:
        """Take the files that `results` will be about."""
        for file in files:
            (self._seen if self._cache.knows(kept_as(file.path, file.told)) else self._new).append(file)
        if self._new:
            self._pool = self._started(len(self._new))

    def results(self) -> Iterator[Result]:
        """One result a file. To be called once, after `begin`."""
        for file in self._seen:
            found = self._guarded(file)
            if found is None:
                self._new.append(file)
            else:
                yield found
        if self._new:
            self._pool = self._pool or self._started(len(self._new))
            yield from self._pool.run(self._new)

    def close(self) -> None:
        """End the workers, whatever they do; may be called twice."""
        if self._git is not None:
            self._git.close()
        if self._pool is not None:
            self._pool.close()

    def __enter__(self) -> Analysis:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _guarded(self, file: SourceFile) -> Result | None:
        try:
            return self._found(file)
        except CorneaError:
            raise
        except Exception as error:  # noqa: BLE001 - one file must not end the run; the user is shown the reason
            return Skipped(file.path, failure_of(error))

    def _found(self, file: SourceFile) -> Result | None:
        """What the cache has for the content that a file has now."""
        seen = time.time_ns()
        if file.blob and self._git is None:
            self._git = Blobs(file.location)
        raw = load(file, self._config.max_file_bytes, self._git)
        if isinstance(raw, Skipped):
            return raw
        kept = self._cache.get(kept_as(file.path, file.told), raw.digest)
        if kept is None:
            return None
        if kept.reason:
            return Skipped(file.path, kept.reason, raw.digest)
        if self._config.languages and kept.language not in self._config.languages:
            return Skipped(file.path, not_wanted(kept.language))
        return _restored(raw, kept, self._repo, seen)

    def _started(self, files: int) -> Pool:
        from .worker_pool import Pool

        return Pool(self._setup(), pool_size(self._config, files), self._reserve)

    def _setup(self) -> Setup:
        from .worker import Setup

        config = self._config
        return Setup(
            repo=self._repo,
            model=self._model,
            max_file_bytes=config.max_file_bytes,
            seconds=config.parse_seconds,
            languages=config.languages,
            megabytes=config.worker_mb,
        )


def _restored(raw: Raw, kept: Kept, repo: str, seen: int) -> Analysed | None:
    """The result that a worker would give; None if what was kept is no such thing."""
    assert kept.packed is not None
    source = decode(raw)
    path = raw.file.path

    def text(row: Mapping[str, Any]) -> str:
        return source.slice(Span(row["start_byte"], row["end_byte"], row["start_line"], row["end_line"]))

    try:
        bundle = Bundle(kept.packed, repo, path, text)
    except (ValueError, KeyError):
        return None
    entry = Entry(
        path=path,
        size=source.size,
        mtime_ns=source.mtime_ns,
        seen_ns=seen,
        digest=source.digest,
        language=kept.language,
        fragments=len(bundle) - 1,
        functions=kept.functions,
        stamp=source.stamp,
        redacted=json.dumps(source.redacted) if source.redacted else "",
    )
    return Analysed(entry, bundle, kept=True)


def pool_size(config: Config, files: int) -> int:
    """How many workers so many files are worth."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    worth = -(-files // _FILES_A_WORKER)
    return min(config.workers or min(cores, _MAX_WORKERS), worth)
