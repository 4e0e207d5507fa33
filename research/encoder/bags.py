"""Mined pairs of question and function as bags: how often each subword is in question, text and title."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from indexer import extras
from indexer.encoding import bm25
from indexer.encoding.term_counts import TermCounts, WordCounter
from indexer.errors import UsageError

from ..mining import pairs
from .tokenizer import MAX_WORDS, Pieces

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

FOLDER, ENDING = "bags", ".npz"
PARTS = ("query", "text", "title")
_CHUNK = 2_000
_MOST_TIMES = 255


@dataclass(frozen=True, slots=True)
class Rows:
    """Texts as bags of pieces. Row i has the piece ids `keys[starts[i]:starts[i + 1]]`.

    The same slice of `times` holds the counts of these pieces.
    """

    starts: NDArray[np.int64]
    keys: NDArray[np.uint16]
    times: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def matrix(self, which: NDArray[np.int64], size: int) -> csr_matrix:
        """A matrix [len(which), size] of the float32 weights 1 + ln(times) in the rows numbered `which`."""
        sparse = extras.require("scipy.sparse", "train", "training")
        lengths = self.starts[which + 1] - self.starts[which]
        ends = np.cumsum(lengths)
        at = np.repeat(self.starts[which] - (ends - lengths), lengths) + np.arange(lengths.sum())
        values = _WEIGHTS[self.times[at]]
        return sparse.csr_matrix(
            (values, self.keys[at].astype(np.int32), np.concatenate([[0], ends])), (len(which), size)
        )


_WEIGHTS = np.concatenate([[0.0], 1 + np.log(np.arange(1, _MOST_TIMES + 1))]).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Encoded:
    """The pairs of repositories: the kind, function and language of each pair as numbers, and its bags."""

    kind: NDArray[np.uint8]
    function: NDArray[np.int32]
    language: NDArray[np.uint8]
    query: Rows
    text: Rows
    title: Rows

    def __len__(self) -> int:
        return len(self.kind)

    def save(self, path: Path) -> None:
        """Write one file, completely or not at all."""
        arrays: dict[str, Any] = {"kind": self.kind, "function": self.function, "language": self.language}
        for part in PARTS:
            rows = getattr(self, part)
            arrays |= {f"{part}_{name}": getattr(rows, name) for name in ("starts", "keys", "times")}
        half = path.with_name(f".{path.name}")
        with half.open("wb") as file:
            np.savez(file, **arrays)
        half.replace(path)

    @classmethod
    def load(cls, path: Path) -> Encoded:
        """Read what `save` wrote. Raises UsageError if the file cannot be read."""
        try:
            with np.load(path) as data:
                rows = [
                    Rows(*(data[f"{part}_{name}"] for name in ("starts", "keys", "times"))) for part in PARTS
                ]
                return cls(data["kind"], data["function"], data["language"], *rows)
        except (OSError, ValueError, KeyError) as error:
            raise UsageError(f"{path}: cannot be read ({error}); run cornea train tokens again") from error


class TermCounter:
    """Counts the pieces of texts. Words that the tokenizer cannot split are left out."""

    def __init__(self, pieces: Pieces) -> None:
        split = pieces.pairs().split

        def spell(word: str) -> list[int]:
            return [piece for part in bm25.parts(word) for piece in split(part) or ()]

        self._tally = WordCounter(spell)

    def bags(self, texts: Sequence[str]) -> TermCounts:
        """How often each piece occurs in each text."""
        return self._tally.count([_words(text) for text in texts])


def encode(path: Path, counter: TermCounter) -> Encoded:
    """The pairs of a file that `cornea train mine` wrote, as bags."""
    languages: dict[str, int] = {}
    kind, function, language = [], [], []
    found: dict[str, list[TermCounts]] = {part: [] for part in PARTS}
    for chunk in _chunks(pairs.read(path)):
        for pair in chunk:
            kind.append(pairs.KINDS.index(pair.kind))
            function.append(pair.function)
            language.append(languages.setdefault(pair.language, len(languages)))
        for part in PARTS:
            found[part].append(counter.bags([getattr(pair, part) for pair in chunk]))
    return Encoded(
        np.array(kind, np.uint8),
        np.array(function, np.int32),
        np.array(language, np.uint8),
        *(_rows(found[part]) for part in PARTS),
    )


def joined(parts: Sequence[Encoded]) -> Encoded:
    """The pairs of all parts, in order. Compare function and language numbers only within one part."""
    return Encoded(
        np.concatenate([part.kind for part in parts]),
        np.concatenate([part.function for part in parts]),
        np.concatenate([part.language for part in parts]),
        *(_stacked([getattr(part, name) for part in parts]) for name in PARTS),
    )


def _stacked(rows: Sequence[Rows]) -> Rows:
    ends = np.cumsum([0, *(row.starts[-1] for row in rows)])
    starts = [row.starts[:-1] + before for row, before in zip(rows, ends[:-1], strict=True)]
    return Rows(
        np.concatenate([*starts, ends[-1:]]),
        np.concatenate([row.keys for row in rows]),
        np.concatenate([row.times for row in rows]),
    )


def _rows(found: Sequence[TermCounts]) -> Rows:
    parts = [
        Rows(
            np.array(bags.bounds(), np.int64),
            bags.term_ids.astype(np.uint16),
            np.minimum(bags.tf, _MOST_TIMES).astype(np.uint8),
        )
        for bags in found
    ]
    return (
        _stacked(parts)
        if parts
        else Rows(np.zeros(1, np.int64), np.zeros(0, np.uint16), np.zeros(0, np.uint8))
    )


def _words(text: str) -> list[str]:
    """The words that the encoder reads: every occurrence of the first MAX_WORDS different words."""
    found = bm25.words(text)
    if len(found) > MAX_WORDS:
        kept = set(islice(dict.fromkeys(found), MAX_WORDS))
        found = [word for word in found if word in kept]
    return found


def _chunks(found: Iterator[pairs.Pair]) -> Iterator[list[pairs.Pair]]:
    while chunk := list(islice(found, _CHUNK)):
        yield chunk
