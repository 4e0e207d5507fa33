"""Trees made by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from retrieval.ranking import tree_ensemble
from retrieval.ranking.tree_ensemble import Forest, Linear, TreeEnsemble


def stump(feature: int, threshold: float, low: float, high: float, rows: tuple[int, int] = (1, 1)) -> Forest:
    """One tree: `low` where the feature is at most the threshold, else `high`."""
    return Forest(
        np.array([[feature]], np.uint8),
        np.array([[threshold]], np.float32),
        np.array([[1]], np.uint8),
        np.array([[2]], np.uint8),
        np.array([[low, high]], np.float32),
        np.array([rows], np.float32),
    )


def flat(width: int) -> Linear:
    """A linear model that says nothing."""
    return Linear(np.zeros(width, np.float32), np.zeros(width, np.float32))


def straight(slope: Sequence[float], center: Sequence[float]) -> Linear:
    return Linear(np.array(slope, np.float32), np.array(center, np.float32))


def by_feature(names: Sequence[str], slopes: dict[str, float]) -> TreeEnsemble:
    """A model that adds these features up."""
    slope = [slopes.get(name, 0.0) for name in names]
    return TreeEnsemble(stump(0, 0.0, 0.0, 0.0), straight(slope, [0.0] * len(names)), names)


def write(folder: Path, content: bytes, names: Sequence[str], **changes: object) -> Path:
    """A model's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / tree_ensemble.ARRAYS).write_bytes(content)
    meta = {
        "format": tree_ensemble.FORMAT,
        "features": list(names),
        "checksums": {tree_ensemble.ARRAYS: tree_ensemble.digest(content)},
    }
    (folder / tree_ensemble.META).write_text(json.dumps(meta | changes))
    return folder
