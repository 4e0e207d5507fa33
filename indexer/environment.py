"""The environment of processes that run this very package."""

from __future__ import annotations

import os
from pathlib import Path


def own() -> dict[str, str]:
    """Ours, with this very package first on the import path."""
    home = str(Path(__file__).parents[1])
    paths = [path for path in (home, os.environ.get("PYTHONPATH", "")) if path]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def single_threaded() -> dict[str, str]:
    """The same, without threads of numpy's: to start them takes longer than they save in a short life."""
    return own() | {"OPENBLAS_NUM_THREADS": "1"}
