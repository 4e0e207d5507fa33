"""Writes a trained encoder as the files that the runtime reads: rows, merges, checksums, a card."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

from . import embedder
from .contrast import Floats
from .tokenizer import MAX_CHARS, MAX_PIECES, MAX_WORDS, Pieces

FORMAT = 1
"""The version of the file format that `indexer.encoding.static` reads."""


def write(folder: Path, name: str, pieces: Pieces, table: Floats, card: str) -> Path:
    """Write the model to `folder`, with each row scaled to int8. Returns the folder.

    The setting `[embedding] model` can name such a folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    scales = np.maximum(np.abs(table).max(axis=1), 1e-9).astype(np.float32) / 127
    arrays = {
        "table": np.rint(table / scales[:, None]).astype(np.int8),
        "scales": scales,
        "merges": pieces.merges,
    }
    sums = {}
    for key, array in arrays.items():
        path = folder / f"{key}.npy"
        np.save(path, array)
        sums[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    meta = {
        "format": FORMAT,
        "name": name,
        "dim": table.shape[1],
        "alphabet": pieces.alphabet,
        "max_subwords": MAX_WORDS,
        "max_chars": MAX_CHARS,
        "max_pieces": MAX_PIECES,
        "title_weight": embedder.TITLE,
        "sha256": sums,
    }
    (folder / "model.json").write_text(json.dumps(meta, indent=1) + "\n", "utf-8")
    (folder / "card.md").write_text(card, "utf-8")
    return folder
