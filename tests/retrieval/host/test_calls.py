"""Calls: the same answer with a host and without one, and about texts that are not saved."""

from __future__ import annotations

import json

from tests.hosts import Site


def test_with_and_without_a_host(mall: Site) -> None:
    """The same answer, and one about an unsaved text."""
    with mall.client() as client:
        asked = {"direction": "callers", "name": "hash_password", "tests": False}
        answer = client.request("calls", asked)
        text = "from auth import hash_password\n\n\ndef fresh():\n    hash_password(1, 2)\n"
        unsaved = client.request("calls", {**asked, "documents": {"src/fresh.py": text}})
        again = client.request("calls", asked)
    symbols = [edge["symbol"] for edge in unsaved["definitions"][0]["edges"]]
    assert symbols == ["verify_password", "fresh"]
    assert [edge["symbol"] for edge in again["definitions"][0]["edges"]] == ["verify_password"]
    mall.cli("host", "stop")
    without = json.loads(mall.cli("callers", "hash_password", "--no-tests", "--json").out)
    assert without["definitions"] == answer["definitions"]
