"""Makes the state of an index that goes with every answer."""

from __future__ import annotations

from indexer.config import Config
from indexer.index.index import Index

from .answers import IndexState
from .freshness import KnownState

_RESTRICTING = {"index.include": "include", "index.exclude": "exclude", "index.languages": "languages"}
"""The settings that restrict which files are indexed, with the fields of the Config."""


def of(index: Index, known: KnownState, counts: tuple[int, int], buffers: int) -> IndexState:
    """The state of an index. `counts` are the numbers of files that are indexed, and that are left out."""
    files, skipped = counts
    return IndexState(
        updated=known.updated,
        files=files,
        changed=None if known.changed is None else len(known.changed),
        buffers=buffers,
        whole=known.whole,
        skipped=skipped,
        restricted=restricting(index.config),
    )


def restricting(config: Config) -> tuple[str, ...]:
    """The names of the settings that restrict which files are indexed, if they are set."""
    return tuple(key for key, field in _RESTRICTING.items() if getattr(config, field))
