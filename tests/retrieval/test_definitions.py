"""The whole function around a hit that is a part of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.encoding.types import Encoder
from indexer.store import EVERYTHING, Filter, Match, Store, StoreConfig
from indexer.store.storage import open_store
from retrieval.definitions import definitions_around
from retrieval.result import Excerpt, Hit

from .library import fill

BODY = "".join(f"    step_{n} = prepare(step_{n - 1})\n" for n in range(1, 40))
TEXT = f"import os\n\n\ndef long(step_0):\n{BODY}    return step_39\n\n\ndef short():\n    return 1\n"
KINDS = Filter((Match("kind", ("function", "block")),))


@pytest.fixture
def hits(tmp_path: Path, encoder: Encoder) -> tuple[Store, list[Hit]]:
    """A store of one file, and all its fragments as hits, in file order."""
    store = open_store(StoreConfig(tmp_path / "shard", encoder.dim, reserve_bytes=0))
    fill(store, "r", {"a.py": TEXT}, encoder)
    rows = sorted((one.payload for one in store.scroll(KINDS)), key=lambda row: int(row["start_line"]))
    return store, [
        Hit(
            "a.py", row["start_line"], row["end_line"], row["symbol"], row["kind"], "python", 1.0, row["text"]
        )
        for row in rows
    ]


def test_every_part_has_the_whole_function(hits: tuple[Store, list[Hit]]) -> None:
    """Other hits, and those in unsaved files, have their own lines."""
    store, found = hits
    parts = [hit for hit in found if hit.symbol == "long"]
    assert len(parts) > 1
    lines = TEXT.split("\n")
    whole = Excerpt(4, "\n".join(lines[3:44]) + "\n")
    around = definitions_around(store, EVERYTHING, found)
    for hit, excerpt in zip(found, around, strict=True):
        expected = whole if hit in parts else Excerpt(hit.start_line, hit.text)
        assert (excerpt.start_line, excerpt.text.rstrip()) == (expected.start_line, expected.text.rstrip())
    assert definitions_around(store, EVERYTHING, parts, {"a.py"}) == [
        Excerpt(hit.start_line, hit.text) for hit in parts
    ]
    store.close()
