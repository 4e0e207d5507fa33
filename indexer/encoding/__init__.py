"""Encodes texts as vectors: sparse vectors by BM25, dense vectors by the bundled model or by fastembed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # numpy takes 100 ms to import
    from .types import Encoder

BUNDLED = "static-code-v1"
_WEIGHTS = Path(__file__).parent / "weights"


def load(model: str = "", *, download: bool = False) -> Encoder:
    """The encoder of a model. `model` is "" (the bundled model), a folder, or the name of a fastembed model.

    Without `download`, nothing is fetched from the network. Raises ModelError if the weights are missing or
    damaged. Raises Unsupported if the model needs fastembed and fastembed is not installed.
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
