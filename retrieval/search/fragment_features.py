"""The features of fragments for the learned reranker of search. The weights contain the features' names."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from indexer.store import DENSE

from ..ranking.features import FeatureRegistry, Features, for_each, named
from ..ranking.scaling import (
    Vector,
    behind_max,
    minmax,
    others_best,
    reciprocal_ranks,
    relative_to_max,
    weighted_sum,
)
from ..ranking.wording import alphanumeric
from ..result import Candidate
from .evidence import FUSED, LEXICAL
from .file_features import TESTING
from .fragment_evidence import BODY, FIELDS, HEAD, NAME, PATH, SIMILAR_COSINE, FragmentEvidence
from .naming import QueryWords


def _each(tell: Callable[[Candidate], float]) -> Callable[[FragmentEvidence], Vector]:
    """A feature, from a function that returns the value of one candidate."""
    return lambda f: np.array([float(tell(c)) for c in f.fragments])


def _own_name(tell: Callable[[QueryWords, tuple[str, ...]], float]) -> Callable[[FragmentEvidence], Vector]:
    """A feature, from a function of the query's words and the words of a definition's own name."""
    return lambda f: np.array([float(tell(f.words, own)) for own in f.own_terms])


def raw(leg: str, f: FragmentEvidence) -> Vector:
    """The score. A BM25 score is divided by the total weight of the query's terms."""
    most = float((f.idf * f.query_counts).sum()) if leg == LEXICAL else 1.0
    return f.scores[leg] / most


def file_hits(f: FragmentEvidence) -> Vector:
    """The logarithm of the number of candidates in the fragment's file."""
    many = Counter(c.path for c in f.fragments)
    return np.log([float(many[c.path]) for c in f.fragments])


def _class_of(candidate: Candidate) -> tuple[str, str]:
    return candidate.path, candidate.symbol.rpartition(".")[0]


_LEGS = {LEXICAL: "words", DENSE: "meaning", FUSED: "fused"}
_OF_LEG: Mapping[str, Callable[[str, FragmentEvidence], Vector]] = {
    "raw": raw,
    # The score divided by the best score of all candidates, and minus this score; and 1 / rank by the score.
    "share": lambda leg, f: relative_to_max(f.scores[leg]),
    "gap": lambda leg, f: behind_max(f.scores[leg]),
    "rank": lambda leg, f: reciprocal_ranks(f.scores[leg]),
}
_SCORES: Features[FragmentEvidence] = {
    **for_each(_LEGS, _OF_LEG),
    # The lower of the scaled BM25 score and the scaled dense score.
    "both": lambda f: np.minimum(minmax(f.scores[LEXICAL]), minmax(f.scores[DENSE])),
    # The fused score of the best other candidate in the fragment's file, and in its class.
    "file_best": lambda f: others_best([c.path for c in f.fragments], f.scores[FUSED]),
    "class_best": lambda f: others_best([_class_of(c) for c in f.fragments], f.scores[FUSED]),
    "file_hits": file_hits,
}
"""Features of a fragment's scores on each leg, and of the scores of other fragments in the same file."""


def bm25(field: str, f: FragmentEvidence) -> Vector:
    """The BM25 score of the field alone, divided by the total weight of the query's terms."""
    return weighted_sum(f.weights[field], f.idf_weight, 1)


def rank(field: str, f: FragmentEvidence) -> Vector:
    """1 / rank of the fragment by `bm25`; 0 if that score is 0."""
    return reciprocal_ranks(bm25(field, f), 5, positive=True)


def found(field: str, f: FragmentEvidence) -> Vector:
    """The share of the query's words, weighted by IDF, that are in the field."""
    return weighted_sum(f.contains[field], f.idf_weight, 1)


def _in(f: FragmentEvidence, *fields: str) -> Vector:
    """1 for each query term that occurs in one of the fields of a candidate, 0 for others [n, w]."""
    return functools.reduce(np.maximum, (f.contains[field] for field in fields))


def _anywhere(f: FragmentEvidence) -> Vector:
    return _in(f, BODY, NAME, PATH)


def _coverage(field: str, f: FragmentEvidence) -> Vector:
    different = np.bincount(f.bags[field].doc_ids, minlength=len(f))
    return np.asarray(f.contains[field].sum(axis=1) / np.maximum(1, different), np.float64)


def _pairs(f: FragmentEvidence, texts: Sequence[str]) -> Vector:
    pairs = f.bigrams
    if not pairs:
        return np.zeros(len(f))
    return np.array([sum(pair in text for pair in pairs) for text in texts]) / len(pairs)


_WORDS: Features[FragmentEvidence] = {
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
    # The share of the words of the own name that are in the query. Related words count in part.
    "name_covered": _own_name(lambda query, own: query.coverage(own)),
    # The number of words of the own name if the query contains these words consecutively, else 0.
    "name_phrase": lambda f: f.own_phrases,
    # 1 if the query and the own name begin with the same word. This word is usually a verb.
    "verb_first": _own_name(lambda query, own: bool(own) and query.positions.get(own[0]) == 0),
    # 1 / the position in the query of the first word of the own name; 0 if the query lacks this word.
    "verb_place": _own_name(
        lambda query, own: 1 / (1 + query.positions[own[0]]) if own and own[0] in query.positions else 0.0
    ),
    # 1 if the query contains the last word of the own name. This word is usually the object of the verb.
    "last_found": _own_name(lambda query, own: bool(own) and own[-1] in query.positions),
    # The share of the query's pairs of consecutive words that are consecutive in the text, and in the head.
    "body_pairs": lambda f: _pairs(f, [alphanumeric(text) for text in f.texts]),
    "head_pairs": lambda f: _pairs(f, [alphanumeric(head) for head in f.head_lines]),
    # 1 if the query names the definition in full, less if only by the last part of the name.
    "defines": lambda f: f.defines,
}
"""Features that count the query's words in the fields of a fragment."""


def near(field: str, f: FragmentEvidence) -> Vector:
    """The mean, weighted by IDF, of each query word's highest cosine with a word of the field."""
    return weighted_sum(f.max_cosines[field], f.query_word_weights, 0)


def near_worst(field: str, f: FragmentEvidence) -> Vector:
    """The lowest of the cosines that `near` averages."""
    return f.max_cosines[field].min(axis=0) if len(f.query_words) else np.zeros(len(f))


_OF_FIELD: Mapping[str, Callable[[str, FragmentEvidence], Vector]] = {
    "near": near,
    # 1 / rank by `near`.
    "near_rank": lambda field, f: reciprocal_ranks(near(field, f), 3),
    "near_worst": near_worst,
    # The share of the query's words, weighted by IDF, to which no word of the field is similar.
    "near_missed": lambda field, f: weighted_sum(
        f.max_cosines[field] < SIMILAR_COSINE, f.query_word_weights, 0
    ),
}
_SIMILARITY: Features[FragmentEvidence] = {
    **for_each((BODY, NAME, HEAD), _OF_FIELD),
    # The mean, over the words of the qualified name, of the word's highest cosine with a query word.
    "name_answered": lambda f: f.own_name_cosine,
}
"""Features of how similar a fragment's words are to the words of the query."""


def test(f: FragmentEvidence) -> Vector:
    """1 if the fragment is part of a test, unless the query is about tests."""
    counts = TESTING.isdisjoint(f.query.words)
    return _each(lambda c: counts and c.payload["is_test"])(f)


def length_ratio(f: FragmentEvidence) -> Vector:
    """The logarithm of the number of words minus the mean of this logarithm over all candidates."""
    words = np.log1p(f.lengths[BODY])
    return np.asarray(words - words.mean(), np.float64)


_KINDS: Features[FragmentEvidence] = {
    # 1 if the fragment is of this kind.
    "method": _each(lambda c: c.payload["kind"] == "method"),
    "class": _each(lambda c: c.payload["kind"] == "class"),
    "block": _each(lambda c: c.payload["kind"] == "block"),
    "test": test,
    # 1 for a later piece of a long definition, or a later definition of the same name.
    "later": _each(lambda c: c.payload["ordinal"] > 0),
    # 1 if the definition's own name begins with an underscore, and the number of words of this name.
    "private": _each(lambda c: c.symbol.rsplit(".", 1)[-1].startswith("_")),
    "name_length": _own_name(lambda query, own: len(own)),
    # The logarithms of the numbers of lines and of words.
    "line_count": lambda f: np.log(np.maximum(1.0, f.lines)),
    "length": lambda f: np.log1p(f.lengths[BODY]),
    "length_ratio": length_ratio,
    # The logarithm of the number of words of the head. This number grows with the number of parameters.
    "head_length": lambda f: np.log1p(f.lengths[HEAD]),
    # The number of words of the query, and 1 if the whole query is a name.
    "question_words": lambda f: np.full(len(f), float(len(f.query.words))),
    "question_symbol": lambda f: np.full(len(f), float(f.query.symbol)),
}
"""Features of the fragment's kind and length, and of the query as a whole."""

FEATURES: FeatureRegistry[FragmentEvidence] = FeatureRegistry(
    {"scores": _SCORES, "words": _WORDS, "similarity": _SIMILARITY, "kinds": _KINDS}
)
