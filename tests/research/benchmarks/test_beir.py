"""A data set through the real store and the real searcher."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from research.benchmarks import beir
from research.benchmarks.metrics import MEASURES
from research.benchmarks.questions import TASKS, continuation
from research.benchmarks.report import as_json
from research.datasets import corpus
from research.datasets.dataset import DatasetQuestion, load
from tests.support.schemas import validate

from .sets import DOCUMENTS, encoder, perfect, write


def _scores(folder: Path, task: str = "search", profiles: tuple[str, ...] = ("bm25",), **options: Any) -> Any:
    report = beir.measure(load(folder), encoder(), task, profiles, **options)
    data = json.loads(as_json(report))
    validate("commands/bench-beir", data)
    return data


def test_what_cannot_be_confused_is_found(tmp_path: Path) -> None:
    """A perfect ranking scores 1 on every metric."""
    data = _scores(write(tmp_path / "set", *perfect(40)))
    assert data["queries"] == data["documents"] == 40
    assert {m: one["mean"] for m, one in data["scores"]["bm25"].items()} == dict.fromkeys(MEASURES, 1.0)
    assert data["scores"]["bm25"]["nDCG@10"]["low"] == 1.0


def test_wrong_judgements_score_near_chance(tmp_path: Path) -> None:
    """The right answers shuffled among 40 documents: a question finds its one with 1 in 40."""
    documents, queries, qrels = perfect(40)
    right = [document for _, document, _ in qrels]
    random.Random(4).shuffle(right)
    shuffled = [(query, document, 1) for (query, _, _), document in zip(qrels, right, strict=True)]
    fixed = sum(a == b for a, b in zip(qrels, shuffled, strict=True))
    scores = _scores(write(tmp_path / "set", documents, queries, shuffled))["scores"]["bm25"]
    assert scores["hit@1"]["mean"] == fixed / 40 <= 0.05
    assert scores["nDCG@10"]["mean"] < 0.2


def test_values_by_hand(tmp_path: Path) -> None:
    """One question finds its document first, one second, one not at all."""
    documents = [
        {"_id": "a", "title": "", "text": "alpha alpha"},
        {"_id": "b", "title": "", "text": "alpha beta gamma delta epsilon zeta eta theta"},
        {"_id": "c", "title": "", "text": "kappa"},
    ]
    queries = [{"_id": f"q{n}", "text": text} for n, text in enumerate(("alpha", "alpha", "kappa"))]
    folder = write(tmp_path / "set", documents, queries, [("q0", "a", 1), ("q1", "b", 1), ("q2", "a", 1)])
    scores = _scores(folder)["scores"]["bm25"]
    assert scores["hit@1"]["mean"] == pytest.approx(1 / 3, abs=1e-6)
    assert scores["hit@10"]["mean"] == pytest.approx(2 / 3, abs=1e-6)
    assert scores["MRR@10"]["mean"] == pytest.approx(1.5 / 3, abs=1e-6)
    assert scores["nDCG@10"]["mean"] == pytest.approx((1 + 0.63093) / 3, abs=1e-5)


def test_all_profiles_and_their_differences(tmp_path: Path) -> None:
    """Each has scores, costs and a paired difference with every other."""
    profiles = ("bm25", "dense", "hybrid", "rerank")
    data = _scores(write(tmp_path / "set"), profiles=profiles, rivals=("bm25s", "bm25s-code"))
    names = {*profiles, "bm25s", "bm25s-code"}
    assert data["scores"].keys() == data["costs"].keys() == names
    assert len(data["differences"]) == 15
    assert data["scores"]["bm25"]["hit@1"]["mean"] == 1.0
    assert data["scores"]["bm25s-code"]["hit@10"]["mean"] == 1.0
    assert all(row["p50_ms"] > 0 and row["resident_mb"] > 1 for row in data["costs"].values())
    assert data["index"]["index_mb"] > 0


def test_continuations(tmp_path: Path) -> None:
    """Code finds the code that shares its names."""
    queries = [{"_id": "q", "text": "def again(self):\n    wait(retry_delay(attempt), attempt)\n"}]
    data = _scores(write(tmp_path / "set", DOCUMENTS, queries, [("q", "d2", 1)]), "continue")
    assert data["scores"]["bm25"]["hit@1"]["mean"] == 1.0


def test_terms_of_code_are_damped() -> None:
    """Twenty times is not twenty times as telling; code without a word asks nothing."""
    query = continuation(DatasetQuestion("q", "x " * 20 + "y", "python"))
    assert query is not None
    assert sorted(query.weights.values()) == pytest.approx([1.0, 3.9957], abs=1e-4)
    assert continuation(DatasetQuestion("q", "{ }", "python")) is None


def test_questions_are_no_commands() -> None:
    """Quotes in a data set's question are no operators; a question without a word has no answers."""
    query = TASKS["search"](DatasetQuestion("q", 'parse the "exact" header', ""))
    assert query is not None
    assert query.phrases == ()
    assert TASKS["search"](DatasetQuestion("q", "???", "")) is None


def test_ties_do_not_follow_the_file(tmp_path: Path) -> None:
    """Equal documents are ranked alike in whatever order they are written, and not as their ids go."""
    rows = [{"_id": f"d{n:02d}", "title": "", "text": "same words here"} for n in range(30)]
    firsts = []
    for name, order in (("forth", rows), ("back", rows[::-1])):
        folder = write(tmp_path / name, order, [{"_id": "q", "text": "same words"}], [("q", "d00", 1)])
        data = load(folder)
        points, identify = corpus.documents(data.documents, encoder())
        with corpus.indexed(points, encoder(), identify) as indexed:
            runs = beir.asked(indexed, data.questions, "search", ("bm25", "dense", "hybrid", "rerank"))
        assert all(len(one.rankings["q"]) == 30 for one in runs)
        firsts.append([one.rankings["q"] for one in runs])
    assert firsts[0] == firsts[1]
    assert firsts[0][0] != sorted(firsts[0][0])


def test_an_id_is_no_evidence(tmp_path: Path) -> None:
    """Neither ids nor the places that stand for them are searched."""
    documents = [{"_id": "retry", "title": "", "text": "alpha"}, {"_id": "x", "title": "", "text": "beta"}]
    data = load(
        write(tmp_path / "set", documents, [{"_id": "q", "text": "retry 00000000"}], [("q", "retry", 1)])
    )
    points, identify = corpus.documents(data.documents, encoder())
    with corpus.indexed(points, encoder(), identify) as indexed:
        assert beir.asked(indexed, data.questions, "search", ("bm25",))[0].rankings["q"] == []


def test_the_same_again(tmp_path: Path) -> None:
    """Two runs with one seed give identical figures, another seed only other intervals."""
    folder = write(tmp_path / "set")
    first, again, other = (_scores(folder, profiles=("hybrid", "rerank"), seed=s) for s in (1, 1, 2))
    assert first["scores"] == again["scores"]
    assert first["differences"] == again["differences"]
    assert other["scores"]["hybrid"]["nDCG@10"]["mean"] == first["scores"]["hybrid"]["nDCG@10"]["mean"]


def _named(documents: list[dict[str, Any]], languages: list[str | None]) -> list[dict[str, Any]]:
    pairs = zip(documents, languages, strict=True)
    return [row | ({"metadata": {"language": name}} if name else {}) for row, name in pairs]


@pytest.mark.parametrize(
    ("asked", "answering", "found"),
    [
        ("go", ["go", "java"], ["d0"]),
        ("go", [None, None], ["d0", "d1"]),
        ("go", [None, "java"], ["d0"]),
        ("golang", ["Go", "java"], ["d0"]),
        ("JS", ["javascript", "ts"], ["d0", "d1"]),
        (None, ["go", "java"], ["d0", "d1"]),
        (None, [None, None], ["d0", "d1"]),
    ],
)
def test_documents_are_left_out_by_language_where_both_name_one(
    tmp_path: Path, asked: str | None, answering: list[str | None], found: list[str]
) -> None:
    """A query and a document of different languages do not meet; who names none meets everybody."""
    texts = ("wait(retry_delay(attempt), attempt)\n", "wait(retry_delay(attempt), other)\n")
    rows = [{"_id": f"d{n}", "title": "", "text": text} for n, text in enumerate(texts)]
    query = {"_id": "q", "text": "func again() {\n    attempt := retry_delay\n"}
    folder = write(tmp_path / "set", _named(rows, answering), _named([query], [asked]), [("q", "d0", 1)])
    data = load(folder)
    points, identify = corpus.documents(data.documents, encoder())
    with corpus.indexed(points, encoder(), identify) as indexed:
        for profile in ("bm25", "hybrid", "learned"):
            (one,) = beir.continued(indexed, encoder(), data, (profile,))
            assert sorted(one.rankings["q"]) == found


def test_it_is_said_where_languages_do_not_count(tmp_path: Path) -> None:
    """One line, with what lacks a language; nothing where all have one, and for questions in words."""
    documents, queries, qrels = perfect(3)
    full = _named(documents, ["go"] * 3)
    for name, rows, asking, expected in (
        ("all", full, _named(queries, ["go"] * 3), []),
        ("documents", documents, _named(queries, ["go"] * 3), ["3 of 3 documents name no language"]),
        (
            "one",
            _named(documents, ["go", "go", None]),
            queries,
            ["1 of 3 documents and 3 of 3 queries name no"],
        ),
    ):
        said: list[str] = []
        _scores(write(tmp_path / name, rows, asking, qrels), "continue", say=said.append)
        assert len(said) == len(expected)
        assert all(start in line for start, line in zip(expected, said, strict=True))
        quiet: list[str] = []
        _scores(tmp_path / name, "search", say=quiet.append)
        assert quiet == []
