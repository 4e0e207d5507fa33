"""An index: the folder of one root, with its lock, its manifest, its store and its encoder."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from . import git
from .config import Config
from .errors import IndexMissing, StoreDamaged, StoreError
from .lock import IndexLock
from .manifest import Manifest
from .store import SCHEMA_VERSION, Filter, Match, Store, StoreConfig, open_store

if TYPE_CHECKING:
    from .embedding import Encoder

_INFO = "index.json"
_MANIFEST = "manifest.sqlite3"
_SHARD = "shard"
_DAMAGED = "damaged"
_OURS = "cornea index"


@dataclass(frozen=True, slots=True)
class Info:
    """What an index folder says of itself."""

    folder: Path
    root: Path
    repo: str

    @property
    def orphan(self) -> bool:
        """Whether its root is gone."""
        return not self.root.is_dir()


def folder_of(root: Path, home: Path) -> Path:
    """Where the index of a root lives: readable, and different for different roots."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", root.name)[:40].strip(".-") or "root"
    digest = hashlib.blake2b(str(root).encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()
    return home / "indexes" / f"{name}-{digest}"


def find_root(start: Path, home: Path) -> Path:
    """The root that a folder belongs to: the nearest one above with an index or a git repository, else itself."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder_of(folder, home) / _INFO).is_file() or (folder / ".git").exists():
            return folder
    return start


def repo_of(root: Path, config: Config) -> str:
    """The tenant key: as configured, else the normalised remote, else a hash of the real path."""
    if config.name:
        return config.name
    if (root / ".git").exists():
        remote = git.remote_url(root)
        if remote:
            return git.normalise_remote(remote)
    digest = hashlib.blake2b(str(root).encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()
    return f"local/{digest}"


def read_info(folder: Path) -> Info | None:
    """What a folder says of itself; None if it is not an index of ours."""
    try:
        data = json.loads((folder / _INFO).read_text("utf-8"))
        if data["what"] != _OURS:
            return None
        return Info(folder, Path(data["root"]), str(data["repo"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def all_indexes(home: Path) -> Iterator[Info]:
    """Every index under a home, by folder name."""
    parent = home / "indexes"
    for folder in sorted(parent.iterdir()) if parent.is_dir() else ():
        info = read_info(folder)
        if info is not None:
            yield info


def remove(info: Info, config: Config) -> None:
    """Delete an index, waiting for its lock; on a server, delete its points too."""
    lock = IndexLock(info.folder)
    lock.acquire(config.wait_seconds)
    try:
        if config.store_url and (info.folder / _MANIFEST).is_file():
            _delete_points(info, config)
        (info.folder / _INFO).unlink(missing_ok=True)
    finally:
        lock.release()
    shutil.rmtree(info.folder, ignore_errors=False)


def _delete_points(info: Info, config: Config) -> None:
    manifest = Manifest(info.folder / _MANIFEST)
    try:
        dim, collection = int(manifest.get("dim") or 0), manifest.get("collection")
    finally:
        manifest.close()
    if dim and collection:
        store = open_store(
            StoreConfig(info.folder / _SHARD, dim, config.store_url, config.store_api_key, collection)
        )
        store.delete(Filter((Match("repo", (info.repo,)),)))
        store.close()


class Index:
    """One root's index, held by this process from `open` to `close`.

    The encoder and the store are opened when first used: a run that finds nothing to do needs neither.
    `remarks` are lines for the user: what was damaged, what was rebuilt and why. `generation` grows whenever everything
    was thrown away.
    """

    def __init__(self, root: Path, config: Config) -> None:
        self.root, self.config = root, config
        self.repo = repo_of(root, config)
        self.folder = folder_of(root, config.home)
        self.remarks: list[str] = []
        self.generation = 0
        self._lock = IndexLock(self.folder)
        self._store: Store | None = None
        self._encoder: Encoder | None = None
        self._manifest: Manifest | None = None

    @classmethod
    def open(
        cls, root: Path, config: Config, *, create: bool = True, on_wait: Callable[[str], None] | None = None
    ) -> Index:
        """Take the lock and open the manifest.

        Raises IndexMissing (unless `create`), StoreBusy when another process holds it, StoreError when the folder cannot
        be written.
        """
        index = cls(root, config)
        if not create and read_info(index.folder) is None:
            raise IndexMissing(f"{root}: not indexed; run `cornea index {root}`")
        try:
            index.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"{index.folder}: cannot be created ({error.strerror}); set CORNEA_HOME to a folder that you may write"
            ) from error
        index._lock.acquire(config.wait_seconds, on_wait)
        try:
            index._prepare()
        except BaseException:
            index.close()
            raise
        return index

    @property
    def manifest(self) -> Manifest:
        """The table of what is indexed."""
        assert self._manifest is not None, "the index is closed"
        return self._manifest

    @property
    def encoder(self) -> Encoder:
        """The embedding model, loaded on first use."""
        if self._encoder is None:
            from .embedding import load

            self._encoder = load(self.config.model, download=self.config.download)
        return self._encoder

    @property
    def store(self) -> Store:
        """The points, opened on first use. What cannot be opened, or lacks points, is rebuilt by the next update."""
        if self._store is None:
            try:
                self._store = self._open_store()
            except StoreDamaged as error:
                self.discard(f"{error}")
                self._store = self._open_store()
        return self._store

    @property
    def fingerprint(self) -> str:
        """What the stored points depend on besides the files: schema, model, store and settings."""
        c = self.config
        where = c.store_url or "embedded"
        return "|".join((f"schema {SCHEMA_VERSION}", f"model {c.model or 'bundled'}", f"repo {self.repo}", f"store {where}"))

    def discard(self, why: str) -> None:
        """Forget everything, so that the next update indexes anew; a damaged shard is kept aside."""
        self.remarks.append(f"{why}; the index is built anew")
        self.generation += 1
        if self._store is not None:
            self._store.close()
            self._store = None
        if self._manifest is not None:
            self._manifest.close()
        for name in (_MANIFEST, f"{_MANIFEST}-wal", f"{_MANIFEST}-shm"):
            (self.folder / name).unlink(missing_ok=True)
        self._set_aside()
        self._manifest = Manifest(self.folder / _MANIFEST)
        self._manifest.set(fingerprint=self.fingerprint)

    def close(self) -> None:
        """Flush, release the lock; may be called twice."""
        try:
            if self._store is not None:
                self._store.close()
            if self._manifest is not None:
                self._manifest.close()
        finally:
            self._store = self._manifest = None
            self._lock.release()

    def __enter__(self) -> Index:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _prepare(self) -> None:
        info = read_info(self.folder)
        path = self.folder / _MANIFEST
        if info is not None and info.root != self.root:
            self.discard(f"{self.folder}: belongs to {info.root}")
        try:
            self._manifest = self._manifest or Manifest(path)
            stored = self._manifest.get("fingerprint")
        except StoreDamaged as error:
            self.discard(str(error))
            stored = self.fingerprint
        if not stored:
            if (self.folder / _SHARD).exists():
                self._set_aside()
            self.manifest.set(fingerprint=self.fingerprint)
        elif stored != self.fingerprint:
            self.discard(_difference(stored, self.fingerprint))
        info = read_info(self.folder)
        if info is None or (info.root, info.repo) != (self.root, self.repo):
            self._write_info()

    def _write_info(self) -> None:
        data = {"what": _OURS, "root": str(self.root), "repo": self.repo}
        part = self.folder / (_INFO + ".part")
        part.write_text(json.dumps(data) + "\n", "utf-8")
        part.replace(self.folder / _INFO)

    def _open_store(self) -> Store:
        c, encoder = self.config, self.encoder
        folder = self.folder / _SHARD
        filled = self.manifest.get("filled") == "yes"
        if filled and not c.store_url and not folder.exists():
            raise StoreDamaged(f"{folder}: is gone")
        if self.manifest.get("encoder") not in ("", encoder.fingerprint):
            raise StoreDamaged(f"the embedding model changed to {encoder.fingerprint}")
        collection = f"{c.store_collection}-v{SCHEMA_VERSION}-{encoder.fingerprint}"
        store = open_store(
            StoreConfig(folder, encoder.dim, c.store_url, c.store_api_key, collection, c.reserve_bytes)
        )
        try:
            self._check_complete(store)
        except BaseException:
            store.close()
            raise
        self.manifest.set(
            encoder=encoder.fingerprint, dim=str(encoder.dim), collection=collection, filled="yes"
        )
        return store

    def _check_complete(self, store: Store) -> None:
        """The manifest is written after the store, so what it lists must be there."""
        if self.manifest.pending():
            return  # a run was cut off; the next one sets it right
        expected = sum(e.fragments + 1 for e in self.manifest.entries().values() if not e.reason)
        found = store.count(Filter((Match("repo", (self.repo,)),)))
        if found != expected:
            raise StoreDamaged(f"the store has {found} points where the manifest lists {expected}")

    def _set_aside(self) -> None:
        shard = self.folder / _SHARD
        if self.config.store_url or not shard.exists():
            return
        aside = self.folder / _DAMAGED
        if aside.is_dir() and not aside.is_symlink():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            aside.unlink(missing_ok=True)
        shard.replace(aside)


def _difference(stored: str, wanted: str) -> str:
    """What changed between two fingerprints, in words."""
    changes = [f"{new} (was {old})" for old, new in zip(stored.split("|"), wanted.split("|"), strict=False) if old != new]
    return "changed: " + ", ".join(changes or [wanted])
