"""Features that count the query's words in the fields of a fragment."""

from __future__ import annotations

import numpy as np

from ...ranking.features import for_each, named
from ...ranking.scaling import Vector, reciprocal_ranks
from ...ranking.wording import alphanumeric
from .evidence import BODY, FIELDS, HEAD, NAME, PATH, FragmentEvidence


def bm25(field: str, f: FragmentEvidence) -> Vector:
    """The BM25 score of the field alone, divided by the total weight of the query's terms."""
    return _weighted_sum(f.weights[field], f.idf_weight)


def rank(field: str, f: FragmentEvidence) -> Vector:
    """1 / rank of the fragment by `bm25`; 0 if that score is 0."""
    return reciprocal_ranks(bm25(field, f), 5, positive=True)


def found(field: str, f: FragmentEvidence) -> Vector:
    """The share of the query's words, weighted by IDF, that are in the field."""
    return _weighted_sum(f.contains[field], f.idf_weight)


def named_found(f: FragmentEvidence) -> Vector:
    """The share of the query's words, weighted by IDF, that are in the name, the path or the head."""
    return _weighted_sum(
        np.maximum(np.maximum(f.contains[NAME], f.contains[PATH]), f.contains[HEAD]), f.idf_weight
    )


def any_found(f: FragmentEvidence) -> Vector:
    """The share of the query's words, weighted by IDF, that are in any field."""
    return _weighted_sum(_anywhere(f), f.idf_weight)


def words_found(f: FragmentEvidence) -> Vector:
    """The unweighted share of the query's words that are in any field."""
    return np.asarray(_anywhere(f).mean(axis=1), np.float64)


def rarest_found(f: FragmentEvidence) -> Vector:
    """1 if the query's rarest word is in any field."""
    return _anywhere(f)[:, int(f.idf.argmax())]


def rarest_named(f: FragmentEvidence) -> Vector:
    """1 if the query's rarest word is in the name or the head."""
    rarest = int(f.idf.argmax())
    return np.maximum(f.contains[NAME], f.contains[HEAD])[:, rarest]


def rarest_missing(f: FragmentEvidence) -> Vector:
    """The highest IDF of a query word that is in no field; 0 if each word is in a field."""
    return np.asarray(((1 - _anywhere(f)) * f.idf).max(axis=1), np.float64)


def body_covered(f: FragmentEvidence) -> Vector:
    """The share of the text's different words that are in the query."""
    return _coverage(BODY, f)


def head_covered(f: FragmentEvidence) -> Vector:
    """The share of the head's different words that are in the query."""
    return _coverage(HEAD, f)


def name_covered(f: FragmentEvidence) -> Vector:
    """The share of the words of the own name that are in the query. Related words count in part."""
    return np.array([f.words.coverage(sorted(set(own))) for own in f.own_terms])


def name_phrase(f: FragmentEvidence) -> Vector:
    """The number of words of the own name if the query contains these words consecutively, else 0."""
    return np.array([f.words.phrase(own) for own in f.own_terms])


def verb_first(f: FragmentEvidence) -> Vector:
    """1 if the query and the own name begin with the same word. This word is usually a verb."""
    first = next(iter(f.words.positions), "")
    return np.array([float(own[:1] == (first,)) for own in f.own_terms])


def verb_place(f: FragmentEvidence) -> Vector:
    """1 / the position in the query of the first word of the own name; 0 if the query lacks this word."""
    at = f.words.positions
    return np.array([1.0 / (1 + at[own[0]]) if own and own[0] in at else 0.0 for own in f.own_terms])


def last_found(f: FragmentEvidence) -> Vector:
    """1 if the query contains the last word of the own name. This word is usually the object of the verb."""
    return np.array([float(bool(own) and own[-1] in f.words.positions) for own in f.own_terms])


def body_pairs(f: FragmentEvidence) -> Vector:
    """The share of the query's pairs of consecutive words that are consecutive in the text."""
    return _pairs(f, f.alphanumeric_texts)


def head_pairs(f: FragmentEvidence) -> Vector:
    """As `body_pairs`, but for the head."""
    return _pairs(f, [alphanumeric(head) for head in f.head_lines])


def defines(f: FragmentEvidence) -> Vector:
    """1 if the query names the definition in full, less if only by the last part of the name."""
    return f.defines


def _anywhere(f: FragmentEvidence) -> Vector:
    return np.maximum(f.contains[BODY], np.maximum(f.contains[NAME], f.contains[PATH]))


def _coverage(field: str, f: FragmentEvidence) -> Vector:
    different = np.bincount(f.bags[field].doc_ids, minlength=len(f))
    return np.asarray(f.contains[field].sum(axis=1) / np.maximum(1, different), np.float64)


def _pairs(f: FragmentEvidence, texts: list[str]) -> Vector:
    pairs = f.bigrams
    if not pairs:
        return np.zeros(len(f))
    return np.array([sum(pair in text for pair in pairs) for text in texts]) / len(pairs)


def _weighted_sum(values: Vector, weights: Vector) -> Vector:
    # Use no matrix product, because the last bits of a product depend on the number of threads.
    return np.asarray(np.einsum("ij,j->i", values, weights), np.float64)


FEATURES = {
    **for_each(FIELDS, bm25, rank, found),
    **named(
        named_found, any_found, words_found, rarest_found, rarest_named, rarest_missing,
        body_covered, head_covered, name_covered, name_phrase, verb_first, verb_place, last_found,
        body_pairs, head_pairs, defines,
    ),
}  # fmt: skip
