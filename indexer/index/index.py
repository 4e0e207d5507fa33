"""An open index of one root: its folder, lock, manifest, store and encoder."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from .. import limits
from ..config import Config
from ..errors import IndexMissing, StoreDamaged, StoreError, StoreOutdated
from ..limits import ENGINE_BYTES, check_space
from ..store import EVERYTHING, SCHEMA_VERSION, TENANT, Filter, Match, Store, StoreConfig, open_store
from ..store.lock import IndexLock
from ..store.shard_files import allocated_bytes
from . import crash_marker, swap
from .catalog import (
    DAMAGED,
    DISCARDED,
    MANIFEST,
    REVISION,
    SHARD,
    IndexInfo,
    folder_of,
    read_info,
    remove_manifest,
    remove_tree,
    repo_of,
    write_info,
)
from .manifest import Manifest
from .query_priority import QueryPriority

if TYPE_CHECKING:
    from ..analysis.worker_pool import IdleWorker
    from ..encoding.types import Encoder
    from ..walk.revision import Revision


class Index:
    """One root's index, locked by this process from `open` to `close`.

    The encoder and the store are opened on first use, because an update that finds no change needs neither.
    `remarks` are lines for the user that say what was damaged, and what was discarded and why. `generation`
    is increased whenever the index is discarded.
    """

    def __init__(
        self,
        root: Path,
        config: Config,
        revision: Revision | None = None,
        idle_worker: IdleWorker | None = None,
    ) -> None:
        self.root, self.config, self.revision = Path(os.path.realpath(root)), config, revision
        self.repo = repo_of(self.root, config)
        self.folder = folder_of(self.root, config.home)
        if revision:
            # The index of revisions has a folder of its own, so that the index of the work tree is kept.
            self.repo += REVISION
            self.folder = self.folder.with_name(self.folder.name + REVISION)
        self.remarks: list[str] = []
        self.generation = 0
        self.query_priority = QueryPriority()
        """Gives queries priority over updates, if the process runs its queries in this object's context."""
        self.idle_worker = idle_worker
        self._lock = IndexLock(self.folder)
        self._store: Store | None = None
        self._encoder: Encoder | None = None
        self._manifest: Manifest | None = None

    @classmethod
    def open(
        cls,
        root: Path,
        config: Config,
        *,
        revision: Revision | None = None,
        create: bool = True,
        on_wait: Callable[[str], None] | None = None,
        wait_seconds: float | None = None,
        idle_worker: IdleWorker | None = None,
    ) -> Index:
        """Take the lock of a root's index and open the manifest.

        With `revision`, opens the root's index of revisions. Waits `wait_seconds` for the lock, by default as
        long as the settings say. `idle_worker` keeps a worker between two updates, and is closed with the
        index. Raises IndexMissing if there is no index and `create` is False, StoreBusy if another process
        holds the index, and StoreError if the folder is not writable.
        """
        index = cls(root, config, revision, idle_worker)
        if not create and read_info(index.folder) is None:
            raise IndexMissing(f"{index.root}: not indexed; run `cornea index {index.root}`")
        try:
            index.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(index.folder, error) from error
        index._lock.acquire(config.wait_seconds if wait_seconds is None else wait_seconds, on_wait)
        try:
            index._prepare()
        except BaseException:
            index.close()
            raise
        return index

    def reconfigure(self, config: Config) -> None:
        """Use other settings from now on, with the same name, model and store.

        Only the thread that updates may call this method. Other threads read `config` once for each query.
        """
        self.config = config

    @property
    def manifest(self) -> Manifest:
        """The open manifest.

        Raises StoreError after `close`, and while another thread replaces the manifest.
        """
        manifest = self._manifest
        if manifest is None:
            raise StoreError(f"the index {self.folder} was closed or is being rebuilt; try again")
        return manifest

    @property
    def encoder(self) -> Encoder:
        """The encoder, loaded on first use."""
        if self._encoder is None:
            from ..encoding import load

            self._encoder = load(self.config.model, download=self.config.download)
        return self._encoder

    @property
    def store(self) -> Store:
        """The store, opened on first use.

        If the store is damaged or incomplete, discards the index and returns an empty store.
        """
        try:
            return self.open_store()
        except StoreDamaged as error:
            self.discard_damaged(error)
            return self.open_store()

    @property
    def store_if_open(self) -> Store | None:
        """The store if it is open, else None. Any thread may read this property."""
        return self._store

    @property
    def tenant(self) -> str:
        """The repository's name in a shared store; "" in an embedded store, which holds one repository."""
        return self.repo if self.config.store_url else ""

    @property
    def tenant_filter(self) -> Filter:
        """The filter that selects this repository's points."""
        return Filter((Match(TENANT, (self.tenant,)),)) if self.tenant else EVERYTHING

    @property
    def fingerprint(self) -> str:
        """Names what the stored points depend on, apart from the files and the model's weights."""
        model, where = self.config.model or "bundled", self.config.store_url or "embedded"
        return "|".join((f"schema {SCHEMA_VERSION}", f"model {model}", f"repo {self.repo}", f"store {where}"))

    def open_store(self) -> Store:
        """The store, opened on first use.

        Raises StoreDamaged if the store is damaged, or if it has other points than the manifest lists.
        """
        if self._store is None:
            self._store = self._open_checked()
        return self._store

    def consume_crash_marker(self) -> None:
        """Record a crash of the last writer, if it crashed.

        Raises StoreDamaged like `crash_marker.consume`.
        """
        remark = crash_marker.consume(self.folder, self.manifest)
        if remark:
            self.remarks.append(remark)

    def close_store(self) -> None:
        """Flush and close the store. The next access opens it again."""
        store, self._store = self._store, None
        if store is not None:
            store.close()

    def check_disk_space(self) -> None:
        """Raise DiskFull if a new shard would not fit on the disk after the old shard is deleted."""
        if not self.config.store_url:
            needed = max(self.config.reserve_bytes, ENGINE_BYTES) - allocated_bytes(self.folder / SHARD)
            check_space(self.folder, needed)

    def discard_damaged(self, error: StoreDamaged) -> None:
        """Discard the index because of `error`, and keep the damaged shard for diagnosis."""
        what = str(error).partition(": ")[0]  # what follows is advice that this method makes unnecessary
        cause = " ".join(str(error.__cause__ or "").split())[:200]
        self.discard(what if cause in what else f"{what} ({cause})", keep=True)

    def discard(self, why: str = "", *, keep: bool = False) -> None:
        """Discard the whole index, so that the next update rebuilds it. `why` becomes a remark.

        With `keep`, the shard is moved to the folder DAMAGED for diagnosis. Without `keep`, the shard and the
        folder DAMAGED are deleted.
        """
        if why:
            self.remarks.append(f"{why}; the index is rebuilt")
        self.generation += 1
        if self._store is not None:
            with suppress(StoreError):  # the store may be damaged
                self._store.close()
            self._store = None
        if self._manifest is not None:
            self._manifest.close()
            self._manifest = None
        # Delete the manifest first: a shard without a manifest is not trusted.
        remove_manifest(self.folder)
        self._set_shard_aside(DAMAGED if keep else DISCARDED)
        if not keep:
            remove_tree(self.folder / DAMAGED)
        self._manifest = Manifest(self.folder / MANIFEST)
        self._manifest.set_meta(fingerprint=self.fingerprint)

    def close(self) -> None:
        """Flush and close the store, close the manifest, and release the lock. A second call does nothing."""
        store, manifest, self._store, self._manifest = self._store, self._manifest, None, None
        with ExitStack() as steps:
            steps.callback(self._lock.release)
            if self.idle_worker is not None:
                steps.callback(self.idle_worker.close)
            if manifest is not None:
                steps.callback(manifest.close)
            if store is not None:
                steps.callback(store.close)

    def __enter__(self) -> Index:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _prepare(self) -> None:
        info, own = read_info(self.folder), IndexInfo(self.folder, self.root, self.repo)
        holds = [name for name in (MANIFEST, SHARD) if os.path.lexists(self.folder / name)]
        if info != own:
            try:
                write_info(own)
            except OSError as error:
                raise _unwritable(self.folder, error) from error
        remove_tree(self.folder / DISCARDED)
        if info is None and holds:
            self.discard(f"{self.folder}: does not say which root it belongs to", keep=True)
        elif info is not None and info.root != self.root:
            self.discard(f"{self.folder}: belongs to {info.root}", keep=True)
        else:
            self._open_manifest()

    def _open_manifest(self) -> None:
        try:
            self._manifest = Manifest(self.folder / MANIFEST)
            stored = self._manifest.get("fingerprint")
        except StoreOutdated as error:
            self.discard(str(error))
            return
        except StoreDamaged as error:
            self.discard_damaged(error)
            return
        swap.complete(self.folder, self._manifest)
        if not stored and not os.path.lexists(self.folder / SHARD):
            self._manifest.set_meta(fingerprint=self.fingerprint)
        elif not stored:
            self.discard(f"{self.folder}: its manifest is gone", keep=True)
        elif stored != self.fingerprint:
            self._check_usable()
            self.discard(_difference(stored, self.fingerprint))

    def _check_usable(self) -> None:
        """Raise an error if the configured model or server cannot be used.

        This check comes before the old index is discarded.
        """
        if self.config.store_url:
            open_store(self._store_config()).close()
        else:
            _ = self.encoder

    def _store_config(self) -> StoreConfig:
        config, encoder = self.config, self.encoder
        return StoreConfig(
            folder=self.folder / SHARD,
            dim=encoder.dim,
            url=config.store_url,
            api_key=config.store_api_key,
            collection=f"{config.store_collection}-v{SCHEMA_VERSION}-{encoder.fingerprint}",
            reserve_bytes=config.reserve_bytes,
        )

    def _open_checked(self) -> Store:
        config, encoder = self.config, self.encoder
        folder = self.folder / SHARD
        self.consume_crash_marker()
        filled = self.manifest.get("filled") == "yes"
        if filled and not config.store_url and not folder.exists():
            raise StoreDamaged(f"the shard {folder} is gone")
        if not filled:
            self._set_shard_aside(DISCARDED)  # the shard's creation was interrupted
        known = self.manifest.get("encoder")
        if known not in ("", encoder.fingerprint):
            raise StoreDamaged(f"the embedding model changed from {known} to {encoder.fingerprint}")
        place = self._store_config()
        with crash_marker.write_on_crash(self.folder):
            store = open_store(place)
        try:
            if filled:
                self._check_complete(store)
            else:
                if config.store_url:  # a discarded index may have left points on the server
                    store.delete(self.tenant_filter)
                self.manifest.set_meta(
                    encoder=encoder.fingerprint,
                    dim=str(place.dim),
                    collection=place.collection,
                    filled="yes",
                )
        except BaseException:
            with suppress(StoreError):
                store.close()
            raise
        return store

    def _check_complete(self, store: Store) -> None:
        """Raise StoreDamaged unless the store has exactly the points that the manifest lists."""
        pending = tuple(self.manifest.pending())
        but = (Match("path", pending),) if pending else ()
        expected, found = self.manifest.points(), store.count(Filter(self.tenant_filter.must, but))
        if found != expected:
            raise StoreDamaged(f"the store has {found} points where the manifest lists {expected}")

    def _set_shard_aside(self, name: str) -> None:
        shard, aside = self.folder / SHARD, self.folder / name
        if not os.path.lexists(shard):
            return
        remove_tree(aside)
        try:
            shard.replace(aside)
        except OSError as error:
            raise _unwritable(self.folder, error) from error
        if name == DISCARDED:
            remove_tree(aside)


def _unwritable(folder: Path, error: OSError) -> StoreError:
    return limits.limit_error(error.errno or 0, f"{folder}: cannot be written") or StoreError(
        f"{folder}: cannot be written ({error.strerror}); set CORNEA_HOME to a writable folder"
    )


def _difference(stored: str, wanted: str) -> str:
    """What changed between two fingerprints, for the user."""
    pairs = zip(stored.split("|"), wanted.split("|"), strict=False)
    changes = [f"{new} (was {old})" for old, new in pairs if old != new]
    return "changed: " + ", ".join(changes or [wanted])
