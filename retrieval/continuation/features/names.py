"""Features that compare the name and head of the open function with those of the fragment."""

from __future__ import annotations

from indexer.encoding import bm25

from ..query import CursorPrefix
from .cut_candidates import CutCandidate, each, share


def same_name(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """1 if the fragment's function has the same name as the open function, for example as an override."""
    theirs = _last(candidate)
    return float(bool(prefix.name) and _plain(theirs) == _plain(prefix.name))


def name_parts(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The Dice coefficient of the parts of the two functions' names."""
    ours, theirs = set(bm25.parts(prefix.name)), set(bm25.parts(_last(candidate)))
    return 2 * len(ours & theirs) / (len(ours) + len(theirs)) if ours and theirs else 0.0


def nameless(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """How many of the two functions have no name."""
    return float(not prefix.name) + float(not _last(candidate))


def parameters_used(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The share of the open function's parameters that the suggestion uses; -1 without parameters."""
    return share(prefix.parameters, candidate.code.known, -1.0)


def parameters_left(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """As `parameters_used`, but only for parameters that are not used before the cursor."""
    return share(_unused(prefix), candidate.code.known, -1.0)


def parameters_never(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The number of parameters that are used neither before the cursor nor in the suggestion."""
    return float(len(_unused(prefix) - candidate.code.known))


def _unused(prefix: CursorPrefix) -> frozenset[str]:
    return frozenset(name for name in prefix.parameters if prefix.code.counts[name] < 2)


def _last(candidate: CutCandidate) -> str:
    return str(candidate.fragment.payload["symbol"]).rsplit(".", 1)[-1]


def _plain(name: str) -> str:
    return name.lower().lstrip("$@_")


FEATURES = each(same_name, name_parts, nameless, parameters_used, parameters_left, parameters_never)
