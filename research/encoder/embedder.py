"""Trains the static embedding, a table with a vector per piece, on pairs of bags by a contrastive loss.

random batches -> bags times table -> unit vectors -> InfoNCE -> Adam
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from indexer import extras

from ..datasets.steps import Say
from ..mining.pairs import KINDS
from . import contrast
from .bags import Encoded
from .contrast import Floats
from .tokenizer import INSIDE, Pieces

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


TITLE = 0.4
"""The weight of a fragment's title (qualified name and path) when its text has weight 1."""

_TEXTS = 512
"""Number of texts that a sentence model encodes at once."""
_BETAS, _TINY = (0.9, 0.99), 1e-8
_WARM = 0.05
"""Share of the steps in which the learning rate rises to its maximum. In the other steps the learning rate
falls as a cosine."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train. `draws` is the total number of pairs drawn, and `shares` holds the proportion of each
    kind, in the order of KINDS. `scale` multiplies the cosines.

    If a kind has fewer pairs than its share of the draws, its pairs are drawn several times.
    """

    dim: int = 256
    draws: int = 3_000_000
    batch: int = 2048
    rate: float = 0.007
    scale: float = 20.0
    seed: int = 0
    shares: tuple[float, ...] = (2.0, 1.0, 1.0, 0.2)


Draw = Callable[["NDArray[np.int64]", float, np.random.Generator], "NDArray[np.int64]"]
"""A function that returns a negative for each chosen pair, as `Negatives.draw` does."""


def train(
    pairs: Encoded,
    table: Floats,
    recipe: Recipe,
    *,
    kept: NDArray[np.bool_] | None = None,
    draw_negatives: Draw | None = None,
    say: Say = lambda line: None,
) -> tuple[Floats, list[float]]:
    """Train a copy of `table` [pieces, dim]. Returns the copy, and the mean loss per hundredth of the steps.

    Only `kept` pairs are drawn. On one machine, equal arguments give the same result.
    """
    table = table.copy()
    momentum, variance = np.zeros_like(table), np.zeros_like(table)
    rng = np.random.default_rng(recipe.seed)
    steps = list(_batches(pairs, np.ones(len(pairs), bool) if kept is None else kept, recipe, rng))
    curve: list[float] = []
    recent: list[float] = []
    started = time.monotonic()
    for step, chosen in enumerate(steps):
        progress = step / len(steps)
        hard = None if draw_negatives is None else draw_negatives(chosen, progress, rng)
        value, gradient = _step(pairs, chosen, hard, table, recipe.scale)
        recent.append(value)
        _adam(table, gradient, momentum, variance, step + 1, recipe.rate * _pace(progress))
        if (step + 1) * 100 // len(steps) > step * 100 // len(steps):
            curve.append(float(np.mean(recent)))
            recent = []
            if len(curve) % 5 == 0:
                left = (time.monotonic() - started) * (1 / max(progress, 1e-9) - 1)
                say(f"{len(curve)} % of {len(steps)} batches, loss {curve[-1]:.3f}, {left:.0f} s left")
    return table, curve


def vectors(bags: csr_matrix, table: Floats) -> Floats:
    """The unit vectors [n, dim] of bags. An empty bag has a vector of zeros."""
    rows = np.asarray(bags @ table, np.float32)
    norms = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    rows /= np.maximum(norms, 1e-12)[:, None]
    return rows


def documents(pairs: Encoded, which: NDArray[np.int64], table: Floats) -> Floats:
    """The unit vectors of the code of the pairs `which`, computed as an index computes them: from the text
    and, for kinds whose pairs have a title, from the title.
    """
    rows = vectors(pairs.text.matrix(which, len(table)), table)
    rows += _titled(pairs, which)[:, None] * vectors(pairs.title.matrix(which, len(table)), table)
    rows /= np.maximum(np.sqrt(np.einsum("ij,ij->i", rows, rows)), 1e-12)[:, None]
    return rows


def _titled(pairs: Encoded, which: NDArray[np.int64]) -> Floats:
    """The weight of each pair's title. It is 0 for the kind `continue`, because the rest of a function has no
    name, and for the kind `name`, because the question contains the name.
    """
    named = np.isin(pairs.kind[which], (KINDS.index("doc"), KINDS.index("commit")))
    return (TITLE * named).astype(np.float32)


def _batches(
    pairs: Encoded, kept: NDArray[np.bool_], recipe: Recipe, rng: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Random batches of pairs. In all batches together, each kind has its share.

    No pair is drawn more than once more often than another pair of its kind.
    """
    kinds = [np.flatnonzero(kept & (pairs.kind == kind)) for kind in range(len(KINDS))]
    shares = np.array([share if len(kind) else 0.0 for share, kind in zip(recipe.shares, kinds, strict=True)])
    drawn = []
    for kind, share in zip(kinds, shares / shares.sum(), strict=True):
        wanted = round(recipe.draws * share)
        rounds = -(-wanted // len(kind)) if wanted else 0
        drawn += [rng.permutation(kind) for _ in range(rounds)][: rounds - 1]
        if rounds:
            drawn.append(rng.permutation(kind)[: wanted - (rounds - 1) * len(kind)])
    order = rng.permutation(np.concatenate(drawn))
    for start in range(0, max(1, len(order) - recipe.batch + 1), recipe.batch):
        yield order[start : start + recipe.batch]


def _step(
    pairs: Encoded,
    chosen: NDArray[np.int64],
    hard: NDArray[np.int64] | None,
    table: Floats,
    scale: float,
) -> tuple[float, Floats]:
    """The loss of a batch and its gradient with respect to the table."""
    asked = _Side(pairs.query.matrix(chosen, len(table)), table)
    answers = _Answers(pairs, chosen, table)
    if hard is not None:
        # A pair without a hard negative gets the answer of the pair before it in the batch, which is one of
        # its in-batch negatives.
        hard = np.where(hard == chosen, np.roll(chosen, 1), hard)
    others = None if hard is None else _Answers(pairs, hard, table)
    function = pairs.function[chosen].astype(np.int64)
    # Pairs of one function are not each other's negatives. If functions of two repositories have the same
    # number, their pairs are not each other's negatives either, which does little harm.
    same = function[:, None] == function[None, :]
    np.fill_diagonal(same, False)
    value, to_query, to_document, to_hard = contrast.loss(
        asked.rows, answers.rows, None if others is None else others.rows, same, scale
    )
    gradient = asked.back(to_query)
    answers.back(to_document, gradient)
    if others is not None:
        others.back(to_hard, gradient)
    return value, gradient


class _Side:
    """Unit vectors of bags. The backward pass turns the gradient of the vectors into the table's gradient."""

    def __init__(self, bags: csr_matrix, table: Floats) -> None:
        self.bags = bags
        raw = np.asarray(bags @ table, np.float32)
        self.norms = np.maximum(np.sqrt(np.einsum("ij,ij->i", raw, raw)), 1e-6)[:, None]
        self.rows = raw / self.norms

    def raw(self, gradient: Floats) -> Floats:
        """The gradient with respect to the vectors before normalisation."""
        along = np.einsum("ij,ij->i", gradient, self.rows)[:, None]
        return np.asarray((gradient - along * self.rows) / self.norms, np.float32)

    def back(self, gradient: Floats) -> Floats:
        return np.asarray(self.bags.T @ self.raw(gradient), np.float32)


class _Answers:
    """Unit vectors of code with titles. The backward pass adds to the gradient of the table."""

    def __init__(self, pairs: Encoded, chosen: NDArray[np.int64], table: Floats) -> None:
        size = len(table)
        self.text = _Side(pairs.text.matrix(chosen, size), table)
        self.weights = _titled(pairs, chosen)
        self.named = np.flatnonzero(self.weights)
        self.title = _Side(pairs.title.matrix(chosen[self.named], size), table)
        raw = self.text.rows.copy()
        raw[self.named] += TITLE * self.title.rows
        self.norms = np.maximum(np.sqrt(np.einsum("ij,ij->i", raw, raw)), 1e-6)[:, None]
        self.rows = raw / self.norms

    def back(self, gradient: Floats, total: Floats) -> None:
        along = np.einsum("ij,ij->i", gradient, self.rows)[:, None]
        inner = (gradient - along * self.rows) / self.norms
        total += self.text.back(inner)
        total += self.title.back(TITLE * inner[self.named])


def _pace(progress: float) -> float:
    """The learning rate as a share of its maximum."""
    if progress < _WARM:
        return max(progress, 1e-3) / _WARM
    return 0.5 * (1 + math.cos(math.pi * (progress - _WARM) / (1 - _WARM)))


def _adam(
    table: Floats, gradient: Floats, momentum: Floats, variance: Floats, step: int, rate: float
) -> None:
    """One step of Adam (Kingma and Ba, 2015), in place."""
    first, second = _BETAS
    momentum *= first
    momentum += (1 - first) * gradient
    variance *= second
    np.square(gradient, out=gradient)
    variance += (1 - second) * gradient
    root = np.sqrt(variance / (1 - second**step))
    root += _TINY
    table -= np.float32(rate / (1 - first**step)) * momentum / root


def initial(idf: Floats, dim: int, seed: int, vectors: Floats | None = None) -> Floats:
    """The initial table: a teacher's `vectors`, or random vectors if `vectors` is None.

    Each vector is as long as the IDF of its piece, so that a rare piece weighs more than a common piece.
    """
    rng = np.random.default_rng(seed)
    rows = vectors if vectors is not None else rng.standard_normal((len(idf), dim)).astype(np.float32)
    norms = np.maximum(np.linalg.norm(rows, axis=1), 1e-12)[:, None]
    return np.asarray(rows / norms * idf[:, None], np.float32)


def idf(rows: Sequence[NDArray[np.uint16]], texts: int, size: int) -> Floats:
    """The IDF of each piece, ln(1 + N / (1 + df)), where N is `texts`, the number of texts.

    `rows` holds the piece ids of all texts, with each id once per text.
    """
    counts = np.zeros(size)
    for keys in rows:
        counts += np.bincount(keys, minlength=size)[:size]
    return np.log1p(texts / (1 + counts)).astype(np.float32)


def taught(pieces: Pieces, dim: int, model: Path, say: Say) -> Floats:
    """A unit vector [dim] for each piece, from the sentence model in the folder `model`.

    The recipe is model2vec's (Tulkens and van Dongen, 2024): the model encodes each piece by itself, and PCA
    reduces the vectors. Raises Unsupported without the extra `teacher`.
    """
    library = extras.require("sentence_transformers", "teacher", "training with --teacher")
    teacher = library.SentenceTransformer(str(model))
    texts = [text.removeprefix(INSIDE) for text in pieces.texts()]
    say(f"asking the teacher about {len(texts):,} pieces")
    raw = teacher.encode(texts, batch_size=_TEXTS, convert_to_numpy=True, show_progress_bar=False)
    return reduced(np.asarray(raw, np.float32), dim)


def reduced(rows: Floats, dim: int) -> Floats:
    """The centred rows, projected onto their first `dim` principal components and scaled to unit length."""
    centred = rows - rows.mean(axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    found = centred @ directions[:, ::-1][:, :dim]
    found /= np.maximum(np.linalg.norm(found, axis=1), 1e-12)[:, None]
    return np.asarray(found, np.float32)
