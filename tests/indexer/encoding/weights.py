"""A toy static model: five letters, three merges, rows that can be added up by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ALPHABET = ["a", "b", "##a", "##b", "##c"]
"""Ids 1 to 5; "c" cannot begin a word."""

MERGES = [(1, 4), (6, 5), (3, 4)]
"""6 = ab, 7 = abc, 8 = ##ab."""

ROWS = np.array(
    [[9, 9], [1, 0], [0, 1], [2, 0], [0, 2], [1, 1], [3, 4], [-4, 3], [5, 0]],
    np.int8,
)
SCALES = np.array([1, 1, 1, 1, 1, 1, 0.5, 1, 2], np.float32)

META = {
    "format": 1,
    "name": "toy",
    "dim": 2,
    "alphabet": ALPHABET,
    "max_subwords": 4,
    "max_chars": 6,
    "max_pieces": 3,
    "title_weight": 0.5,
    "sha256": {},
}


def write(folder: Path, **changes: Any) -> Path:
    """The toy model in a folder. Changes replace arrays, or entries of model.json."""
    arrays: dict[str, NDArray[Any]] = {
        "table": ROWS,
        "scales": SCALES,
        "merges": np.array(MERGES, np.uint16),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", changes.pop(name, array))
    (folder / "model.json").write_text(json.dumps(META | changes))
    return folder
