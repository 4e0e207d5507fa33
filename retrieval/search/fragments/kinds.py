"""Features of the fragment's kind and length, and of the query as a whole."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...ranking.features import Features, named
from ...ranking.scaling import Vector
from ..features.files import TESTING
from .evidence import BODY, HEAD, FragmentEvidence


def of_kind(kind: str, f: FragmentEvidence) -> Vector:
    """1 if the fragment is of this kind."""
    return np.array([float(c.payload["kind"] == kind) for c in f.candidates])


def test(f: FragmentEvidence) -> Vector:
    """1 if the fragment is part of a test, unless the query is about tests."""
    counts = TESTING.isdisjoint(f.query.words)
    return np.array([float(counts and c.payload["is_test"]) for c in f.candidates])


def later(f: FragmentEvidence) -> Vector:
    """1 for a later piece of a long definition, or a later definition of the same name."""
    return np.array([float(c.payload["ordinal"] > 0) for c in f.candidates])


def private(f: FragmentEvidence) -> Vector:
    """1 if the definition's own name begins with an underscore."""
    return np.array([float(c.symbol.rsplit(".", 1)[-1].startswith("_")) for c in f.candidates])


def name_length(f: FragmentEvidence) -> Vector:
    """The number of words of the definition's own name."""
    return np.array([float(len(own)) for own in f.own_terms])


def line_count(f: FragmentEvidence) -> Vector:
    """The logarithm of the number of lines."""
    return np.log(np.maximum(1.0, f.lines))


def length(f: FragmentEvidence) -> Vector:
    """The logarithm of the number of words."""
    return np.log1p(f.lengths[BODY])


def length_ratio(f: FragmentEvidence) -> Vector:
    """The logarithm of the number of words minus the mean of this logarithm over all candidates."""
    words = length(f)
    return np.asarray(words - words.mean(), np.float64)


def head_length(f: FragmentEvidence) -> Vector:
    """The logarithm of the number of words of the head. This number grows with the number of parameters."""
    return np.log1p(f.lengths[HEAD])


def question_words(f: FragmentEvidence) -> Vector:
    """The number of words of the query."""
    return np.full(len(f), float(len(f.query.words)))


def question_symbol(f: FragmentEvidence) -> Vector:
    """1 if the whole query is a name."""
    return np.full(len(f), float(f.query.symbol))


FEATURES: Features[FragmentEvidence] = {
    **{kind: partial(of_kind, kind) for kind in ("method", "class", "block")},
    **named(
        test, later, private, name_length, line_count, length, length_ratio, head_length,
        question_words, question_symbol,
    ),
}  # fmt: skip
