"""Gradient-boosted regression trees beside a linear model, as arrays: no library is needed to ask them.

A tree's leaves are numbered from left to right. A row of features ends in the leftmost leaf that no node
rules out: all nodes of all trees are asked at once, and each that says "right" strikes its left leaves out of
a bit mask (QuickScorer: Lucchese et al., 2015).
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.errors import ModelError

FORMAT = 1
MOST_LEAVES = 8
"""Leaves of a tree: a mask of them is one byte."""

META, ARRAYS = "model.json", "trees.npz"
"""The files of a model's folder; card.md describes it to people."""

_EVERY = np.uint8(255)
_LOWEST = np.array([8, *((n & -n).bit_length() - 1 for n in range(1, 256))], np.uint8)
"""By mask, its lowest bit."""

Matrix = NDArray[np.float32]
Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Forest:
    """`t` trees of up to MOST_LEAVES leaves, one node fewer, over `f` features.

    `feature`, `threshold`, `left`, `right` [nodes, t]: a node asks whether its feature is at most the
    threshold; `left` and `right` are the masks of the leaves below. A node that is not there says "left" to
    every row. `value`, `weight` [t, leaves]: a leaf's score, and how many training rows ended in it.
    """

    feature: NDArray[np.uint8]
    threshold: NDArray[np.float32]
    left: NDArray[np.uint8]
    right: NDArray[np.uint8]
    value: NDArray[np.float32]
    weight: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Linear:
    """What each feature adds: its `slope` [f]; `center` [f] are the values from which explanations count."""

    slope: NDArray[np.float32]
    center: NDArray[np.float32]


class Trees:
    """A forest and a linear model, summed, over named features: `names` are the columns of a matrix."""

    def __init__(self, forest: Forest, linear: Linear, names: Sequence[str]) -> None:
        """Raises ValueError for arrays that do not fit together."""
        _check(forest, linear, len(names))
        self.forest, self.linear, self.names = forest, linear, tuple(names)
        self._struck = np.invert(forest.left)[:, :, None]
        self._thresholds = forest.threshold[:, :, None]

    def predict(self, rows: Matrix) -> Vector:
        """The scores [n] of rows [n, f]."""
        grown = self._leaf_values(self._leaves(rows)).sum(axis=0, dtype=np.float64)
        # Not a matrix product: that one's last bits depend on how many threads the machine gives it.
        scores: Vector = grown + np.einsum("ij,j->i", rows, self.linear.slope, dtype=np.float64)
        return scores

    def contributions(self, rows: Matrix) -> tuple[float, Vector]:
        """What each feature adds to the scores: a base, and an array [n, f] whose rows sum to score - base.

        Each step down a tree adds the change of the expected score to the feature asked (Saabas, 2014).
        """
        leaves = self._leaves(rows)
        steps, base = self._steps
        width = len(self.names)
        added = steps[:, np.arange(len(leaves))[:, None], leaves]
        cells = self.forest.feature[:, :, None] + width * np.arange(len(rows))
        flat = np.bincount(cells.ravel(), added.ravel(), width * len(rows))
        slope, center = (part.astype(np.float64) for part in (self.linear.slope, self.linear.center))
        return base + float(slope @ center), flat.reshape(len(rows), width) + slope * (rows - center)

    def _leaves(self, rows: Matrix) -> NDArray[np.uint8]:
        """Each row's leaf in each tree [t, n]."""
        columns = np.ascontiguousarray(rows.T, np.float32)
        right = columns[self.forest.feature] > self._thresholds
        open_ = np.where(right, self._struck, _EVERY)
        return _LOWEST[np.bitwise_and.reduce(open_, axis=0)]

    def _leaf_values(self, leaves: NDArray[np.uint8]) -> NDArray[np.float32]:
        values: NDArray[np.float32] = np.take_along_axis(self.forest.value, leaves.astype(np.intp), axis=1)
        return values

    @functools.cached_property
    def _steps(self) -> tuple[Vector, float]:
        """What a node's answer changes on the way to each leaf [nodes, t, leaves], else 0; the base."""
        forest = self.forest
        bits = np.uint8(1) << np.arange(forest.value.shape[1], dtype=np.uint8)
        every = np.full((1, len(forest.value)), _EVERY)
        expected = functools.partial(_expected, forest, bits)
        below = expected(forest.left | forest.right)
        steps = np.zeros((*forest.feature.shape, len(bits)))
        for side in (forest.left, forest.right):
            steps += ((side[:, :, None] & bits) > 0) * (expected(side) - below)[:, :, None]
        return steps, float(expected(every).sum())


def _expected(forest: Forest, bits: NDArray[np.uint8], masks: NDArray[np.uint8]) -> Vector:
    """The mean over training rows of the leaves in masks [k, t]; 0 of none."""
    weight = ((masks[:, :, None] & bits) > 0) * forest.weight.astype(np.float64)
    total = weight.sum(axis=2)
    sums: Vector = (weight * forest.value).sum(axis=2)
    means: Vector = np.zeros_like(total)
    np.divide(sums, total, out=means, where=total > 0)
    return means


def _check(forest: Forest, linear: Linear, width: int) -> None:
    """Whatever would fail, or give a score that is not finite, while predicting."""
    shape = forest.feature.shape
    if len(shape) != 2 or any(one.shape != shape for one in (forest.threshold, forest.left, forest.right)):
        raise ValueError("the nodes' arrays differ in shape")
    trees, leaves = forest.value.shape
    if trees != shape[1] or not shape[0] < leaves <= MOST_LEAVES or forest.weight.shape != (trees, leaves):
        raise ValueError("the leaves' arrays do not fit the nodes")
    if forest.feature.size and int(forest.feature.max()) >= width:
        raise ValueError(f"a node asks for feature {int(forest.feature.max())} of {width}")
    if any(part.shape != (width,) or not np.isfinite(part).all() for part in (linear.slope, linear.center)):
        raise ValueError("the linear model does not fit the features")
    if not np.isfinite(forest.value).all() or not (forest.weight >= 0).all():
        raise ValueError("a leaf holds no usable number")


def load(folder: Path, names: Sequence[str]) -> Trees:
    """The model in a folder, for features with these names. Raises ModelError for one that is not usable."""
    try:
        meta = json.loads((folder / META).read_bytes())
        content = (folder / ARRAYS).read_bytes()
        _check_meta(meta, content, names)
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            forest = Forest(**{field.name: arrays[field.name] for field in fields(Forest)})
            linear = Linear(**{field.name: arrays[field.name] for field in fields(Linear)})
        return Trees(forest, linear, names)
    except Exception as error:  # damaged files fail in a dozen ways
        reason = (str(error) or type(error).__name__).splitlines()[0][:200]
        raise ModelError(f"{folder}: not a usable ranking model ({reason}); reinstall cornea") from error


def _check_meta(meta: Mapping[str, Any], content: bytes, names: Sequence[str]) -> None:
    if meta["format"] != FORMAT:
        raise ValueError(f"its format is {meta['format']!r}, this version of cornea reads {FORMAT}")
    if digest(content) != meta["checksums"][ARRAYS]:
        raise ValueError(f"{ARRAYS} is damaged: its checksum differs")
    if meta["features"] != list(names):
        raise ValueError("it was trained on other features than this version of cornea computes")


def digest(content: bytes) -> str:
    """A file's checksum in model.json."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()
