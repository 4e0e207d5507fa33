"""Makes the initial table, which is also the filter's dense scorer, from a general sentence model.

The recipe is model2vec's (Tulkens and van Dongen, 2024): the model encodes each piece by itself, and PCA
reduces the vectors. A teacher needs the extra `teacher`. Without a teacher, training begins with random
vectors.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from indexer import extras

from .contrast import Floats
from .tokenizer import INSIDE, Pieces

_BATCH = 512


def vectors(pieces: Pieces, dim: int, model: Path, say: Callable[[str], None]) -> Floats:
    """A unit vector [dim] for each piece, from the sentence model in the folder `model`.

    Raises Unsupported without the extra `teacher`.
    """
    library = extras.require("sentence_transformers", "teacher", "training with --teacher")
    teacher = library.SentenceTransformer(str(model))
    texts = [text.removeprefix(INSIDE) for text in pieces.texts()]
    say(f"asking the teacher about {len(texts):,} pieces")
    raw = teacher.encode(texts, batch_size=_BATCH, convert_to_numpy=True, show_progress_bar=False)
    return reduced(np.asarray(raw, np.float32), dim)


def reduced(rows: Floats, dim: int) -> Floats:
    """The centred rows, projected onto their first `dim` principal components and scaled to unit length."""
    centred = rows - rows.mean(axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    found = centred @ directions[:, ::-1][:, :dim]
    found /= np.maximum(np.linalg.norm(found, axis=1), 1e-12)[:, None]
    return np.asarray(found, np.float32)
