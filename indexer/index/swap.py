"""Replaces an index's shard by a compacted copy, by renaming folders. The exchange may be interrupted.

Before the exchange, the manifest records that the copy is ready. If the exchange is interrupted, the next
process that opens the index completes it.
"""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import StoreError
from ..store.shard_files import sync
from .catalog import COMPACTED, DISCARDED, SHARD, remove_tree
from .manifest import Manifest

_READY = "ready"


def mark_ready(manifest: Manifest) -> None:
    """Record that the compacted copy is ready to replace the shard."""
    manifest.set_meta(swap=_READY)


def complete(folder: Path, manifest: Manifest) -> None:
    """Replace the shard by the compacted copy if the copy is ready; otherwise, delete the copy.

    The store must be closed. An interrupted call can be repeated.
    """
    shard, other, old = folder / SHARD, folder / COMPACTED, folder / DISCARDED
    if manifest.get("swap") != _READY:
        remove_tree(other)
        return
    if os.path.lexists(other):
        if os.path.lexists(shard):
            remove_tree(old)
            _rename(shard, old)
        _rename(other, shard)
        sync(folder)
    manifest.set_meta(swap="")
    remove_tree(old)


def _rename(place: Path, to: Path) -> None:
    try:
        place.rename(to)
    except OSError as error:
        raise StoreError(
            f"{place}: cannot be moved ({error.strerror}); check the folder's permissions"
        ) from error
