"""Stores evaluation data as hashes, and finds mined functions that are in the data.

A `*.hashes` file is an uncompressed npz of numpy. `whole`, `names`, `heads` and `tails` are sorted arrays of
unsigned 64-bit numbers. Hashes are BLAKE2b digests of text without comments and white space (`fingerprints`):

whole        hashes of whole texts
names        hashes of the sorted identifiers of whole texts
heads        for each text that a function may begin with, a row of 3 columns: the hash of the text's first
             40 characters, the length of the text, and the hash of the text
tails        for each text that a function may end with, such a row for the reversed text
roots        ids of the first commits of repositories, as 40 hexadecimal digits
version      version of this layout

The hashes show only whether a given text is in the data, so they can replace data that must not be copied.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from indexer.errors import UsageError

from ..datasets.reading import lines, objects, text_of
from . import fingerprints
from .fingerprints import Hashes, Print

VERSION = 1
ENDING = ".hashes"
ANCHOR = 40
"""Minimum characters, without white space, of the text with which a function begins or ends. Many functions
share shorter texts."""
SHARE, FEWEST = 0.2, 20
"""A repository is a copy if at least this share and this number of its functions are known."""

_COLUMNS = 3
_ARRAYS = ("whole", "names", "heads", "tails")


@dataclass(frozen=True, slots=True)
class Known:
    """Hashes of evaluation data."""

    whole: Hashes
    names: Hashes
    heads: Hashes
    tails: Hashes
    roots: frozenset[str] = frozenset()

    def reasons(self, functions: Sequence[Print]) -> list[str]:
        """The way in which each function is in the data. It is "" for a function that is not in the data."""
        whole = _in(np.array([one.whole for one in functions], np.uint64), self.whole)
        names = _in(np.array([one.names for one in functions], np.uint64), self.names)
        heads = [_starts(one.squeezed, self.heads) for one in functions]
        tails = [_starts(one.squeezed[::-1], self.tails) for one in functions]
        found = []
        for row in zip(whole, names, heads, tails, strict=True):
            words = ("same text", "same identifiers", "begins with a question", "ends with an answer")
            found.append(next((word for word, hit in zip(words, row, strict=True) if hit), ""))
        return found

    def __bool__(self) -> bool:
        return bool(len(self.whole) or self.roots)


@dataclass(slots=True)
class Collected:
    """Hashes being gathered."""

    whole: set[int] = field(default_factory=set)
    names: set[int] = field(default_factory=set)
    heads: set[tuple[int, int, int]] = field(default_factory=set)
    tails: set[tuple[int, int, int]] = field(default_factory=set)
    roots: set[str] = field(default_factory=set)

    def add(self, text: str) -> None:
        """Add a text that is, or may be, a whole function."""
        one = fingerprints.of(fingerprints.code(text))
        self.whole.add(one.whole)
        self.names.add(one.names)

    def add_ends(self, text: str, ends: set[tuple[int, int, int]], *, tail: bool) -> None:
        """Add to `ends` a text with which functions may begin, or with which they may end (`tail`)."""
        squeezed = "".join(fingerprints.code(text).split())
        if len(squeezed) >= ANCHOR:
            turned = squeezed[::-1] if tail else squeezed
            ends.add((fingerprints.digest(turned[:ANCHOR]), len(turned), fingerprints.digest(turned)))

    def known(self) -> Known:
        """The hashes, sorted, without 0 and the hash of the empty text."""
        nothing = {0, fingerprints.digest("")}
        return Known(
            _sorted(self.whole - nothing),
            _sorted(self.names - nothing),
            _rows(self.heads),
            _rows(self.tails),
            frozenset(self.roots),
        )


def is_dataset(folder: Path) -> bool:
    """Whether a folder is in the layout of BEIR or CoIR."""
    return (folder / "corpus.jsonl").is_file() or (folder / "queries.jsonl").is_file()


def add_dataset(into: Collected, folder: Path) -> None:
    """Add the texts of a data set, and each question joined with each of its answers. Raises UsageError."""
    documents = dict(_texts(folder / "corpus.jsonl"))
    questions = dict(_texts(folder / "queries.jsonl"))
    for text in documents.values():
        into.add(text)
        into.add_ends(text, into.tails, tail=True)
    for text in questions.values():
        into.add(text)
        into.add_ends(text, into.heads, tail=False)
    for path in sorted((folder / "qrels").glob("*.tsv")):
        for _, line in lines(path):
            cells = [cell.strip() for cell in line.split("\t")]
            if len(cells) >= 2 and cells[0] in questions and cells[1] in documents:
                into.add(f"{questions[cells[0]]} {documents[cells[1]]}")


def save(known: Known, path: Path) -> None:
    """Write a file of hashes. The same hashes give the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        np.savez(
            file,
            **{name: getattr(known, name) for name in _ARRAYS},
            roots=np.array(sorted(known.roots), "U40"),
            version=np.array(VERSION),
        )


def load(path: Path) -> Known:
    """Read a file of hashes. Raises UsageError if the file does not hold hashes of this version."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
            if int(data["version"]) != VERSION:
                raise UsageError(
                    f"{path}: has version {int(data['version'])}, not {VERSION}; make the file again"
                )
            roots = frozenset(str(root) for root in data["roots"].tolist())
            ends = (data["heads"].reshape(-1, _COLUMNS), data["tails"].reshape(-1, _COLUMNS))
            return Known(data["whole"], data["names"], *ends, roots)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise UsageError(f"{path}: not a file of hashes ({error}); name a file that mining wrote") from error


def merged(parts: Iterable[Known]) -> Known:
    """All hashes of `parts`, without repetitions."""
    found = list(parts)
    if not found:
        return Collected().known()
    return Known(
        **{
            name: np.unique(np.concatenate([getattr(one, name) for one in found]), axis=0) for name in _ARRAYS
        },
        roots=frozenset().union(*(one.roots for one in found)),
    )


def is_copy(hits: int, functions: int) -> bool:
    """Whether a repository with this many known functions counts as a copy."""
    return hits >= FEWEST and hits >= SHARE * functions


def _texts(path: Path) -> Iterator[tuple[str, str]]:
    if path.is_file():
        for number, row in objects(path):
            if "_id" not in row or "text" not in row:
                raise UsageError(f"{path}:{number}: no _id or no text; every line needs both")
            yield text_of(row["_id"]), text_of(row["text"])


def _sorted(values: set[int]) -> Hashes:
    return np.array(sorted(values), np.uint64)


def _rows(values: set[tuple[int, int, int]]) -> Hashes:
    return np.array(sorted(values), np.uint64).reshape(-1, _COLUMNS)


def _in(values: Hashes, known: Hashes) -> npt.NDArray[np.bool_]:
    if not len(known):
        return np.zeros(len(values), bool)
    places = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return np.asarray(known[places] == values)


def _starts(squeezed: str, known: Hashes) -> bool:
    """Whether a text starts with one of the known beginnings."""
    if not len(known) or len(squeezed) < ANCHOR:
        return False
    anchor = np.uint64(fingerprints.digest(squeezed[:ANCHOR]))
    start, end = np.searchsorted(known[:, 0], (anchor, anchor + np.uint64(1)))
    return any(
        length <= len(squeezed) and fingerprints.digest(squeezed[:length]) == hashed
        for _, length, hashed in known[start:end].tolist()
    )
