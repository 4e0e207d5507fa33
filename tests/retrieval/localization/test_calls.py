"""The approximate call graph."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrieval.localization.calls import CallGraph
from retrieval.localization.corpus import FunctionCorpus

from .texts import pieces


def _edges(corpus: FunctionCorpus) -> dict[tuple[str, str], float]:
    calls, names = CallGraph.of(corpus), [f"{f.path}:{f.symbol}" for f in corpus.functions]
    rows = zip(calls.callers.tolist(), calls.callees.tolist(), calls.weights.tolist(), strict=True)
    return {(names[a], names[b]): weight for a, b, weight in rows}


def test_a_rare_name_is_a_call(tmp_path: Path) -> None:
    """Who has another's name in its text calls it; nobody calls itself."""
    edges = _edges(FunctionCorpus(pieces(tmp_path)))
    assert edges["port/boats.py:Harbour.anchor", "port/boats.py:lower"] == 1.0
    assert all(a != b for a, b in edges)


def test_ambiguous_names(tmp_path: Path) -> None:
    """A name that two have leads to each with half the weight; one that many have, only within its file."""
    many = {f"m{i}.py": "def save():\n    pass\n" for i in range(7)}
    two = {"a.py": "def load():\n    pass\n", "b.py": "def load():\n    pass\n"}
    use = {
        "use.py": "def run():\n    load()\n    save()\n",
        "near.py": "def save():\n    pass\n\n\ndef go():\n    save()\n",
    }
    edges = _edges(FunctionCorpus(pieces(tmp_path, many | two | use)))
    assert edges["use.py:run", "a.py:load"] == edges["use.py:run", "b.py:load"] == 0.5
    assert [pair for pair in edges if pair[1].endswith(":save")] == [("near.py:go", "near.py:save")]


def test_scores_move_along(tmp_path: Path) -> None:
    """The best caller's score goes to the callee, and the other way round."""
    corpus = FunctionCorpus(pieces(tmp_path))
    calls, symbols = CallGraph.of(corpus), [f.symbol for f in corpus.functions]
    scores = np.zeros(len(corpus))
    scores[symbols.index("Harbour.anchor")] = 3.0
    assert calls.from_callers(scores)[symbols.index("lower")] == 3.0
    scores[:] = 0
    scores[symbols.index("lower")] = 2.0
    assert calls.from_callees(scores)[symbols.index("Harbour.anchor")] == 2.0
    assert calls.called()[symbols.index("lower")] == 1


@pytest.mark.parametrize("files", [{}, {"a.py": "x = 1\n"}])
def test_nothing_to_call(tmp_path: Path, files: dict[str, str]) -> None:
    """No functions, no edges."""
    assert _edges(FunctionCorpus(pieces(tmp_path, files))) == {}
