"""`grep` in a host: answers as JSON, refusals, and that a hard pattern does not delay other questions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from indexer.errors import UsageError
from tests.hosts import Site


def test_a_host_answers_and_refuses(mall: Site) -> None:
    with mall.client() as client:
        for _ in range(2):  # the second answer is from the texts that are kept
            answer = client.request("grep", {"patterns": ["hash_password"], "refresh": True})
            assert answer["files_searched"] == 3
            assert answer["groups"][0]["path"] == "src/auth.py"
            assert answer["groups"][0]["lines"][0]["role"] == "definition"
        documents = {"src/auth.py": "def unsaved_name():\n    pass\n"}
        answer = client.request("grep", {"patterns": ["unsaved_name"], "documents": documents})
        assert answer["groups"][0]["lines"][0]["symbol"] == "unsaved_name"
        for params in (
            {"patterns": ["(?=a)"]},
            {"patterns": "a"},
            {"patterns": []},
            {},
            {"patterns": ["a"], "paths": ["../x"]},
        ):
            with pytest.raises(UsageError):
                client.request("grep", params)


def test_many_clients_ask_at_once(mall: Site) -> None:
    """Hard patterns in one thread, and searches that need not wait for them; each gets its own answer."""

    def ask(number: int) -> int:
        with mall.client() as client:
            if number % 2:
                return len(client.request("search", {"query": "hash password"})["hits"]) > 0
            answer = client.request("grep", {"patterns": [f"(?:[a-z].{{{number},40}})+|password"]})
            return answer["files_searched"] == 3

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(ask, range(12)))
