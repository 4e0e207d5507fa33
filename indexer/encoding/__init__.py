"""Texts as vectors: BM25's sparse ones, and dense ones of the bundled model or of fastembed's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # numpy takes 100 ms to import
    from .types import Encoder

BUNDLED = "static-code-v1"
_WEIGHTS = Path(__file__).parent / "weights"


def load(model: str = "", *, download: bool = False) -> Encoder:
    """The encoder by name: "" is the bundled one; else a folder, or a model that fastembed knows.

    Nothing is fetched from the network unless `download` says so.

    Raises ModelError for weights that are missing or damaged, Unsupported where fastembed is not installed.
    """
    from .static import META, StaticEncoder
    from .types import folder_of

    if model in ("", BUNDLED):
        return StaticEncoder(_WEIGHTS / BUNDLED)
    folder = folder_of(model)
    if (folder / META).is_file():
        return StaticEncoder(folder)
    from .fastembed import FastembedEncoder

    return FastembedEncoder(model, download=download)
