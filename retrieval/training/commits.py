"""What commits changed: a message, and the functions it is about as they were before."""

from __future__ import annotations

from collections.abc import Iterator

from indexer.revision import Blobs, Revision

from .drops import Drops
from .leaks import Known
from .pairs import Changed
from .repository import Wanted
from .worker import Watch


def changes(
    revision: Revision, blobs: Blobs, wanted: Wanted, known: Known, drops: Drops, watch: Watch
) -> Iterator[Changed]:
    """Nothing yet."""
    yield from ()
