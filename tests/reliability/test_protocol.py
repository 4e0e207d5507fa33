"""Whatever is sent to a host's socket: it answers or hangs up, and serves everybody else."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from indexer.errors import UsageError
from retrieval.host.client import Client
from retrieval.host.frames import MAX_REQUEST
from tests.e2e.cli import FILES
from tests.hosts import Raw, Site, closed, site
from tests.repositories import write
from tests.support.waiting import LIMIT

from .fuzzing import FULL, fuzzed

SCALAR = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
VALUE = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
# `leave` is what it says; `reindex` would only make this slow.
METHOD = st.sampled_from(("search", "similar", "continue", "status", "hello", "", "x" * 99)) | VALUE
NAME = st.sampled_from(
    "query limit per_file profile languages globs kinds tests explain around documents path line column text "
    "language until everything refresh yes".split()
)
LIKELY = st.sampled_from(
    ("password", "src/auth.py", "../x", "python", ["python"], ["function"], "bm25", "block", 1, 3, True)
)
PARAMS = st.dictionaries(NAME, LIKELY | VALUE, max_size=6) | VALUE
MESSAGE = st.fixed_dictionaries(
    {}, optional={"id": st.integers(0, 5) | VALUE, "method": METHOD, "params": PARAMS, "cancel": VALUE}
)
Fuzz = Callable[..., None]


@pytest.fixture
def fuzz(scale: Callable[[int, int], int], measured: Callable[[str], object]) -> Fuzz:
    """Tries a check with seeds and with any input, and says how often."""
    return lambda check, inputs, *seeds: measured(fuzzed(check, inputs, seeds, scale(60, FULL)))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with pytest.MonkeyPatch.context() as patch, site(tmp_path_factory.mktemp("shop"), FILES, patch) as made:
        yield made


@pytest.fixture(scope="module")
def client(shop: Site) -> Iterator[Client]:
    with shop.client() as made:
        made.request("reindex")
        yield made


def test_any_messages(shop: Site, client: Client, fuzz: Fuzz) -> None:
    """After a greeting: each is answered with a result or an error, or the connection ends."""
    fuzz(
        lambda messages: check_messages(shop, client, messages),
        st.lists(MESSAGE, max_size=4),
        [{"id": 1, "method": "search", "params": {"query": "x", "globs": ["["]}}],
    )


def check_messages(shop: Site, client: Client, messages: list[dict[str, Any]]) -> None:
    note = shop.note
    with Raw(note) as raw:
        assert "result" in raw.hello()
        raw.socket.settimeout(LIMIT)
        try:
            for message in messages:
                raw.send(message)
            raw.send({"id": "last", "method": "status", "params": {}})
        except (BrokenPipeError, ConnectionResetError):
            return
        while (answer := raw.receive()) is not None and answer.get("id") != "last":
            assert answer.keys() in ({"id", "result"}, {"id", "error"})
            assert "bug" not in str(answer.get("error", {}).get("message")), answer
    assert shop.note == note
    assert client.request("status")["pid"] == note.pid


def test_any_bytes(shop: Site, client: Client, fuzz: Fuzz) -> None:
    """Without a greeting: an error at most, then the end."""
    fuzz(
        lambda data: check_bytes(shop, client, data),
        st.binary(max_size=200),
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x00\x00\x00\x02[]",
    )


def check_bytes(shop: Site, client: Client, data: bytes) -> None:
    with Raw(shop.note) as raw:
        raw.socket.sendall(data)
        raw.socket.shutdown(1)
        answer = raw.receive()
        assert answer is None or answer["error"]["kind"] == "Protocol"
        assert answer is None or closed(raw.socket)
    assert client.request("status")["clients"] <= 3


def test_too_large_a_frame(shop: Site, client: Client) -> None:
    """It is refused by its length, and nothing of it is kept."""
    before = shop.process().memory_info().rss
    for _ in range(20):
        with Raw(shop.note) as raw:
            raw.hello()
            raw.socket.sendall(struct.pack(">I", MAX_REQUEST + 1) + b"x" * 100_000)
            assert "are allowed" in raw.receive()["error"]["message"]
            assert closed(raw.socket)
    assert shop.process().memory_info().rss < before + 50_000_000
    assert client.request("status")["clients"] <= 2


def test_many_connections(shop: Site, client: Client) -> None:
    """Those that are too many are refused; the others, and who was there before, are served."""
    held = [Raw(shop.note) for _ in range(140)]
    try:
        answers = [raw.hello() for raw in held[:100]]
        assert all("result" in answer for answer in answers)
        assert held[-1].receive()["error"]["kind"] == "Busy"
        assert client.request("search", {"query": "password"})["hits"]
    finally:
        for raw in held:
            raw.socket.close()


def test_half_a_frame(shop: Site, client: Client) -> None:
    """Who stops in the middle and goes leaves nothing behind."""
    for cut in range(0, 40, 7):
        with Raw(shop.note) as raw:
            raw.hello()
            raw.socket.sendall((struct.pack(">I", 1000) + b'{"id": 1, "method": "search", "params"')[:cut])
    assert client.request("status")["requests"] == 1


def test_paths_that_lead_out(shop: Site, client: Client, tmp_path: Path) -> None:
    """Each is refused, by every parameter that takes one, with an error that does not tell what is there."""
    secret = write(tmp_path, {"secret.py": "password = 'hunter2'\n"}) / "secret.py"
    up = f"../../{tmp_path.name}/secret.py"
    for path in (str(secret), up, f"src/{up}", "..", "src/..", "/", "a\0b", "/proc/self/environ"):
        for method, params in (
            ("similar", {"path": path, "line": 1}),
            ("continue", {"path": path, "text": "x", "line": 1}),
            ("continue", {"path": path, "line": 1}),
            ("continue", {"path": "src/auth.py", "text": "x", "line": 1, "documents": {path: "x"}}),
            ("search", {"query": "password", "documents": {path: "x"}}),
        ):
            with pytest.raises(UsageError, match="outside of the root"):
                client.request(method, params)


def test_links_that_lead_out(shop: Site, client: Client, tmp_path: Path) -> None:
    """A link in the root is no way to what it names, nor does a folder become one that was indexed."""
    write(tmp_path, {"out/auth.py": "def hunter2(): pass\n", "secret.py": "def hunter2(): pass\n"})
    root = shop.cli.folder
    (root / "link.py").symlink_to(tmp_path / "secret.py")
    (root / "src").rename(root / "was")
    (root / "src").symlink_to(tmp_path / "out")
    try:
        found = client.request("search", {"query": "hunter2 password", "around": 50, "refresh": True})
        assert "hunter2" not in str(found)
        for path in ("link.py", "src/auth.py"):
            with pytest.raises(UsageError, match="not indexed"):
                client.request("similar", {"path": path, "line": 1})
    finally:
        (root / "link.py").unlink()
        (root / "src").unlink()
        (root / "was").rename(root / "src")
        client.request("reindex")
