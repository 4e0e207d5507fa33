"""Learns the encoder's subword pieces from mined code by byte-pair encoding (Sennrich et al., 2016)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer import extras
from indexer.encoding import bm25
from indexer.encoding.static import BytePairs
from indexer.errors import UsageError

INSIDE = "##"
"""Prefix of a letter or piece inside a word."""
MAX_CHARS, MAX_PIECES, MAX_WORDS = 40, 8, 400
"""Maximum letters of a word, maximum pieces of a word, and maximum different words of a text. What exceeds a
maximum is ignored."""

_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
_MOST = 20_000
"""Maximum count of a word in learning, so that words like `self` do not dominate."""
_LINE = 512


@dataclass(frozen=True, slots=True)
class Pieces:
    """An alphabet, whose ids begin at 1, and merges [n, 2] of ids. `BytePairs` explains the ids of merges."""

    alphabet: list[str]
    merges: NDArray[np.uint16]

    @property
    def size(self) -> int:
        """The number of ids, including the id 0 of an unknown piece."""
        return 1 + len(self.alphabet) + len(self.merges)

    def pairs(self) -> BytePairs:
        """The tokenizer of these pieces."""
        return BytePairs(self.alphabet, self.merges, max_chars=MAX_CHARS, max_pieces=MAX_PIECES)

    def texts(self) -> list[str]:
        """The text of each id. The unknown piece has the text "". `##` begins a piece inside a word."""
        found = ["", *self.alphabet]
        for a, b in self.merges.tolist():
            found.append(found[a] + found[b].removeprefix(INSIDE))
        return found

    def save(self, path: Path) -> None:
        """Write the pieces as JSON."""
        path.write_text(json.dumps({"alphabet": self.alphabet, "merges": self.merges.tolist()}), "utf-8")

    @classmethod
    def load(cls, path: Path) -> Pieces:
        """Read what `save` wrote. Raises UsageError if the file cannot be read."""
        try:
            data = json.loads(path.read_text("utf-8"))
            return cls(list(data["alphabet"]), np.array(data["merges"], np.uint16).reshape(-1, 2))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UsageError(f"{path}: no tokenizer ({error}); run cornea train tokens") from error


def count(texts: Iterable[str]) -> Counter[str]:
    """How often each lower-case ASCII part of an identifier or word occurs."""
    words: Counter[str] = Counter()
    for text in texts:
        words.update(bm25.words(text))
    found: Counter[str] = Counter()
    for word, times in words.items():
        for part in bm25.parts(word):
            if part.isascii():
                found[part] += times
    return found


def learn(counts: Counter[str], size: int) -> Pieces:
    """Learn at most `size` pieces with the `tokenizers` library. Equal counts give equal pieces."""
    library = extras.require("tokenizers", "train", "training")
    tokenizer = library.Tokenizer(library.models.BPE(unk_token="<unk>", continuing_subword_prefix=INSIDE))
    tokenizer.pre_tokenizer = library.pre_tokenizers.WhitespaceSplit()
    trainer = library.trainers.BpeTrainer(
        vocab_size=size - len(_LETTERS),  # letters that never occur inside a word are added below
        min_frequency=3,
        show_progress=False,
        special_tokens=["<unk>"],
        initial_alphabet=list(_LETTERS),
        limit_alphabet=len(_LETTERS),
        continuing_subword_prefix=INSIDE,
    )
    tokenizer.train_from_iterator(_lines(counts), trainer)
    data = json.loads(tokenizer.to_str())["model"]
    merges = [tuple(m.split(" ")) if isinstance(m, str) else tuple(m) for m in data["merges"]]
    made = {a + b.removeprefix(INSIDE) for a, b in merges}
    letters = {mark + letter for mark in ("", INSIDE) for letter in _LETTERS}
    alphabet = sorted(letters | {piece for piece in data["vocab"] if piece not in made and piece != "<unk>"})
    ids = {piece: number for number, piece in enumerate(alphabet, 1)}
    rows = []
    for a, b in merges:
        joined = a + b.removeprefix(INSIDE)
        if joined in ids:
            continue  # another merge makes the same piece
        rows.append((ids[a], ids[b]))
        ids[joined] = len(alphabet) + len(rows)
    return Pieces(alphabet, np.array(rows, np.uint16).reshape(-1, 2))


def _lines(counts: Counter[str]) -> Iterator[str]:
    for part, times in sorted(counts.items()):
        left = min(times, _MOST)
        while left > 0:
            yield " ".join([part] * min(left, _LINE))
            left -= _LINE
