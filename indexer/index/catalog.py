"""The index folders: where the index of a root is, how a folder describes itself, and how it is removed."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from .. import limits
from ..config import Config
from ..errors import StoreError
from ..store import Filter, Match, StoreConfig, open_store
from ..store.lock import IndexLock
from ..walk import git
from .commits import COMMITS
from .crash_marker import CRASH_FILE
from .manifest import Manifest

INFO = "index.json"
MANIFEST = "manifest.sqlite3"
SHARD = "shard"
DAMAGED = "damaged"
"""The last damaged shard, kept for diagnosis."""
DISCARDED = "discarded"
"""A shard that is about to be deleted."""

COMPACTED = "optimized"
"""A compacted copy of the shard, before it replaces the shard."""

_INDEXES = "indexes"
_OURS = "cornea index"
_REMEDY = "correct its owner and permissions, or set CORNEA_HOME to a writable folder"
# Deleted in this order: SQLite ignores a log without a database, but would read a database without its log.
_MANIFEST_FILES = (MANIFEST, f"{MANIFEST}-wal", f"{MANIFEST}-shm")


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """What an index folder says about itself."""

    folder: Path
    root: Path
    repo: str

    @property
    def orphan(self) -> bool:
        """Whether its root is gone."""
        return not os.path.isdir(self.root)  # noqa: PTH112 - no error without permission


def folder_of(root: Path, home: Path) -> Path:
    """The index folder of a root: its name is readable, and different for different roots."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", root.name)[:40].strip(".-") or "root"
    return home / _INDEXES / f"{name}-{_digest(root)}"


def find_root(start: Path, home: Path) -> Path:
    """The root for a folder: it or its nearest parent with an index or a git repository, else the folder."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if read_info(folder_of(folder, home)) is not None or os.path.exists(folder / ".git"):  # noqa: PTH110
            return folder
    return start


REVISION = "@revision"
"""Suffix of the folder name and the repository of a root's second index, that of its commits."""


def find_repository(file: Path) -> Path | None:
    """The innermost git repository that contains a file, None if there is none."""
    return next((folder for folder in file.parents if os.path.exists(folder / ".git")), None)  # noqa: PTH110


def repo_of(root: Path, config: Config) -> str:
    """The repository's name in a store: the configured one, else the normalised remote, else a path hash."""
    if config.name:
        return config.name
    remote = git.remote_url(root) if (root / ".git").exists() else None
    name = git.normalise_remote(remote) if remote else ""
    if not name and (root / ".git").exists() and git.refusal(root) is not None:
        # If git cannot tell the name now, keep the last one: another name would mean a full rebuild.
        folder = folder_of(root, config.home)
        for place in (folder, folder.with_name(folder.name + REVISION)):
            info = read_info(place)
            if info is not None and info.root == root:
                return info.repo.removesuffix(REVISION)
    return name or f"local/{_digest(root)}"


def _digest(root: Path) -> str:
    return hashlib.blake2b(os.fsencode(root), digest_size=6).hexdigest()


def read_info(folder: Path) -> IndexInfo | None:
    """The description of an index folder, None if it is not an index.

    Raises StoreError if a limit of the system keeps it from being read.
    """
    try:
        data = json.loads((folder / INFO).read_text("utf-8"))
        info = IndexInfo(folder, Path(data["root"]), str(data["repo"]))
        return info if data["what"] == _OURS and data["sum"] == _sum(info) else None
    except OSError as error:
        if limited := limits.limit_error(error.errno or 0, f"{folder}: cannot be read"):
            raise limited from error
        return None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def why_unreadable(folder: Path) -> str:
    """Why the user may not read `folder`, with a remedy; "" if it is readable or does not exist."""
    try:
        os.stat(folder / INFO)  # noqa: PTH116 - only the errors count
        why = "" if os.access(folder / INFO, os.R_OK) else os.strerror(errno.EACCES)
    except PermissionError as error:
        why = error.strerror or str(error)
    except OSError:
        why = ""  # it does not exist
    return f"{folder}: may not be read ({why}); {_REMEDY}" if why else ""


def check_readable(folder: Path) -> None:
    """Raise StoreError if the user may not read `folder`."""
    trouble = why_unreadable(folder)
    if trouble:
        raise StoreError(trouble)


def write_info(info: IndexInfo) -> None:
    """Write the description of an index into its folder, durably."""
    part = info.folder / f"{INFO}.part"
    data = {"what": _OURS, "root": str(info.root), "repo": info.repo, "sum": _sum(info)}
    with part.open("w", encoding="utf-8") as file:
        file.write(json.dumps(data) + "\n")
        file.flush()
        os.fsync(file.fileno())
    remove_tree(info.folder / INFO, folders_only=True)
    part.replace(info.folder / INFO)


def _sum(info: IndexInfo) -> int:
    """The checksum of a description, which detects torn writes and bit errors."""
    return zlib.crc32(f"{info.root}\0{info.repo}".encode("utf-8", "surrogatepass"))


def index_folders(home: Path) -> list[Path]:
    """The folders under a home that may be indexes, by name. Raises StoreError if they cannot be listed."""
    parent = home / _INDEXES
    try:
        return sorted(parent.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise StoreError(f"{parent}: may not be read ({error.strerror}); {_REMEDY}") from error


def all_indexes(home: Path) -> Iterator[IndexInfo]:
    """Every readable index under a home, by folder name. Raises StoreError like `index_folders`."""
    for folder in index_folders(home):
        info = read_info(folder)
        if info is not None:
            yield info


def remove_index(info: IndexInfo, config: Config) -> None:
    """Delete an index, waiting for its lock; on a server, delete its points too.

    Deletes only Cornea's own files, and follows no link. The folder and its lock stay, because another
    process may be waiting for the lock. Raises StoreBusy or StoreError.
    """
    lock = IndexLock(info.folder)
    lock.acquire(config.wait_seconds)
    try:
        if config.store_url and (info.folder / MANIFEST).is_file():
            _delete_points(info, config)
        # INFO first, so that the rest of an interrupted removal does not look like an index.
        shards = (SHARD, COMPACTED, DISCARDED, DAMAGED)
        for name in (INFO, f"{INFO}.part", *_MANIFEST_FILES, COMMITS, *shards, CRASH_FILE):
            remove_tree(info.folder / name)
    finally:
        lock.release()


def remove_manifest(folder: Path) -> None:
    """Delete the manifest in a folder; it must be closed."""
    for name in _MANIFEST_FILES:
        remove_tree(folder / name)


def remove_tree(path: Path, *, folders_only: bool = False) -> None:
    """Delete a file or folder if it exists; of a link, only the link. Raises StoreError."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif not folders_only:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"{path}: cannot be removed ({error.strerror}); check its permissions") from error


def _delete_points(info: IndexInfo, config: Config) -> None:
    with closing(Manifest(info.folder / MANIFEST)) as manifest:
        dim, collection = manifest.get_number("dim"), manifest.get("collection")
    if dim and collection:
        place = StoreConfig(info.folder / SHARD, dim, config.store_url, config.store_api_key, collection)
        with closing(open_store(place)) as store:
            store.delete(Filter((Match("repo", (info.repo,)),)))
