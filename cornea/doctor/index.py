"""Checks the index of a root: its folder, manifest, store and host, the cache, and leftover files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from indexer.analysis.cache import CACHE, remove_cache, verify
from indexer.errors import DiskFull, StoreBusy, StoreError
from indexer.index.catalog import MANIFEST, all_indexes, read_info, why_unreadable
from indexer.index.crash_marker import CRASH_FILE
from indexer.index.index import Index
from indexer.index.manifest import Manifest
from indexer.limits import free_bytes
from indexer.pipeline import ensure, update
from indexer.store.lock import NOTE_FILE, IndexLock, read_owner
from indexer.store.shard_files import allocated_bytes, remove_tree
from indexer.store.storage import COMPACTED, DAMAGED, SHARD, Storage
from retrieval.host.address import erase_note, read_note
from retrieval.host.connection import open_connection
from retrieval.host.messages import RequestRefused
from retrieval.host.settings import NOTE

from ..context import Context
from ..hosting import place_of, stop
from ..presentation.json_reports import CheckName
from ..session import acquire_index
from . import Check, Finding, probe

_SHOWN = 5
"""Largest number of paths that a finding names."""
_GIVE_BACK = "make it yours again (chown -R, chmod -R u+rwX), or set CORNEA_HOME to a writable folder"
_ROOM = 1 << 20
"""Free bytes on the disk below which SQLite may fail."""


def checks(context: Context) -> dict[CheckName, Check]:
    """The checks of a root's index, and of what all indexes share, by name."""
    # The check of leftovers comes first, because the other checks may remove leftovers.
    return {
        "leftovers": partial(leftovers, context),
        "host": partial(host, context),
        "folder": partial(folder, context),
        "manifest": partial(manifest, context),
        "store": partial(store, context),
        "files": partial(files, context),
        "cache": partial(cache, context),
        "orphans": partial(orphans, context),
    }


def folder(context: Context) -> Iterator[Finding]:
    """Check that the index folder is accessible and belongs to this root."""
    place = context.folder
    if _is_inaccessible(place):
        access = "readable" if why_unreadable(place) else "writable"
        what = f"is not {access}" + (": it belongs to another user" if _is_foreign(place) else "")
        yield Finding("folder", str(place), what, _GIVE_BACK)
        return
    held = [name for name in (MANIFEST, SHARD) if os.path.lexists(place / name)]
    info = read_info(place)
    if info is None and held:
        what = f"holds {' and '.join(held)}, but not the name of its root"
        yield _damage("folder", place, what, context)
    elif info is not None and info.root != context.root:
        yield _damage("folder", place, f"belongs to {info.root}", context)


def manifest(context: Context) -> Iterator[Finding]:
    """Check that the manifest is readable, that no row is damaged, and that no update was interrupted."""
    place = context.folder / MANIFEST
    if not context.indexed or _is_inaccessible(context.folder):
        return
    if not place.is_file():
        yield _damage("manifest", place, "is gone", context)
        return
    try:
        with closing(Manifest(place)) as opened:
            opened.entries()
            trouble, pending = opened.check(), opened.pending()
    except StoreError as error:
        trouble, pending = str(error), frozenset()
        if _is_full(place):
            yield _full_disk("manifest", place)
            return
    if trouble:
        yield _damage("manifest", place, trouble, context)
    if pending and read_owner(context.folder) is None:
        what = f"an update was interrupted at {len(pending):,} files: {_names(pending)}"
        yield Finding("manifest", str(place), what, "continue it: cornea index", lambda: _update(context))


def store(context: Context) -> Iterator[Finding]:
    """Check that the store opens and has the points that the manifest lists.

    A child process opens the store, because a damaged store may crash the process.
    """
    storage = Storage(context.config, context.folder)
    place = storage.shard
    if not storage.embedded or _is_inaccessible(context.folder):
        return
    if not (place.exists() and (context.folder / MANIFEST).is_file()):
        return
    lock = IndexLock(context.folder)
    try:
        lock.acquire()
    except StoreBusy:
        return  # the process that has the store open would have noticed any damage
    except DiskFull:
        yield _full_disk("store", place)
        return
    try:
        wanted, pending, dim = _expected_points(context.folder / MANIFEST)
        if not dim:
            return
        answer = ([{"died": "printed nothing"}, *probe.run("store", str(place), str(dim))])[-1]
    except StoreError:
        return  # the check of the manifest reports this error
    finally:
        lock.release()
    if answer.get("full"):
        yield _full_disk("store", place)
        return
    trouble = answer.get("died") or answer.get("trouble")
    if trouble:
        yield _damage("store", place, str(trouble), context)
        return
    found = {path: count for path, count in answer["paths"].items() if path not in pending}
    for what, paths in (
        ("have missing points", [path for path in wanted if found.get(path, 0) < wanted[path]]),
        ("have surplus points", [path for path in found if found[path] > wanted.get(path, 0)]),
    ):
        if paths:
            yield _damage("store", place, f"{len(paths):,} files {what}: {_names(paths)}", context)


def files(context: Context) -> Iterator[Finding]:
    """Report files that crashed a process and are therefore skipped."""
    if _is_inaccessible(context.folder) or not (context.folder / MANIFEST).is_file():
        return
    try:
        with closing(Manifest(context.folder / MANIFEST)) as opened:
            skipped = list(opened.skipped())
    except StoreError:
        return  # the check of the manifest reports this error
    for item in skipped:
        if item.why.kind.is_crash:
            yield Finding(
                "files",
                item.path,
                item.reason,
                "list it in .corneaignore, or report it; cornea tries it again when it changes",
            )


def host(context: Context) -> Iterator[Finding]:
    """If the index folder names a host, check that this host runs and answers."""
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
        return  # the host runs, and has a reason to refuse the connection
    except StoreError as error:
        remedy = "cornea host stop; the next client starts another one"
        yield Finding("host", where, str(error), remedy, partial(stop, context, "it does not answer"))
        return
    if connection is None:
        what = f"names a host, process {note.pid}, that is gone"
        yield Finding("host", where, what, "remove it", lambda: erase_note(context.folder, note))
    else:
        connection.close()


def leftovers(context: Context) -> Iterator[Finding]:
    """Report files that processes left behind when they died."""
    if _is_inaccessible(context.folder) or read_owner(context.folder) is not None:
        return
    note = context.folder / NOTE_FILE
    if note.exists():
        what = "names a process that is gone"
        yield Finding("leftovers", str(note), what, "remove it", lambda: remove_tree(note))
    died = context.folder / CRASH_FILE
    if died.exists() and died.stat().st_size:
        what = "native code crashed the process that was writing the index"
        yield Finding("leftovers", str(died), what, "continue it: cornea index", lambda: _update(context))
    for name in (COMPACTED, DAMAGED):
        place = context.folder / name
        if os.path.lexists(place):
            what = f"{allocated_bytes(place) >> 20} MB of a store that is not in use"
            yield Finding("leftovers", str(place), what, "remove it", partial(remove_tree, place))


def cache(context: Context) -> Iterator[Finding]:
    """Check that the cache is accessible and not damaged."""
    home = context.config.home
    if not os.path.isfile(home / CACHE):  # noqa: PTH113 - the check of the disk reports an inaccessible home
        return
    if not (os.access(home / CACHE, os.R_OK | os.W_OK) and os.access(home, os.W_OK | os.X_OK)):
        # SQLite would report damage, because it writes files beside the database even when it only reads.
        what = "is not writable" + (": it belongs to another user" if _is_foreign(home / CACHE) else "")
        yield Finding("cache", str(home / CACHE), what, _GIVE_BACK)
        return
    entries, bad, trouble = verify(home)
    if trouble and _is_full(home):
        yield _full_disk("cache", home / CACHE)
        return
    trouble = trouble or (f"{bad:,} of {entries:,} entries are damaged" if bad else "")
    if trouble:
        yield Finding("cache", str(home / CACHE), trouble, "remove it", lambda: remove_cache(home))


def orphans(context: Context) -> Iterator[Finding]:
    """Report the indexes of folders that are gone. There is no fix, because the folders may be unmounted."""
    try:
        gone = [info for info in all_indexes(context.config.home) if info.orphan]
    except StoreError:
        return  # the check of the disk or of the folder reports this error
    if gone:
        roots = _names([str(info.root) for info in gone])
        yield Finding(
            "orphans",
            str(context.config.home),
            f"{len(gone):,} indexes of folders that are gone: {roots}",
            "cornea clear --orphans, unless the folders come back",
        )


def _damage(check: CheckName, place: Path, what: str, context: Context) -> Finding:
    """A finding about damage that only a rebuild of the index repairs."""
    remedy = "rebuild it: cornea index --rebuild"
    return Finding(check, str(place), what, remedy, lambda: _rebuild(context))


def _is_full(place: Path) -> bool:
    """Whether SQLite may fail because the disk is full. SQLite writes files even when it only reads."""
    return free_bytes(place) < _ROOM


def _full_disk(check: CheckName, place: Path) -> Finding:
    """A finding about a full disk. It has no fix, because a rebuild would need still more space."""
    what = f"not enough disk space to open it: {free_bytes(place) >> 20} MB free"
    return Finding(check, str(place), what, "free some space, or set CORNEA_HOME to a folder on another disk")


def _is_inaccessible(place: Path) -> bool:
    """Whether permissions hide an index folder, or forbid reading or writing in it."""
    writable = os.access(place, os.R_OK | os.W_OK | os.X_OK)
    return bool(why_unreadable(place)) or (os.path.lexists(place) and not writable)


def _is_foreign(place: Path) -> bool:
    """Whether another user owns a folder. If permissions hide it, the nearest visible folder above counts."""
    while not os.path.lexists(place):
        place = place.parent
    return place.stat().st_uid != os.getuid()


def _expected_points(place: Path) -> tuple[dict[str, int], frozenset[str], int]:
    """What the manifest says about the store.

    Returns the number of points of each path that is not pending, the pending paths, and the length of the
    dense vectors.
    """
    with closing(Manifest(place)) as opened:
        pending = opened.pending()
        rows = opened.entries().values()
        wanted = {row.path: row.fragments + 1 for row in rows if not row.reason and row.path not in pending}
        return wanted, pending, opened.get_number("dim")


def _names(paths: frozenset[str] | list[str]) -> str:
    shown = sorted(paths)[:_SHOWN]
    return ", ".join(shown) + (", ..." if len(paths) > len(shown) else "")


def _rebuild(context: Context) -> None:
    with _open_index(context) as index:
        update(index, rebuild=True, allow=lambda files: True)


def _update(context: Context) -> None:
    with _open_index(context) as index:
        ensure(index, allow=lambda files: True)


def _open_index(context: Context) -> Index:
    """Open the index in this process. A running host is stopped first."""
    index = acquire_index(context)
    assert isinstance(index, Index)
    return index
