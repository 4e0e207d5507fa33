"""Replaces an index's shard by a compacted copy, by renaming folders; safe to interrupt at any point.

The manifest first records that the copy is ready. The next process that opens the index completes the
exchange if it was interrupted.
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
    """Record that the compacted shard is ready to replace the old one."""
    manifest.set_meta(swap=_READY)


def complete(folder: Path, manifest: Manifest) -> None:
    """Put the compacted shard in place if it is ready, else delete it. The store must be closed.

    An interrupted call can be repeated.
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
