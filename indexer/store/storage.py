"""Where the points of an index are: in a shard in the index's folder, or on a server.

`Storage` decides which of both, once. All other code asks it for what it needs to know.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from .. import limits
from ..errors import StoreDamaged, StoreError
from ..limits import ENGINE_BYTES, check_space
from . import SCHEMA_VERSION, Store, StoreConfig
from .query_priority import QueryPriority
from .shard_files import allocated_bytes, remove_tree, sync

if TYPE_CHECKING:  # a worker imports this package, and needs no settings
    from ..config import Config

SHARD = "shard"
DAMAGED = "damaged"
"""Name of the folder that keeps the last damaged shard for diagnosis."""
DISCARDED = "discarded"
"""Name of the folder of a shard that is about to be deleted."""
COMPACTED = "optimized"
"""Name of the folder of a compacted copy of the shard, before the copy replaces the shard."""


def open_store(config: StoreConfig) -> Store:
    """Open the store, or create it if there is none.

    Raises StoreBusy if another process holds the shard. Raises StoreDamaged if the store is damaged, if the
    folder holds something else, or if the collection has another schema. Raises Unsupported if the server's
    client is not installed or the server is too old, DiskFull if there is too little space, and StoreError
    for other failures.
    """
    if config.url:
        from .. import extras  # reading the metadata of distributions would slow every command down

        extras.require("qdrant_client", "server", "an index on a Qdrant server")
        from .server import ServerStore

        return ServerStore.open(config)
    from .edge import EdgeStore

    return EdgeStore.open(config)


class Storage:
    """Where the points of the index in a folder are, by the settings.

    The shard in the folder is replaced and deleted by renaming, so that an interruption never leaves half a
    shard. With a server, the folder may still have a shard of former settings.
    """

    def __init__(self, config: Config, folder: Path) -> None:
        self._config, self._folder = config, folder
        self.shard = folder / SHARD
        self.embedded = not config.store_url
        """Whether the points are in files of this machine, which can be checked and compacted. If not, the
        store is shared: it may have points of other repositories."""
        self.name = config.store_url or "embedded"
        """The store's name for users and for the index's fingerprint."""

    def config(
        self, dim: int, encoder: str, priority: QueryPriority | None = None, collection: str = ""
    ) -> StoreConfig:
        """How to open the store for vectors of length `dim` by the encoder with the fingerprint `encoder`."""
        config = self._config
        return StoreConfig(
            folder=self.shard,
            dim=dim,
            url=config.store_url,
            api_key=config.store_api_key,
            collection=collection or f"{config.store_collection}-v{SCHEMA_VERSION}-{encoder}",
            reserve_bytes=config.reserve_bytes,
            priority=priority or QueryPriority(),
        )

    def check_usable(self, config: StoreConfig) -> None:
        """Raise an error if the server cannot be used with these settings."""
        if not self.embedded:
            open_store(config).close()

    def check_space(self) -> None:
        """Raise DiskFull if a new shard would not fit on the disk after the old shard is deleted."""
        if self.embedded:
            needed = max(self._config.reserve_bytes, ENGINE_BYTES) - allocated_bytes(self.shard)
            check_space(self._folder, needed)

    def check_present(self) -> None:
        """Raise StoreDamaged if a shard that was made before is gone."""
        if self.embedded and not self.shard.exists():
            raise StoreDamaged(f"the shard {self.shard} is gone")

    def set_aside(self, name: str = DISCARDED) -> None:
        """Move the shard to the folder DAMAGED, or delete it by way of the folder DISCARDED."""
        if os.path.lexists(self.shard):
            remove_tree(self._folder / name)
            self._rename(self.shard, self._folder / name)
        remove_tree(self._folder / DISCARDED)

    def exchange(self, *, ready: bool) -> None:
        """Replace the shard by its compacted copy if the copy is ready; otherwise, delete the copy.

        The store must be closed. An interrupted call can be repeated. Raises StoreError.
        """
        copy = self._folder / COMPACTED
        remove_tree(self._folder / DISCARDED)  # an interrupted call may have left it
        if not ready:
            remove_tree(copy)
        elif os.path.lexists(copy):
            self.set_aside()
            self._rename(copy, self.shard)
            sync(self._folder)

    def _rename(self, place: Path, to: Path) -> None:
        try:
            place.rename(to)
        except OSError as error:
            raise unwritable(self._folder, error) from error


def unwritable(folder: Path, error: OSError) -> StoreError:
    """The error to raise if an index folder cannot be written."""
    return limits.limit_error(error.errno or 0, f"{folder}: cannot be written") or StoreError(
        f"{folder}: cannot be written ({error.strerror}); set CORNEA_HOME to a writable folder"
    )
