"""An index: the folder of one root, with its lock, its manifest, its store and its encoder."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from .. import limits
from ..config import Config
from ..errors import IndexMissing, StoreDamaged, StoreError, StoreOutdated
from ..store import EVERYTHING, SCHEMA_VERSION, TENANT, Filter, Match, Store, StoreConfig, open_store
from ..store.lock import IndexLock
from ..store.space import ENGINE_BYTES, check_space, used_bytes
from . import crash_marker, swap
from .catalog import (
    DAMAGED,
    DISCARDED,
    MANIFEST,
    REVISION,
    SHARD,
    Info,
    clear_away,
    folder_of,
    read_info,
    remove_manifest,
    repo_of,
    write_info,
)
from .manifest import Manifest

if TYPE_CHECKING:
    from ..analysis.worker_pool import Reserve
    from ..encoding.types import Encoder
    from ..walk.revision import Revision
    from .query_priority import Courtesy


class Index:
    """One root's index, held by this process from `open` to `close`.

    The encoder and the store are opened when first used: a run that finds nothing to do needs neither.
    `remarks` are lines for the user: what was damaged, what was thrown away and why. `generation` grows
    whenever everything was thrown away.
    """

    def __init__(self, root: Path, config: Config, revision: Revision | None = None) -> None:
        self.root, self.config, self.revision = Path(os.path.realpath(root)), config, revision
        self.repo = repo_of(self.root, config)
        self.folder = folder_of(self.root, config.home)
        if revision:
            # A second index, moved from commit to commit: the work tree's must stay as it is.
            self.repo += REVISION
            self.folder = self.folder.with_name(self.folder.name + REVISION)
        self.remarks: list[str] = []
        self.generation = 0
        self.reserve: Reserve | None = None
        """Where a worker waits between two updates, for a process that updates often."""
        self.courtesy: Courtesy | None = None
        """Who goes first, for a process that answers questions while it updates."""
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
    ) -> Index:
        """Take the lock and open the manifest; with a `revision`, of the repository's index of commits.

        Raises IndexMissing (unless `create`), StoreBusy when another process holds it, StoreError when the
        folder cannot be written.
        """
        index = cls(root, config, revision)
        if not create and read_info(index.folder) is None:
            raise IndexMissing(f"{index.root}: not indexed; run `cornea index {index.root}`")
        try:
            index.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(index.folder, error) from error
        index._lock.acquire(config.wait_seconds, on_wait)
        try:
            index._prepare()
        except BaseException:
            index.close()
            raise
        return index

    @property
    def manifest(self) -> Manifest:
        """The table of what is indexed. Raises StoreError where another thread is replacing it."""
        manifest = self._manifest
        if manifest is None:
            raise StoreError(f"the index {self.folder} was closed, or is built anew; ask again")
        return manifest

    @property
    def encoder(self) -> Encoder:
        """The embedding model, loaded on first use."""
        if self._encoder is None:
            from ..encoding import load

            self._encoder = load(self.config.model, download=self.config.download)
        return self._encoder

    @property
    def store(self) -> Store:
        """The points, opened on first use; what cannot be opened or lacks points is thrown away first."""
        try:
            return self.open_store()
        except StoreDamaged as error:
            self.discard_damaged(error)
            return self.open_store()

    @property
    def opened(self) -> Store | None:
        """The points, where they are open already: never opens them, so that any thread may ask."""
        return self._store

    @property
    def tenant(self) -> str:
        """What tells this repository's points from others': nothing where it has the store to itself."""
        return self.repo if self.config.store_url else ""

    @property
    def ours(self) -> Filter:
        """What selects this repository's points."""
        return Filter((Match(TENANT, (self.tenant,)),)) if self.tenant else EVERYTHING

    @property
    def fingerprint(self) -> str:
        """What the stored points depend on besides the files and the weights of the model."""
        model, where = self.config.model or "bundled", self.config.store_url or "embedded"
        return "|".join((f"schema {SCHEMA_VERSION}", f"model {model}", f"repo {self.repo}", f"store {where}"))

    def open_store(self) -> Store:
        """The points. Raises StoreDamaged when they are not what the manifest says."""
        if self._store is None:
            self._store = self._opened()
        return self._store

    def heed_death(self) -> None:
        """Take note if the last holder was killed by its own native code. Raises StoreDamaged."""
        remark = crash_marker.heed(self.folder, self.manifest)
        if remark:
            self.remarks.append(remark)

    def close_store(self) -> None:
        """Flush and let go of the points; they are opened again when next used."""
        store, self._store = self._store, None
        if store is not None:
            store.close()

    def check_room(self) -> None:
        """Raise DiskFull where a new shard would not find its space, that of the old one included."""
        if not self.config.store_url:
            needed = max(self.config.reserve_bytes, ENGINE_BYTES) - used_bytes(self.folder / SHARD)
            check_space(self.folder, needed)

    def discard_damaged(self, error: StoreDamaged) -> None:
        """Forget everything because of `error`; what can be of use to find out why is kept aside."""
        what = str(error).partition(": ")[0]  # what follows is advice for those who cannot help themselves
        cause = " ".join(str(error.__cause__ or "").split())[:200]
        self.discard(what if cause in what else f"{what} ({cause})", keep=True)

    def discard(self, why: str = "", *, keep: bool = False) -> None:
        """Forget everything, so that the next update indexes anew. `why` becomes a remark.

        `keep` sets the shard aside, for whoever wants to find out; without it an earlier one goes, too.
        """
        if why:
            self.remarks.append(f"{why}; the index is built anew")
        self.generation += 1
        if self._store is not None:
            with suppress(StoreError):  # it may be what is damaged
                self._store.close()
            self._store = None
        if self._manifest is not None:
            self._manifest.close()
            self._manifest = None
        # The manifest goes first: without it nothing in the shard is believed.
        remove_manifest(self.folder)
        self._set_shard_aside(DAMAGED if keep else DISCARDED)
        if not keep:
            clear_away(self.folder / DAMAGED)
        self._manifest = Manifest(self.folder / MANIFEST)
        self._manifest.note(fingerprint=self.fingerprint)

    def close(self) -> None:
        """Flush, release the lock; may be called twice."""
        store, manifest, self._store, self._manifest = self._store, self._manifest, None, None
        with ExitStack() as steps:
            steps.callback(self._lock.release)
            if manifest is not None:
                steps.callback(manifest.close)
            if store is not None:
                steps.callback(store.close)

    def __enter__(self) -> Index:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _prepare(self) -> None:
        info, own = read_info(self.folder), Info(self.folder, self.root, self.repo)
        holds = [name for name in (MANIFEST, SHARD) if os.path.lexists(self.folder / name)]
        if info != own:
            try:
                write_info(own)
            except OSError as error:
                raise _unwritable(self.folder, error) from error
        clear_away(self.folder / DISCARDED)
        if info is None and holds:
            self.discard(f"{self.folder}: does not say whose index it is", keep=True)
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
            self._manifest.note(fingerprint=self.fingerprint)
        elif not stored:
            self.discard(f"{self.folder}: its manifest is gone", keep=True)
        elif stored != self.fingerprint:
            self._prove()
            self.discard(_difference(stored, self.fingerprint))

    def _prove(self) -> None:
        """Raise if the model or server now asked for cannot be used: that must not cost the index."""
        if self.config.store_url:
            open_store(self._place()).close()
        else:
            _ = self.encoder

    def _place(self) -> StoreConfig:
        config, encoder = self.config, self.encoder
        return StoreConfig(
            folder=self.folder / SHARD,
            dim=encoder.dim,
            url=config.store_url,
            api_key=config.store_api_key,
            collection=f"{config.store_collection}-v{SCHEMA_VERSION}-{encoder.fingerprint}",
            reserve_bytes=config.reserve_bytes,
        )

    def _opened(self) -> Store:
        config, encoder = self.config, self.encoder
        folder = self.folder / SHARD
        self.heed_death()
        filled = self.manifest.get("filled") == "yes"
        if filled and not config.store_url and not folder.exists():
            raise StoreDamaged(f"the shard {folder} is gone")
        if not filled:
            self._set_shard_aside(DISCARDED)  # its making was cut off
        known = self.manifest.get("encoder")
        if known not in ("", encoder.fingerprint):
            raise StoreDamaged(f"the embedding model changed from {known} to {encoder.fingerprint}")
        place = self._place()
        with crash_marker.recorded(self.folder):
            store = open_store(place)
        try:
            if filled:
                self._check_complete(store)
            else:
                if config.store_url:  # there may be points of an index that was thrown away here
                    store.delete(self.ours)
                self.manifest.note(
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
        """The manifest is written after the store, so what it lists must be there, and nothing else."""
        pending = tuple(self.manifest.pending())
        but = (Match("path", pending),) if pending else ()
        expected, found = self.manifest.points(), store.count(Filter(self.ours.must, but))
        if found != expected:
            raise StoreDamaged(f"the store has {found} points where the manifest lists {expected}")

    def _set_shard_aside(self, name: str) -> None:
        shard, aside = self.folder / SHARD, self.folder / name
        if not os.path.lexists(shard):
            return
        clear_away(aside)
        try:
            shard.replace(aside)
        except OSError as error:
            raise _unwritable(self.folder, error) from error
        if name == DISCARDED:
            clear_away(aside)


def _unwritable(folder: Path, error: OSError) -> StoreError:
    return limits.error_of(error.errno or 0, f"{folder}: cannot be written") or StoreError(
        f"{folder}: cannot be written ({error.strerror}); set CORNEA_HOME to a folder that you may write"
    )


def _difference(stored: str, wanted: str) -> str:
    """What changed between two fingerprints, in words."""
    pairs = zip(stored.split("|"), wanted.split("|"), strict=False)
    changes = [f"{new} (was {old})" for old, new in pairs if old != new]
    return "changed: " + ", ".join(changes or [wanted])
