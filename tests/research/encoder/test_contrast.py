"""The loss and its gradients, by hand, by differences, and on both implementations."""

from __future__ import annotations

import numpy as np
import pytest

from research.encoder import contrast
from research.encoder.contrast import Floats

SCALE = np.float32(5)


def _unit(rng: np.random.Generator, rows: int, dim: int = 6) -> Floats:
    found = rng.standard_normal((rows, dim)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1)[:, None]


def _by_hand(query: Floats, document: Floats, hard: Floats | None, same: np.ndarray) -> float:
    """Cross entropy, written out."""
    total = 0.0
    scores = SCALE * query.astype(np.float64) @ document.T.astype(np.float64)
    for i in range(len(query)):
        row = [scores[i, j] for j in range(len(document)) if not same[i, j]]
        if hard is not None:
            row.append(float(SCALE * query[i].astype(np.float64) @ hard[i]))
        column = [scores[j, i] for j in range(len(query)) if not same[j, i]]
        total += np.log(np.exp(row).sum()) - scores[i, i] + np.log(np.exp(column).sum()) - scores[i, i]
    return total / (2 * len(query))


@pytest.mark.parametrize("mined", [False, True])
def test_the_loss_is_what_it_says(mined: bool) -> None:
    """Symmetric InfoNCE; pairs marked as the same are no negatives of each other."""
    rng = np.random.default_rng(1)
    query, document = _unit(rng, 5), _unit(rng, 5)
    hard = _unit(rng, 5) if mined else None
    same = np.zeros((5, 5), bool)
    same[0, 3] = same[3, 0] = True
    value, *_ = contrast._numpy(query, document, hard, same, SCALE)
    assert value == pytest.approx(_by_hand(query, document, hard, same), rel=1e-5)


def test_gradients_agree_with_differences() -> None:
    """For all three inputs."""
    rng = np.random.default_rng(2)
    given = [_unit(rng, 4), _unit(rng, 4), _unit(rng, 4)]
    same = np.zeros((4, 4), bool)
    _, *gradients = contrast._numpy(*given, same, SCALE)
    for which, gradient in enumerate(gradients):
        for i, j in ((0, 0), (1, 3), (3, 5)):
            moved = []
            for step in (1e-2, -1e-2):
                changed = [array.copy() for array in given]
                changed[which][i, j] += step
                moved.append(_by_hand(*changed, same))
            assert gradient[i, j] == pytest.approx((moved[0] - moved[1]) / 2e-2, abs=2e-4)


def test_a_perfect_batch_costs_nothing() -> None:
    """Orthogonal questions with their own answers: a loss near zero, and hardly a gradient."""
    rows = np.eye(6, dtype=np.float32)
    value, to_query, _, _ = contrast._numpy(rows, rows, None, np.zeros((6, 6), bool), np.float32(50))
    assert value < 1e-6
    assert np.abs(to_query).max() < 1e-6


def test_pytorch_computes_the_same() -> None:
    """Where it is installed; on an accelerator it is what runs."""
    pytest.importorskip("torch")
    rng = np.random.default_rng(3)
    given = [_unit(rng, 5), _unit(rng, 5), _unit(rng, 5)]
    same = np.zeros((5, 5), bool)
    same[1, 2] = True
    for one, other in zip(
        contrast._numpy(*given, same, SCALE), contrast._torch(*given, same, SCALE), strict=True
    ):
        assert np.allclose(one, other, atol=1e-5)
