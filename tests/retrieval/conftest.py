"""Stores with a small library in them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from indexer.encoding import load
from indexer.encoding.types import Encoder
from indexer.store import Store, StoreConfig
from indexer.store.storage import open_store
from retrieval.searcher import Searcher

from .library import LIBRARY, fill

REPO = "example.org/library"


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The bundled model."""
    return load()


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Iterator[Store]:
    """An embedded store with the library in it. Only for reading: it is shared."""
    store = open_store(
        StoreConfig(tmp_path_factory.mktemp("library") / "shard", encoder.dim, reserve_bytes=0)
    )
    fill(store, REPO, LIBRARY, encoder)
    yield store
    store.close()


@pytest.fixture
def searcher(library: Store, encoder: Encoder) -> Searcher:
    """Answers about the library."""
    return Searcher(library, encoder, REPO)
