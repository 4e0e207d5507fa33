"""The store. `storage_of` says where an index's points are, and `open_store` opens a store.

`Store` has two implementations with the same schema and the same answers: `edge.py` uses the embedded engine,
and `server.py` uses a Qdrant server. Only `edge.py` imports the engine, and only `server.py` the client.
"""

from __future__ import annotations

from .storage import Storage, open_store, storage_of
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
    "Storage",
    "Store",
    "StoreConfig",
    "Value",
    "open_store",
    "ranked",
    "storage_of",
]
