"""`grep` in a host: answers as JSON, refusals, and that a hard pattern does not delay other questions."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from indexer.errors import UsageError
from tests.hosts import Site
from tests.support.waiting import until


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


def test_every_client_finds_unsaved_text(mall: Site) -> None:
    """Lines by `grep`, fragments by `search` with patterns, until the editor is gone. The command says so."""
    disk = (mall.cli.folder / "src/auth.py").read_text()
    changed = "def hash_password(one):\n    return fresh_token(one)\n\n\n" + disk.replace(
        "hash_password", "digest_of"
    )
    patterned = {"patterns": ["fresh_token"], "limit": 9}
    with mall.client() as agent:
        with mall.client() as editor:
            editor.request("buffers", {"texts": {"src/auth.py": changed}})
            answer = agent.request("grep", {"patterns": ["hash_password|fresh_token"]})
            assert {one["path"]: one["source"] for one in answer["files"]} == {
                "src/auth.py": "buffer",
                "tests/test_auth.py": "disk",
            }
            first = answer["groups"][0]
            assert (first["path"], first["lines"][0]["line"], first["lines"][0]["role"]) == (
                "src/auth.py", 1, "definition",
            )  # fmt: skip
            assert answer["state"]["buffers"] == 1
            for query in ("", "a token for one", "nothing in common"):
                (hit,) = agent.request("search", {"query": query} | patterned)["hits"]
                found = hit["path"], hit["start_line"], hit["symbol"], hit["source"]
                assert found == ("src/auth.py", 1, "hash_password", "buffer")
            either = {
                "query": "verify",
                "patterns": ["fresh_token|digest_of|test_"],
                "limit": 20,
                "per_file": 20,
            }
            sources = {(hit["path"], hit["source"]) for hit in agent.request("search", either)["hits"]}
            assert sources == {("src/auth.py", "buffer"), ("tests/test_auth.py", "disk")}
            assert agent.request("search", {"query": "", "globs": ["*.go"]} | patterned)["hits"] == []
            printed = mall.cli("grep", "--json", "fresh_token")
            begin, match, *_ = map(json.loads, printed.out.splitlines())
            assert (begin["data"]["source"], match["data"]["source"]) == ("buffer", "buffer")
            assert "the matches in 1 file are in an editor's unsaved text" in printed.err
        until(lambda: agent.request("status")["buffers"] == 0)
        assert "files" not in agent.request("grep", {"patterns": ["fresh_token"]})
        assert agent.request("search", {"query": ""} | patterned)["hits"] == []


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
