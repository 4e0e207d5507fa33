"""What a fragment is, how long it is, and what kind of question is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from ..features.files import TESTING
from .evidence import BODY, HEAD, Fragments, Vector


def of_kind(kind: str, f: Fragments) -> Vector:
    """It is of this kind."""
    return np.array([float(c.payload["kind"] == kind) for c in f.candidates])


def test(f: Fragments) -> Vector:
    """Part of a test, where the question is not about tests."""
    counts = TESTING.isdisjoint(f.query.words)
    return np.array([float(counts and c.payload["is_test"]) for c in f.candidates])


def later(f: Fragments) -> Vector:
    """A later piece of a long definition, or a later one of several with one name."""
    return np.array([float(c.payload["ordinal"] > 0) for c in f.candidates])


def private(f: Fragments) -> Vector:
    """Its name begins with an underscore."""
    return np.array([float(c.symbol.rsplit(".", 1)[-1].startswith("_")) for c in f.candidates])


def name_length(f: Fragments) -> Vector:
    """Words of its own name."""
    return np.array([float(len(own)) for own in f.own])


def line_count(f: Fragments) -> Vector:
    """Its lines (log)."""
    return np.log(np.maximum(1.0, f.lines))


def length(f: Fragments) -> Vector:
    """Its words (log)."""
    return np.log1p(f.lengths[BODY])


def length_ratio(f: Fragments) -> Vector:
    """Its words, against the candidates' average (log)."""
    words = length(f)
    ratio: Vector = words - words.mean()
    return ratio


def head_length(f: Fragments) -> Vector:
    """Words of its head (log): many parameters, or few."""
    return np.log1p(f.lengths[HEAD])


def question_words(f: Fragments) -> Vector:
    """Words of the question."""
    return np.full(len(f), float(len(f.query.words)))


def question_symbol(f: Fragments) -> Vector:
    """The question is a name."""
    return np.full(len(f), float(f.query.symbol))


FEATURES: Mapping[str, Callable[[Fragments], Vector]] = {
    **{kind: partial(of_kind, kind) for kind in ("method", "class", "block")},
    **{
        one.__name__: one
        for one in (
            test, later, private, name_length, line_count, length, length_ratio, head_length,
            question_words, question_symbol,
        )
    },
}  # fmt: skip
