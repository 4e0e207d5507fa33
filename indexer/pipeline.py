"""Brings an index up to date with the files on disk, or with those of a commit.

walk -> changes since the last update -> cache, else workers (read, parse, split, encode) -> store -> manifest
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from .analysis.cache import Cache, fingerprint
from .config import Config
from .errors import Cancelled, StoreDamaged, UsageError
from .fragment import GIT_FOLDER, Entry, Skipped, SourceFile
from .index import crash_marker
from .index.index import Index
from .index.manifest import Manifest
from .index.writer import Changes, Report, Writer
from .limits import MEGABYTE
from .parsing.source import digest_of
from .quarantine import FILES, Quarantine, Suspect
from .skip_reason import SkipKind, SkipReason
from .walk.walk import WalkOptions, walk

__all__ = ["Observer", "Progress", "Report", "ensure", "options", "update"]

log = logging.getLogger(__name__)

_TRANSIENT = (SkipKind.UNREADABLE, SkipKind.VANISHED)
"""Reasons that may no longer hold although the file's size and time have not changed."""

_QUARANTINED = (SkipKind.KILLED_PARSER, SkipKind.KILLED_WRITER)
"""Reasons that hold while the file is in quarantine."""

_MAX_NAMED = 3
"""Largest number of unreadable folders, and of refused repositories, that an update's remarks name."""


@dataclass(slots=True)
class Progress:
    """The progress of an update. The update passes it to the observer after every file."""

    total: int = 0
    done: int = 0
    fragments: int = 0


Observer = Callable[[Progress], None]
Allow = Callable[[int], bool]


def update(
    index: Index, observe: Observer | None = None, *, rebuild: bool = False, allow: Allow | None = None
) -> Report:
    """Bring the index up to date. With `rebuild`, discard the index first, and do not read the cache.

    If a first update finds n files, and n is more than [index] max_files, `allow(n)` decides whether they are
    indexed. Without permission, raises UsageError. If `observe` raises Cancelled, and after Ctrl-C or an
    error, the index is usable, and the next update completes it.
    """
    started = time.perf_counter()
    if rebuild:
        index.storage.check_space()
        index.discard()
    try:
        index.consume_crash_marker()
        report = _update(index, observe, allow, write_only=rebuild)
    except StoreDamaged as error:
        index.discard_damaged(error)
        report = _update(index, observe, allow)
    report.seconds = time.perf_counter() - started
    report.remarks = tuple(index.remarks)
    index.remarks.clear()
    return report


def ensure(index: Index, observe: Observer | None = None, *, allow: Allow | None = None) -> Report:
    """Bring the index up to date, then open the store. If the store is damaged, rebuild the index."""
    report = update(index, observe, allow=allow)
    generation = index.generation
    _ = index.store
    if index.generation == generation:
        return report
    again = update(index, observe, allow=allow)
    again.seconds += report.seconds
    again.remarks = report.remarks + again.remarks
    return again


def options(config: Config, root: Path | None = None) -> WalkOptions:
    """The options of the walk. If the folder of all indexes is inside `root`, it is excluded."""
    inside = root is not None and config.home.resolve().is_relative_to(root)
    own = (f"/{config.home.resolve().relative_to(root)}/",) if inside and root else ()
    return WalkOptions(
        include=config.include,
        exclude=config.exclude + own,
        hidden=config.hidden,
        vendored=config.vendored,
        max_file_bytes=config.max_file_bytes,
    )


def _update(
    index: Index, observe: Observer | None, allow: Allow | None, *, write_only: bool = False
) -> Report:
    started = time.time_ns()
    choice = options(index.config, index.root)
    listed = list(index.revision.files(choice) if index.revision else walk(index.root, choice))
    files = [f for f in listed if isinstance(f, SourceFile)]
    index.remarks += _walk_remarks(index, [f for f in listed if isinstance(f, Skipped)])
    index.quarantine.retain({file.path for file in files})
    _apply_settings(index.manifest, index.config)
    changes = _changes(index.manifest, index.quarantine, files, started)
    if not changes.known and len(files) > index.config.max_files and not (allow and allow(len(files))):
        raise UsageError(
            f"{index.root}: {len(files):,} files to index; name a smaller folder, exclude some in "
            f".corneaignore, or pass --yes"
        )
    if changes.refresh or changes.forget:
        index.manifest.record(changes.refresh, removed=changes.forget)
    report = Report()
    if changes.analyse or changes.gone:
        missing = sum(file.path not in changes.known for file in changes.analyse)
        if missing:
            index.manifest.set_meta(missing=str(missing))
        report = _apply(index, changes, observe or (lambda _: None), write_only)
    if index.manifest.get_number("missing"):
        index.manifest.set_meta(missing="0")
    report.unchanged = len(files) - len(changes.analyse)
    return report


def _walk_remarks(index: Index, skipped: Sequence[Skipped]) -> list[str]:
    """Remarks about unreadable folders, repositories that git refused, and contents that the clone lacks.

    The update treats the files in unreadable folders as gone.
    """
    closed = [
        f"{item.path}: {item.reason}; what is in it is left out of the index"
        for item in skipped
        if item.why.kind is SkipKind.UNREADABLE and item.path.endswith("/")
    ]
    reasons = {
        index.root / item.path.removesuffix(GIT_FOLDER): item.reason
        for item in skipped
        if item.why.kind is SkipKind.REFUSED
    }
    # Ignore folders that were deleted meanwhile.
    refused = [f"{folder}: {reason}" for folder, reason in reasons.items() if folder.is_dir()]
    said = _first(closed, "{} more folders were skipped") + _first(
        refused, "git refused {} more repositories"
    )
    missing = SkipReason(SkipKind.MISSING)
    if lacking := sum(item.why == missing for item in skipped):
        said.append(f"{index.root}: {lacking:,} of the commit's files: {missing}")
    return said


def _first(remarks: list[str], more: str) -> list[str]:
    """The first remarks, and how many `more` there are."""
    left = len(remarks) - _MAX_NAMED
    return [*remarks[:_MAX_NAMED], *([more.format(left)] if left > 0 else [])]


def _apply_settings(manifest: Manifest, config: Config) -> None:
    """Make the update read every file again if a setting that affects the result for a file has changed."""
    from .parsing.languages import LANGUAGES

    # A language that gets a grammar changes the result for files that have not changed.
    names = config.languages, (one.name for one in LANGUAGES)
    now = f"{config.max_file_bytes} {config.parse_seconds} {' '.join(','.join(sorted(one)) for one in names)}"
    known = manifest.get("settings")
    if not known:
        manifest.set_meta(settings=now)
    elif known != now:
        manifest.invalidate_all(settings=now)


def _changes(
    manifest: Manifest, quarantine: Quarantine, files: Sequence[SourceFile], started_ns: int
) -> Changes:
    known, pending, now = manifest.entries(), manifest.pending(), time.time_ns()
    analyse, refresh = [], []
    for file in files:
        entry = known.get(file.path)
        if entry is None or file.path in pending:
            analyse.append(file)
            continue
        try:
            fresh = _if_unchanged(entry, file, quarantine, now)
        except Exception as error:  # noqa: BLE001 - one file must not end the run; analysing it tells the reason
            log.info("%s: %s", file.path, SkipReason.of_error(error))
            fresh = None
        if fresh is None:
            analyse.append(file)
        elif fresh is not entry:
            refresh.append(fresh)
    lost = sorted((known.keys() | pending) - {file.path for file in files})
    forget = tuple(path for path in lost if path not in pending and known[path].why)
    gone = tuple(path for path in lost if path in pending or not known[path].why)
    return Changes(analyse, refresh, gone, forget, known, started_ns)


def _if_unchanged(entry: Entry, file: SourceFile, quarantine: Quarantine, now: int) -> Entry | None:
    """The row of an unchanged file, with its present times; None if the file must be analysed again."""
    if entry.size != file.size or entry.told != file.told:
        return None
    left_out = entry.why is not None and entry.why.kind in _QUARANTINED
    if left_out and quarantine.why_file(entry.path, lambda: entry.digest) is None:
        return None
    if file.blob:
        return entry if entry.digest == file.blob else None
    if entry.why is not None and entry.why.kind in _TRANSIENT:
        return None if digest_of(file) else entry
    if entry.is_current(file, now):
        return entry
    # The times differ, or the file changed so recently that its time is not reliable. The content decides.
    seen = time.time_ns()
    if not entry.digest or digest_of(file) != entry.digest:
        return None
    return replace(entry, mtime_ns=file.mtime_ns, stamp=file.stamp, seen_ns=seen)


def _apply(index: Index, changes: Changes, observe: Observer, write_only: bool) -> Report:
    """Analyse the changed files, and write the results to the store and the manifest."""
    from .analysis.analysis import Analysis

    config, encoder = index.config, index.encoder
    excluded = _quarantined(index.quarantine, changes.analyse)
    files = [file for file in changes.analyse if file.path not in excluded]
    model = config.model if encoder.parallel else None
    with (
        _cache(index, write_only) as cache,
        Analysis(files, config, index.repo, model, cache, index.idle_worker, index.quarantine) as analysis,
    ):
        store = index.open_store()
        writer = Writer(index, store, None if encoder.parallel else encoder, changes, cache)
        progress = Progress(total=len(changes.analyse))
        with crash_marker.write_on_crash(index.folder):
            writer.remove_gone()
            try:
                for skipped in excluded.values():
                    writer.add(skipped)
                for result in analysis.results():
                    writer.add(result)
                    progress.done += 1
                    progress.fragments = writer.report.fragments
                    observe(progress)
            except (KeyboardInterrupt, Cancelled):
                writer.finish()  # so that the next run continues from here
                raise
            report = writer.finish()
        index.quarantine.forget(Suspect.STORE)
        return report


def _quarantined(quarantine: Quarantine, files: Sequence[SourceFile]) -> dict[str, Skipped]:
    """The files that are in quarantine with their present content, by path."""
    suspects = {path for suspect in FILES for path in quarantine.keys(suspect)}
    found = {}
    for file in (file for file in files if file.path in suspects):
        why = quarantine.why_file(file.path, partial(digest_of, file))
        if why is not None:
            found[file.path] = Skipped(file.path, why)
    return found


@contextmanager
def _cache(index: Index, write_only: bool) -> Iterator[Cache]:
    """The cache, as a context manager. On exit, the cache is closed, and its last error becomes a remark."""
    config = index.config
    cache = Cache(
        config.home,
        fingerprint(index.encoder.fingerprint),
        config.cache_mb * MEGABYTE,
        config.reserve_bytes,
        write_only=write_only,
    )
    try:
        yield cache
    finally:
        cache.close()
        if cache.last_error and cache.last_error not in index.remarks:
            index.remarks.append(cache.last_error)
