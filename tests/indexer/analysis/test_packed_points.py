"""Points packed, and what has to be written to make one version of a file's points another."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer.analysis import fragment_points
from indexer.analysis.packed_points import FileAnalysis, PackedPoints, pack
from indexer.analysis.worker import Setup, analyse
from indexer.encoding import load
from indexer.fragment import SourceFile
from indexer.parsing.source import read
from indexer.store import Point
from tests.indexes import PYTHON

SETUP = Setup("here", None, 1_000_000, 10.0, ())
Analyse = Callable[[str], list[Point]]


@pytest.fixture
def points(tmp_path: Path) -> Analyse:
    """The points of a text, with all their vectors."""
    encoder = load()

    def made(text: str, path: str = "bakery.py") -> list[Point]:
        place = tmp_path / path
        place.write_text(text)
        source = read(SourceFile(path, place, 0, 0))
        found = fragment_points.fragments(source, "here", "python")
        return fragment_points.points(source, "here", "python", found, encoder)

    return made


def bundle(points: list[Point], repo: str = "here", path: str = "bakery.py") -> PackedPoints:
    texts = {p.payload["start_byte"]: p.payload["text"] for p in points if "text" in p.payload}
    return PackedPoints(pack(points), repo, path, lambda row: texts[row["start_byte"]])


def plain(point: Point) -> tuple[Any, ...]:
    """A point as it would be stored: to be compared."""
    dense = None if point.dense is None else point.dense.astype(np.float16).tolist()
    sparse = {name: (v.indices.tolist(), v.values.tolist()) for name, v in point.sparse.items()}
    return point.id, point.payload, dense, sparse


def test_what_is_unpacked_is_what_was_packed(points: Analyse) -> None:
    """Ids, payloads, sparse vectors exactly; dense ones as every store keeps them."""
    made = points(PYTHON)
    assert len(made) > 3
    assert [plain(p) for p in bundle(made)] == [plain(p) for p in made]
    assert [plain(p) for p in bundle(made)[1:3]] == [plain(p) for p in made[1:3]]
    assert list(bundle([])) == []


def test_what_is_packed_says_nothing_of_where_it_was(points: Analyse) -> None:
    """Neither text nor repository nor path: it is as good for another work tree, and betrays no code."""
    packed = pack(points(PYTHON))
    assert not [word for word in (b"here", b"bakery", b"dough + dough") if word in packed.head + packed.body]
    other = bundle(points(PYTHON), repo="there")
    assert {p.payload["repo"] for p in other} == {"there"}
    assert {p.id for p in other}.isdisjoint(p.id for p in points(PYTHON))


def test_an_answer_of_a_worker_arrives_packed(tmp_path: Path) -> None:
    """Pickled and unpickled, with the texts; without a model there are no dense vectors yet."""
    place = tmp_path / "bakery.py"
    place.write_text(PYTHON)
    found = analyse(SourceFile("bakery.py", place, 0, 0), SETUP, None)
    assert isinstance(found, FileAnalysis)
    again = pickle.loads(pickle.dumps(found))
    assert again.entry == found.entry
    assert [plain(p) for p in again.points] == [plain(p) for p in found.points]


def test_an_edit_writes_what_it_changed(points: Analyse) -> None:
    """The function that was edited and the file's own point; what is below only moves."""
    old, new = points(PYTHON), points(PYTHON.replace("self.loaf = loaf", "self.loaf = loaf\n        rise()"))
    change = bundle(new).delta(bundle(old))
    assert {p.payload["kind"] for p in change.upsert} == {"method", "file"}
    moved = {p.id: p.payload for p in new if p.payload.get("symbol") == "knead"}
    assert [id for id, _ in change.amend] == list(moved)
    assert {name for _, fields in change.amend for name in fields} >= {"start_line", "end_line"}
    assert change.delete == []


def test_nothing_changed_writes_nothing(points: Analyse) -> None:
    change = bundle(points(PYTHON)).delta(bundle(points(PYTHON)))
    assert (change.upsert, change.amend, change.delete) == ([], [], [])


@pytest.mark.parametrize("text", ["", "x = 1\n", PYTHON * 2, "def bake():\n    pass\n" + PYTHON])
def test_a_delta_makes_one_version_the_other(points: Analyse, text: str) -> None:
    """Applied to the points of the one, it gives those of the other: both ways."""
    for before, after in ((PYTHON, text), (text, PYTHON)):
        old, new = points(before), points(after)
        change = bundle(new).delta(bundle(old))
        store = {p.id: p for p in old}
        store |= {p.id: p for p in change.upsert}
        for id, fields in change.amend:
            store[id] = replace(store[id], payload={**store[id].payload, **fields})
        for id in change.delete:
            del store[id]
        assert {id: plain(p) for id, p in store.items()} == {p.id: plain(p) for p in bundle(new)}
