"""Names of functions and classes that the issue writes out, and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from ..corpus import Vector
from ..mentions import Way
from .pool import Pool, share

_MADE_BY = frozenset({"__init__", "__new__", "constructor", "new", "initialize", "init"})


def way(one: Way, p: Pool) -> Vector:
    """Its bare name is named so."""
    ways = p.evidence.named.ways
    return np.array([float(one in ways[row]) for row in p.rows.tolist()])


def owner_way(one: Way, p: Pool) -> Vector:
    """Its class's name is named so."""
    ways = p.evidence.named.owner_ways
    return np.array([float(one in ways[row]) for row in p.rows.tolist()])


def named(p: Pool) -> Vector:
    """How sure it is that the issue means this function, its name's other bearers counted."""
    return p.of(p.evidence.named.function)


def sure(p: Pool) -> Vector:
    """How sure it is that the name is meant as code."""
    return p.of(p.evidence.named.sure)


def sure_and_rare(p: Pool) -> Vector:
    """The same, less for names that are used everywhere."""
    return p.of(p.evidence.named.sure * p.evidence.named.rarity)


def bearers(p: Pool) -> Vector:
    """One divided by how many functions have the name."""
    return p.of(p.evidence.named.definers)


def rare_name(p: Pool) -> Vector:
    """How rare the name is as a word of the code."""
    return p.of(p.evidence.named.rarity)


def qualified(p: Pool) -> Vector:
    """`Class.name` or `module.name` is written out."""
    return p.of(p.evidence.named.qualified)


def times(p: Pool) -> Vector:
    """How often the name is written (log)."""
    counts = p.evidence.issue.mentions.counts
    return np.log1p(p.each(lambda f: float(counts.get(f.name, 0))))


def owner(p: Pool) -> Vector:
    """How sure it is that its class is named."""
    return p.of(p.evidence.named.owner)


def owner_small(p: Pool) -> Vector:
    """The same, shared among the class's methods."""
    found = p.evidence.named.owner
    many = np.bincount(p.evidence.corpus.owner)[p.evidence.corpus.owner]
    return p.of(found / np.sqrt(np.maximum(1, many)))


def owner_and_name(p: Pool) -> Vector:
    """Both are named."""
    return p.of(np.sqrt(p.evidence.named.owner * p.evidence.named.sure))


def makes_named(p: Pool) -> Vector:
    """The constructor of a named class."""
    return p.of(p.evidence.named.owner) * p.each(lambda f: float(f.name in _MADE_BY))


def named_share(p: Pool) -> Vector:
    """As a share of the best candidate's."""
    return share(named(p))


_WAYS = (Way.TITLE, Way.CODE, Way.ERROR, Way.QUOTED, Way.CALLED, Way.ATTRIBUTE, Way.BARE, Way.IMPORTED)

FEATURES: Mapping[str, Callable[[Pool], Vector]] = {
    **{f"name_{str(one.name).lower()}": partial(way, one) for one in _WAYS},
    **{f"owner_{str(one.name).lower()}": partial(owner_way, one) for one in (Way.TITLE, Way.CODE,
    Way.QUOTED)},
    **{
        one.__name__: one
        for one in (
            named, named_share, sure, sure_and_rare, bearers, rare_name, qualified, times, owner, owner_small,
            owner_and_name, makes_named,
        )
    },
}  # fmt: skip
