"""Trains a ranker for any task: the sum of LambdaRank trees and a linear model, whose errors differ.

LambdaRank is by Burges (2010). LightGBM (Ke et al., 2017) grows the trees. A task provides the names of its
features, and one group per question. Equal groups and seeds give equal models, because training uses one
thread.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer import extras
from indexer.errors import UsageError
from retrieval.ranking.features import Matrix
from retrieval.ranking.scaling import Vector
from retrieval.ranking.tree_ensemble import MAX_LEAVES, Forest, Linear, TreeEnsemble

from ..datasets.functions import order
from ..datasets.steps import Say

CUT = 10
"""The cut-off of the nDCG that training optimises."""
_ROUNDS = 200
_DIGITS = 6
"""Decimals to which slopes and means are rounded, because the last bits depend on the processor."""


@dataclass(frozen=True, slots=True)
class Group:
    """One question, with n candidates and t targets.

    `features` [n, f] are the candidates' features. `found`[i, j] says whether candidate i finds target j. A
    target that no candidate finds counts as missed. `before` [n] holds the scores without the ranker. Among
    candidates with equal scores, the earlier row comes first.
    """

    repo: str
    kind: str
    features: Matrix
    found: NDArray[np.bool_]
    before: Vector

    def value(self, scores: Vector) -> float:
        """nDCG@10 of the candidates in the order of `scores`.

        Each target counts only at the first candidate that finds the target.
        """
        best = np.argsort(-np.round(scores, 6), kind="stable")[:CUT]
        hits = self.found[best]
        ranks = hits.argmax(axis=0)[hits.any(axis=0)]
        ideal = math.fsum(1 / math.log2(place + 2) for place in range(min(CUT, self.found.shape[1])))
        return math.fsum(1 / math.log2(place + 2) for place in ranks.tolist()) / ideal


@dataclass(frozen=True, slots=True)
class TreeParams:
    """Training parameters. The defaults were chosen by cross-validation on search.

    Most alternatives are about as good.
    """

    trees: int = 300
    leaves: int = MAX_LEAVES
    rate: float = 0.05
    l2: float = 20.0
    features: float = 0.2
    """Share of the features that a tree may use."""
    rows: float = 0.5
    """Share of the rows that a tree is grown on."""
    smallest: int = 20
    """Minimum rows of a leaf."""
    ridge: float = 0.01
    """Regularisation of the linear model."""
    linear: float = 0.5
    """Weight of the linear model relative to the trees."""
    seed: int = 0

    def as_library(self) -> dict[str, Any]:
        """The parameters of LightGBM."""
        return {
            "objective": "lambdarank",
            "num_leaves": self.leaves,
            "learning_rate": self.rate,
            "lambda_l2": self.l2,
            "feature_fraction": self.features,
            "bagging_fraction": self.rows,
            "bagging_freq": 1,
            "min_data_in_leaf": self.smallest,
            "lambdarank_truncation_level": CUT + 5,
            # Features have no missing values.
            "use_missing": False,
            "num_threads": 1,
            "deterministic": True,
            "force_col_wise": True,
            "seed": self.seed,
            "verbosity": -1,
        }

    def as_json(self) -> dict[str, Any]:
        """The parameters in the form that model.json stores."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Model:
    """The trained ensemble, and each feature's share of the trees' gain."""

    trees: TreeEnsemble
    importance: Mapping[str, float]
    params: TreeParams


def train(groups: Sequence[Group], names: Sequence[str], params: TreeParams = TreeParams()) -> Model:
    """Train a model on groups whose features have these names.

    Raises UsageError if no candidate of any group finds a target. Raises Unsupported without LightGBM.
    """
    library = extras.require("lightgbm", "train", "training")
    useful = [group for group in groups if group.found.any()]
    if not useful:
        raise UsageError(
            "no question has a target among its candidates; check that the questions are about these trees"
        )
    rows = np.concatenate([group.features for group in useful])
    relevant = np.concatenate([group.found.any(axis=1) for group in useful])
    sizes = [len(group.found) for group in useful]
    slope, center = _linear(rows, relevant, sizes, params.ridge)
    straight = Linear((params.linear * slope).astype(np.float32), center.astype(np.float32))
    data = library.Dataset(rows, relevant.astype(np.int32), group=sizes)
    booster = library.train(params.as_library(), data, params.trees)
    gains = booster.feature_importance("gain")
    shares = gains / (gains.sum() or 1.0)
    importance = dict(zip(names, (round(float(share), 6) for share in shares), strict=True))
    return Model(TreeEnsemble(forest(booster.dump_model()["tree_info"]), straight, names), importance, params)


def _linear(
    rows: NDArray[np.float32], relevant: NDArray[np.bool_], sizes: Sequence[int], ridge: float
) -> tuple[Vector, Vector]:
    """Fit a linear ranker to `rows` [n, f]. Returns the slopes [f] and the means [f] of the features.

    `sizes` are the numbers of rows of the groups, which follow one another in `rows`. Each group must have a
    relevant row. The loss is the listwise softmax loss (ListNet: Cao et al., 2007). The loss of a group is
    the cross-entropy of the softmax of its scores, with equal targets for its relevant rows. The penalty
    `ridge` is on the weights of the standardised features. Raises Unsupported without SciPy.
    """
    optimize = extras.require("scipy.optimize", "train", "training")
    center = rows.mean(axis=0, dtype=np.float64)
    spread = rows.std(axis=0, dtype=np.float64)
    spread[spread < 1e-9] = np.inf  # a constant feature gets no weight
    x = (rows - center) / spread
    counts = np.asarray(sizes)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    wanted = relevant / np.repeat(np.add.reduceat(relevant.astype(np.float64), starts), counts)

    def loss(weights: Vector) -> tuple[float, Vector]:
        # No matrix products: their last bits depend on the number of threads.
        scores = np.einsum("ij,j->i", x, weights)
        scores -= np.repeat(np.maximum.reduceat(scores, starts), counts)
        grown = np.exp(scores)
        totals = np.repeat(np.add.reduceat(grown, starts), counts)
        value = -(wanted * (scores - np.log(totals))).sum() / len(counts) + ridge * (weights**2).sum()
        slope = np.einsum("ij,i->j", x, grown / totals - wanted) / len(counts) + 2 * ridge * weights
        return float(value), slope

    start = np.zeros(rows.shape[1])
    best = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _ROUNDS}).x
    return np.round(best / spread, _DIGITS), np.round(center, _DIGITS)


def cross_validate(
    groups: Sequence[Group],
    names: Sequence[str],
    params: TreeParams = TreeParams(),
    *,
    folds: int = 8,
    repeats: int = 3,
    say: Say = lambda line: None,
) -> list[float]:
    """The nDCG@10 of each group, as means over `repeats` random partitions.

    The models that score a group are trained without the group's repository.
    """
    values = np.zeros(len(groups))
    for repeat in range(repeats):
        parts = partition([group.repo for group in groups], folds, params.seed + repeat)
        for number, part in enumerate(parts, 1):
            say(f"cross-validation {repeat + 1}/{repeats}, part {number}/{len(parts)}")
            model = train([g for g in groups if g.repo not in part], names, params)
            for place, group in enumerate(groups):
                if group.repo in part:
                    values[place] += group.value(model.trees.predict(group.features)) / repeats
    return [float(value) for value in values]


def partition(repos: Sequence[str], folds: int, seed: int) -> list[set[str]]:
    """The repositories in parts of similar size. Raises UsageError for fewer than two repositories."""
    shuffled = sorted(set(repos), key=lambda repo: order(seed, repo))
    if len(shuffled) < 2:
        raise UsageError("cross-validation needs questions about at least two repositories; add repositories")
    folds = min(folds, len(shuffled))
    return [set(shuffled[start::folds]) for start in range(folds)]


def forest(trees: Sequence[Mapping[str, Any]]) -> Forest:
    """The arrays in which the runtime holds the trees of a dumped LightGBM model."""
    shape = (MAX_LEAVES - 1, len(trees))
    feature, threshold = np.zeros(shape, np.uint8), np.full(shape, np.inf, np.float32)
    left, right = np.full(shape, 255, np.uint8), np.zeros(shape, np.uint8)
    value = np.zeros((len(trees), MAX_LEAVES), np.float32)
    weight = np.zeros((len(trees), MAX_LEAVES), np.float32)
    for number, tree in enumerate(trees):
        nodes, leaves = _flat(tree["tree_structure"])
        for place, (node, below_left, below_right) in enumerate(nodes):
            feature[place, number] = node["split_feature"]
            threshold[place, number] = _not_above(node["threshold"])
            left[place, number], right[place, number] = _mask(below_left), _mask(below_right)
        value[number, : len(leaves)] = [leaf["leaf_value"] for leaf in leaves]
        weight[number, : len(leaves)] = [max(1, leaf.get("leaf_count", 1)) for leaf in leaves]
    return Forest(feature, threshold, left, right, value, weight)


Node = Mapping[str, Any]


def _flat(root: Node) -> tuple[list[tuple[Node, range, range]], list[Node]]:
    """The inner nodes, and all leaves. Each inner node comes with the leaves to its left and to its right."""
    nodes: list[tuple[Node, range, range]] = []
    leaves: list[Node] = []

    def visit(node: Node) -> range:
        start = len(leaves)
        if "left_child" not in node:
            leaves.append(node)
        else:
            below_left, below_right = visit(node["left_child"]), visit(node["right_child"])
            nodes.append((node, below_left, below_right))
        return range(start, len(leaves))

    visit(root)
    return nodes, leaves


def _mask(leaves: range) -> int:
    return sum(1 << leaf for leaf in leaves)


def _not_above(threshold: float) -> np.float32:
    """The largest 32-bit number that is not above the threshold.

    A 32-bit feature takes the same branch at this number as at the threshold.
    """
    rounded = np.float32(threshold)
    return np.nextafter(rounded, np.float32(-np.inf)) if float(rounded) > threshold else rounded
