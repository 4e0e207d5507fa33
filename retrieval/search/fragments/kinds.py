"""Features of the fragment's kind and length, and of the query as a whole."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...ranking.features import Features
from ...ranking.scaling import Vector
from ...result import Candidate
from ..features.files import TESTING
from .evidence import BODY, HEAD, FragmentEvidence


def test(f: FragmentEvidence) -> Vector:
    """1 if the fragment is part of a test, unless the query is about tests."""
    counts = TESTING.isdisjoint(f.query.words)
    return _each(lambda c: counts and c.payload["is_test"])(f)


def length_ratio(f: FragmentEvidence) -> Vector:
    """The logarithm of the number of words minus the mean of this logarithm over all candidates."""
    words = np.log1p(f.lengths[BODY])
    return np.asarray(words - words.mean(), np.float64)


def _each(tell: Callable[[Candidate], float]) -> Callable[[FragmentEvidence], Vector]:
    """A feature, from a function that returns the value of one candidate."""
    return lambda f: np.array([float(tell(c)) for c in f.fragments])


FEATURES: Features[FragmentEvidence] = {
    # 1 if the fragment is of this kind.
    "method": _each(lambda c: c.payload["kind"] == "method"),
    "class": _each(lambda c: c.payload["kind"] == "class"),
    "block": _each(lambda c: c.payload["kind"] == "block"),
    "test": test,
    # 1 for a later piece of a long definition, or a later definition of the same name.
    "later": _each(lambda c: c.payload["ordinal"] > 0),
    # 1 if the definition's own name begins with an underscore, and the number of words of this name.
    "private": _each(lambda c: c.symbol.rsplit(".", 1)[-1].startswith("_")),
    "name_length": lambda f: np.array([float(len(own)) for own in f.own_terms]),
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
