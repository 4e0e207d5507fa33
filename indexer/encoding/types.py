"""The encoder protocol and its vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Encodes texts as vectors of length `dim` and L2 norm 1. A text without words gives a row of zeros.

    Encoders that give different vectors have different `fingerprint`s. If `parallel` is true, each indexing
    worker loads an encoder of its own; otherwise only the parent process encodes.
    """

    dim: int
    fingerprint: str
    parallel: bool

    def documents(self, texts: Sequence[str], titles: Sequence[str]) -> Vectors:
        """The vectors [n, dim] of fragments, given their texts and titles (see `fragment_points.title`)."""

    def query(self, text: str) -> Vectors:
        """The vector [dim] of a query or of code."""


def model_folder(model: str) -> Path:
    """The model's name as the path of a folder, with `~` expanded. The folder need not exist.

    Raises ModelError if the name begins with `~USER` and there is no such user.
    """
    try:
        return Path(model).expanduser()
    except RuntimeError as error:  # ~somebody
        raise ModelError(f"model {model!r}: {error}; write the folder's whole path") from error


def normalise(vectors: Vectors) -> Vectors:
    """The rows, scaled to L2 norm 1. Rows of zeros stay zero."""
    # In double precision no finite row overflows or underflows.
    norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))[:, None]
    scaled: Vectors = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
    return scaled
