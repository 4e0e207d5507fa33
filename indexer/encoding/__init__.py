"""Encodes texts as vectors: sparse ones by BM25, dense ones by the bundled model or by fastembed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # numpy takes 100 ms to import
    from .types import Encoder

BUNDLED = "static-code-v1"
_WEIGHTS = Path(__file__).parent / "weights"


def load(model: str = "", *, download: bool = False) -> Encoder:
    """The encoder by name: "" is the bundled one; else it is a folder, or a model that fastembed knows.

    Nothing is fetched from the network without `download`. Raises ModelError for missing or damaged weights,
    Unsupported if fastembed is needed but not installed.
    """
    from .static import META, StaticEncoder
    from .types import model_folder

    if model in ("", BUNDLED):
        return StaticEncoder(_WEIGHTS / BUNDLED)
    folder = model_folder(model)
    if (folder / META).is_file():
        return StaticEncoder(folder)
    from .fastembed import FastembedEncoder

    return FastembedEncoder(model, download=download)
