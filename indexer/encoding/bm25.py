"""Code-aware BM25 as sparse vectors: words -> terms -> weights.

An identifier gives a term for the whole and a term for each part: `getUserName`, `get_user_name` and
`GetUserName` all give the stemmed terms `getusernam`, `get`, `user` and `name`. Text that is not ASCII is
normalised to NFC. A run of CJK characters, which has no spaces, gives a term for each pair of neighbouring
characters. Each term is hashed to a uint32, which is the term's dimension in the sparse vector.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import Stemmer
from numpy.typing import NDArray

from ..store import SparseVector
from .term_counts import TermCounts, WordCounter

_ASCII_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
# Maps every byte but letters, digits and underscores to a space: twice as fast as a regular expression.
_ASCII_WORDS = bytes(c if c < 128 and (chr(c).isalnum() or chr(c) == "_") else ord(" ") for c in range(256))
_MARKS = ("Mn", "Mc")
_FIRST_MARK = "\u0300"
_CJK = (("\u3005", "\u3007"), ("\u3040", "\u30ff"), ("\u3400", "\u9fff"), ("\uac00", "\ud7af"))
"""First and last characters of CJK ranges: iteration marks and zero, kana, ideographs, Hangul syllables."""
_RUN = re.compile("(?:um*)+(?=um*l)|(?:um*)?(?:lm*)+|^m+(?:lm*)*|(?:um*)+|(?:dm*)+|(?P<cjk>(?:cm*)+)")
"""Matches the classes of one part's characters (see `_class`)."""
_MAX_WORD_CHARS = 200
_CACHED_WORDS = 1 << 17
_CACHED_TEXTS = 512
"""Number of texts whose words are cached, because this module and the static encoder split the same texts."""
_CACHED_TEXT_CHARS = 10_000
"""Length, in characters, up to which a text's words are cached."""
_BATCH_TEXTS = 250
"""Number of texts that are counted at once."""
_UINT32 = (1 << 32) - 1

_stemmer = Stemmer.Stemmer("english", 0)  # 0: without a cache, because `term` caches its results


def stem(part: str) -> str:
    """The stem of a lower-case word: the same for "queries" and "query"."""
    stemmed: str = _stemmer.stemWord(part)
    return stemmed


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a document: its weight and its average length in terms. The schema fixes both numbers."""

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
"""Average length of a whole file in terms. It normalises the `file` vector."""
MIN_LENGTH_SHARE = 0.25
"""Shorter texts count as this share of the average length: a lone `end` must not win the query "end"."""


def words(text: str) -> list[str]:
    """The words of a text: runs of letters, digits, underscores and combining marks, in order."""
    return list(_cached_words(text)) if len(text) <= _CACHED_TEXT_CHARS else _split_words(text)


@functools.lru_cache(maxsize=_CACHED_TEXTS)
def _cached_words(text: str) -> tuple[str, ...]:
    return tuple(_split_words(text))


def _split_words(text: str) -> list[str]:
    if text.isascii():
        found = text.encode("ascii").translate(_ASCII_WORDS).decode("ascii").split()
    else:
        text = unicodedata.normalize("NFC", text)
        found = _unicode_word(_combining_marks(text)).findall(text)
    if max(map(len, found), default=0) > _MAX_WORD_CHARS:
        return [word[:_MAX_WORD_CHARS] for word in found]
    return found


def parts(word: str) -> list[str]:
    """The parts of a word in lower case: letters up to a case change, runs of digits, pairs of CJK."""
    if word.isascii():
        return [p.lower() for p in _ASCII_PART.findall(word)]
    return _unicode_parts(word)


@functools.lru_cache(maxsize=_CACHED_WORDS)
def terms(word: str) -> tuple[int, ...]:
    """The hashed terms of one word: one for each part, and one for the whole word if it has several parts."""
    pieces = parts(word)
    if len(pieces) > 1:
        pieces.append(_lower(word.replace("_", "")))
    return tuple(term(p) for p in pieces)


@functools.lru_cache(maxsize=_CACHED_WORDS)
def term(part: str) -> int:
    """The hashed term of a lower-case part, which is stemmed first."""
    # CRC-32 is injective on up to four bytes and spreads well on short strings; the engine takes 32 bits.
    return zlib.crc32(stem(part).encode("utf-8", "surrogatepass"))


_counter = WordCounter(terms)


def count(text: str) -> Counter[int]:
    """The term frequencies of a text."""
    return Counter(chain.from_iterable(map(terms, words(text))))


def term_counts(texts: Sequence[str]) -> TermCounts:
    """The term frequencies of each text."""
    if len(texts) <= _BATCH_TEXTS:
        return _counter.count([words(text) for text in texts])
    # Batches are faster, because the words of a batch are close together in memory.
    parts = (texts[start : start + _BATCH_TEXTS] for start in range(0, len(texts), _BATCH_TEXTS))
    return TermCounts.joined(_counter.count([words(text) for text in part]) for part in parts)


def documents(fields: Mapping[str, TermCounts]) -> list[SparseVector]:
    """The BM25 weights of fragments, from the term counts of their fields.

    Each field has one text per fragment. A term's weight is the weighted sum, over the fields, of its
    saturated and length-normalised frequency. The engine multiplies the weight by the term's IDF. K1, B and
    the fields' weights and averages are constants, so that an updated index equals a rebuilt index.
    """
    keys = [bag.doc_ids << 32 | bag.term_ids for bag in fields.values()]
    weights = [_saturated(bag, FIELDS[name].average) * FIELDS[name].weight for name, bag in fields.items()]
    # With `return_index`, numpy uses a sort that merges the sorted keys of the fields in half the time.
    pairs, _, inverse = np.unique(np.concatenate(keys), return_index=True, return_inverse=True)
    sums = np.bincount(inverse, np.concatenate(weights), len(pairs)).astype(np.float32)
    terms = (pairs & _UINT32).astype(np.uint32)
    count = max(bag.texts for bag in fields.values())
    bounds = np.searchsorted(pairs, np.arange(count + 1) << 32).tolist()
    return [SparseVector(terms[a:b], sums[a:b]) for a, b in itertools.pairwise(bounds)]


def whole_file(parts: TermCounts) -> SparseVector:
    """The BM25 weights of a whole file. `parts` are the term counts of the texts that make up the file."""
    terms, inverse = np.unique(parts.term_ids, return_inverse=True)
    times = np.bincount(inverse, parts.tf, len(terms)).astype(np.int64)
    whole = TermCounts(1, np.zeros(len(terms), np.int64), terms, times)
    return SparseVector(terms.astype(np.uint32), _saturated(whole, FILE_AVERAGE).astype(np.float32))


def query(counts: Mapping[int, float]) -> SparseVector:
    """The sparse vector of a query. `counts` maps each term to its weight, usually its frequency."""
    indices = np.fromiter(counts.keys(), np.uint32, len(counts))
    values = np.fromiter(counts.values(), np.float32, len(counts))
    order = np.argsort(indices)
    return SparseVector(indices[order], values[order])


def _saturated(bag: TermCounts, average: float) -> NDArray[np.float64]:
    """The saturated, length-normalised frequency of each entry of `bag`."""
    norms = length_norms(np.bincount(bag.doc_ids, bag.tf, bag.texts), average)
    weights: NDArray[np.float64] = bag.tf * (K1 + 1) / (bag.tf + norms[bag.doc_ids])
    return weights


def length_norms(lengths: NDArray[Any], average: float) -> NDArray[np.float64]:
    """The length norms of BM25 for texts of these lengths."""
    norms: NDArray[np.float64] = K1 * (1 - B + B * np.maximum(lengths / average, MIN_LENGTH_SHARE))
    return norms


def _combining_marks(text: str) -> str:
    """The combining marks that occur in a text.

    A pattern of all existing marks would take 20 ms to compile.
    """
    return "".join(sorted(c for c in set(text) if c >= _FIRST_MARK and unicodedata.category(c) in _MARKS))


@functools.lru_cache(maxsize=256)
def _unicode_word(marks: str) -> re.Pattern[str]:
    # `\w` does not match combining marks. In many scripts they occur inside words, but never begin a word.
    return re.compile(rf"\w[\w{marks}]*")


def _unicode_parts(word: str) -> list[str]:
    """The parts of a word in any script. Combining marks belong to the character before them."""
    found: list[str] = []
    for run in _RUN.finditer("".join(map(_class, word))):
        part = word[slice(*run.span())]
        if run["cjk"] and len(part) > 2:
            found += (part[i : i + 2] for i in range(len(part) - 1))
        else:
            found.append(_lower(part))
    return found


def _class(char: str) -> str:
    """The class of a character, as one letter that _RUN knows."""
    if char == "_":
        return "_"
    if unicodedata.category(char) in _MARKS:
        return "m"
    if char.isdigit():
        return "d"
    if _is_cjk(char):
        return "c"
    return "u" if char.isupper() else "l"


def _lower(text: str) -> str:
    """The text in lower case, normalised to NFC: lower-casing can yield letters that NFC composes."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text.lower())


def _is_cjk(char: str) -> bool:
    return char >= "\U00020000" or any(first <= char <= last for first, last in _CJK)
