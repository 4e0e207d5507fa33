"""Ranking metrics of a data set, one value a question, computed by ir-measures (MacAvaney et al., 2022).

nDCG has linear gains and a log2 discount (Järvelin & Kekäläinen, 2002, as trec_eval counts it); hit@k is 1 if
a relevant document is among the first k; MRR@10 is 1/rank of the first one; recall@k is the share of the
relevant documents among the first k.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..datasets.extra import require

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
"""By our name, the name in ir-measures and the cut-off rank."""

MAIN = "nDCG@10"

Rankings = Mapping[str, Sequence[str]]
"""By question id, the ids of documents, best first."""


def evaluate(relevant: Mapping[str, Mapping[str, int]], rankings: Rankings) -> dict[str, list[float]]:
    """By metric the values of all questions, in the order of `relevant`; a question without answers gets 0.

    A ranking is taken as it stands: what the searcher left tied it has put in order by itself, and the metric
    must neither guess that order nor count ties as won.
    """
    library = require("ir_measures")
    # Not by `parse_measure`, which uses what Python 3.12 warns of and 3.14 lacks.
    named = {getattr(library, theirs) @ k: ours for ours, (theirs, k) in MEASURES.items()}
    run = {id: _scores(rankings.get(id, ())) for id in relevant}
    values: dict[str, dict[str, float]] = {ours: {} for ours in MEASURES}
    judged = {id: dict(row) for id, row in relevant.items()}
    for found in library.iter_calc(list(named), judged, run):
        values[named[found.measure]][found.query_id] = float(found.value)
    return {ours: [row.get(id, 0.0) for id in relevant] for ours, row in values.items()}


def _scores(ranking: Sequence[str]) -> dict[str, float]:
    """Scores that decrease with the rank, so that the library keeps the order."""
    if len(set(ranking)) != len(ranking):
        raise ValueError("a document is in a ranking twice")
    return {id: float(len(ranking) - rank) for rank, id in enumerate(ranking)}
