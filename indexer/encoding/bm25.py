"""Code-aware BM25 as sparse vectors: words -> terms -> weights.

An identifier counts whole and in its parts: `getUserName`, `get_user_name` and `GetUserName` all give the
terms `getusernam`, `get`, `user` and `name` (stemmed). Text in other scripts is normalised to NFC; runs
without spaces (CJK) count by character pairs. Terms are hashed to uint32, as the engine names dimensions.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import Stemmer
from numpy.typing import NDArray

from ..store import SparseVector
from .term_counts import Bags, Tally

_ASCII_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
# What is no letter, digit or underscore becomes a space: half the time of a regular expression.
_ASCII_WORDS = bytes(c if c < 128 and (chr(c).isalnum() or chr(c) == "_") else ord(" ") for c in range(256))
_MARKS = ("Mn", "Mc")
_FIRST_MARK = "\u0300"
_CJK = (("\u3005", "\u3007"), ("\u3040", "\u30ff"), ("\u3400", "\u9fff"), ("\uac00", "\ud7af"))
"""Iteration marks and zero, kana, ideographs, Hangul syllables."""
_MAX_WORD = 200
_CACHE = 1 << 17
_RECENT = 512
"""Texts whose words are remembered: a file's fragments are counted here, and again by the encoder."""
_SHORT = 10_000
"""Characters of a text that is."""
_AT_A_TIME = 250
"""Texts whose words are held at a time."""
_UINT32 = (1 << 32) - 1

_stemmer = Stemmer.Stemmer("english", 0)  # `term` remembers


def stem(part: str) -> str:
    """A lower-case word without its ending: "queries" and "query" are one."""
    stemmed: str = _stemmer.stemWord(part)
    return stemmed


@dataclass(frozen=True, slots=True)
class Field:
    """How one field of a document counts: its weight, and its average length in terms, constant by schema."""

    weight: float
    average: float


K1 = 1.5
B = 0.9
FIELDS: Mapping[str, Field] = {
    "body": Field(1.0, 80.0),
    "name": Field(1.2, 5.0),
    "path": Field(1.0, 5.0),
    "doc": Field(0.2, 12.0),
}
FILE_AVERAGE = 900.0
"""Average length of a whole file in terms, for the `file` vector."""
SHORTEST = 0.25
"""No field counts as shorter than this share of its average: a lone `end` is not the best answer to "end"."""


def words(text: str) -> list[str]:
    """The words of a text: runs of letters, digits, underscores and combining marks, in order."""
    return list(_recent(text)) if len(text) <= _SHORT else _cut(text)


@functools.lru_cache(maxsize=_RECENT)
def _recent(text: str) -> tuple[str, ...]:
    return tuple(_cut(text))


def _cut(text: str) -> list[str]:
    if text.isascii():
        found = text.encode("ascii").translate(_ASCII_WORDS).decode("ascii").split()
    else:
        text = unicodedata.normalize("NFC", text)
        found = _unicode_word(_marks(text)).findall(text)
    if max(map(len, found), default=0) > _MAX_WORD:
        return [word[:_MAX_WORD] for word in found]
    return found


def parts(word: str) -> list[str]:
    """A word cut at case changes, digits and underscores, lower-cased; a CJK run in character pairs."""
    if word.isascii():
        return [p.lower() for p in _ASCII_PART.findall(word)]
    return _unicode_parts(word)


@functools.lru_cache(maxsize=_CACHE)
def terms(word: str) -> tuple[int, ...]:
    """The hashed terms of one word: its parts, and the whole where that is something else."""
    pieces = parts(word)
    if len(pieces) > 1:
        pieces.append(_lower(word.replace("_", "")))
    return tuple(term(p) for p in pieces)


@functools.lru_cache(maxsize=_CACHE)
def term(part: str) -> int:
    """One lower-case part, stemmed and hashed to uint32."""
    # CRC-32 is injective on up to four bytes and spreads well on short strings; the engine takes 32 bits.
    return zlib.crc32(stem(part).encode("utf-8", "surrogatepass"))


_tally = Tally(terms)


def count(text: str) -> Counter[int]:
    """How often each term occurs in a text."""
    return Counter(chain.from_iterable(map(terms, words(text))))


def bags(texts: Sequence[str]) -> Bags:
    """How often each term occurs in each text."""
    if len(texts) <= _AT_A_TIME:
        return _tally.count([words(text) for text in texts])
    # Some at a time: what is remembered of the words of all would lie scattered over the memory of all.
    parts = (texts[start : start + _AT_A_TIME] for start in range(0, len(texts), _AT_A_TIME))
    return Bags.joined(_tally.count([words(text) for text in part]) for part in parts)


def documents(fields: Mapping[str, Bags]) -> list[SparseVector]:
    """BM25 weights of fragments: each field saturated and length-normalised, then summed by field weight.

    Every field has one text a fragment. The engine multiplies by IDF and adds up the query's terms. k1, b,
    averages and weights are constants, so that an incremental index equals a fresh one.
    """
    keys = [bag.owners << 32 | bag.keys for bag in fields.values()]
    weights = [_saturated(bag, FIELDS[name].average) * FIELDS[name].weight for name, bag in fields.items()]
    pairs, inverse = np.unique(np.concatenate(keys), return_inverse=True)
    sums = np.bincount(inverse, np.concatenate(weights), len(pairs)).astype(np.float32)
    terms = (pairs & _UINT32).astype(np.uint32)
    count = max(bag.texts for bag in fields.values())
    bounds = np.searchsorted(pairs, np.arange(count + 1) << 32).tolist()
    return [SparseVector(terms[a:b], sums[a:b]) for a, b in itertools.pairwise(bounds)]


def whole_file(parts: Bags) -> SparseVector:
    """The BM25 weights of a file that consists of these texts."""
    terms, inverse = np.unique(parts.keys, return_inverse=True)
    times = np.bincount(inverse, parts.times, len(terms)).astype(np.int64)
    whole = Bags(1, np.zeros(len(terms), np.int64), terms, times)
    return SparseVector(terms.astype(np.uint32), _saturated(whole, FILE_AVERAGE).astype(np.float32))


def query(counts: Mapping[int, float]) -> SparseVector:
    """A query's weights by term (usually how often it occurs)."""
    indices = np.fromiter(counts.keys(), np.uint32, len(counts))
    values = np.fromiter(counts.values(), np.float32, len(counts))
    order = np.argsort(indices)
    return SparseVector(indices[order], values[order])


def _saturated(bag: Bags, average: float) -> NDArray[np.float64]:
    """The saturated, length-normalised frequency of each of the bag's entries."""
    lengths = np.bincount(bag.owners, bag.times, bag.texts)
    norms = K1 * (1 - B + B * np.maximum(lengths / average, SHORTEST))
    weights: NDArray[np.float64] = bag.times * (K1 + 1) / (bag.times + norms[bag.owners])
    return weights


def _marks(text: str) -> str:
    """The combining marks of a text; to look for all that there are would cost a command 20 ms."""
    return "".join(sorted(c for c in set(text) if c >= _FIRST_MARK and unicodedata.category(c) in _MARKS))


@functools.lru_cache(maxsize=256)
def _unicode_word(marks: str) -> re.Pattern[str]:
    # `\w` lacks combining marks, without which words of many scripts fall apart. Alone they are no words.
    return re.compile(rf"\w[\w{marks}]*")


def _unicode_parts(word: str) -> list[str]:
    found: list[str] = []
    for run in _runs(word):
        if len(run) > 2 and _is_cjk(run[0]):
            found += (run[i : i + 2] for i in range(len(run) - 1))
        else:
            found.append(_lower(run))
    return found


def _lower(text: str) -> str:
    """In lower case, and composed again: some small letters have a composed form that their capitals lack."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text.lower())


def _runs(word: str) -> Iterable[str]:
    """A word of any script, cut at underscores, around digits and CJK, and where case changes."""
    start, last, capital = 0, "", 0
    for i, char in enumerate(word):
        now = _class(char, last)
        if now != last:
            # Of several capitals the last begins the next part: HTTP|Server.
            cut = capital if (last, now) == ("upper", "lower") else i
            if cut > start and last != "_":
                yield word[start:cut]
            start = cut
        if now == "upper" and char.isupper():
            capital = i
        last = now
    if word and last != "_":
        yield word[start:]


def _class(char: str, last: str) -> str:
    if char == "_":
        return "_"
    if unicodedata.category(char) in _MARKS:
        return last or "lower"
    if char.isdigit():
        return "digit"
    if _is_cjk(char):
        return "cjk"
    return "upper" if char.isupper() else "lower"


def _is_cjk(char: str) -> bool:
    return char >= "\U00020000" or any(first <= char <= last for first, last in _CJK)
