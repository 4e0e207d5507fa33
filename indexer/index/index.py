"""An open index of one root: its folder, lock, manifest, store and encoder."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..config import Config
from ..errors import IndexMissing, StoreDamaged, StoreError, StoreOutdated
from ..quarantine import Quarantine, Suspect
from ..store import EVERYTHING, SCHEMA_VERSION, TENANT, Filter, Match, Store, StoreConfig
from ..store.lock import IndexLock
from ..store.query_priority import QueryPriority
from ..store.shard_files import remove_tree
from ..store.storage import DAMAGED, DISCARDED, SHARD, Storage, open_store, unwritable
from . import crash_marker
from .catalog import (
    MANIFEST,
    REVISION,
    UPDATED,
    IndexInfo,
    folder_of,
    read_info,
    remove_manifest,
    repo_of,
    write_info,
)
from .manifest import Manifest

if TYPE_CHECKING:
    from ..analysis.worker_pool import IdleWorker
    from ..encoding.types import Encoder
    from ..walk.revision import Revision


READY = "ready"
"""Value of the manifest's fact `swap` while a compacted copy is ready to replace the shard."""


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
        self.quarantine = Quarantine(self.folder)
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
            raise unwritable(index.folder, error) from error
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
        """The open manifest. Raises StoreError after `close`, and while another thread replaces it."""
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
        """The store, opened on first use. If it is damaged or incomplete, it is replaced by an empty one."""
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
    def storage(self) -> Storage:
        """Where the points are."""
        return Storage(self.config, self.folder)

    @property
    def tenant(self) -> str:
        """The repository's name in a shared store; "" in an embedded store, which holds one repository."""
        return "" if self.storage.embedded else self.repo

    @property
    def tenant_filter(self) -> Filter:
        """The filter that selects this repository's points."""
        return Filter((Match(TENANT, (self.tenant,)),)) if self.tenant else EVERYTHING

    @property
    def fingerprint(self) -> str:
        """Names what the stored points depend on, apart from the files and the model's weights."""
        model, store = self.config.model or "bundled", self.storage.name
        return "|".join((f"schema {SCHEMA_VERSION}", f"model {model}", f"repo {self.repo}", f"store {store}"))

    def open_store(self) -> Store:
        """The store, opened on first use. Raises StoreDamaged unless it has the points of the manifest."""
        if self._store is None:
            self._store = self._open_checked()
        return self._store

    def consume_crash_marker(self) -> None:
        """Record a crash of the last writer. Raises StoreDamaged like `crash_marker.consume`."""
        remark = crash_marker.consume(self.folder, self.manifest, self.quarantine)
        if remark:
            self.remarks.append(remark)

    def complete_exchange(self) -> None:
        """Replace the shard by its compacted copy if the manifest says that the copy is ready."""
        ready = self.manifest.get("swap") == READY
        self.storage.exchange(ready=ready)
        if ready:
            self.manifest.set_meta(swap="")

    def close_store(self) -> None:
        """Flush and close the store. The next access opens it again."""
        store, self._store = self._store, None
        if store is not None:
            store.close()

    def discard_damaged(self, error: StoreDamaged) -> None:
        """Discard the index because of `error`, and keep the damaged shard for diagnosis."""
        # The advice is left out, because this method makes it unnecessary.
        self.discard(f"{error.what} ({error.detail})" if error.detail else error.what, keep=True)

    def discard(self, why: str = "", *, keep: bool = False) -> None:
        """Discard the whole index, so that the next update rebuilds it. `why` becomes a remark.

        With `keep`, the shard is moved to the folder DAMAGED for diagnosis. Without `keep`, the shard and the
        folder DAMAGED are deleted.
        """
        if why:
            self.remarks.append(f"{why}; the index is rebuilt")
        self.generation += 1
        self.quarantine.forget(Suspect.STORE)
        if self._store is not None:
            with suppress(StoreError):  # the store may be damaged
                self._store.close()
            self._store = None
        if self._manifest is not None:
            self._manifest.close()
            self._manifest = None
        with suppress(OSError):  # an empty index is incomplete until the next update
            (self.folder / UPDATED).unlink(missing_ok=True)
        # Delete the manifest first: a shard without a manifest is not trusted.
        remove_manifest(self.folder)
        self.storage.set_aside(DAMAGED if keep else DISCARDED)
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
                raise unwritable(self.folder, error) from error
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
        self.complete_exchange()
        if not stored and not os.path.lexists(self.folder / SHARD):
            self._manifest.set_meta(fingerprint=self.fingerprint)
        elif not stored:
            self.discard(f"{self.folder}: its manifest is gone", keep=True)
        elif stored != self.fingerprint:
            # Before the old index is discarded: the configured model or server may not be usable.
            self.storage.check_usable(self.store_config())
            self.discard(_difference(stored, self.fingerprint))

    def store_config(self) -> StoreConfig:
        """How to open the store."""
        return self.storage.config(self.encoder.dim, self.encoder.fingerprint, self.query_priority)

    def _open_checked(self) -> Store:
        encoder = self.encoder
        self.consume_crash_marker()
        filled = self.manifest.get("filled") == "yes"
        if filled:
            self.storage.check_present()
        else:
            self.storage.set_aside()  # the shard's creation was interrupted
        known = self.manifest.get("encoder")
        if known not in ("", encoder.fingerprint):
            raise StoreDamaged(f"the embedding model changed from {known} to {encoder.fingerprint}")
        place = self.store_config()
        with crash_marker.write_on_crash(self.folder):
            store = open_store(place)
        try:
            if filled:
                self._check_complete(store)
            else:
                if self.tenant:  # a discarded index may have left points on the server
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


def _difference(stored: str, wanted: str) -> str:
    """What changed between two fingerprints, for the user."""
    pairs = zip(stored.split("|"), wanted.split("|"), strict=False)
    changes = [f"{new} (was {old})" for old, new in pairs if old != new]
    return "changed: " + ", ".join(changes or [wanted])
