"""Listwise reranking by a language model behind an endpoint."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from indexer.errors import ConfigError
from retrieval.config import SearchConfig
from retrieval.ranking.reranker import CandidateSet, FusedOrder
from retrieval.rerankers import build
from retrieval.rerankers.llm import LanguageModelReranker, UnusableAnswer, permutation, windows
from retrieval.result import Candidate

from . import chat
from .chat import Chat
from .samples import LEXICONS, asked, candidate


@pytest.fixture
def server() -> Iterator[Chat]:
    with chat.serving() as running:
        yield running


def pool(count: int) -> CandidateSet:
    """So many files, the first the best."""
    found = [candidate(f"{n:03d}.py", fused=1 - n / 1000) for n in range(count)]
    return CandidateSet(found, {}, 1, lambda ids: {id: f"code of {id}" for id in ids}, LEXICONS)


def reranker(server: Chat, said: list[str], **changes: Any) -> LanguageModelReranker:
    settings = {"rerank_url": server.url, "rerank_model": "m", "rerank_seconds": 5.0} | changes
    return LanguageModelReranker(FusedOrder(), SearchConfig(reranker="llm", **settings), said.append)


def paths(candidates: Any) -> list[str]:
    return [c.path for c in candidates]


def shown(body: dict[str, Any]) -> list[str]:
    """The paths that a request shows, in their order."""
    return re.findall(r"^\[\d+\] (\d+\.py)", body["messages"][1]["content"], re.MULTILINE)


def backwards(body: dict[str, Any]) -> str:
    return " > ".join(f"[{n}]" for n in range(len(shown(body)), 0, -1))


def test_the_model_orders_a_window(server: Chat) -> None:
    """It sees the question and the code, and its order is taken."""
    server.answer = lambda body: "[3] > [1] > [2]\n"
    said: list[str] = []
    ranking = reranker(server, said, rerank_api_key="key").rank(asked("where is it"), pool(3))
    assert paths(ranking.candidates) == ["002.py", "000.py", "001.py"]
    scores = [c.score for c in ranking.candidates]
    assert scores == sorted(scores, reverse=True)
    assert ranking.explain(ranking.candidates[:1]) == [{"llm": 1.0}]
    (body,) = server.bodies
    assert (body["model"], body["temperature"]) == ("m", 0)
    assert "where is it" in body["messages"][1]["content"]
    assert "code of 002.py:" in body["messages"][1]["content"]
    assert server.headers[0]["Authorization"] == "Bearer key"
    assert said == []


def test_no_key_no_header(server: Chat) -> None:
    """Local servers want none."""
    server.answer = backwards
    reranker(server, []).rank(asked("x"), pool(2))
    assert "Authorization" not in server.headers[0]


def test_a_window_slides_from_the_back(server: Chat) -> None:
    """Ten at a time, five further each: the best of the last window can come to the front."""

    def last_first(body: dict[str, Any]) -> str:
        numbers = range(1, len(shown(body)) + 1)
        best = shown(body).index("019.py") + 1 if "019.py" in shown(body) else 1
        return " > ".join(f"[{n}]" for n in (best, *(n for n in numbers if n != best)))

    server.answer = last_first
    ranking = reranker(server, []).rank(asked("x"), pool(20))
    assert [shown(body)[0] for body in server.bodies] == ["010.py", "005.py", "000.py"]
    assert paths(ranking.candidates)[:3] == ["019.py", "000.py", "001.py"]
    assert len(ranking.candidates) == 20


def test_windows() -> None:
    """Every answer is in one, the first ten in the last."""
    assert windows(0) == windows(1) == []
    assert windows(2) == windows(10) == [0]
    assert windows(12) == [2, 0]
    assert windows(20) == [10, 5, 0]
    assert windows(100) == [*range(90, 0, -5), 0]


def test_only_the_best_are_shown(server: Chat) -> None:
    """Those behind them stay where they were; one of each file where one is wanted."""
    server.answer = backwards
    found = pool(5)
    twice = Candidate("other", found.candidates[0].payload, {}, 0.9995)
    ranking = reranker(server, [], rerank_depth=3).rank(
        asked("x"), CandidateSet([*found.candidates, twice], {}, 1, found.texts, LEXICONS)
    )
    assert shown(server.bodies[0]) == ["000.py", "001.py", "002.py"]
    assert paths(ranking.candidates) == ["002.py", "001.py", "000.py", "000.py", "003.py", "004.py"]


@pytest.mark.parametrize(
    "answer",
    ["", "I think [1] > [2] > [3]", "[1] > [2]", "[1] > [2] > [2]", "[1] > [2] > [3] > [4]",
     "[0] > [1] > [2]", "1 > 2 > 3", "[1], [2], [3]", "[1] > [2] > [3]."],
)  # fmt: skip
def test_what_is_no_order_changes_nothing(server: Chat, answer: str) -> None:
    """An answer that is malformed, or has a number twice or not at all, is said and left aside."""
    server.answer = lambda body: answer
    said: list[str] = []
    found = pool(3)
    ranking = reranker(server, said).rank(asked("x"), found)
    assert paths(ranking.candidates) == ["000.py", "001.py", "002.py"]
    assert ranking.explain(ranking.candidates[:1]) == [{"fused": 1.0}]
    assert len(said) == 1
    assert "no usable order" in said[0]
    with pytest.raises(UnusableAnswer):
        permutation(answer, 3)


def test_a_later_failure_changes_nothing_either(server: Chat) -> None:
    """Half an order would be neither the one nor the other."""
    server.answer = lambda body: backwards(body) if len(server.bodies) == 1 else "?"
    ranking = reranker(server, []).rank(asked("x"), pool(20))
    assert paths(ranking.candidates) == [f"{n:03d}.py" for n in range(20)]
    assert len(server.bodies) == 2


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": 500}, "HTTP 500"),
        ({"status": 401}, "HTTP 401"),
        ({"status": 302, "location": "/elsewhere"}, "HTTP 302"),
        ({"raw": b"no json"}, "Expecting value"),
        ({"raw": b"[]"}, "list indices"),
        ({"raw": b'{"choices": []}'}, "list index"),
        ({"raw": b'{"choices": [{"message": {"content": null}}]}'}, "without text"),
        ({"raw": b"\xff"}, "utf"),
    ],
)
def test_servers_that_fail(server: Chat, changes: dict[str, Any], reason: str) -> None:
    """The answers are as they were, and a line says why."""
    for name, value in changes.items():
        setattr(server, name, value)
    said: list[str] = []
    ranking = reranker(server, said).rank(asked("x"), pool(3))
    assert paths(ranking.candidates) == ["000.py", "001.py", "002.py"]
    assert len(said) == 1
    assert reason in said[0]
    assert len(server.bodies) == 1


def test_a_server_that_is_too_slow(server: Chat) -> None:
    """The time-out is kept: this one answers only when the test is over."""
    server.answers.clear()
    said: list[str] = []
    ranking = reranker(server, said, rerank_seconds=0.1).rank(asked("x"), pool(3))
    assert paths(ranking.candidates) == ["000.py", "001.py", "002.py"]
    assert "timed out" in said[0]


def test_nobody_there() -> None:
    """A port where nothing listens."""
    said: list[str] = []
    config = SearchConfig(reranker="llm", rerank_url="http://127.0.0.1:9/v1", rerank_model="m")
    assert (
        len(LanguageModelReranker(FusedOrder(), config, said.append).rank(asked("x"), pool(3)).candidates)
        == 3
    )
    assert "refused" in said[0]


@pytest.mark.parametrize("url", ["", "localhost:11434", "file:///etc/passwd", "ftp://host/v1"])
def test_only_addresses_of_endpoints(url: str) -> None:
    """Never a file, and said before anything is asked."""
    with pytest.raises(ConfigError, match=r"rerank\.url"):
        build(SearchConfig(reranker="llm", rerank_url=url, rerank_model="m"), print)
    with pytest.raises(ConfigError, match="needs a model"):
        build(SearchConfig(reranker="llm", rerank_url=url), print)
