"""Ranking metrics of a data set, one value per question, computed by ir-measures (MacAvaney et al., 2022).

nDCG has linear gains and a log2 discount (Järvelin & Kekäläinen, 2002), as in trec_eval; hit@k is 1 if a
relevant document is among the first k; MRR@10 is 1/rank of the first one; recall@k is the share of the
relevant documents that is among the first k.
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
"""Our name -> the name in ir-measures, and the cut-off rank."""

MAIN = "nDCG@10"

Rankings = Mapping[str, Sequence[str]]
"""Question id -> ids of documents, best first."""


def evaluate(relevant: Mapping[str, Mapping[str, int]], rankings: Rankings) -> dict[str, list[float]]:
    """Metric -> the values of all questions, in the order of `relevant`; a question without answers gets 0.

    The order of each ranking counts, not its scores: the searcher has already ordered its ties.
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
