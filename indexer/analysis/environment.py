"""The environment of processes that run this very package."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def own() -> dict[str, str]:
    """Ours, with the import path of this process: a child finds the very modules that we have found."""
    home = str(Path(__file__).parents[2])
    paths = [os.path.abspath(path) for path in sys.path if path and os.path.exists(path)]  # noqa: PTH100, PTH110
    if home not in paths:
        paths.insert(0, home)
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def single_threaded() -> dict[str, str]:
    """The same, without threads of numpy's: to start them takes longer than they save in a short life."""
    return own() | {"OPENBLAS_NUM_THREADS": "1"}
