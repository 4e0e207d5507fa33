"""Which words of the question a fragment has, and where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from ..evidence import ranks
from .evidence import BODY, FIELDS, HEAD, NAME, PATH, Fragments, Vector, squeeze


def bm25(field: str, f: Fragments) -> Vector:
    """BM25 of the field alone, as a share of what the question can give."""
    return _sum(f.weights[field], f.mass)


def rank(field: str, f: Fragments) -> Vector:
    """1 / rank by that."""
    scores = np.round(bm25(field, f), 5)
    return np.where(scores > 0, ranks(scores), 0.0)


def found(field: str, f: Fragments) -> Vector:
    """Share of the question that is in the field, rare words counting more."""
    return _sum(f.found[field], f.mass)


def named_found(f: Fragments) -> Vector:
    """The same of name, path and head together."""
    return _sum(np.maximum(np.maximum(f.found[NAME], f.found[PATH]), f.found[HEAD]), f.mass)


def any_found(f: Fragments) -> Vector:
    """The same of all fields."""
    return _sum(_anywhere(f), f.mass)


def words_found(f: Fragments) -> Vector:
    """Share of the question's words that are anywhere, all alike."""
    share: Vector = _anywhere(f).mean(axis=1)
    return share


def rarest_found(f: Fragments) -> Vector:
    """The rarest word is there."""
    return _anywhere(f)[:, int(f.rarity.argmax())]


def rarest_named(f: Fragments) -> Vector:
    """The rarest word is in the name or the head."""
    rarest = int(f.rarity.argmax())
    return np.maximum(f.found[NAME], f.found[HEAD])[:, rarest]


def rarest_missing(f: Fragments) -> Vector:
    """The rarity of the rarest word that is nowhere."""
    missing: Vector = ((1 - _anywhere(f)) * f.rarity).max(axis=1)
    return missing


def body_covered(f: Fragments) -> Vector:
    """Share of the text's different words that the question has."""
    return _covered(BODY, f)


def head_covered(f: Fragments) -> Vector:
    """Share of the head's different words that the question has."""
    return _covered(HEAD, f)


def name_covered(f: Fragments) -> Vector:
    """Share of the definition's own name that the question has, words that begin alike for the most part."""
    return np.array([f.words.covered(sorted(set(own))) for own in f.own])


def name_phrase(f: Fragments) -> Vector:
    """Words of the own name, where the question has them all in a row."""
    return np.array([f.words.phrase(own) for own in f.own])


def verb_first(f: Fragments) -> Vector:
    """The question and the own name begin with the same word, which in both says what is done."""
    first = next(iter(f.words.at), "")
    return np.array([float(own[:1] == (first,)) for own in f.own])


def verb_place(f: Fragments) -> Vector:
    """1 / place in the question of the own name's first word, 0 for none."""
    at = f.words.at
    return np.array([1.0 / (1 + at[own[0]]) if own and own[0] in at else 0.0 for own in f.own])


def last_found(f: Fragments) -> Vector:
    """The question has the last word of the own name, which says what it is done to."""
    return np.array([float(bool(own) and own[-1] in f.words.at) for own in f.own])


def body_pairs(f: Fragments) -> Vector:
    """Share of the question's neighbouring words that are neighbours in the text, too."""
    return _pairs(f, f.squeezed)


def head_pairs(f: Fragments) -> Vector:
    """The same of the head."""
    return _pairs(f, [squeeze(head) for head in f.heads])


def defines(f: Fragments) -> Vector:
    """The question names this definition."""
    return f.defines


def _anywhere(f: Fragments) -> Vector:
    return np.maximum(f.found[BODY], np.maximum(f.found[NAME], f.found[PATH]))


def _covered(field: str, f: Fragments) -> Vector:
    different = np.bincount(f.bags[field].doc_ids, minlength=len(f))
    covered: Vector = f.found[field].sum(axis=1) / np.maximum(1, different)
    return covered


def _pairs(f: Fragments, texts: list[str]) -> Vector:
    pairs = f.bigrams
    if not pairs:
        return np.zeros(len(f))
    return np.array([sum(pair in text for pair in pairs) for text in texts]) / len(pairs)


def _sum(values: Vector, weights: Vector) -> Vector:
    # Not a matrix product: that one's last bits depend on how many threads the machine gives it.
    total: Vector = np.einsum("ij,j->i", values, weights)
    return total


FEATURES: Mapping[str, Callable[[Fragments], Vector]] = {
    **{f"{field}_{one.__name__}": partial(one, field) for field in FIELDS for one in (bm25, rank, found)},
    **{
        one.__name__: one
        for one in (
            named_found, any_found, words_found, rarest_found, rarest_named, rarest_missing,
            body_covered, head_covered, name_covered, name_phrase, verb_first, verb_place, last_found,
            body_pairs, head_pairs, defines,
        )
    },
}  # fmt: skip
