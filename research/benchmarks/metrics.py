"""Ranking metrics of a data set, one value per question, computed by ir-measures (MacAvaney et al., 2022).

nDCG has linear gains and a log2 discount (Järvelin & Kekäläinen, 2002), as in trec_eval. hit@k is 1 if a
relevant document is among the first k, else 0. MRR@10 is 1/rank of the first relevant document if that is
among the first 10, else 0. recall@k is the share of the relevant documents that is among the first k.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .runs import require

MEASURES: Mapping[str, tuple[str, int]] = {
    "nDCG@1": ("nDCG", 1),
    "nDCG@5": ("nDCG", 5),
    "nDCG@10": ("nDCG", 10),
    "hit@1": ("Success", 1),
    "hit@10": ("Success", 10),
    "MRR@10": ("RR", 10),
    "recall@50": ("R", 50),
    "recall@100": ("R", 100),
}
"""For each of our names, the name in ir-measures and the cut-off rank."""

MAIN = "nDCG@10"

Rankings = Mapping[str, Sequence[str]]
"""For each id of a question, the ids of documents, best first."""


def evaluate(relevant: Mapping[str, Mapping[str, int]], rankings: Rankings) -> dict[str, list[float]]:
    """For each metric, the values of all questions, in the order of `relevant`.

    A question without answers gets 0. Only the order of a ranking counts, because the searcher has already
    ordered hits with equal scores.
    """
    library = require("ir_measures")
    # `parse_measure` uses a part of Python that 3.12 deprecates and 3.14 lacks.
    named = {getattr(library, theirs) @ k: ours for ours, (theirs, k) in MEASURES.items()}
    run = {id: _scores(rankings.get(id, ())) for id in relevant}
    values: dict[str, dict[str, float]] = {ours: {} for ours in MEASURES}
    judged = {id: dict(row) for id, row in relevant.items()}
    for found in library.iter_calc(list(named), judged, run):
        values[named[found.measure]][found.query_id] = float(found.value)
    return {ours: [row.get(id, 0.0) for id in relevant] for ours, row in values.items()}


def _scores(ranking: Sequence[str]) -> dict[str, float]:
    """Scores that fall with the rank, so that the library keeps the order."""
    if len(set(ranking)) != len(ranking):
        raise ValueError("a document is in a ranking twice")
    return {id: float(len(ranking) - rank) for rank, id in enumerate(ranking)}
