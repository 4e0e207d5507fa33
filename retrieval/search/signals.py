"""What speaks for a fragment beyond its text scores: pure functions with values in [0, 1]."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from indexer import lexical, roles

from ..query import Query
from ..result import Candidate

_PREFIX = 4
"""Words that agree in this many first letters count as related: "auth" and "authentication"."""

_TESTING = ("test", "tests", "testing", "spec", "fixture")
_EXAMPLES = ("example", "examples", "demo", "sample", "docs", "doc", "documentation", "benchmark")
_OLD = ("compat", "legacy", "deprecated")
"""A question with one of these words is about such files, so that they lose nothing."""


@dataclass(frozen=True, slots=True)
class FileEvidence:
    """What the candidates of one file say together.

    `hits` is how many there are, `best` and `rest` the best fused score and the sum of the next three,
    `words` the whole file's BM25 score scaled to [0, 1] over the candidates' files.
    """

    hits: int
    best: float
    rest: float
    words: float


Signal = Callable[[Query, Candidate, FileEvidence], float]


def fused(query: Query, candidate: Candidate, file: FileEvidence) -> float:
    """The fused text score."""
    return candidate.fused


def defines(query: Query, candidate: Candidate, file: FileEvidence) -> float:
    """The fragment begins the definition that the question is the name of."""
    return _defined(query, candidate) if query.symbol else 0.0


def mentions(query: Query, candidate: Candidate, file: FileEvidence) -> float:
    """The fragment begins a definition that a question in words names."""
    return 0.0 if query.symbol else _defined(query, candidate)


def is_type(query: Query, candidate: Candidate, file: FileEvidence) -> float:
    """The named definition is a class or the like: usually meant when a function has the same name."""
    return float(candidate.payload["kind"] == "class") * defines(query, candidate, file)


def stem_covered(query: Query, candidate: Candidate, file: FileEvidence) -> float:
    """Share of the file's name that the question has."""
    return _stem_covered(candidate.path, query.words)


def file_words(query: Query, candidate: Candidate, file: FileEvidence) -> float:
    """How well the whole file fits, by BM25."""
    return file.words


def file_hits(query: Query, candidate: Candidate, file: FileEvidence) -> float:
    """How many fragments of the file are candidates."""
    return min(1.0, math.log2(1 + file.hits) / 5)


def file_rest(query: Query, candidate: Candidate, file: FileEvidence) -> float:
    """How good the file's next best fragments are."""
    return file.rest / 3


def test(query: Query, candidate: Candidate, file: FileEvidence) -> float:
    """A test, where the question is not about tests."""
    return float(bool(candidate.payload["is_test"]) and not _about(query, _TESTING))


def example(query: Query, candidate: Candidate, file: FileEvidence) -> float:
    """An example, a demo, documentation or a benchmark."""
    return float(roles.is_example(candidate.path) and not _about(query, _EXAMPLES))


def stub(query: Query, candidate: Candidate, file: FileEvidence) -> float:
    """Declarations or doubles."""
    return float(roles.is_stub(candidate.path))


def legacy(query: Query, candidate: Candidate, file: FileEvidence) -> float:
    """Kept for compatibility."""
    return float(roles.is_legacy(candidate.path) and not _about(query, _OLD))


def prose(query: Query, candidate: Candidate, file: FileEvidence) -> float:
    """Text without code: notes, data, configuration."""
    return float(candidate.payload["language"] in PROSE)


PROSE = frozenset(
    ("markdown", "rst", "text", "json", "yaml", "toml", "xml", "ini", "csv", "make", "dockerfile")
)

SIGNALS: Mapping[str, Signal] = {
    signal.__name__: signal
    for signal in (
        fused, defines, mentions, is_type, stem_covered, file_words, file_hits, file_rest,
        test, example, stub, legacy, prose,
    )
}  # fmt: skip


def _defined(query: Query, candidate: Candidate) -> float:
    """1 for the qualified name, less for its last part alone, 0 for a later piece of a long definition."""
    if candidate.payload["kind"] == "block" or candidate.payload["ordinal"]:
        return 0.0
    symbol = unicodedata.normalize("NFC", candidate.symbol).lower()
    if symbol in query.names or ("." in symbol and ".".join(symbol.split(".")[-2:]) in query.names):
        return 1.0
    return 0.8 if symbol.rsplit(".", 1)[-1] in query.names else 0.0


@lru_cache(maxsize=1 << 12)
def _stem_covered(path: str, words: tuple[str, ...]) -> float:
    return _covered(_terms(PurePosixPath(path).stem), frozenset(map(_stem, words)))


def _covered(stems: Collection[str], there: frozenset[str]) -> float:
    """The share of stems that are there; stemming one again would change it."""
    if not stems or not there:
        return 0.0
    # fsum: a set has no order, and the sum must not depend on it.
    return math.fsum(_found(stem, there) for stem in stems) / len(stems)


def _found(word: str, there: frozenset[str]) -> float:
    if word in there:
        return 1.0
    if len(word) < _PREFIX:
        return 0.0
    return (
        0.7 if any(len(t) >= _PREFIX and (t.startswith(word) or word.startswith(t)) for t in there) else 0.0
    )


@lru_cache(maxsize=1 << 14)
def _terms(text: str) -> frozenset[str]:
    return frozenset(_stem(part) for word in lexical.words(text) for part in lexical.parts(word))


@lru_cache(maxsize=1 << 14)
def _stem(word: str) -> str:
    return lexical.stem(word)


def _about(query: Query, words: tuple[str, ...]) -> bool:
    return any(word in query.words for word in words)
