"""Reranking by a cross-encoder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from indexer.errors import ModelError
from retrieval.config import SearchConfig
from retrieval.ranking.reranker import CandidateSet, FusedOrder
from retrieval.rerankers import CrossEncoder, build
from retrieval.search import ranker

from ..indexer.encoding import onnx_model
from .samples import LEXICONS, asked, candidate


class Length:
    """Prefers long texts."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Sequence[str]]] = []

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        self.asked.append((question, texts))
        return [float(len(text)) for text in texts]


TEXTS = {"a.py:": "1", "b.py:": "333", "c.py:": "22", "d.py:": "22"}


def found() -> CandidateSet:
    files = [candidate(f"{name}.py", fused=1 - n / 10) for n, name in enumerate("abcd")]
    return CandidateSet(files, {}, 1, lambda ids: {id: TEXTS[id] for id in ids}, LEXICONS)


def test_the_model_orders_the_best() -> None:
    """It reads name and code; ties stay, and what is too far behind too."""
    model = Length()
    ranking = CrossEncoder(FusedOrder(), model, 4).rank(asked("where is it"), found())
    assert [c.path for c in ranking.candidates] == ["b.py", "c.py", "d.py", "a.py"]
    assert model.asked[0][0] == "where is it"
    assert list(model.asked[0][1])[1] == "b.py \n333"
    assert ranking.explain(ranking.candidates[:1]) == [{"cross-encoder": 1.0}]
    ranking = CrossEncoder(FusedOrder(), model, 2).rank(asked("x"), found())
    assert [c.path for c in ranking.candidates] == ["b.py", "a.py", "c.py", "d.py"]


def test_the_settings_choose() -> None:
    """By name; a model that is needed and not named is said."""
    assert isinstance(build(SearchConfig(), print), ranker.LearnedReranker)
    assert isinstance(build(SearchConfig(reranker="none"), print), FusedOrder)


def test_a_folder_is_a_model(tmp_path: Path) -> None:
    """A tiny one that sums the values of the words."""
    pytest.importorskip("fastembed")
    folder = onnx_model.write_cross_encoder(tmp_path / "toy", np.array([0, 0, 3, 1, -2, 0], np.float32))
    from indexer.encoding.fastembed import FastembedCrossEncoder

    model = FastembedCrossEncoder(str(folder))
    assert model.scores("?", ["red", "green", "blue red", ""]) == pytest.approx([3, 1, 1, 0])
    built = build(SearchConfig(reranker="cross-encoder", rerank_model=str(folder)), print)
    files = [candidate(f"{name}.py", fused=1 - n / 10) for n, name in enumerate("ab")]
    texts = {"a.py:": "green", "b.py:": "red"}
    ranking = built.rank(asked("red"), CandidateSet(files, {}, 1, lambda ids: texts, LEXICONS))
    assert [c.path for c in ranking.candidates] == ["b.py", "a.py"]


def test_no_model_there(tmp_path: Path) -> None:
    """One line that says what to do."""
    pytest.importorskip("fastembed")
    with pytest.raises(ModelError, match=r"no \.onnx file"):
        build(SearchConfig(reranker="cross-encoder", rerank_model=str(tmp_path)), print)
    with pytest.raises(ModelError, match=r"cannot be loaded.*rerank\] download"):
        build(SearchConfig(reranker="cross-encoder", rerank_model="no/such-model"), print)
