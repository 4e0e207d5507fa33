"""Functions held out and typed again, and data sets of prefixes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.encoding.types import Encoder
from indexer.errors import UsageError
from research.benchmarks import beir, continuation
from research.benchmarks.continuation import (
    hold_out,
    measure,
    names_shared,
    points,
    same_line,
    similarity,
    statement,
)
from research.benchmarks.report import as_json
from research.datasets.dataset import Dataset, DatasetDocument, DatasetQuestion
from research.datasets.functions import sources
from tests.support.schemas import validate

FUNCTION = '''def load_{name}(path, limit):
    """Load {name}s."""
    found = []
    for line in open(path):
        if len(found) >= limit:
            break
        found.append({Name}.parse(line))
    log.info("loaded %d {name}s", len(found))
    return found


'''
NAMES = ("order", "user", "item", "price", "rebate")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Five functions that are much alike."""
    for name in NAMES:
        (tmp_path / f"{name}.py").write_text(FUNCTION.format(name=name, Name=name.title()))
    return tmp_path


def test_a_case_is_a_function_cut_at_a_statement(tree: Path) -> None:
    """The buffer ends in its middle, and together with the truth it is the file."""
    held = hold_out(list(sources(tree)), 3, 0)
    assert len(held.cases) == 3
    for case in held.cases:
        text = (tree / case.buffer.path).read_text()
        offset = case.buffer.offset(case.line, case.column)
        assert text.startswith(case.buffer.text[:offset] + case.truth)
        assert case.buffer.text[:offset].rpartition("\n")[2].isspace()


def test_what_is_held_out_is_not_in_the_index(tree: Path, encoder: Encoder) -> None:
    """Nor is its file's text as a whole."""
    found = list(sources(tree))
    held = hold_out(found, 2, 0)
    paths = {case.buffer.path for case in held.cases}
    stored = list(points(found, held, encoder))
    assert stored
    assert not [point for point in stored if point.payload["path"] in paths and point.payload["symbol"]]
    assert not [point for point in stored if point.payload["kind"] == "file"]


def test_functions_much_alike_are_continued(tree: Path, encoder: Encoder) -> None:
    """And the report says how well."""
    report = measure(tree, encoder, 2)
    scores = report.figures.scores
    assert scores["learned"]["statement similarity"].mean > 0.7
    assert 0 <= report.figures.coverage <= 1
    validate("commands/bench-continue", json.loads(as_json(report)))
    assert report.tables[0].title.startswith("First suggestions")
    assert measure(tree, encoder, 2).figures.scores == scores


def test_a_tree_without_functions(tmp_path: Path, encoder: Encoder) -> None:
    """Says so."""
    with pytest.raises(UsageError, match="no function of 6 lines"):
        measure(tmp_path, encoder)


def test_first_lines_are_compared_without_white_space() -> None:
    """Names by how many are the same."""
    assert same_line("x = f( a )\ny", "  x = f(a)\nz")
    assert not same_line("x = f(a)", "x = f(b)")
    assert names_shared("x = load(a, b)", "x = load(a, c)", "python")
    assert not names_shared("x = load(a, b)", "return None", "python")
    assert names_shared("}", "}", "go")


def test_a_statement_goes_on_as_long_as_lines_are_deeper() -> None:
    """Its closing line belongs to it."""
    assert statement("if x:\n        a()\n        b()\n    c()") == "if x:\na()\nb()"
    assert statement("a()\n    b()") == "a()"


@given(st.text("abc ", max_size=12), st.text("abc ", max_size=12))
def test_similarity_is_a_share(one: str, other: str) -> None:
    """Symmetric, 1 for equal texts alone."""
    value = similarity(one, other)
    assert value == similarity(other, one)
    assert 0 <= value <= 1
    assert (value == 1) == (one.split() == other.split())


def test_a_data_set_of_prefixes_is_ranked_by_every_profile(encoder: Encoder) -> None:
    """The learned one finds what closes the brackets."""
    rests = {
        "d1": "return a + b\n    }",
        "d2": "return a + b)\n",
        "d3": "for x in y:\n        pass",
        "d4": "a, b]\n}",
    }
    documents = tuple(DatasetDocument(id, "", text, "java") for id, text in rests.items())
    question = DatasetQuestion("q", "    int add(int a, int b) {", "java")
    data = Dataset("tiny", documents, (question,), {"q": {"d1": 1}})
    report = beir.measure(data, encoder, beir.CONTINUE, ("bm25", "join", "learned"))
    assert report.figures.scores["learned"]["hit@1"].mean == 1.0
    assert set(report.figures.scores) == {"bm25", "join", "learned"}


def test_metrics_are_named_once() -> None:
    """The main one is among them."""
    assert continuation._MAIN in continuation._METRICS
