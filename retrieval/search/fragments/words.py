"""Features that count the query's words in the fields of a fragment."""

from __future__ import annotations

import functools

import numpy as np

from ...ranking.features import Features, for_each, named
from ...ranking.scaling import Vector, reciprocal_ranks, weighted_sum
from ...ranking.wording import alphanumeric
from .evidence import BODY, FIELDS, HEAD, NAME, PATH, FragmentEvidence


def bm25(field: str, f: FragmentEvidence) -> Vector:
    """The BM25 score of the field alone, divided by the total weight of the query's terms."""
    return weighted_sum(f.weights[field], f.idf_weight, 1)


def rank(field: str, f: FragmentEvidence) -> Vector:
    """1 / rank of the fragment by `bm25`; 0 if that score is 0."""
    return reciprocal_ranks(bm25(field, f), 5, positive=True)


def found(field: str, f: FragmentEvidence) -> Vector:
    """The share of the query's words, weighted by IDF, that are in the field."""
    return weighted_sum(f.contains[field], f.idf_weight, 1)


def name_covered(f: FragmentEvidence) -> Vector:
    """The share of the words of the own name that are in the query. Related words count in part."""
    return np.array([f.words.coverage(sorted(set(own))) for own in f.own_terms])


def verb_first(f: FragmentEvidence) -> Vector:
    """1 if the query and the own name begin with the same word. This word is usually a verb."""
    first = next(iter(f.words.positions), "")
    return np.array([float(own[:1] == (first,)) for own in f.own_terms])


def verb_place(f: FragmentEvidence) -> Vector:
    """1 / the position in the query of the first word of the own name; 0 if the query lacks this word."""
    at = f.words.positions
    return np.array([1.0 / (1 + at[own[0]]) if own and own[0] in at else 0.0 for own in f.own_terms])


def _anywhere(f: FragmentEvidence) -> Vector:
    return _in(f, BODY, NAME, PATH)


def _in(f: FragmentEvidence, *fields: str) -> Vector:
    """1 for each query term that occurs in one of the fields of a candidate, 0 for others [n, w]."""
    return functools.reduce(np.maximum, (f.contains[field] for field in fields))


def _coverage(field: str, f: FragmentEvidence) -> Vector:
    different = np.bincount(f.bags[field].doc_ids, minlength=len(f))
    return np.asarray(f.contains[field].sum(axis=1) / np.maximum(1, different), np.float64)


def _pairs(f: FragmentEvidence, texts: list[str]) -> Vector:
    pairs = f.bigrams
    if not pairs:
        return np.zeros(len(f))
    return np.array([sum(pair in text for pair in pairs) for text in texts]) / len(pairs)


FEATURES: Features[FragmentEvidence] = {
    **for_each(FIELDS, named(bm25, rank, found)),
    # The share of the query's words, weighted by IDF, that are in the name, the path or the head, and that
    # are in any field; and the unweighted share.
    "named_found": lambda f: weighted_sum(_in(f, NAME, PATH, HEAD), f.idf_weight, 1),
    "any_found": lambda f: weighted_sum(_anywhere(f), f.idf_weight, 1),
    "words_found": lambda f: _anywhere(f).mean(axis=1),
    # 1 if the query's rarest word is in any field, and if it is in the name or the head.
    "rarest_found": lambda f: _anywhere(f)[:, int(f.idf.argmax())],
    "rarest_named": lambda f: _in(f, NAME, HEAD)[:, int(f.idf.argmax())],
    # The highest IDF of a query word that is in no field; 0 if each word is in a field.
    "rarest_missing": lambda f: ((1 - _anywhere(f)) * f.idf).max(axis=1),
    # The share of the different words of the text, and of the head, that are in the query.
    "body_covered": lambda f: _coverage(BODY, f),
    "head_covered": lambda f: _coverage(HEAD, f),
    "name_covered": name_covered,
    # The number of words of the own name if the query contains these words consecutively, else 0.
    "name_phrase": lambda f: f.own_phrases,
    **named(verb_first, verb_place),
    # 1 if the query contains the last word of the own name. This word is usually the object of the verb.
    "last_found": lambda f: np.array([float(bool(o) and o[-1] in f.words.positions) for o in f.own_terms]),
    # The share of the query's pairs of consecutive words that are consecutive in the text, and in the head.
    "body_pairs": lambda f: _pairs(f, f.alphanumeric_texts),
    "head_pairs": lambda f: _pairs(f, [alphanumeric(head) for head in f.head_lines]),
    # 1 if the query names the definition in full, less if only by the last part of the name.
    "defines": lambda f: f.defines,
}
