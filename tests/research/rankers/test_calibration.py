"""How sure a suggestion may be said to be."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from indexer.encoding import load as load_encoder
from indexer.errors import ModelError, UsageError
from research.rankers import calibration
from research.rankers.calibration import Tried
from retrieval.continuation import confidence
from retrieval.continuation.confidence import SIGNALS

from ...repositories import isolate, repository


def _tried(count: int, seed: int = 0) -> list[Tried]:
    """What is right more often the higher the first signal; the others say nothing."""
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((count, len(SIGNALS)))
    right = rng.random(count) < 1 / (1 + np.exp(-2 * rows[:, 0]))
    return [Tried(f"r{n % 4}", row, bool(one)) for n, (row, one) in enumerate(zip(rows, right, strict=True))]


def test_the_chance_is_found_again() -> None:
    """The weights are nearly those that the outcomes were drawn by, and chances are what they say."""
    tried = _tried(4_000)
    fitted, shown = calibration.fit(tried)
    assert fitted.weights[0] == pytest.approx(2, abs=0.25)
    assert np.abs(fitted.weights[1:]).max() < 0.2
    chances = fitted.chances(np.array([one.signals for one in tried]))
    likely = (chances > 0.7) & (chances < 0.8)
    assert np.mean([one.right for one, here in zip(tried, likely, strict=True) if here]) == pytest.approx(
        0.75, abs=0.06
    )
    assert shown.precision >= calibration.RIGHT
    assert 0.4 < shown.coverage < 0.9


def test_where_little_is_right_little_is_shown() -> None:
    """The threshold rises until enough is right; where that is never so, as little as can be is shown."""
    chances = np.linspace(0.1, 0.9, 81)
    half = calibration.threshold(chances, (chances > 0.5).astype(float))
    assert half.threshold == pytest.approx(0.33, abs=0.02)
    none = calibration.threshold(chances, np.zeros(81))
    assert none.threshold == pytest.approx(0.9)
    assert none.precision == 0


def test_written_and_read(tmp_path: Path) -> None:
    """As the package has it; what is damaged is said."""
    fitted, _ = calibration.fit(_tried(400))
    path = tmp_path / "new" / "confidence.json"
    calibration.write(path, fitted, {"repositories": ["a/b"]})
    again = confidence.load(path)
    assert again.threshold == fitted.threshold
    assert np.allclose(again.weights, fitted.weights, atol=1e-4)
    assert json.loads(path.read_text())["repositories"] == ["a/b"]
    path.write_text(path.read_text().replace("margin", "marg"))
    with pytest.raises(ModelError, match="reinstall cornea"):
        confidence.load(path)
    assert 0 < confidence.bundled().threshold < 1


@pytest.mark.parametrize("tried", [[], _tried(20), [Tried("a", np.zeros(len(SIGNALS)), True)] * 50])
def test_too_little(tried: list[Tried]) -> None:
    """One repository, few functions, or only one outcome: said, not fitted."""
    with pytest.raises(UsageError, match="give clones of two repositories"):
        calibration.fit(tried)


def test_functions_of_clones_are_typed_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions that resemble each other continue each other; each has signals and an outcome."""
    isolate(monkeypatch, tmp_path / "user")
    functions = "\n\n".join(
        f"def load_{name}(path):\n    handle = open(path)\n    {name} = handle.read()\n"
        f"    handle.close()\n    check({name})\n    log({name})\n    return {name}\n"
        for name in ("users", "orders", "prices", "rooms", "books", "songs")
    )
    clone = repository(tmp_path / "owner+one", {"src/load.py": functions})
    tried = list(calibration.collect([clone], load_encoder(), 4))
    assert len(tried) == 4
    assert all(one.signals.shape == (len(SIGNALS),) and np.isfinite(one.signals).all() for one in tried)
    assert any(one.right for one in tried)
    (tmp_path / "held.txt").write_text("owner/one\n")
    with pytest.raises(UsageError, match="held out"):
        list(calibration.collect([clone], load_encoder(), 4, tmp_path / "held.txt"))
