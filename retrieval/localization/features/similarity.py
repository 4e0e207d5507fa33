"""Features of how similar the issue is to a function: by vectors of texts and words, and by word pairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import pairwise

import numpy as np

from indexer.encoding import bm25
from indexer.encoding.term_counts import TermCounts

from ...ranking.features import Features, for_each
from ...ranking.scaling import (
    Vector,
    behind_max,
    group_mean,
    max_by_owner,
    mean_by_owner,
    relative_to_max,
    weighted_sum,
    z_scores,
)
from ...ranking.wording import alphanumeric
from ...stop_words import STOP_WORDS
from ..corpus import maxima
from ..issue import CODE, TITLE, WHOLE
from .function_candidates import FunctionCandidates, ranks

_MOST = 24
"""Maximum words of a part that are compared: the words with the highest IDF."""
_PAIRS = 40
_TOP = 3
_MOST_TEXT = 8_000
"""Maximum characters of a function that are searched for pairs of words."""

Compared = tuple[Vector, Vector, TermCounts]


def above_file(part: str, p: FunctionCandidates) -> Vector:
    """The value of `cosine` minus its mean over the candidates of the function's file."""
    values = p.of(p.evidence.dense[part])
    return values - group_mean(p.files, values)


def file_best(part: str, p: FunctionCandidates) -> Vector:
    """The highest cosine of the part with a function in the candidate's file."""
    corpus = p.evidence.corpus
    return p.of_files(maxima(corpus.file, p.evidence.dense[part], len(corpus.paths)))


def file_mean(part: str, p: FunctionCandidates) -> Vector:
    """The mean cosine of the part with the functions in the candidate's file."""
    corpus = p.evidence.corpus
    return p.of_files(mean_by_owner(corpus.file, p.evidence.dense[part], len(corpus.paths)))


_OF_PART: Mapping[str, Callable[[str, FunctionCandidates], Vector]] = {
    # The cosine of the part with the function; the same minus the highest cosine of a candidate; 1 / rank.
    "cosine": lambda part, p: p.of(p.evidence.dense[part]),
    "gap": lambda part, p: behind_max(p.of(p.evidence.dense[part])),
    "rank": lambda part, p: ranks(1.0 + p.of(p.evidence.dense[part])),
    "above_file": above_file,
    "file_best": file_best,
    "file_mean": file_mean,
    # The difference of `cosine` from its mean over all candidates, in standard deviations.
    "standard": lambda part, p: z_scores(p.of(p.evidence.dense[part])),
}


def near(part: str, field: str, p: FunctionCandidates) -> Vector:
    """The mean, weighted by IDF, of the highest cosine of each word of the part with a word of the field."""
    weights, cosines, bag = _kept(part, field, p)
    found = max_by_owner(bag.doc_ids, cosines, len(p))
    return weighted_sum(found, weights / weights.sum(), 0)


def answered(part: str, field: str, p: FunctionCandidates) -> Vector:
    """The mean of the highest cosine of each word of the field with a word of the part."""
    weights, cosines, bag = _kept(part, field, p)
    if not len(weights):
        return np.zeros(len(p))
    return mean_by_owner(bag.doc_ids, cosines.max(axis=0), len(p))


def pairs(part: str, p: FunctionCandidates) -> Vector:
    """How many pairs of consecutive words of the part are also consecutive in the function's text.

    The number is divided by the highest number of a candidate.
    """
    words = [w for w in _parts(p.evidence.issue.parts[part]) if w not in STOP_WORDS]
    wanted = list(dict.fromkeys(a + b for a, b in pairwise(words[: 4 * _PAIRS])))[:_PAIRS]
    if not wanted:
        return np.zeros(len(p))
    texts = (alphanumeric(function.text[:_MOST_TEXT]) for function in p.functions)
    return relative_to_max(np.array([float(sum(pair in text for pair in wanted)) for text in texts]))


def _parts(text: str) -> list[str]:
    return [part for word in bm25.words(text[:4_000]) for part in bm25.parts(word)]


def _kept(part: str, field: str, p: FunctionCandidates) -> Compared:
    """The result of `_compared`. It is cached in `FunctionCandidates.cache`."""
    if (part, field) not in p.cache:
        p.cache[part, field] = _compared(part, field, p)
    found: Compared = p.cache[part, field]
    return found


def _compared(part: str, field: str, p: FunctionCandidates) -> Compared:
    """Returns the weights of the part's words [q], the cosines of the part's words with the field's words
    [q, b], and the counts of the field's words."""
    lexicon, corpus = p.evidence.lexicon, p.evidence.corpus
    words = [
        w for w in dict.fromkeys(_parts(p.evidence.issue.parts[part])) if w not in STOP_WORDS and len(w) > 1
    ]
    mass = {word: corpus.idf_of(bm25.term(word)) for word in words}
    chosen = sorted((word for word in words if mass[word] > 0), key=lambda word: -mass[word])[:_MOST]
    texts = [f.name for f in p.functions] if field == "name" else p.heads
    bag = lexicon.count(texts)
    kept = lexicon.is_part(bag.term_ids)
    bag = TermCounts(bag.texts, bag.doc_ids[kept], bag.term_ids[kept], bag.tf[kept])
    keys, inverse = np.unique(bag.term_ids, return_inverse=True)
    # Use no matrix product: at this size, the synchronisation of threads takes longer than the work.
    cosines = np.einsum("qd,ud->qu", lexicon.vectors(lexicon.numbers(chosen)), lexicon.vectors(keys))
    found = np.round(cosines.astype(np.float64), 3)[:, inverse]
    return np.array([mass[word] for word in chosen]), found, bag


FEATURES: Features[FunctionCandidates] = {
    **{
        f"{part}_{field}_{one.__name__}": partial(one, part, field)
        for part in (TITLE, WHOLE)
        for field in ("name", "head")
        for one in (near, answered)
    },
    **{f"{part}_pairs": partial(pairs, part) for part in (TITLE, WHOLE)},
}
DENSE: Features[FunctionCandidates] = {
    **for_each((WHOLE, TITLE, CODE), _OF_PART),
    # The highest, and the mean of the three highest cosines of the function with sentences of the issue.
    "best_sentence": lambda p: p.sentence_cosines.max(axis=0),
    "best_sentences": lambda p: np.sort(p.sentence_cosines, axis=0)[-_TOP:].mean(axis=0),
    # 1 / the best rank of the function by the cosine with one sentence of the issue.
    "sentence_rank": lambda p: np.stack([ranks(1.0 + row) for row in p.sentence_cosines]).max(axis=0),
}
"""Features of the cosines of dense vectors of the issue with dense vectors of functions."""
