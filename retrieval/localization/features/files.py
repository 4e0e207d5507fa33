"""The file that a function is in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from ..corpus import Vector
from ..evidence import best, scaled
from ..issue import CODE, TITLE, WHOLE
from .pool import Pool, others_best, reciprocal_rank

_FRONT = 50


def whole(part: str, p: Pool) -> Vector:
    """BM25 of the whole file, as a share of the best one's."""
    return p.of_files(scaled(p.evidence.file_bm25[part]))


def file_rank(p: Pool) -> Vector:
    """1 / rank of the file by the first order."""
    return p.of_files(reciprocal_rank(p.evidence.file_base))


def file_base(p: Pool) -> Vector:
    """The file's score by the first order, as a share of the best one's."""
    return p.of_files(scaled(p.evidence.file_base))


def file_best(p: Pool) -> Vector:
    """The best other candidate of the file."""
    return others_best(p.files.tolist(), p.of(scaled(p.evidence.base)))


def file_hits(p: Pool) -> Vector:
    """How many of the best functions are in it (log)."""
    front = best(p.evidence.base, _FRONT)
    many = np.bincount(p.evidence.corpus.file[front], minlength=len(p.evidence.corpus.paths))
    return np.log1p(p.of_files(many.astype(np.float64)))


def file_named(p: Pool) -> Vector:
    """Its path is written out."""
    return p.of_files(p.evidence.named.path)


def file_module(p: Pool) -> Vector:
    """A dotted name leads to it."""
    return p.of_files(p.evidence.named.module)


def file_stem(p: Pool) -> Vector:
    """Its bare name is named as code."""
    return p.of_files(p.evidence.named.stems)


def file_size(p: Pool) -> Vector:
    """Functions of the file (log)."""
    many = np.bincount(p.evidence.corpus.file, minlength=len(p.evidence.corpus.paths))
    return np.log1p(p.of_files(many.astype(np.float64)))


FEATURES: Mapping[str, Callable[[Pool], Vector]] = {
    **{f"file_{part}": partial(whole, part) for part in (WHOLE, TITLE, CODE)},
    **{
        one.__name__: one
        for one in (
            file_rank, file_base, file_best, file_hits, file_named, file_module, file_stem, file_size,
        )
    },
}  # fmt: skip
