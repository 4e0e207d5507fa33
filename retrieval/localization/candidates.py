"""Chooses the candidates of an issue: the best functions by each signal, and functions of the best files."""

from __future__ import annotations

import numpy as np

from ..ranking.scaling import Ints, relative_to_max
from .evidence import IssueEvidence, best
from .issue import CODE, ERROR, PROSE, TITLE, WHOLE

MAX_CANDIDATES = 700
"""Maximum number of candidates."""
_FILES = 15
"""Number of best files whose functions become candidates."""
_OF_FILE = 60
"""Maximum functions of one file that become candidates because their file is one of the best files."""


def choose(evidence: IssueEvidence, folder: str = "") -> Ints:
    """The sorted indexes of the candidates in the corpus.

    If there are more than MAX_CANDIDATES, the candidates with the best base scores are kept. All candidates
    are in `folder`, which is relative to the root; "" means the whole root.
    """
    start = f"{folder}/" if folder else ""
    in_folder = np.array([path.startswith(start) for path in evidence.corpus.paths], np.float64)
    inside = in_folder[evidence.corpus.file]
    bm25, dense, named = evidence.bm25, evidence.dense, evidence.named
    legs = (
        (evidence.base, 200),
        (named.function, 80),
        (named.traced, 60),
        (named.inside, 20),
        (bm25[WHOLE], 100),
        (bm25[TITLE], 60),
        (bm25[PROSE], 40),
        (bm25[CODE], 40),
        (bm25[ERROR], 30),
        (dense[WHOLE], 50),
        (dense[TITLE], 50),
        # Functions that commits with similar messages changed, and that functions with high scores call.
        (evidence.past_functions[WHOLE].best, 40),
        (evidence.calls.from_callers(named.function), 40),
        (evidence.calls.from_callers(relative_to_max(evidence.base)), 40),
    )
    found = [best(scores * inside, count) for scores, count in legs]
    bounds = evidence.corpus.bounds
    for file in best(evidence.file_base * in_folder, _FILES).tolist():
        first, end = bounds[file : file + 2]
        found.append(first + best(evidence.base[first:end] + 1e-3, _OF_FILE))
    rows = np.unique(np.concatenate(found))
    if len(rows) > MAX_CANDIDATES:
        rows = np.sort(rows[np.argsort(-evidence.base[rows], kind="stable")[:MAX_CANDIDATES]])
    return rows
