"""The libraries of the extra [bench], imported when they are needed."""

from __future__ import annotations

import importlib
from typing import Any

from indexer.errors import Unsupported


def require(module: str) -> Any:
    """A module of the extra. Raises Unsupported with the command that installs it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        name = module.partition(".")[0]
        raise Unsupported(
            f"this benchmark needs {name}, which is not installed; run: pip install 'cornea[bench]'"
        ) from error
