"""Features of how the issue mentions the names of functions and classes."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...ranking import features
from ..corpus import Vector
from ..mentions import MentionKind
from .function_candidates import FunctionCandidates

_MADE_BY = frozenset({"__init__", "__new__", "constructor", "new", "initialize", "init"})


def way(one: MentionKind, p: FunctionCandidates) -> Vector:
    """1 if the issue mentions the function's bare name in this way."""
    ways = p.evidence.named.kinds
    return np.array([float(one in ways[row]) for row in p.rows.tolist()])


def owner_way(one: MentionKind, p: FunctionCandidates) -> Vector:
    """1 if the issue mentions the name of the function's class in this way."""
    ways = p.evidence.named.owner_kinds
    return np.array([float(one in ways[row]) for row in p.rows.tolist()])


def named(p: FunctionCandidates) -> Vector:
    """The confidence that the issue means this function; lower if other functions have the same name."""
    return p.of(p.evidence.named.function)


def sure(p: FunctionCandidates) -> Vector:
    """The confidence that the issue means the function's name as code."""
    return p.of(p.evidence.named.confidence)


def sure_and_rare(p: FunctionCandidates) -> Vector:
    """As `sure`, but lower for names that occur often in the code."""
    return p.of(p.evidence.named.confidence * p.evidence.named.name_rarity)


def bearers(p: FunctionCandidates) -> Vector:
    """1 / the number of functions with the function's name."""
    return p.of(p.evidence.named.definers)


def rare_name(p: FunctionCandidates) -> Vector:
    """How rare the function's name is as a word of the code."""
    return p.of(p.evidence.named.name_rarity)


def qualified(p: FunctionCandidates) -> Vector:
    """1 if the issue contains `Class.name`, 0.9 if it contains `module.name`."""
    return p.of(p.evidence.named.qualified)


def times(p: FunctionCandidates) -> Vector:
    """The logarithm of the number of mentions of the function's name."""
    counts = p.evidence.issue.mentions.counts
    return np.log1p(p.each(lambda f: float(counts.get(f.name, 0))))


def owner(p: FunctionCandidates) -> Vector:
    """The confidence that the issue means the name of the function's class as code."""
    return p.of(p.evidence.named.owner)


def owner_small(p: FunctionCandidates) -> Vector:
    """As `owner`, but lower for classes with many methods."""
    found = p.evidence.named.owner
    many = np.bincount(p.evidence.corpus.owner)[p.evidence.corpus.owner]
    return p.of(found / np.sqrt(np.maximum(1, many)))


def owner_and_name(p: FunctionCandidates) -> Vector:
    """The confidence that the issue means both the class's name and the function's name as code."""
    return p.of(np.sqrt(p.evidence.named.owner * p.evidence.named.confidence))


def makes_named(p: FunctionCandidates) -> Vector:
    """The value of `owner` for constructors, 0 for other functions."""
    return p.of(p.evidence.named.owner) * p.each(lambda f: float(f.name in _MADE_BY))


def named_share(p: FunctionCandidates) -> Vector:
    """The value of `named`, divided by the highest value of a candidate."""
    return features.relative_to_max(named(p))


_WAYS = (
    MentionKind.TITLE,
    MentionKind.CODE,
    MentionKind.ERROR,
    MentionKind.QUOTED,
    MentionKind.CALLED,
    MentionKind.ATTRIBUTE,
    MentionKind.BARE,
    MentionKind.IMPORTED,
)

FEATURES: features.Features[FunctionCandidates] = {
    **{f"name_{str(one.name).lower()}": partial(way, one) for one in _WAYS},
    **{
        f"owner_{str(one.name).lower()}": partial(owner_way, one)
        for one in (MentionKind.TITLE, MentionKind.CODE, MentionKind.QUOTED)
    },
    **features.named(
        named, named_share, sure, sure_and_rare, bearers, rare_name, qualified, times, owner, owner_small,
        owner_and_name, makes_named,
    ),
}  # fmt: skip
