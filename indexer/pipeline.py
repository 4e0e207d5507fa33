"""Main path 1: bring an index up to date with the files on disk.

    walk -> what changed since the manifest was written -> workers (read, parse, split, encode) -> store -> manifest
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .config import Config
from .errors import UsageError
from .files import WalkOptions, walk
from .fragment import Skipped, SourceFile
from .index import Index
from .manifest import Entry
from .source import digest_of
from .store import Filter, HasId, Match, Point

if TYPE_CHECKING:
    from .embedding import Encoder
    from .worker import Analysed

BATCH_POINTS = 2_000
"""Points between two flushes: what an interrupted run loses at most."""

_DELETE_PATHS = 500


@dataclass(slots=True)
class Progress:
    """How far an update is; handed to the caller after every file."""

    total: int = 0
    done: int = 0
    fragments: int = 0


@dataclass(slots=True)
class Report:
    """What an update did. `skipped` are the files left out by their content in this run."""

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
class Plan:
    """What there is to do: files to analyse, rows whose time stamps alone are stale, and files that are gone."""

    analyse: tuple[SourceFile, ...]
    refresh: tuple[Entry, ...]
    gone: tuple[str, ...]
    known: dict[str, Entry]


Observer = Callable[[Progress], None]


def update(
    index: Index,
    observe: Observer | None = None,
    *,
    rebuild: bool = False,
    allow: Callable[[int], bool] | None = None,
) -> Report:
    """Bring the index up to date; `rebuild` starts from nothing.

    `allow(n)` is asked before a first index of more than [index] max_files files. An exception or Ctrl-C leaves a usable
    index; the next run does what is missing.
    """
    started = time.perf_counter()
    if rebuild:
        index.discard("asked to rebuild")
        index.remarks.clear()
    files = [f for f in walk(index.root, options(index.config)) if isinstance(f, SourceFile)]
    plan = _plan(index, files)
    if not plan.known and len(files) > index.config.max_files and not (allow and allow(len(files))):
        raise UsageError(
            f"{index.root}: {len(files):,} files to index; name a smaller folder, exclude some in .corneaignore, or pass --yes"
        )
    report = _apply(index, files, plan, observe or (lambda _: None)) if plan.analyse or plan.gone else Report()
    if plan.refresh:
        index.manifest.record(plan.refresh)
    report.unchanged = len(files) - report.added - report.changed - len(report.skipped)
    report.seconds = time.perf_counter() - started
    report.remarks = tuple(index.remarks)
    return report


def ensure(
    index: Index, observe: Observer | None = None, *, allow: Callable[[int], bool] | None = None
) -> Report:
    """Update, then open the store; what turns out to be damaged is built anew."""
    report = update(index, observe, allow=allow)
    generation = index.generation
    _ = index.store
    return report if index.generation == generation else update(index, observe, allow=allow)


def options(config: Config) -> WalkOptions:
    """What the walk must know."""
    return WalkOptions(
        include=config.include,
        exclude=config.exclude,
        hidden=config.hidden,
        vendored=config.vendored,
        max_file_bytes=config.max_file_bytes,
    )


def _plan(index: Index, files: Sequence[SourceFile]) -> Plan:
    known, pending = index.manifest.entries(), index.manifest.pending()
    analyse, refresh = [], []
    everything = index.manifest.get("settings") != _settings(index.config)
    for file in files:
        entry = known.get(file.path)
        if entry is None or everything or file.path in pending or entry.size != file.size:
            analyse.append(file)
        elif not entry.is_current(file):
            # Touched, or too fresh for its time stamp to be trusted: the content decides.
            seen = time.time_ns()
            if digest_of(file) == entry.digest:
                refresh.append(replace(entry, mtime_ns=file.mtime_ns, seen_ns=seen))
            else:
                analyse.append(file)
    gone = sorted((known.keys() | pending) - {file.path for file in files})
    return Plan(tuple(analyse), tuple(refresh), tuple(gone), known)


def _settings(config: Config) -> str:
    """The settings that decide about a file's content; when they change, every file is read again."""
    return f"{config.max_file_bytes} {','.join(sorted(config.languages))}"


def _apply(index: Index, files: Sequence[SourceFile], plan: Plan, observe: Observer) -> Report:
    """Run the workers over the plan and write what they find."""
    from .worker import Setup
    from .workers import Pool

    config = index.config
    setup = Setup(
        repo=index.repo,
        model=config.model if index.encoder.parallel else None,
        max_file_bytes=config.max_file_bytes,
        seconds=config.parse_seconds,
        languages=config.languages,
    )
    size = min(config.workers or min(os.cpu_count() or 1, 8), len(plan.analyse))
    with Pool(setup, size) as pool:
        generation = index.generation
        writer = _Writer(index)
        if index.generation != generation:  # what could not be opened was thrown away
            plan = _plan(index, files)
        writer.start(plan)
        progress = Progress(total=len(plan.analyse))
        for result in pool.run(plan.analyse):
            writer.add(result)
            progress.done += 1
            progress.fragments = writer.report.fragments
            observe(progress)
        writer.finish()
    index.manifest.set(settings=_settings(config))
    return writer.report


class _Writer:
    """Writes results in batches: note as pending, upsert, delete what is stale, flush, record."""

    def __init__(self, index: Index) -> None:
        self.report = Report()
        self._manifest, self._store, self._repo = index.manifest, index.store, index.repo
        self._manifest = index.manifest  # opening the store may have replaced it
        self._encoder = None if index.encoder.parallel else index.encoder
        self._batch: list[Analysed] = []
        self._points = 0
        self._skipped: list[Skipped] = []
        self._files: dict[str, SourceFile] = {}
        self._known: dict[str, Entry] = {}
        self._stale: set[str] = set()

    def start(self, plan: Plan) -> None:
        """Remove the points of files that are gone, and remember what was known of the others."""
        self._files = {file.path: file for file in plan.analyse}
        self._known = plan.known
        self._stale = plan.known.keys() | self._manifest.pending()
        self._gone = {plan.known[path].digest for path in plan.gone if path in plan.known}
        for start in range(0, len(plan.gone), _DELETE_PATHS):
            paths = plan.gone[start : start + _DELETE_PATHS]
            self._manifest.begin(paths)
            self._delete(paths)
            self._store.flush()
            self._manifest.record((), removed=paths)
        self.report.removed = sum(path in plan.known for path in plan.gone)

    def add(self, result: Analysed | Skipped) -> None:
        """Take one file's result; writes when a batch is full."""
        if isinstance(result, Skipped):
            self._skipped.append(result)
        else:
            self._batch.append(result)
            self._points += len(result.points)
            self._count(result.entry)
        if self._points >= BATCH_POINTS:
            self._write()

    def finish(self) -> None:
        """Write what is left, and the files that were skipped."""
        self._write()
        self._write_skipped()
        self.report.skipped = tuple(self._skipped)

    def _count(self, entry: Entry) -> None:
        known = self._known.get(entry.path)
        if known is not None and not known.reason:
            self.report.changed += 1
        else:
            self.report.added += 1
            self.report.renamed += entry.digest in self._gone
        self.report.fragments += entry.fragments
        self.report.functions += entry.functions

    def _write(self) -> None:
        if not self._batch:
            return
        points = [point for analysed in self._batch for point in analysed.points]
        if self._encoder is not None:
            points = _encoded(points, self._encoder)
        paths = [analysed.entry.path for analysed in self._batch]
        self._manifest.begin(paths)
        self._store.upsert(points)
        old = self._stale.intersection(paths)
        if old:
            self._delete(sorted(old), keep=tuple(point.id for point in points if point.payload["path"] in old))
        self._store.flush()
        self._manifest.record([analysed.entry for analysed in self._batch])
        self._batch, self._points = [], 0

    def _write_skipped(self) -> None:
        """A file that was indexed before and now has to be left out loses its points."""
        entries = []
        for skipped in self._skipped:
            file = self._files[skipped.path]
            entries.append(
                Entry(file.path, file.size, file.mtime_ns, time.time_ns(), "", "", 0, 0, skipped.reason)
            )
        old = sorted(self._stale.intersection(entry.path for entry in entries))
        if old:
            self._manifest.begin(old)
            self._delete(old)
            self._store.flush()
        if entries:
            self._manifest.record(entries)

    def _delete(self, paths: Sequence[str], keep: tuple[str, ...] = ()) -> None:
        where = Filter((Match("repo", (self._repo,)), Match("path", tuple(paths))), (HasId(keep),) if keep else ())
        self._store.delete(where)


def _encoded(points: Sequence[Point], encoder: Encoder) -> list[Point]:
    """The points with dense vectors, where the workers could not make them."""
    from .represent import FILE, title_of

    todo = [point for point in points if point.payload["kind"] != FILE]
    vectors = encoder.documents([p.payload["text"] for p in todo], [title_of(p.payload) for p in todo])
    made = {p.id: row if row.any() else None for p, row in zip(todo, vectors, strict=True)}
    return [replace(point, dense=made.get(point.id)) for point in points]
