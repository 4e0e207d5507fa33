"""The store: `open_store` opens a store, and `types.py` has the store's types.

`Store` has two implementations with the same schema and the same answers: `edge.py` uses the embedded engine,
and `server.py` uses a Qdrant server. Only `edge.py` imports the engine, and only `server.py` the client.
"""

from __future__ import annotations

from .types import (
    DENSE,
    EVERYTHING,
    INDEXED_FIELDS,
    SCHEMA_VERSION,
    SPARSE,
    TENANT,
    Condition,
    Filter,
    HasId,
    HasPrefix,
    Leg,
    Match,
    Point,
    Record,
    Scored,
    SparseVector,
    Store,
    StoreConfig,
    Value,
    ranked,
)

__all__ = [
    "DENSE",
    "EVERYTHING",
    "INDEXED_FIELDS",
    "SCHEMA_VERSION",
    "SPARSE",
    "TENANT",
    "Condition",
    "Filter",
    "HasId",
    "HasPrefix",
    "Leg",
    "Match",
    "Point",
    "Record",
    "Scored",
    "SparseVector",
    "Store",
    "StoreConfig",
    "Value",
    "open_store",
    "ranked",
]


def open_store(config: StoreConfig) -> Store:
    """Open the store, or create it if there is none.

    Raises StoreBusy, StoreDamaged, DiskFull or StoreError. Raises Unsupported if the server's client is not
    installed or the server is too old.
    """
    if config.url:
        from .. import extras  # reading the metadata of distributions would slow every command down

        extras.require("qdrant_client", "server", "an index on a Qdrant server")
        from .server import ServerStore

        return ServerStore.open(config)
    from .edge import EdgeStore

    return EdgeStore.open(config)
