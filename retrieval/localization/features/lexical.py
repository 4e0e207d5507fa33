"""Features of how the words of each part of the issue occur in the fields of a function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from ...ranking.features import Features, for_each, named
from ...ranking.scaling import Vector, relative_to_max, z_scores
from ..corpus import BODY, DOC, HEAD, NAME, PATH, STRINGS, maxima
from ..issue import CODE, ERROR, PARTS, PROSE, TITLE, WHOLE
from ..mentions import MentionKind
from .function_candidates import FunctionCandidates, functions, ranks

_FIELDS = {
    WHOLE: (BODY, NAME, PATH, DOC, HEAD, STRINGS),
    TITLE: (BODY, NAME, PATH, DOC, HEAD, STRINGS),
    PROSE: (BODY, NAME, HEAD),
    CODE: (BODY, NAME, HEAD),
    ERROR: (BODY, NAME, STRINGS),
}


def field_share(part: str, field: str, p: FunctionCandidates) -> Vector:
    """The BM25 score of one field, divided by the highest score of a candidate."""
    return relative_to_max(p.of(p.evidence.lexical[part, field]))


def covered(part: str, p: FunctionCandidates) -> Vector:
    """The share of the part's words, weighted by IDF, that are in the body or in the name.

    It is the larger of the share in the body and the share in the name.
    """
    weights = p.evidence.corpus.idf * (p.evidence.part_weights[part] > 0)
    fields = p.evidence.corpus.fields
    found = np.maximum(*(fields[field].has(weights > 0, weights) for field in (BODY, NAME)))
    return p.of(found) / (float(weights.sum()) or 1.0)


def named_covered(part: str, p: FunctionCandidates) -> Vector:
    """The share of the words of the function's qualified name, weighted by IDF, that are in the part."""
    corpus = p.evidence.corpus
    name = corpus.fields[NAME]
    own = name.has(np.ones(len(corpus.terms), bool), corpus.idf)
    return p.of(name.has(p.evidence.part_weights[part] > 0, corpus.idf) / np.maximum(own, 1e-9))


def rarest(part: str, p: FunctionCandidates) -> Vector:
    """The highest IDF of a word that is in both the part and the function's body."""
    corpus = p.evidence.corpus
    terms, owners, _ = corpus.fields[BODY].hits(p.evidence.part_weights[part] > 0)
    return p.of(maxima(owners, corpus.idf[terms], len(corpus)))


def identifiers(p: FunctionCandidates) -> Vector:
    """The share of the names of code in the issue, weighted by IDF, that are whole words of the function."""
    corpus = p.evidence.corpus
    known, uses = corpus.words
    weights = np.zeros(len(known))
    idf = np.log1p(len(corpus) / (1.0 + np.diff(uses.bounds)))
    for name, way in p.evidence.issue.mentions.kinds.items():
        if name in known and way & (
            MentionKind.SHAPED | MentionKind.QUOTED | MentionKind.CALLED | MentionKind.CODE
        ):
            weights[known[name]] = idf[known[name]]
    total = float(weights.sum()) or 1.0
    return p.of(uses.has(weights > 0, weights) / total)


_OF_PART: Mapping[str, Callable[[str, FunctionCandidates], Vector]] = {
    # The weighted sum of the fields' BM25 scores, divided by the total weight of the part; this value divided
    # by the highest value of a candidate; 1 / rank by it; and its difference from the mean over all
    # candidates in standard deviations.
    "bm25": lambda part, p: p.of(p.evidence.bm25[part]),
    "bm25_share": lambda part, p: relative_to_max(p.of(p.evidence.bm25[part])),
    "bm25_rank": lambda part, p: ranks(p.of(p.evidence.bm25[part])),
    "bm25_standard": lambda part, p: z_scores(p.of(p.evidence.bm25[part])),
}

FEATURES: Features[FunctionCandidates] = {
    **for_each(PARTS, _OF_PART),
    **{
        f"{part}_{field}": partial(field_share, part, field)
        for part, fields in _FIELDS.items()
        for field in fields
    },
    **for_each((WHOLE, TITLE, CODE), named(covered, named_covered, rarest)),
    "identifiers": identifiers,
    # The logarithm of the number of words of the function's body.
    "body_length": functions(lambda e: np.log1p(e.corpus.lengths.astype(np.float64))),
}
