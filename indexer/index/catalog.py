"""Which indexes there are: where the index of a root lives, what a folder says of itself, and its end."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .. import limits
from ..config import Config
from ..errors import StoreError
from ..store import Filter, Match, StoreConfig, open_store
from ..store.lock import IndexLock
from ..walk import git
from .commits import COMMITS
from .crash_marker import DIED
from .manifest import Manifest

INFO = "index.json"
MANIFEST = "manifest.sqlite3"
SHARD = "shard"
DAMAGED = "damaged"
"""The last shard that could not be read, kept for whoever wants to know why."""
DISCARDED = "discarded"
"""A shard on its way out."""

OTHER = "optimized"
"""A shard that is made beside, or that is to take the other's place."""

_INDEXES = "indexes"
_OURS = "cornea index"
_REMEDY = "correct its owner and permissions, or set CORNEA_HOME to a folder that you may write"
# The log last: without its database SQLite drops it, but a database without its log would tell old things.
_MANIFEST_FILES = (MANIFEST, f"{MANIFEST}-wal", f"{MANIFEST}-shm")


@dataclass(frozen=True, slots=True)
class Info:
    """What an index folder says of itself."""

    folder: Path
    root: Path
    repo: str

    @property
    def orphan(self) -> bool:
        """Whether its root is gone."""
        return not os.path.isdir(self.root)  # noqa: PTH112 - a folder that may not be looked into is no error


def folder_of(root: Path, home: Path) -> Path:
    """Where the index of a root lives: readable, and different for different roots."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", root.name)[:40].strip(".-") or "root"
    return home / _INDEXES / f"{name}-{_digest(root)}"


def find_root(start: Path, home: Path) -> Path:
    """The root of a folder: the nearest one above with an index or a git repository, else itself."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if read_info(folder_of(folder, home)) is not None or os.path.exists(folder / ".git"):  # noqa: PTH110
            return folder
    return start


REVISION = "@revision"
"""What the second index of a root, that of its commits, is called behind the name of the first."""


def find_repository(file: Path) -> Path | None:
    """The innermost git repository that a file is in; None if it is in none."""
    return next((folder for folder in file.parents if os.path.exists(folder / ".git")), None)  # noqa: PTH110


def repo_of(root: Path, config: Config) -> str:
    """The tenant key: as configured, else the normalised remote, else a hash of the real path."""
    if config.name:
        return config.name
    remote = git.remote_url(root) if (root / ".git").exists() else None
    name = git.normalise_remote(remote) if remote else ""
    if not name and (root / ".git").exists() and git.refusal(root) is not None:
        # A name that git cannot tell today is no reason to index everything again under another.
        folder = folder_of(root, config.home)
        for place in (folder, folder.with_name(folder.name + REVISION)):
            info = read_info(place)
            if info is not None and info.root == root:
                return info.repo.removesuffix(REVISION)
    return name or f"local/{_digest(root)}"


def _digest(root: Path) -> str:
    return hashlib.blake2b(os.fsencode(root), digest_size=6).hexdigest()


def read_info(folder: Path) -> Info | None:
    """What a folder says of itself; None if it is not an index of ours.

    Raises StoreError where a limit of the system keeps it from being read: then nothing is known.
    """
    try:
        data = json.loads((folder / INFO).read_text("utf-8"))
        info = Info(folder, Path(data["root"]), str(data["repo"]))
        return info if data["what"] == _OURS and data["sum"] == _sum(info) else None
    except OSError as error:
        if limited := limits.error_of(error.errno or 0, f"{folder}: cannot be read"):
            raise limited from error
        return None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def unreadable(folder: Path) -> str:
    """Why this user may not look whether `folder` holds an index, and what to do; "" if he may."""
    try:
        os.stat(folder / INFO)  # noqa: PTH116 - only the errors count
        why = "" if os.access(folder / INFO, os.R_OK) else os.strerror(errno.EACCES)
    except PermissionError as error:
        why = error.strerror or str(error)
    except OSError:
        why = ""  # it is not there
    return f"{folder}: may not be read ({why}); {_REMEDY}" if why else ""


def check_readable(folder: Path) -> None:
    """Raise StoreError where `unreadable` says why."""
    trouble = unreadable(folder)
    if trouble:
        raise StoreError(trouble)


def write_info(info: Info) -> None:
    """Have a folder say of itself what `info` tells."""
    part = info.folder / f"{INFO}.part"
    data = {"what": _OURS, "root": str(info.root), "repo": info.repo, "sum": _sum(info)}
    with part.open("w", encoding="utf-8") as file:
        file.write(json.dumps(data) + "\n")
        file.flush()
        os.fsync(file.fileno())
    clear_away(info.folder / INFO, folders_only=True)
    part.replace(info.folder / INFO)


def _sum(info: Info) -> int:
    """What tells a description that was torn or has changed by itself."""
    return zlib.crc32(f"{info.root}\0{info.repo}".encode("utf-8", "surrogatepass"))


def folders(home: Path) -> list[Path]:
    """What may be an index folder under a home, by name. Raises StoreError where that may not be read."""
    parent = home / _INDEXES
    try:
        return sorted(parent.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise StoreError(f"{parent}: may not be read ({error.strerror}); {_REMEDY}") from error


def all_indexes(home: Path) -> Iterator[Info]:
    """Every index under a home that may be read, by folder name. Raises what `folders` raises."""
    for folder in folders(home):
        info = read_info(folder)
        if info is not None:
            yield info


def remove(info: Info, config: Config) -> None:
    """Delete an index, waiting for its lock; on a server, delete its points too.

    Only what is ours goes, and no link is followed. The folder with its lock stays: somebody may be waiting
    for it. Raises StoreBusy or StoreError.
    """
    lock = IndexLock(info.folder)
    lock.acquire(config.wait_seconds)
    try:
        if config.store_url and (info.folder / MANIFEST).is_file():
            _delete_points(info, config)
        # What makes it an index goes first: cut off at any point, nothing is left that looks like one.
        for name in (INFO, f"{INFO}.part", *_MANIFEST_FILES, COMMITS, SHARD, OTHER, DISCARDED, DAMAGED, DIED):
            clear_away(info.folder / name)
    finally:
        lock.release()


def remove_manifest(folder: Path) -> None:
    """Delete a folder's manifest, which must be closed."""
    for name in _MANIFEST_FILES:
        clear_away(folder / name)


def clear_away(path: Path, *, folders_only: bool = False) -> None:
    """Delete a file or folder, if it is there; of a link, only the link."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif not folders_only:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"{path}: cannot be removed ({error.strerror}); check its permissions") from error


def _delete_points(info: Info, config: Config) -> None:
    manifest = Manifest(info.folder / MANIFEST)
    try:
        dim, collection = int(manifest.get("dim") or 0), manifest.get("collection")
    finally:
        manifest.close()
    if dim and collection:
        store = open_store(
            StoreConfig(info.folder / SHARD, dim, config.store_url, config.store_api_key, collection)
        )
        try:
            store.delete(Filter((Match("repo", (info.repo,)),)))
        finally:
            store.close()
