"""The open function's name and head against the fragment's."""

from __future__ import annotations

from indexer.encoding import bm25

from ..query import Prefix
from .pool import Option, each


def same_name(prefix: Prefix, option: Option) -> float:
    """The fragment's function has the name of the open one: another's version of it, or an override."""
    theirs = _last(option)
    return float(bool(prefix.name) and _plain(theirs) == _plain(prefix.name))


def name_parts(prefix: Prefix, option: Option) -> float:
    """Dice coefficient of the parts of the two names."""
    ours, theirs = set(bm25.parts(prefix.name)), set(bm25.parts(_last(option)))
    return 2 * len(ours & theirs) / (len(ours) + len(theirs)) if ours and theirs else 0.0


def nameless(prefix: Prefix, option: Option) -> float:
    """One of the two has no name."""
    return float(not prefix.name) + float(not _last(option))


def parameters_used(prefix: Prefix, option: Option) -> float:
    """Share of the parameters that the suggestion uses."""
    return _share(prefix.parameters, option)


def parameters_left(prefix: Prefix, option: Option) -> float:
    """Share of the parameters that the code before the cursor has not used and the suggestion does."""
    return _share(_unused(prefix), option)


def parameters_never(prefix: Prefix, option: Option) -> float:
    """Parameters that would stay unused."""
    return float(len(_unused(prefix) - option.code.known))


def _unused(prefix: Prefix) -> frozenset[str]:
    return frozenset(name for name in prefix.parameters if prefix.code.counts[name] < 2)


def _share(names: frozenset[str], option: Option) -> float:
    return len(names & option.code.known) / len(names) if names else -1.0


def _last(option: Option) -> str:
    return str(option.found.payload["symbol"]).rsplit(".", 1)[-1]


def _plain(name: str) -> str:
    return name.lower().lstrip("$@_")


FEATURES = tuple(
    map(each, (same_name, name_parts, nameless, parameters_used, parameters_left, parameters_never))
)
