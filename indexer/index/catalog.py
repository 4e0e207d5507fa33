"""Index folders: finds the index of a root, describes an index in its folder, and removes an index."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from .. import limits
from ..config import Config
from ..errors import StoreError
from ..folder_names import INDEXES, folder_name, path_digest
from ..quarantine import QUARANTINE
from ..safe_read import read_regular
from ..store import TENANT, Filter, Match
from ..store.lock import IndexLock
from ..store.shard_files import remove_tree
from ..store.storage import COMPACTED, DAMAGED, DISCARDED, SHARD, Storage, open_store
from ..walk import git, remotes
from .commits import COMMITS
from .crash_marker import CRASH_FILE
from .manifest import Manifest

INFO = "index.json"
MANIFEST = "manifest.sqlite3"
UPDATED = "updated"
"""The empty file that has the times of the last updates, which `note_update` sets."""
SYNC = "sync"
"""The folder in which a host's watch of files writes, to learn whether it has been told of all changes."""

_OURS = "cornea index"
_INFO_BYTES = 1 << 20
_REMEDY = "correct its owner and permissions, or set CORNEA_HOME to a writable folder"
# These files are deleted in this order, because SQLite ignores a log without a database, but would read a
# database without its log.
_MANIFEST_FILES = (MANIFEST, f"{MANIFEST}-wal", f"{MANIFEST}-shm")


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """The description of an index: its folder, its root, and its repository's name."""

    folder: Path
    root: Path
    repo: str

    @property
    def orphan(self) -> bool:
        """Whether the root is gone."""
        return not os.path.isdir(self.root)  # noqa: PTH112 - no error without permission


def folder_of(root: Path, home: Path) -> Path:
    """The index folder of a root. It is named after the root, and after a hash of the root's path."""
    return home / INDEXES / folder_name(str(root))


REVISION = "@revision"
"""Suffix of the folder's name and of the repository's name in a root's index of revisions."""


def repo_of(root: Path, config: Config) -> str:
    """The repository's name in a store: the configured name, else the normalised remote, else a path hash."""
    if config.name:
        return config.name
    remote = remotes.remote_url(root) if (root / ".git").exists() else None
    name = remotes.normalise_remote(remote) if remote else ""
    if not name and (root / ".git").exists() and git.refusal(root) is not None:
        # If git cannot tell the remote now, keep the last name: another name would cause a full rebuild.
        folder = folder_of(root, config.home)
        for place in (folder, folder.with_name(folder.name + REVISION)):
            info = read_info(place)
            if info is not None and info.root == root:
                return info.repo.removesuffix(REVISION)
    return name or f"local/{path_digest(str(root))}"


def read_info(folder: Path) -> IndexInfo | None:
    """The description in an index folder. Returns None if the folder holds no readable description.

    Raises StoreError if a limit of the system, such as the number of open files, prevents reading.
    """
    try:
        data = json.loads(read_regular(folder / INFO, _INFO_BYTES, follow_links=True)[0])
        info = IndexInfo(folder, Path(data["root"]), str(data["repo"]))
        return info if data["what"] == _OURS and data["sum"] == _sum(info) else None
    except OSError as error:
        if limited := limits.limit_error(error.errno or 0, f"{folder}: cannot be read"):
            raise limited from error
        return None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def why_unreadable(folder: Path) -> str:
    """Why the user may not read the index `folder`, with a remedy; "" if it is readable or does not exist."""
    try:
        read_regular(folder / INFO, 0, follow_links=True)
    except PermissionError as error:
        return f"{folder}: may not be read ({error.strerror}); {_REMEDY}"
    except OSError:
        pass  # it does not exist
    return ""


def check_readable(folder: Path) -> None:
    """Raise StoreError if the user may not read the index `folder`."""
    trouble = why_unreadable(folder)
    if trouble:
        raise StoreError(trouble)


def write_info(info: IndexInfo) -> None:
    """Write the description of an index durably into its folder."""
    part = info.folder / f"{INFO}.part"
    data = {"what": _OURS, "root": str(info.root), "repo": info.repo, "sum": _sum(info)}
    with part.open("w", encoding="utf-8") as file:
        file.write(json.dumps(data) + "\n")
        file.flush()
        os.fsync(file.fileno())
    remove_tree(info.folder / INFO, folders_only=True)
    part.replace(info.folder / INFO)


def note_update(folder: Path, seconds: float, *, changed: bool) -> None:
    """Note that an update began at a Unix time and has succeeded, and whether it `changed` the index.

    A failure loses only the note. The times are those of an empty file, because a row in the manifest would
    cost a flush to disk each time.
    """
    place = folder / UPDATED
    former, _ = last_update(folder)
    with suppress(OSError):
        place.touch(mode=0o600)
        os.utime(place, (seconds if changed or not former else former, seconds))


def last_update(folder: Path) -> tuple[float, float]:
    """The Unix times of the last update that changed the index, and of the last update; 0 if unknown."""
    try:
        status = (folder / UPDATED).stat()
    except OSError:
        return 0.0, 0.0
    return status.st_atime, status.st_mtime


def update_ended(folder: Path) -> float:
    """The Unix time at which the last update ended; 0 if unknown."""
    try:
        return (folder / UPDATED).stat().st_ctime
    except OSError:
        return 0.0


def _sum(info: IndexInfo) -> int:
    """The checksum of a description, which detects torn writes and bit errors."""
    return zlib.crc32(f"{info.root}\0{info.repo}".encode("utf-8", "surrogatepass"))


def index_folders(home: Path) -> list[Path]:
    """The folders under `home` that may be indexes, sorted. Raises StoreError if they cannot be listed."""
    parent = home / INDEXES
    try:
        return sorted(parent.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise StoreError(f"{parent}: may not be read ({error.strerror}); {_REMEDY}") from error


def all_indexes(home: Path) -> Iterator[IndexInfo]:
    """The indexes in `index_folders` whose description is readable."""
    for folder in index_folders(home):
        info = read_info(folder)
        if info is not None:
            yield info


def remove_index(info: IndexInfo, config: Config) -> None:
    """Take the lock of an index and delete the index, including its points on a server.

    Deletes only Cornea's own files, and does not follow links. The folder and the lock file stay, because
    another process may be waiting for the lock. Raises StoreBusy or StoreError.
    """
    lock = IndexLock(info.folder)
    lock.acquire(config.wait_seconds)
    with lock:
        storage = Storage(config, info.folder)
        if not storage.embedded and (info.folder / MANIFEST).is_file():
            _delete_points(info, storage)
        # Delete INFO first, so that what remains after an interruption does not look like an index.
        shards = (SHARD, COMPACTED, DISCARDED, DAMAGED)
        tables = (*_MANIFEST_FILES, COMMITS, UPDATED)
        for name in (INFO, f"{INFO}.part", *tables, *shards, SYNC, CRASH_FILE, QUARANTINE):
            remove_tree(info.folder / name)


def remove_manifest(folder: Path) -> None:
    """Delete the manifest in a folder. The manifest must be closed."""
    for name in _MANIFEST_FILES:
        remove_tree(folder / name)


def _delete_points(info: IndexInfo, storage: Storage) -> None:
    """Delete an index's points from a server."""
    with closing(Manifest(info.folder / MANIFEST)) as manifest:
        dim, collection = manifest.get_number("dim"), manifest.get("collection")
    if dim and collection:
        with closing(open_store(storage.config(dim, "", collection=collection))) as store:
            store.delete(Filter((Match(TENANT, (info.repo,)),)))
