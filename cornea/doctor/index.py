"""Whether the index of a root is as it should be: folder, manifest, store, and what is left over."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from indexer.analysis.cache import CACHE, remove_cache, verify
from indexer.errors import DiskFull, StoreBusy, StoreError
from indexer.index.catalog import (
    COMPACTED,
    DAMAGED,
    MANIFEST,
    SHARD,
    all_indexes,
    read_info,
    remove_tree,
    why_unreadable,
)
from indexer.index.crash_marker import CRASH_FILE
from indexer.index.index import Index
from indexer.index.manifest import Manifest
from indexer.index.writer import CRASH_REASONS
from indexer.pipeline import ensure, update
from indexer.store import sparse_files
from indexer.store.lock import NOTE_FILE, IndexLock, read_owner
from indexer.store.space import free_bytes
from retrieval.host.address import erase_note, read_note
from retrieval.host.connection import open_connection
from retrieval.host.host_key import NOTE
from retrieval.host.messages import RequestRefused

from ..context import Context
from ..hosting import place_of, stop
from ..session import acquire_index
from . import probe
from .finding import Check, Finding

_SHOWN = 5
"""Paths that a finding names."""
_GIVE_BACK = (
    "give it back to you (chown -R, chmod -R u+rwX), or set CORNEA_HOME to a folder that you may write"
)
_ROOM = 1 << 20
"""Bytes that SQLite has room in."""
_REBUILD = "build it anew: cornea index --rebuild"


def checks(context: Context) -> dict[str, Check]:
    """What can be looked at of a root's index and of what all share, by name."""
    return {
        # What looking at the others may clear away comes first.
        "leftovers": lambda: leftovers(context),
        "host": lambda: host(context),
        "folder": lambda: folder(context),
        "manifest": lambda: manifest(context),
        "store": lambda: store(context),
        "files": lambda: files(context),
        "cache": lambda: cache(context),
        "orphans": lambda: orphans(context),
    }


def folder(context: Context) -> Iterator[Finding]:
    """Whether a folder that holds an index may be written, and says whose it is."""
    place = context.folder
    if _closed(place):
        may = "read" if why_unreadable(place) else "written"
        what = f"may not be {may}" + (": it is another user's" if _is_foreign(place) else "")
        yield Finding("folder", str(place), what, _GIVE_BACK)
        return
    held = [name for name in (MANIFEST, SHARD) if os.path.lexists(place / name)]
    info = read_info(place)
    if info is None and held:
        what = f"holds {' and '.join(held)} and does not say whose"
        yield Finding("folder", str(place), what, _REBUILD, lambda: _rebuild(context))
    elif info is not None and info.root != context.root:
        yield Finding("folder", str(place), f"belongs to {info.root}", _REBUILD, lambda: _rebuild(context))


def manifest(context: Context) -> Iterator[Finding]:
    """Whether it can be read, every row is as it was written, and nothing was cut off."""
    place = context.folder / MANIFEST
    if not context.indexed or _closed(context.folder):
        return
    if not place.is_file():
        yield Finding("manifest", str(place), "is gone", _REBUILD, lambda: _rebuild(context))
        return
    try:
        with closing(Manifest(place)) as opened:
            opened.entries()
            trouble, pending = opened.check(), opened.pending()
    except StoreError as error:
        trouble, pending = str(error), frozenset()
        if _is_full(place):
            yield _full("manifest", place)
            return
    if trouble:
        yield Finding("manifest", str(place), trouble, _REBUILD, lambda: _rebuild(context))
    if pending and read_owner(context.folder) is None:
        what = f"a run was cut off with {len(pending):,} files: {_names(pending)}"
        yield Finding("manifest", str(place), what, "cornea index goes on with it", lambda: _update(context))


def store(context: Context) -> Iterator[Finding]:
    """Whether it opens, in a process that may die of it, and holds the points that the manifest lists."""
    place = context.folder / SHARD
    if context.config.store_url or _closed(context.folder):
        return
    if not (place.exists() and (context.folder / MANIFEST).is_file()):
        return
    lock = IndexLock(context.folder)
    try:
        lock.acquire()
    except StoreBusy:
        return  # whoever has it open would have found out
    except DiskFull:
        yield _full("store", place)
        return
    try:
        wanted, pending, dim = _listed(context.folder / MANIFEST)
        if not dim:
            return
        answer = ([{"died": "said nothing"}, *probe.said("store", str(place), str(dim))])[-1]
    except StoreError:
        return  # the manifest's own finding
    finally:
        lock.release()
    if answer.get("full"):
        yield _full("store", place)
        return
    trouble = answer.get("died") or answer.get("trouble")
    if trouble:
        yield Finding("store", str(place), str(trouble), _REBUILD, lambda: _rebuild(context))
        return
    found = {path: count for path, count in answer["paths"].items() if path not in pending}
    for what, paths in (
        ("points are missing of", [path for path in wanted if found.get(path, 0) < wanted[path]]),
        ("points too many are there of", [path for path in found if found[path] > wanted.get(path, 0)]),
    ):
        if paths:
            yield Finding(
                "store",
                str(place),
                f"{what} {len(paths):,} files: {_names(paths)}",
                _REBUILD,
                lambda: _rebuild(context),
            )


def files(context: Context) -> Iterator[Finding]:
    """Files that cost a process and are left out."""
    if _closed(context.folder) or not (context.folder / MANIFEST).is_file():
        return
    try:
        with closing(Manifest(context.folder / MANIFEST)) as opened:
            skipped = list(opened.skipped())
    except StoreError:
        return  # the manifest's own finding
    for path, reason in skipped:
        if reason.startswith(CRASH_REASONS):
            yield Finding(
                "files",
                path,
                reason,
                "name it in .corneaignore, or report it; it is tried again when it changes",
            )


def host(context: Context) -> Iterator[Finding]:
    """A note of a host that is not there, or does not answer."""
    note = read_note(context.folder)
    if why_unreadable(context.folder):
        return
    if note is None:
        if os.path.lexists(context.folder / NOTE):
            place = context.folder / NOTE
            yield Finding("host", str(place), "cannot be read", "remove it", lambda: remove_tree(place))
        return
    where = str(context.folder / NOTE)
    try:
        connection = open_connection(place_of(context))
    except RequestRefused:
        return  # it is there, and has its reasons
    except StoreError as error:
        remedy = "cornea host stop; the next client starts another"
        yield Finding("host", where, str(error), remedy, lambda: _stopped(context))
        return
    if connection is None:
        what = f"names a host, process {note.pid}, that is gone"
        yield Finding("host", where, what, "remove it", lambda: erase_note(context.folder, note))
    else:
        connection.close()


def leftovers(context: Context) -> Iterator[Finding]:
    """What dead processes left behind."""
    if _closed(context.folder) or read_owner(context.folder) is not None:
        return
    note = context.folder / NOTE_FILE
    if note.exists():
        what = "names a process that is gone"
        yield Finding("leftovers", str(note), what, "remove it", lambda: remove_tree(note))
    died = context.folder / CRASH_FILE
    if died.exists() and died.stat().st_size:
        what = "the process that wrote the index was killed by its own native code"
        yield Finding("leftovers", str(died), what, "cornea index goes on with it", lambda: _update(context))
    for name in (COMPACTED, DAMAGED):
        place = context.folder / name
        if os.path.lexists(place):
            what = f"{sparse_files.allocated_bytes(place) >> 20} MB of a store that is not in use"
            yield Finding("leftovers", str(place), what, "remove it", partial(remove_tree, place))


def cache(context: Context) -> Iterator[Finding]:
    """Whether what is kept of contents is as it was written."""
    home = context.config.home
    if not os.path.isfile(home / CACHE):  # noqa: PTH113 - a closed home is the disk's own finding
        return
    if not (os.access(home / CACHE, os.R_OK | os.W_OK) and os.access(home, os.W_OK | os.X_OK)):
        # SQLite would take it for damaged: it wants to write beside it even to read.
        what = "may not be written" + (": it is another user's" if _is_foreign(home / CACHE) else "")
        yield Finding("cache", str(home / CACHE), what, _GIVE_BACK)
        return
    entries, bad, trouble = verify(home)
    if trouble and _is_full(home):
        yield _full("cache", home / CACHE)
        return
    trouble = trouble or (f"{bad:,} of {entries:,} entries are damaged" if bad else "")
    if trouble:
        yield Finding("cache", str(home / CACHE), trouble, "remove it", lambda: remove_cache(home))


def orphans(context: Context) -> Iterator[Finding]:
    """Indexes of folders that are gone: perhaps only not mounted, so nobody but the user removes them."""
    try:
        gone = [info for info in all_indexes(context.config.home) if info.orphan]
    except StoreError:
        return  # the disk's own finding, or the folder's
    if gone:
        roots = _names([str(info.root) for info in gone])
        yield Finding(
            "orphans",
            str(context.config.home),
            f"{len(gone):,} indexes of folders that are gone: {roots}",
            "cornea clear --orphans, unless they come back",
        )


def _is_full(place: Path) -> bool:
    """Whether SQLite may fail for want of room alone: it writes beside a file even to read it."""
    return free_bytes(place) < _ROOM


def _full(check: str, place: Path) -> Finding:
    """There is no room even to look. Building it anew would need more."""
    what = f"not enough disk space to open it: {free_bytes(place) >> 20} MB free"
    return Finding(check, str(place), what, "free some, or set CORNEA_HOME to a folder on another disk")


def _closed(place: Path) -> bool:
    """Whether an index folder may not be looked for, or is there and may not be written or looked into."""
    writable = os.access(place, os.R_OK | os.W_OK | os.X_OK)
    return bool(why_unreadable(place)) or (os.path.lexists(place) and not writable)


def _is_foreign(place: Path) -> bool:
    """Whether a folder is another user's; of one that is hidden, the folder that hides it."""
    while not os.path.lexists(place):
        place = place.parent
    return place.stat().st_uid != os.getuid()


def _listed(place: Path) -> tuple[dict[str, int], frozenset[str], int]:
    """Points by path as the manifest lists them, without what is pending; those paths; the vectors' size."""
    with closing(Manifest(place)) as opened:
        pending = opened.pending()
        rows = opened.entries().values()
        wanted = {row.path: row.fragments + 1 for row in rows if not row.reason and row.path not in pending}
        return wanted, pending, opened.get_number("dim")


def _names(paths: frozenset[str] | list[str]) -> str:
    shown = sorted(paths)[:_SHOWN]
    return ", ".join(shown) + (", ..." if len(paths) > len(shown) else "")


def _rebuild(context: Context) -> None:
    with _held(context) as index:
        update(index, rebuild=True, allow=lambda files: True)


def _update(context: Context) -> None:
    with _held(context) as index:
        ensure(index, allow=lambda files: True)


def _stopped(context: Context) -> None:
    stop(context, "it does not answer")


def _held(context: Context) -> Index:
    """The index itself; a host has to go."""
    index = acquire_index(context)
    assert isinstance(index, Index)
    return index
