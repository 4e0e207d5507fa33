"""Questions to a host: the same answers as without one, many at once, given up, and wrong ones."""

from __future__ import annotations

import asyncio
import json
from contextlib import closing
from typing import Any

import pytest

from cornea.context import load
from indexer.errors import UsageError
from indexer.index.index import Index
from retrieval.host.client import AsyncClient, Client, stop
from retrieval.host.frames import MAX_REQUEST
from retrieval.host.messages import BUSY, CANCELLED, RequestRefused
from retrieval.host.methods import QueryContext, method_named
from retrieval.host.server import REQUESTS_PER_CLIENT
from tests.hosts import Site
from tests.support.waiting import LIMIT, until, until_in_loop

QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("search", {"query": "how are passwords hashed", "explain": True, "around": 2}),
    ("search", {"query": "RetryDelay", "languages": ["go"], "limit": 1}),
    ("search", {"query": "nothing has this", "globs": ["nowhere/**"]}),
    ("similar", {"path": "src/auth.py", "line": 6, "tests": False}),
    ("cochange", {"path": "src/auth.py", "name": "hash_password", "folder": "tests"}),
    ("continue", {"path": "x.py", "text": "def verify(password, salt, digest):\n    ", "everything": True}),
]


def test_the_same_answers_as_without(mall: Site) -> None:
    """To the last digit; only what is known of changes may differ, because a host watches the files."""
    with mall.client() as client:
        asked = [client.request(method, params) for method, params in QUESTIONS]
    assert asked[0]["hits"][0]["symbol"] == "hash_password"
    assert len(asked[5]["suggestions"]) > 0
    stop(mall.key)
    context = load(mall.cli.folder)
    with (
        Index.open(context.root, context.config) as index,
        closing(QueryContext(index, context.search)) as query_context,
    ):
        without = [method_named(method)(query_context, params) for method, params in QUESTIONS]
    for answer in (*without, *asked):
        assert answer.pop("state")["files"] == 3
    assert json.loads(json.dumps(without)) == asked  # JSON has lists where an answer of our own has tuples


@pytest.mark.parametrize(
    ("method", "params", "says"),
    [
        ("search", {}, "'query' must be a string"),
        ("search", {"query": "x", "limit": -1}, "'limit' must be"),
        ("search", {"query": "x", "limit": 0}, "at least 1"),
        ("search", {"query": "x", "profile": "best"}, "unknown profile"),
        ("search", {"query": "x", "kinds": ["recipe"]}, "recipe"),
        ("similar", {"path": "../../etc/passwd", "line": 1}, "outside of the root"),
        ("similar", {"path": "src/gone.py", "line": 1}, "no such file"),
        ("cochange", {"path": "/etc/passwd"}, "outside of the root"),
        ("cochange", {"path": "src/gone.py"}, "no such file"),
        ("continue", {"text": "x = 1\n", "line": 9}, "there are 2 lines"),
        ("fly", {}, "unknown method 'fly'"),
    ],
)
def test_wrong_questions(mall: Site, method: str, params: dict[str, Any], says: str) -> None:
    """A UsageError that says what is wrong, and the connection goes on."""
    with mall.client() as client:
        with pytest.raises(UsageError, match=says):
            client.request(method, params)
        assert client.request("status")["files"] == 3


def test_a_request_that_is_too_large(mall: Site) -> None:
    """It is not sent: the host would hang up."""
    with mall.client() as client, pytest.raises(UsageError, match="send less"):
        client.request("continue", {"text": "x" * MAX_REQUEST})


def test_more_than_may_wait(mall: Site) -> None:
    """What is too much is refused at once, the rest answered; afterwards all is as before."""
    with mall.client() as client:
        sent = [
            client.submit("search", {"query": f"password {n}"})[2] for n in range(3 * REQUESTS_PER_CLIENT)
        ]
        errors = [future.exception(60) for future in sent]
        busy = [error for error in errors if isinstance(error, RequestRefused) and error.kind == BUSY]
        assert 0 < len(busy) <= 2 * REQUESTS_PER_CLIENT
        assert errors.count(None) == len(sent) - len(busy)
        assert client.request("status")["requests"] == 1


def test_giving_up(mall: Site) -> None:
    """What was cancelled in the queue is not computed; the others are answered."""
    with mall.client() as client:
        connection, _, kept = client.submit("search", {"query": "password"})

        def some_are_cancelled() -> bool:
            sent = [
                connection.submit("search", {"query": f"salt {n}"}) for n in range(REQUESTS_PER_CLIENT - 2)
            ]
            for number, _ in sent:
                connection.cancel(number)
            # On a busy machine, some are answered before they are cancelled.
            assert all(future.cancelled() or future.result(0)["hits"] for _, future in sent)
            return any(future.cancelled() for _, future in sent)

        until(some_are_cancelled)
        assert kept.result(LIMIT)["hits"]
        assert client.request("search", {"query": "salt"})["hits"]


def test_for_an_event_loop(mall: Site) -> None:
    """Awaited, several at once, cancelled with their tasks, and told of events in the loop's thread."""

    async def ask() -> None:
        heard: list[str] = []
        client = await AsyncClient.connect(mall.key, start=True, on_event=lambda name, _: heard.append(name))
        assert client is not None
        asked = [client.request("search", {"query": word}) for word in ("password", "retry", "session")]
        answers = await asyncio.gather(*asked)
        assert [answer["hits"][0]["path"] for answer in answers] == [
            "src/auth.py", "net/retry.go", "src/auth.py",
        ]  # fmt: skip
        late = asyncio.create_task(client.request("search", {"query": "late"}))
        await asyncio.sleep(0)
        late.cancel()
        with pytest.raises(asyncio.CancelledError):
            await late
        with pytest.raises(UsageError, match="unknown method"):
            await client.request("fly")
        await client.request("reindex", {"rebuild": True})
        await until_in_loop(lambda: "updated" in heard)
        await client.close()
        assert "gone" not in heard

    asyncio.run(ask())


def test_questions_while_all_is_built_anew(mall: Site) -> None:
    """The store goes away under them and comes back: each is answered, with an empty answer at worst."""
    with mall.client() as client:
        for _ in range(3):
            rebuilt = client.submit("reindex", {"rebuild": True})[2]
            while not rebuilt.done():
                assert "hits" in client.request("search", {"query": "password"})
            assert rebuilt.result()["report"]["added"] == 3
        assert client.request("search", {"query": "password"})["hits"]


def test_a_cancelled_request_is_answered(mall: Site) -> None:
    """Whoever speaks without our client gets an end to every request."""
    from tests.hosts import Raw

    with mall.client(), Raw(mall.note) as raw:
        raw.hello()
        for number in range(1, 9):
            raw.send({"id": number, "method": "search", "params": {"query": "password"}})
        for number in range(1, 9):
            raw.send({"cancel": number})
        answers = {answer["id"]: answer for answer in (raw.receive() for _ in range(8))}
        assert sorted(answers) == list(range(1, 9))
        kinds = {answer["error"]["kind"] for answer in answers.values() if "error" in answer}
        assert kinds <= {CANCELLED}


def test_without_a_host(shop: Site) -> None:
    """Nobody is there, and nothing is started unless somebody asks for it."""
    assert Client.connect(shop.key) is None
    assert not shop.key.folder.exists()
