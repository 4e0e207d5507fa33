"""The environment of child processes that run this package."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def own() -> dict[str, str]:
    """This process's environment, with its import path, so that a child process imports the same modules."""
    home = str(Path(__file__).parents[2])
    paths = [os.path.abspath(path) for path in sys.path if path and os.path.exists(path)]  # noqa: PTH100, PTH110
    if home not in paths:
        paths.insert(0, home)
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
