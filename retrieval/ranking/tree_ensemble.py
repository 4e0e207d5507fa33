"""Evaluates the sum of gradient-boosted regression trees and a linear model with NumPy alone.

The models are stored as arrays. All nodes of all trees are evaluated at once. For each row, a tree has a bit
mask of its leaves, which are numbered from left to right. Each node whose test fails clears the bits of the
leaves on its left side. The row ends in the leftmost leaf whose bit is still set (QuickScorer: Lucchese et
al., 2015).
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.errors import ModelError

from .features import Matrix
from .scaling import Vector

FORMAT = 1
MAX_LEAVES = 8
"""Maximum leaves of a tree, so that a mask with one bit per leaf fits into a byte."""

WEIGHTS = Path(__file__).parents[1] / "weights"
"""The folder of the bundled models. Each model has its own folder in this folder."""
META, ARRAYS = "model.json", "trees.npz"
"""The files of a model. A third file in a model's folder, card.md, describes the model for people."""

OTHER_FEATURES = "other features"

_EVERY = np.uint8(255)
_LOWEST = np.array([8, *((n & -n).bit_length() - 1 for n in range(1, 256))], np.uint8)
"""The index of the lowest set bit of each mask; 8 for the empty mask."""


@dataclass(frozen=True, slots=True)
class Forest:
    """`t` trees over `f` features. A tree has up to MAX_LEAVES leaves, and one node fewer than leaves.

    `feature`, `threshold`, `left` and `right` [nodes, t] describe the nodes. At a node, a row goes left if
    its value in the column `feature` is at most `threshold`. `left` and `right` are the masks of the leaves
    on the two sides of the node. A node that only pads the arrays sends every row to the left. `value` and
    `weight` [t, leaves] describe the leaves: `value` is the score of a leaf, and `weight` the number of
    training rows that ended in the leaf.
    """

    feature: NDArray[np.uint8]
    threshold: NDArray[np.float32]
    left: NDArray[np.uint8]
    right: NDArray[np.uint8]
    value: NDArray[np.float32]
    weight: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Linear:
    """A linear model: the `slope` [f] of each feature.

    Explanations compare the value of each feature with the value of this feature in `center` [f].
    """

    slope: NDArray[np.float32]
    center: NDArray[np.float32]


class TreeEnsemble:
    """The sum of a forest and a linear model. `names` are the features, in the order of the columns."""

    def __init__(self, forest: Forest, linear: Linear, names: Sequence[str]) -> None:
        """Raises ValueError if the arrays do not fit each other, or contain numbers that cannot be used."""
        _check(forest, linear, len(names))
        self.forest, self.linear, self.names = forest, linear, tuple(names)
        self._not_left = np.invert(forest.left)[:, :, None]
        self._thresholds = forest.threshold[:, :, None]

    def predict(self, rows: Matrix) -> Vector:
        """The scores [n] of rows [n, f]."""
        leaves = self._leaves(rows).astype(np.intp)
        grown = np.take_along_axis(self.forest.value, leaves, axis=1).sum(axis=0, dtype=np.float64)
        # Use no matrix product, because the last bits of a product depend on the number of threads.
        scores: Vector = grown + np.einsum("ij,j->i", rows, self.linear.slope, dtype=np.float64)
        return scores

    def contributions(self, rows: Matrix) -> tuple[float, Vector]:
        """Returns a base, and the contributions of the features to the scores [n, f].

        The score of a row is the base plus the sum of the row's contributions. Each step down a tree changes
        the expected score; this change is added to the contribution of the feature that the node tests
        (Saabas, 2014).
        """
        leaves = self._leaves(rows)
        steps, base = self._steps
        width = len(self.names)
        added = steps[:, np.arange(len(leaves))[:, None], leaves]
        cells = self.forest.feature[:, :, None] + width * np.arange(len(rows))
        flat = np.bincount(cells.ravel(), added.ravel(), width * len(rows))
        slope, center = (part.astype(np.float64) for part in (self.linear.slope, self.linear.center))
        return base + float(slope @ center), flat.reshape(len(rows), width) + slope * (rows - center)

    def explain(self, rows: Matrix, count: int) -> list[dict[str, float]]:
        """The terms of each row's score by name, largest first. The sum of the terms is the score.

        The terms are the `count` largest contributions of features. The last term, OTHER_FEATURES, is the sum
        of the base and all other contributions.
        """
        base, contributions = self.contributions(rows)
        explanations = []
        for added in contributions:
            places = sorted(range(len(added)), key=lambda i: (-abs(added[i]), i))[:count]
            found = {self.names[i]: float(added[i]) for i in places if added[i]}
            found[OTHER_FEATURES] = base + float(added.sum()) - sum(found.values())
            explanations.append(found)
        return explanations

    def _leaves(self, rows: Matrix) -> NDArray[np.uint8]:
        """The leaf of each row in each tree [t, n]."""
        columns = np.ascontiguousarray(rows.T, np.float32)
        right = columns[self.forest.feature] > self._thresholds
        open_ = np.where(right, self._not_left, _EVERY)
        return _LOWEST[np.bitwise_and.reduce(open_, axis=0)]

    @functools.cached_property
    def _steps(self) -> tuple[Vector, float]:
        """Returns the change of the expected score at each node, for each leaf [nodes, t, leaves].

        The change is 0 for leaves that are not below the node. Also returns the base.
        """
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
    """For each mask [k, t], the mean score of the training rows in its leaves; 0 if no row ended in them."""
    weight = ((masks[:, :, None] & bits) > 0) * forest.weight.astype(np.float64)
    total = weight.sum(axis=2)
    sums: Vector = (weight * forest.value).sum(axis=2)
    means: Vector = np.zeros_like(total)
    np.divide(sums, total, out=means, where=total > 0)
    return means


def _check(forest: Forest, linear: Linear, width: int) -> None:
    """Raise ValueError for anything that would make `predict` fail or return a score that is not finite."""
    shape = forest.feature.shape
    if len(shape) != 2 or any(one.shape != shape for one in (forest.threshold, forest.left, forest.right)):
        raise ValueError("the nodes' arrays differ in shape")
    trees, leaves = forest.value.shape
    if trees != shape[1] or not shape[0] < leaves <= MAX_LEAVES or forest.weight.shape != (trees, leaves):
        raise ValueError("the leaves' arrays do not fit the nodes")
    if forest.feature.size and int(forest.feature.max()) >= width:
        raise ValueError(f"a node tests feature {int(forest.feature.max())} of {width}")
    if any(part.shape != (width,) or not np.isfinite(part).all() for part in (linear.slope, linear.center)):
        raise ValueError("the linear model does not fit the features")
    if not np.isfinite(forest.value).all() or not (forest.weight >= 0).all():
        raise ValueError("a leaf holds no usable number")


def load(folder: Path, names: Sequence[str]) -> TreeEnsemble:
    """The model in a folder, for features with these names, in any order.

    Raises ModelError if the model is damaged, or was trained on other features.
    """
    try:
        meta = json.loads((folder / META).read_bytes())
        content = (folder / ARRAYS).read_bytes()
        if meta["format"] != FORMAT:
            raise ValueError(
                f"the model's format is {meta['format']!r}; this version of cornea reads {FORMAT}"
            )
        if digest(content) != meta["checksums"][ARRAYS]:
            raise ValueError(f"{ARRAYS} is damaged: its checksum differs")
        stored = list(map(str, meta["features"]))
        if len(stored) == len(names) and set(stored) == set(names):
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                forest = Forest(**{field.name: arrays[field.name] for field in fields(Forest)})
                linear = Linear(**{field.name: arrays[field.name] for field in fields(Linear)})
            return _reordered(TreeEnsemble(forest, linear, stored), names)
    except Exception as error:  # damaged files raise many kinds of errors
        reason = (str(error) or type(error).__name__).splitlines()[0][:200]
        raise ModelError(f"{folder}: not a usable ranking model ({reason}); reinstall cornea") from error
    differences = {
        "not in the model": [name for name in names if name not in stored],
        "only in the model": [name for name in stored if name not in names],
    }
    told = "; ".join(f"{what}: {', '.join(found[:8])}" for what, found in differences.items() if found)
    raise ModelError(
        f"{folder}: the model was trained on other features than this version of cornea computes ({told}); "
        "reinstall cornea, or after a change of the features train the model again with "
        f"`cornea train reranker --task {folder.name.removesuffix('-first')}` (see CONTRIBUTING.md)"
    )


def _reordered(model: TreeEnsemble, names: Sequence[str]) -> TreeEnsemble:
    """The same model for columns in the order of `names`."""
    if model.names == tuple(names):
        return model
    order = np.array([model.names.index(name) for name in names])
    forest = replace(model.forest, feature=np.argsort(order).astype(np.uint8)[model.forest.feature])
    return TreeEnsemble(forest, Linear(model.linear.slope[order], model.linear.center[order]), names)


def digest(content: bytes) -> str:
    """The checksum of a file's content, as model.json contains it."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()
