"""Writes results to the store and the manifest in batches. After a crash, a batch is written again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic as now
from typing import TYPE_CHECKING, Any

from ..analysis.cache import Cache, CacheEntry
from ..errors import CorneaError
from ..fragment import Entry, Skipped, SourceFile, cache_name
from ..parsing.source import digest_of
from ..quarantine import Suspect
from ..skip_reason import SkipKind, SkipReason
from ..store import Filter, HasId, Match, Point, Store

if TYPE_CHECKING:
    from ..analysis.packed_points import FileAnalysis, PackedPoints
    from ..encoding.types import Encoder
    from .index import Index

BATCH_POINTS = 20_000
BATCH_FILES = 2_000
"""Number of written points, and number of files, from which the store is flushed."""

BATCH_SECONDS = 2.0
"""Seconds after which the store is flushed. An interrupted update loses the work since the last flush."""
FLUSH_SHARE = 0.02
"""Largest share of an update's time that flushes take: after a flush of 100 ms, the next is due in 5 s."""

_UPSERT_POINTS = 500
"""Number of points from which a batch is written. During a longer write, the result queue would fill up."""

_BUSY_FACTOR = 3
"""While queries keep coming, BATCH_POINTS and BATCH_FILES are multiplied by this number, and a flush may be
this many times BATCH_SECONDS late."""

_DELETE_PATHS = 500
"""Paths per deletion in the store."""


@dataclass(slots=True)
class Report:
    """What an update did, mostly as numbers of files.

    `changed` files were indexed before and are indexed again. `added` files were not indexed before, and
    `renamed` of them have the content of a file that is gone. `removed` files were indexed before, but are
    now gone or left out. `skipped` are the files that this update analysed and left out.
    """

    added: int = 0
    changed: int = 0
    renamed: int = 0
    removed: int = 0
    unchanged: int = 0
    fragments: int = 0
    functions: int = 0
    seconds: float = 0.0
    skipped: tuple[Skipped, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def touched(self) -> int:
        """The number of files whose points were written or removed."""
        return self.added + self.changed + self.removed


@dataclass(frozen=True, slots=True)
class Changes:
    """What an update has to do.

    `analyse` are new and changed files. `refresh` are rows of files of which only the times have changed.
    `gone` are missing files that may have points, and `forget` are missing files without points. `known` are
    all rows of the manifest, by path. `started_ns` is the time at which the update began, before the files
    were listed.
    """

    analyse: Sequence[SourceFile]
    refresh: Sequence[Entry]
    gone: Sequence[str]
    forget: Sequence[str]
    known: Mapping[str, Entry]
    started_ns: int


@dataclass(slots=True)
class _Batch:
    """Results that are not recorded in the manifest yet, with their changes to the store.

    `vanished` files were deleted before they were read. For a file in `whole`, `upsert` has all points, and
    the file's other points in the store are deleted.
    """

    entries: list[Entry] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    upsert: list[Point] = field(default_factory=list)
    amend: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    delete: list[str] = field(default_factory=list)
    whole: set[str] = field(default_factory=set)
    points: int = 0
    """The number of points that were written but are not flushed yet."""

    @property
    def full(self) -> bool:
        """Whether the batch is large enough to write."""
        points = len(self.upsert) + len(self.amend)
        return points >= min(_UPSERT_POINTS, BATCH_POINTS) or len(self.entries) >= BATCH_FILES


class Writer:
    """Writes results: marks files as pending, upserts, deletes stale points, flushes, and records the files.

    `encoder` computes the dense vectors; it is None if the workers compute them. Files that an earlier
    process was writing when it crashed are written last, one by one.
    """

    def __init__(
        self, index: Index, store: Store, encoder: Encoder | None, changes: Changes, cache: Cache
    ) -> None:
        self.report = Report()
        self._repo, self._manifest, self._store, self._encoder = index.repo, index.manifest, store, encoder
        self._cache, self._priority = cache, index.query_priority
        self._known, self._started_ns = changes.known, changes.started_ns
        self._files = {file.path: file for file in changes.analyse}
        self._pending = self._manifest.pending()
        # Files that may have points in the store: indexed files and pending files.
        self._stale = {path for path, entry in self._known.items() if not entry.reason} | self._pending
        self._quarantine = index.quarantine
        self._crashed = self._quarantine.keys(Suspect.WRITTEN)
        self._crashed_parser = self._quarantine.keys(Suspect.FILE)
        self._gone = changes.gone
        self._gone_digests = {self._known[path].digest for path in self._gone if path in self._known}
        self._unwritten, self._unflushed = _Batch(), _Batch()
        self._deferred: list[FileAnalysis | Skipped] = []
        self._skipped: list[Skipped] = []
        self._due = now() + BATCH_SECONDS

    def remove_gone(self) -> None:
        """Delete the points of the files that are gone."""
        for start in range(0, len(self._gone), _DELETE_PATHS):
            paths = self._gone[start : start + _DELETE_PATHS]
            self._manifest.mark_pending(paths)
            self._delete(paths)
            self._store.flush()
            self._manifest.record((), removed=paths)
        self.report.removed += sum(self._was_indexed(path) for path in self._gone)

    def add(self, result: FileAnalysis | Skipped) -> None:
        """Take one file's result, and write the batch if it is full."""
        path = result.path if isinstance(result, Skipped) else result.entry.path
        if path in self._crashed_parser and not _is_crash(result):
            self._quarantine.forget(Suspect.FILE, path)
        if path in self._crashed:
            self._deferred.append(result)  # written last, because this file may crash this process, too
            return
        self._priority.yield_to_queries()
        self._take_guarded(result)
        late = self._is_late()
        if self._unwritten.full or late:
            self._write()
        if late or self._is_due():
            self._flush()

    def finish(self) -> Report:
        """Write the rest, and then, one by one, the files that may have crashed an earlier process."""
        self._write()
        self._flush()
        for result in self._deferred:
            self._take_guarded(result)
            self._write(alone=True)
            self._flush()
            if not _is_crash(result):
                path = result.path if isinstance(result, Skipped) else result.entry.path
                self._quarantine.forget(Suspect.WRITTEN, path)
        self.report.skipped = tuple(self._skipped)
        return self.report

    def _take_guarded(self, result: FileAnalysis | Skipped) -> None:
        """Take a result. If that fails, skip the file, so that the update continues."""
        try:
            self._take(result)
        except CorneaError:
            raise
        except Exception as error:  # noqa: BLE001 - the user is shown the reason
            path = result.path if isinstance(result, Skipped) else result.entry.path
            self._take(Skipped(path, SkipReason.of_error(error)))

    def _take(self, result: FileAnalysis | Skipped) -> None:
        batch = self._unwritten
        if not isinstance(result, Skipped):
            result = result if result.from_cache else self._cached(result)
            self._plan(result)
            self._count(result.entry)
            told = self._files[result.entry.path].told
            batch.entries.append(replace(result.entry, made=self._cache.fingerprint, told=told))
            return
        self.report.removed += self._was_indexed(result.path)
        if result.why.kind is SkipKind.VANISHED:
            batch.vanished.append(result.path)
            return
        if result.digest:
            self._cache.put(self._cache_name(result.path), result.digest, CacheEntry("", 0, result.why))
        self._skipped.append(result)
        batch.entries.append(self._skipped_entry(result))

    def _cached(self, result: FileAnalysis) -> FileAnalysis:
        """Store a result in the cache, and return it with packed points, which have all vectors."""
        from ..analysis.fragment_points import with_dense
        from ..analysis.packed_points import PackedPoints, pack, texts_of

        entry, points = result.entry, result.points
        if self._encoder is not None or not isinstance(points, PackedPoints):
            made = with_dense(points, self._encoder) if self._encoder else list(points)
            texts = texts_of(made)
            points = PackedPoints(pack(made), self._repo, entry.path, lambda row: texts[row["start_byte"]])
            result = replace(result, points=points)
        kept = CacheEntry(
            entry.language, entry.functions, packed=points.packed, is_free_of_secrets=not entry.redacted
        )
        self._cache.put(self._cache_name(entry.path), entry.digest, kept)
        return result

    def _cache_name(self, path: str) -> str:
        return cache_name(path, self._files[path].told)

    def _was_indexed(self, path: str) -> bool:
        entry = self._known.get(path)
        return entry is not None and not entry.reason

    def _count(self, entry: Entry) -> None:
        if self._was_indexed(entry.path):
            self.report.changed += 1
        else:
            self.report.added += 1
            self.report.renamed += entry.digest in self._gone_digests
        self.report.fragments += entry.fragments
        self.report.functions += entry.functions

    def _skipped_entry(self, skipped: Skipped) -> Entry:
        file = self._files[skipped.path]
        digest = skipped.digest or file.blob
        if not digest and skipped.why.kind.is_crash:
            digest = digest_of(file)  # with a digest, the file is tried again only if its content changes
        return Entry(
            path=file.path,
            size=file.size,
            mtime_ns=file.mtime_ns,
            seen_ns=self._started_ns,
            digest=digest,
            language="",
            fragments=0,
            functions=0,
            why=skipped.why,
            stamp=file.stamp,
            made=self._cache.fingerprint,
            told=file.told,
        )

    def _write(self, *, alone: bool = False) -> None:
        """Mark the files of the batch as pending, and write the batch to the store."""
        batch, self._unwritten = self._unwritten, _Batch()
        stale = self._stale.intersection((*(entry.path for entry in batch.entries), *batch.vanished))
        indexed = {entry.path: entry.digest for entry in batch.entries if not entry.why}
        if indexed or stale:
            self._manifest.mark_pending(dict.fromkeys((*indexed, *stale)), indexed, alone=alone)
            self._store.upsert(batch.upsert)
            if batch.amend:
                self._store.amend(batch.amend)
            if batch.delete:
                self._store.delete(Filter((HasId(tuple(batch.delete)),)))
            rest = stale.difference(indexed) | (stale & batch.whole)
            if rest:
                ids = tuple(point.id for point in batch.upsert if point.payload["path"] in rest)
                self._delete(sorted(rest), keep=ids)
        self._unflushed.entries += batch.entries
        self._unflushed.vanished += batch.vanished
        self._unflushed.points += len(batch.upsert) + len(batch.amend) + len(stale)

    def _is_due(self) -> bool:
        """Whether enough was written for a flush. The limits are higher while queries keep coming."""
        points, files = self._unflushed.points, len(self._unflushed.entries)
        patience = 1 if self._priority.is_idle else _BUSY_FACTOR
        return points >= BATCH_POINTS * patience or files >= BATCH_FILES * patience

    def _is_late(self) -> bool:
        """Whether the last flush is too long ago: if the process were killed, too much work would be lost."""
        return now() >= self._due + (0 if self._priority.is_idle else _BUSY_FACTOR * BATCH_SECONDS)

    def _plan(self, result: FileAnalysis) -> None:
        """Add to the batch the changes that turn a file's stored points into those of the result."""
        batch, path = self._unwritten, result.entry.path
        old = self._stored_points(path)
        if old is None:
            batch.upsert += list(result.points)  # unpacks all points first, so that an error adds none
            batch.whole.add(path)
            return
        from ..analysis.packed_points import PackedPoints

        assert isinstance(result.points, PackedPoints)
        change = result.points.delta(old)
        batch.upsert += change.upsert
        batch.amend += change.amend
        batch.delete += change.delete

    def _stored_points(self, path: str) -> PackedPoints | None:
        """The points of a file in the store, without texts; None if they are not known for certain."""
        entry = self._known.get(path)
        if entry is None or entry.reason or not entry.made or path in self._pending:
            return None
        name = cache_name(path, entry.told)
        kept = self._cache.get(name, entry.digest, entry.made, body=False) if entry.digest else None
        if kept is None or kept.packed is None:
            return None
        from ..analysis.packed_points import PackedPoints

        old = PackedPoints(kept.packed, self._repo, path, str)
        return old if len(old) == entry.fragments + 1 else None

    def _flush(self) -> None:
        """Flush the store, and record the written files in the manifest."""
        started = now()
        batch, self._unflushed = self._unflushed, _Batch()
        if batch.points:
            self._store.flush()
        if batch.entries or batch.vanished:
            self._manifest.record(batch.entries, removed=batch.vanished, written=batch.points)
        ended = now()
        self._due = ended + max(BATCH_SECONDS, (ended - started) / FLUSH_SHARE)

    def _delete(self, paths: Sequence[str], keep: tuple[str, ...] = ()) -> None:
        where = (Match("repo", (self._repo,)), Match("path", tuple(paths)))
        self._store.delete(Filter(where, (HasId(keep),) if keep else ()))


def _is_crash(result: FileAnalysis | Skipped) -> bool:
    """Whether a file is left out because of a crash, so that its crashes are not forgotten."""
    return isinstance(result, Skipped) and result.why.kind.is_crash
