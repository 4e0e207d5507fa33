"""The stores that keep the same contract."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.store import Store, StoreConfig
from indexer.store.storage import open_store

from .double import Double
from .samples import DIM

REAL = "QDRANT_TEST_URL"
BACKENDS = ["edge", "memory", "http", *(["real"] if os.environ.get(REAL) else [])]


@pytest.fixture(params=BACKENDS)
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """An empty store of each kind; also on a real server where QDRANT_TEST_URL names one."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    if request.param == "edge":
        yield from _opened(StoreConfig(tmp_path / "shard", DIM, reserve_bytes=0))
    elif request.param == "memory":
        yield from _opened(StoreConfig(tmp_path, DIM, url=":memory:"))
    elif request.param == "http":
        with Double() as double:
            yield from _opened(StoreConfig(tmp_path, DIM, url=double.url))
    else:
        yield from _on_real_server(tmp_path)


def _opened(config: StoreConfig) -> Iterator[Store]:
    store = open_store(config)
    yield store
    store.close()


def _on_real_server(folder: Path) -> Iterator[Store]:
    from qdrant_client import QdrantClient

    url, key = os.environ[REAL], os.environ.get("QDRANT_TEST_API_KEY", "")
    name = f"cornea-test-{uuid.uuid4().hex}"
    try:
        yield from _opened(StoreConfig(folder, DIM, url=url, api_key=key, collection=name))
    finally:
        client = QdrantClient(url=url, api_key=key or None, check_compatibility=False)
        client.delete_collection(name)
        client.close()
