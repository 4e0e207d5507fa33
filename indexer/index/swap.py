"""Another shard in the place of an index's own, by renaming folders: whole, wherever it is cut off.

The manifest says first that the other one is ready; whoever opens the index then completes the exchange.
"""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import StoreError
from ..store.writeback import sync
from .catalog import DISCARDED, OTHER, SHARD, clear_away
from .manifest import Manifest

_READY = "ready"


def announce(manifest: Manifest) -> None:
    """From here on the other shard is the one that counts."""
    manifest.note(swap=_READY)


def complete(folder: Path, manifest: Manifest) -> None:
    """Put the other shard in its place if it was announced, else throw away what was made of it.

    The store must be closed. May be done again after any part of it.
    """
    shard, other, old = folder / SHARD, folder / OTHER, folder / DISCARDED
    if manifest.get("swap") != _READY:
        clear_away(other)
        return
    if os.path.lexists(other):
        if os.path.lexists(shard):
            clear_away(old)
            _rename(shard, old)
        _rename(other, shard)
        sync(folder)
    manifest.note(swap="")
    clear_away(old)


def _rename(place: Path, to: Path) -> None:
    try:
        place.rename(to)
    except OSError as error:
        raise StoreError(
            f"{place}: cannot be moved ({error.strerror}); check the folder's permissions"
        ) from error
