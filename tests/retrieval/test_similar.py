"""Code as a question: which fragment a line means, and what must not be answered."""

from __future__ import annotations

import math

import pytest

from indexer.encoding import bm25
from indexer.store import Record
from retrieval.similar import fragment_at, ids_of_symbol, query_from_record


def _record(number: int, symbol: str, first: int, last: int, text: str = "x") -> Record:
    payload = {"path": "a/b.py", "kind": "function", "symbol": symbol, "start_line": first, "end_line": last}
    return Record(str(number), {**payload, "text": text})


RECORDS = [
    _record(0, "Shape", 1, 40),
    _record(1, "Shape.area", 5, 12),
    _record(2, "Shape.area", 13, 20),
    _record(3, "", 45, 50),
    _record(4, "", 60, 70),
]


@pytest.mark.parametrize(
    ("line", "found"), [(1, 0), (5, 1), (13, 2), (25, 0), (43, 3), (42, 0), (55, 4), (56, 4), (99, 4)]
)
def test_the_shortest_fragment_around_a_line(line: int, found: int) -> None:
    """A method rather than its class; between fragments the nearer, on a tie the one below."""
    assert fragment_at(RECORDS, line).id == str(found)


def test_all_pieces_of_a_function_are_itself() -> None:
    """A long function's other pieces would always be the best answer; nameless code is only itself."""
    assert ids_of_symbol(RECORDS, RECORDS[1]) == ["1", "2"]
    assert ids_of_symbol(RECORDS, RECORDS[3]) == ["3"]


def test_term_frequencies_are_damped() -> None:
    """1 + ln tf; the title is the name and the path, as when the fragment was indexed."""
    query = query_from_record(_record(0, "Shape.area", 1, 2, "width width width height"), ["0"])
    assert query.weights[bm25.term("width")] == pytest.approx(1 + math.log(3))
    assert query.weights[bm25.term("height")] == 1.0
    assert query.title == "Shape.area a/b"
    assert query.exclude == {"0"}
