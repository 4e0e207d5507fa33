"""Calls: the same answer with a host and without one, and about texts that are not saved."""

from __future__ import annotations

import json
import os
import time
from contextlib import closing
from pathlib import Path

from indexer.index.index import Index
from indexer.pipeline import ensure
from retrieval.config import SearchConfig
from retrieval.host.methods import QueryContext, respond
from retrieval.host.requests import CallsParams
from tests.hosts import Site
from tests.indexes import config
from tests.repositories import write


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
    sources = [edge["source"] for edge in unsaved["definitions"][0]["edges"]]
    assert sources == ["disk", "buffer"]
    assert [edge["symbol"] for edge in again["definitions"][0]["edges"]] == ["verify_password"]
    mall.cli("host", "stop")
    without = json.loads(mall.cli("callers", "hash_password", "--no-tests", "--json").out)
    assert without["definitions"] == answer["definitions"]


FILES = {
    "oven.py": "def heat(degrees):\n    return degrees\n",
    "bread.py": "from oven import heat\n\n\ndef bake():\n    return heat(220)\n",
    "cake.py": "from oven import heat\n\n\ndef whisk():\n    return heat(180)\n",
    "pie.py": "from oven import heat\n\n\ndef crimp():\n    return heat(190)\n",
}


def test_files_that_changed_since_they_were_indexed(tmp_path: Path) -> None:
    """Lines are those on disk, new calls are there, and what is gone is left out; so if it comes back."""
    with (
        Index.open(write(tmp_path / "root", FILES), config(tmp_path / "home")) as index,
        closing(QueryContext(index, SearchConfig())) as context,
    ):
        ensure(index)

        def found(direction: str = "callers", name: str = "heat") -> list[tuple[str, int, str]]:
            answer = respond(context, CallsParams(direction=direction, name=name))
            edges = [edge for one in answer.definitions for edge in one.edges]
            for one in answer.definitions:
                for edge in edges:
                    path = edge.path if direction == "callers" else one.definition.path
                    lines = (index.root / path).read_text().split("\n")
                    assert all(lines[call.line - 1] == call.text for call in edge.calls)
            return sorted(
                (edge.symbol, call.line, call.text.strip()) for edge in edges for call in edge.calls
            )

        def later(name: str, text: str, seconds: int) -> None:
            (index.root / name).write_text(text)
            os.utime(index.root / name, (time.time() + seconds, time.time() + seconds))

        first = [
            ("bake", 5, "return heat(220)"),
            ("crimp", 5, "return heat(190)"),
            ("whisk", 5, "return heat(180)"),
        ]
        try:
            assert found() == first
            later("bread.py", "import os\n" + FILES["bread.py"].replace("heat(220)", "heat(\n        99)"), 5)
            (index.root / "pie.py").unlink()
            later("cake.py", FILES["cake.py"].replace("heat(180)", "180"), 5)
            assert found() == [("bake", 6, "return heat(")]
            assert found("callees", "bake") == [("heat", 6, "return heat(")]
            gone = respond(context, CallsParams(direction="callers", name="heat")).remarks
            assert any(line.startswith("pie.py is gone") for line in gone)
            write(index.root, FILES)
            assert found() == first
            later("oven.py", "\n\n" + FILES["oven.py"], 9)
            answer = respond(context, CallsParams(direction="callers", name="heat"))
            assert [one.definition.line for one in answer.definitions] == [3]
            assert found() == first
        finally:
            context.close()
