"""What is special about a store on a server: schema, keys, failures of the network, sizes of requests."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qdrant_client import QdrantClient, models

from indexer.errors import StoreDamaged, StoreError, Unsupported
from indexer.store import EVERYTHING, Filter, HasId, Leg, Match, Point, StoreConfig, server
from indexer.store.storage import open_store

from .double import MAX_BODY, Double
from .samples import DIM, dense, only, point, sparse, uid


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> Iterator[Double]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with Double(api_key="open sesame") as running:
        yield running


def config(double: Double, dim: int = DIM, key: str = "open sesame") -> StoreConfig:
    return StoreConfig(Path("unused"), dim, url=double.url, api_key=key, collection="code")


def sent(double: Double, path: str) -> list[Any]:
    """The bodies of the requests to `path`."""
    return [body for _, target, body in double.requests if target.split("?")[0] == f"/collections/code{path}"]


def test_the_collection_is_made_with_the_schema_of_the_embedded_store(double: Double) -> None:
    """The same vectors by the same names, and an index on every field; `repo` is the tenant's key."""
    open_store(config(double)).close()
    assert sent(double, "")[0]["vectors"] == {
        "dense": {"size": 8, "distance": "Cosine", "datatype": "float16"}
    }
    assert sent(double, "")[0]["sparse_vectors"] == {
        "lexical": {"modifier": "idf"},
        "file": {"modifier": "idf"},
    }
    indexes = {body["field_name"]: body["field_schema"] for body in sent(double, "/index")}
    assert indexes["repo"] == {"type": "keyword", "is_tenant": True}
    assert indexes["path"] == {"type": "keyword"}
    assert set(indexes) == {"repo", "kind", "path", "language", "name"}


def test_opening_again_makes_nothing_anew(double: Double) -> None:
    """A second process finds the collection and its points, and only what is missing is created."""
    first = open_store(config(double))
    first.upsert([point(1)])
    before = len(double.requests)
    second = open_store(config(double))
    assert second.count() == 1
    assert {method for method, _, _ in double.requests[before:]} == {"GET", "POST"}
    first.close()
    second.close()


@pytest.mark.parametrize("key", ["", "wrong"])
def test_a_wrong_key_is_said_so(double: Double, key: str) -> None:
    """A refused key names the place, the status and what to check, never the key."""
    with pytest.raises(StoreError, match=r"collection code on http.*HTTP 401.*check the key") as caught:
        open_store(config(double, key=key))
    assert "wrong" not in str(caught.value)


def test_a_key_that_was_withdrawn_is_said_so(double: Double) -> None:
    """Also in the middle of the work."""
    store = open_store(config(double))
    double.api_key = "changed"
    with pytest.raises(StoreError, match="check the key"):
        store.count()
    store.close()


@pytest.mark.parametrize("version", ["1.18.3", "0.11.0", "unknown"])
def test_a_server_that_is_too_old_is_refused(double: Double, version: str) -> None:
    """It would ignore the corpus of a leg and answer with other scores: better no answer than a wrong one."""
    double.version = version
    with pytest.raises(Unsupported, match=f"is version {version}: run version 1.19 or later"):
        open_store(config(double))
    assert double.requests == []


@pytest.mark.parametrize("version", ["1.19.0-dev", "1.20.1", "2.0.0"])
def test_newer_servers_are_fine(double: Double, version: str) -> None:
    """From the first version that knows a corpus on."""
    double.version = version
    open_store(config(double)).close()


def test_no_server_is_said_so(tmp_path: Path) -> None:
    """Connection refused: start the server or check the URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    with pytest.raises(StoreError, match="start the server or check the URL"):
        open_store(StoreConfig(tmp_path, DIM, url=url))


def test_a_server_that_does_not_answer_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request ends after the time limit; nothing is tried again behind the user's back."""
    monkeypatch.setattr(server, "TIMEOUT_SECONDS", 1)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(StoreError, match="no answer within 1 s"):
            open_store(StoreConfig(tmp_path, DIM, url=url))


@pytest.mark.parametrize("url", ["not a url", "ftp://127.0.0.1", "http://", "http://127.0.0.1:99999"])
def test_an_impossible_url_is_an_error_of_ours(tmp_path: Path, url: str) -> None:
    """Whatever the client raises on it, the user sees the URL and one line."""
    with pytest.raises(StoreError) as caught:
        open_store(StoreConfig(tmp_path, DIM, url=url))
    assert url in str(caught.value)


def test_a_server_that_goes_away_is_said_so(double: Double) -> None:
    """A failure in the middle of writing is an error, and the store can still be closed."""
    store = open_store(config(double))
    double.stop()
    with pytest.raises(StoreError, match="cannot write points to the collection code"):
        store.upsert([point(1)])
    store.close()


def test_an_answer_that_is_no_success_is_passed_on(double: Double) -> None:
    """What the server says about a failure reaches the user, on one line and not at length."""
    store = open_store(config(double))
    double.fail = (500, "Service internal error: disk\n" + "x" * 5000)
    with pytest.raises(StoreError, match=r"HTTP 500.*Service internal error: disk") as caught:
        store.count()
    assert len(str(caught.value)) < 500
    assert "\n" not in str(caught.value)
    store.close()


OTHER: list[dict[str, Any]] = [
    {"vectors_config": models.VectorParams(size=DIM, distance=models.Distance.COSINE)},
    {"vectors_config": {"dense": models.VectorParams(size=DIM, distance=models.Distance.COSINE)}},
    {"vectors_config": {"text": models.VectorParams(size=DIM, distance=models.Distance.COSINE)}},
    {"vectors_config": {"dense": models.VectorParams(size=DIM, distance=models.Distance.DOT)}},
    {
        "vectors_config": {"dense": models.VectorParams(size=DIM, distance=models.Distance.COSINE)},
        "sparse_vectors_config": {
            "lexical": models.SparseVectorParams(),
            "file": models.SparseVectorParams(),
        },
    },
]


@pytest.mark.parametrize("made", OTHER)
def test_a_collection_of_something_else_is_left_alone(double: Double, made: dict[str, Any]) -> None:
    """A collection with other vectors is StoreDamaged, with the advice to take another name; it stays."""
    other = QdrantClient(":memory:")
    other.create_collection("code", **made)
    double.adopt(other)
    with pytest.raises(StoreDamaged, match="choose another collection name"):
        open_store(config(double))
    assert {method for method, _, _ in double.requests} == {"GET"}


def test_another_dimension_is_another_collection(double: Double) -> None:
    """An index of another embedding model is not mixed into this one."""
    open_store(config(double)).close()
    with pytest.raises(StoreDamaged, match="dense of 16 numbers"):
        open_store(config(double, dim=16))


def test_filtered_dense_legs_are_exact_and_sparse_legs_have_their_corpus(double: Double) -> None:
    """What the request says: one batch, exact where a filter would cost recall, statistics of the corpus."""
    store = open_store(config(double))
    store.query(
        [
            Leg(dense(1), "dense", 5),
            Leg(dense(1), "dense", 5, only("repo", "r")),
            Leg(sparse([1]), "lexical", 5, only("kind", "a", "b"), corpus=only("repo", "r")),
        ]
    )
    [batch] = sent(double, "/points/query/batch")
    plain, filtered, lexical = batch["searches"]
    assert "params" not in plain and "filter" not in plain
    assert filtered["params"] == {"exact": True}
    assert filtered["filter"]["must"] == [{"key": "repo", "match": {"value": "r"}}]
    assert lexical["params"]["idf"]["corpus"]["must"] == [{"key": "repo", "match": {"value": "r"}}]
    assert lexical["filter"]["must"] == [{"key": "kind", "match": {"any": ["a", "b"]}}]
    store.close()


def test_writes_are_waited_for(double: Double) -> None:
    """A write that returned can be read: both kinds ask the server to wait."""
    store = open_store(config(double))
    store.upsert([point(1)])
    store.delete(Filter((HasId((uid(1),)),)))
    targets = [target for _, target, _ in double.requests if "/points" in target]
    assert targets == ["/collections/code/points?wait=true", "/collections/code/points/delete?wait=true"]
    store.close()


@pytest.mark.slow
def test_requests_stay_below_the_servers_limit(double: Double) -> None:
    """Batches are cut by number and by size: neither many small points nor some huge ones are too much."""
    store = open_store(config(double))
    store.upsert([point(number) for number in range(300)])
    assert [len(body["points"]) for body in sent(double, "/points")] == [128, 128, 44]
    double.requests.clear()
    store.upsert([point(number, text="é" * 2_000_000) for number in range(12)])
    assert [len(body["points"]) for body in sent(double, "/points")] == [2] * 6
    assert store.count() == 300
    store.close()


def test_one_point_that_is_too_large_is_the_servers_to_refuse(double: Double) -> None:
    """The double refuses as the server does; the error arrives."""
    store = open_store(config(double))
    with pytest.raises(StoreError, match="HTTP 413"):
        store.upsert([point(1, text="x" * MAX_BODY)])
    store.close()


def test_a_bad_payload_stops_the_whole_batch(double: Double) -> None:
    """What cannot be JSON is found before the first request, so that nothing is half written."""
    store = open_store(config(double))
    with pytest.raises(StoreError, match=f"point {uid(999)}: its payload"):
        store.upsert([*(point(number) for number in range(300)), point(999, bad={1, 2})])
    assert sent(double, "/points") == []
    store.close()


def test_threads_may_share_a_store(double: Double) -> None:
    """Readers in several threads, as an editor's server has them, get their own answers."""
    store = open_store(config(double))
    store.upsert([point(number, [number]) for number in range(8)])
    answers: dict[int, Any] = {}

    def search(number: int) -> None:
        answers[number] = [store.query([Leg(sparse([number]), "lexical", 3)])[0][0].id for _ in range(5)]

    threads = [threading.Thread(target=search, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: [uid(number)] * 5 for number in range(8)}
    store.close()


def test_without_the_client_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The server's client is optional: without it the error is the command that installs it."""
    monkeypatch.setitem(sys.modules, "qdrant_client", None)
    with pytest.raises(Unsupported, match=r"run: .*install 'qdrant-client<2,>=1.19'"):
        open_store(StoreConfig(tmp_path, DIM, url="http://127.0.0.1:1"))


def test_an_embedded_store_needs_no_client(tmp_path: Path) -> None:
    """Who has no server does not wait half a second for its client, and who has one loads no engine."""
    program = "import sys, indexer.store.edge as _; print('qdrant_client' in sys.modules)"
    assert run(program) == "False"
    program = "import sys, indexer.store.server as _; print('qdrant_edge' in sys.modules)"
    assert run(program) == "False"


def run(program: str) -> str:
    import subprocess

    root = Path(__file__).parents[3]
    return subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True
    ).stdout.strip()


def test_points_of_other_repositories_stay_out(double: Double) -> None:
    """One collection serves many repositories: the tenant's filter keeps them apart, also when deleting."""
    store = open_store(config(double))
    vector = np.ones(DIM, np.float32)
    store.upsert([Point(uid(n), {"repo": "ab"[n % 2], "path": "x.py"}, vector) for n in range(6)])
    store.delete(Filter((Match("repo", ("a",)), Match("path", ("x.py",)))))
    assert {r.payload["repo"] for r in store.scroll(EVERYTHING)} == {"b"}
    assert store.count() == 3
    store.close()
