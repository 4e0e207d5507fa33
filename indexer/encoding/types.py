"""What an encoder is, and what it makes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Text to vectors of length `dim` and L2 norm 1; a text without words gives a row of zeros.

    `fingerprint` changes whenever the vectors would. `parallel` says that each indexing worker may load its
    own.
    """

    dim: int
    fingerprint: str
    parallel: bool

    def documents(self, texts: Sequence[str], titles: Sequence[str]) -> Vectors:
        """Vectors [n, dim] of fragments; a title is a fragment's qualified name and path."""

    def query(self, text: str) -> Vectors:
        """The vector [dim] of a question or of code."""


def folder_of(model: str) -> Path:
    """The folder that the name of a model may stand for. Raises ModelError for a home that nobody has."""
    try:
        return Path(model).expanduser()
    except RuntimeError as error:  # ~somebody
        raise ModelError(f"model {model!r}: {error}; write the folder's whole path") from error


def normalise(vectors: Vectors) -> Vectors:
    """Rows scaled to L2 norm 1; rows of zeros stay."""
    # In double precision no finite row overflows or vanishes.
    norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))[:, None]
    scaled: Vectors = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
    return scaled
