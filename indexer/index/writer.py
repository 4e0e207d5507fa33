"""From the workers' results to the store and the manifest, in batches that a crash cannot tear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic as now
from typing import TYPE_CHECKING, Any

from ..analysis.cache import Cache, Kept
from ..errors import CorneaError
from ..fragment import Entry, Skipped, SourceFile, failure_of, kept_as
from ..parsing.source import digest_of
from ..store import Filter, HasId, Match, Point, Store
from .manifest import Manifest

if TYPE_CHECKING:
    from ..analysis.packed_points import Analysed, Bundle
    from ..encoding.types import Encoder
    from .query_priority import Courtesy

BATCH_POINTS = 20_000
BATCH_FILES = 2_000
"""Points and files between two flushes at most."""

BATCH_SECONDS = 2.0
"""Time between two flushes: what an interrupted run loses at most, unless the disk is slow."""
FLUSH_SHARE = 0.02
"""So much of an update's time may go into flushes: where one takes 100 ms, they are 5 s apart."""

_UPSERT_POINTS = 500
"""Points the store is given at a time: in one long call the workers would run out of room for answers."""

_SLICE_POINTS = 64
"""Points at a time where others wait for answers: about 10 ms."""

_LOUD = 3
"""So many times as much is written before it is made durable where one question follows another."""

_DELETE_PATHS = 500
_ENCODE = 256
"""Texts a call of an encoder that works in this process; in between Ctrl-C is heard."""

VANISHED = "vanished"
"""The reason of a file that was deleted before it was read: it is not skipped, it is gone."""

POISON = ("killed", "took longer")
"""Beginnings of the reasons of files that cost a process."""


@dataclass(slots=True)
class Report:
    """What an update did.

    `changed` were indexed before, `added` were not; `renamed` of the added have the content of a file that is
    gone. `removed` were indexed and are not any more: gone, or left out. `skipped` are the files left out by
    their content in this run.
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
        """Files whose points were written or removed."""
        return self.added + self.changed + self.removed


@dataclass(frozen=True, slots=True)
class Changes:
    """What is about to change: files that are analysed anew, rows of files that are gone, and all rows."""

    analyse: Sequence[SourceFile]
    gone: Sequence[str]
    known: Mapping[str, Entry]
    started_ns: int
    """A time before the files were looked at."""


@dataclass(slots=True)
class _Batch:
    """Files whose results are on their way, with the points that are to be written; the `lost` are gone.

    Of the files in `whole` all points are written: what else the store has of them must go.
    """

    entries: list[Entry] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    upsert: list[Point] = field(default_factory=list)
    amend: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    delete: list[str] = field(default_factory=list)
    whole: set[str] = field(default_factory=set)
    points: int = 0
    """What was written, where it is no longer listed."""

    @property
    def full(self) -> bool:
        """Whether the store should be given it."""
        points = len(self.upsert) + len(self.amend)
        return points >= min(_UPSERT_POINTS, BATCH_POINTS) or len(self.entries) >= BATCH_FILES


class Writer:
    """Writes what the workers find: note as pending, upsert, delete what is stale, flush, record.

    `encoder` makes the dense vectors where the workers could not. `courtesy` tells of who goes first, where
    questions are answered meanwhile.
    """

    def __init__(
        self,
        repo: str,
        manifest: Manifest,
        store: Store,
        encoder: Encoder | None,
        changes: Changes,
        cache: Cache,
        courtesy: Courtesy | None = None,
    ) -> None:
        self.report = Report()
        self._repo, self._manifest, self._store, self._encoder = repo, manifest, store, encoder
        self._cache, self._courtesy = cache, courtesy
        self._known, self._started_ns = changes.known, changes.started_ns
        self._files = {file.path: file for file in changes.analyse}
        self._pending = manifest.pending()
        # What may have points: all that is indexed, and what was cut off.
        self._stale = {path for path, entry in self._known.items() if not entry.reason} | self._pending
        self._suspects = manifest.suspects()
        self._gone = changes.gone
        self._gone_digests = {self._known[path].digest for path in self._gone if path in self._known}
        self._fresh, self._stored = _Batch(), _Batch()
        self._alone: list[Analysed | Skipped] = []
        self._skipped: list[Skipped] = []
        self._due = now() + BATCH_SECONDS

    def remove_gone(self) -> None:
        """Remove the points of the files that are gone."""
        for start in range(0, len(self._gone), _DELETE_PATHS):
            paths = self._gone[start : start + _DELETE_PATHS]
            self._manifest.begin(paths)
            self._delete(paths)
            self._store.flush()
            self._manifest.record((), removed=paths)
        self.report.removed += sum(self._was_indexed(path) for path in self._gone)

    def add(self, result: Analysed | Skipped) -> None:
        """Take one file's result; writes when a batch is full."""
        path = result.path if isinstance(result, Skipped) else result.entry.path
        if path in self._suspects:
            self._alone.append(result)  # it may kill this process, too: what is good comes first
            return
        self._make_way()
        self._take_any(result)
        late = self._is_late()
        if self._fresh.full or late:
            self._write()
        if late or self._is_due():
            self._settle()

    def finish(self) -> Report:
        """Write what is left; what is suspected of having killed a process, file by file."""
        self._write()
        self._settle()
        for result in self._alone:
            self._take_any(result)
            self._write(alone=True)
            self._settle()
        self.report.skipped = tuple(self._skipped)
        return self.report

    def _take_any(self, result: Analysed | Skipped) -> None:
        """Take a result; a file whose result cannot be taken is left out, which ends nothing else."""
        try:
            self._take(result)
        except CorneaError:
            raise
        except Exception as error:  # noqa: BLE001 - the user is shown the reason
            path = result.path if isinstance(result, Skipped) else result.entry.path
            self._take(Skipped(path, failure_of(error)))

    def _take(self, result: Analysed | Skipped) -> None:
        batch = self._fresh
        if not isinstance(result, Skipped):
            result = result if result.kept else self._kept(result)
            self._plan(result)
            self._count(result.entry)
            told = self._files[result.entry.path].told
            batch.entries.append(replace(result.entry, made=self._cache.fingerprint, told=told))
            return
        self.report.removed += self._was_indexed(result.path)
        if result.reason == VANISHED:
            batch.lost.append(result.path)
            return
        if result.digest:
            self._cache.put(self._kept_as(result.path), result.digest, Kept("", 0, result.reason))
        self._skipped.append(result)
        batch.entries.append(self._skip(result))

    def _kept(self, result: Analysed) -> Analysed:
        """The result with all its vectors, which the cache has too."""
        from ..analysis.packed_points import Bundle, pack

        entry, points = result.entry, result.points
        if self._encoder is not None or not isinstance(points, Bundle):
            made = _encoded(points, self._encoder) if self._encoder else list(points)
            texts = {p.payload["start_byte"]: p.payload["text"] for p in made if "text" in p.payload}
            points = Bundle(pack(made), self._repo, entry.path, lambda row: str(texts[row["start_byte"]]))
            result = replace(result, points=points)
        kept = Kept(entry.language, entry.functions, packed=points.packed)
        self._cache.put(self._kept_as(entry.path), entry.digest, kept)
        return result

    def _kept_as(self, path: str) -> str:
        return kept_as(path, self._files[path].told)

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

    def _skip(self, skipped: Skipped) -> Entry:
        file = self._files[skipped.path]
        digest = skipped.digest or file.blob
        if not digest and skipped.reason.startswith(POISON):
            digest = digest_of(file)  # a touch must not cost another process
        return Entry(
            path=file.path,
            size=file.size,
            mtime_ns=file.mtime_ns,
            seen_ns=self._started_ns,
            digest=digest,
            language="",
            fragments=0,
            functions=0,
            reason=skipped.reason,
            stamp=file.stamp,
            made=self._cache.fingerprint,
            told=file.told,
        )

    def _write(self, *, alone: bool = False) -> None:
        """Note the fresh files as pending and give the store what makes their points those of now."""
        batch, self._fresh = self._fresh, _Batch()
        stale = self._stale.intersection((*(entry.path for entry in batch.entries), *batch.lost))
        indexed = [entry.path for entry in batch.entries if not entry.reason]
        if indexed or stale:
            self._manifest.begin(dict.fromkeys((*indexed, *stale)), alone=alone)
            self._upsert(batch.upsert)
            if batch.amend:
                self._store.amend(batch.amend)
            if batch.delete:
                self._store.delete(Filter((HasId(tuple(batch.delete)),)))
            rest = stale.difference(indexed) | (stale & batch.whole)
            if rest:
                ids = tuple(point.id for point in batch.upsert if point.payload["path"] in rest)
                self._delete(sorted(rest), keep=ids)
        self._stored.entries += batch.entries
        self._stored.lost += batch.lost
        self._stored.points += len(batch.upsert) + len(batch.amend) + len(stale)

    def _upsert(self, points: Sequence[Point]) -> None:
        step = _SLICE_POINTS if self._courtesy else max(len(points), 1)
        for start in range(0, len(points), step):
            self._make_way()
            self._store.upsert(points[start : start + step])

    def _make_way(self) -> None:
        if self._courtesy:
            self._courtesy.make_way()

    def _is_due(self) -> bool:
        """Whether what was written should be made durable: nobody is answered meanwhile."""
        points, files = self._stored.points, len(self._stored.entries)
        patience = 1 if self._courtesy is None or self._courtesy.quiet else _LOUD
        return points >= BATCH_POINTS * patience or files >= BATCH_FILES * patience

    def _is_late(self) -> bool:
        """Whether so much time has passed since the last flush that a kill would lose too much work."""
        quiet = self._courtesy is None or self._courtesy.quiet
        return now() >= self._due + (0 if quiet else _LOUD * BATCH_SECONDS)

    def _plan(self, result: Analysed) -> None:
        """Have the batch make the store's points of a file those of the result."""
        batch, path = self._fresh, result.entry.path
        old = self._before(path)
        if old is None:
            batch.upsert += list(result.points)  # all of them, or none
            batch.whole.add(path)
            return
        from ..analysis.delta import delta
        from ..analysis.packed_points import Bundle

        assert isinstance(result.points, Bundle)
        change = delta(old, result.points)
        batch.upsert += change.upsert
        batch.amend += change.amend
        batch.delete += change.delete

    def _before(self, path: str) -> Bundle | None:
        """The points that the store has of a file, if that is known for sure."""
        entry = self._known.get(path)
        if entry is None or entry.reason or not entry.made or path in self._pending:
            return None
        name = kept_as(path, entry.told)
        kept = self._cache.get(name, entry.digest, entry.made, body=False) if entry.digest else None
        if kept is None or kept.packed is None:
            return None
        from ..analysis.packed_points import Bundle

        old = Bundle(kept.packed, self._repo, path, str)
        return old if len(old) == entry.fragments + 1 else None

    def _settle(self) -> None:
        """Make durable what the store was given, and record it."""
        started = now()
        batch, self._stored = self._stored, _Batch()
        if batch.points:
            courtesy = self._courtesy
            self._store.flush(courtesy.lull if courtesy and not courtesy.quiet else None)
        if batch.entries or batch.lost:
            self._manifest.record(batch.entries, removed=batch.lost, written=batch.points)
        ended = now()
        self._due = ended + max(BATCH_SECONDS, (ended - started) / FLUSH_SHARE)

    def _delete(self, paths: Sequence[str], keep: tuple[str, ...] = ()) -> None:
        where = (Match("repo", (self._repo,)), Match("path", tuple(paths)))
        self._store.delete(Filter(where, (HasId(keep),) if keep else ()))


def _encoded(points: Sequence[Point], encoder: Encoder) -> list[Point]:
    """The points with dense vectors."""
    from ..analysis.fragment_points import FILE, title_of

    found: list[Point] = []
    for start in range(0, len(points), _ENCODE):
        part = points[start : start + _ENCODE]
        todo = [point for point in part if point.payload["kind"] != FILE]
        rows = encoder.documents([p.payload["text"] for p in todo], [title_of(p.payload) for p in todo])
        made = {p.id: row if row.any() else None for p, row in zip(todo, rows, strict=True)}
        found += (replace(point, dense=made.get(point.id)) for point in part)
    return found
