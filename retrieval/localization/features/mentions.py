"""Features of how the issue mentions functions, classes and files, by name or in a stack trace."""

from __future__ import annotations

import numpy as np

from ...ranking.features import Features
from ...ranking.scaling import Vector, relative_to_max
from ..mentions import MentionKind
from .function_candidates import Feature, FunctionCandidates, files, functions

_MADE_BY = frozenset({"__init__", "__new__", "constructor", "new", "initialize", "init"})
_OF_NAME = ("TITLE", "CODE", "ERROR", "QUOTED", "CALLED", "ATTRIBUTE", "BARE", "IMPORTED")
_OF_OWNER = ("TITLE", "CODE", "QUOTED")
"""The kinds of mentions of which each is a feature: of the function's bare name, and of its class."""


def deepest(p: FunctionCandidates) -> Vector:
    """1 for the candidate that is deepest in a stack trace, nearest to the error."""
    values = p.of(p.evidence.named.traced)
    return np.asarray((values > 0) & (values >= values.max(initial=0.0)), np.float64)


def _mentioned(kind: str, *, owner: bool = False) -> Feature:
    """1 if the issue mentions the function's bare name in this way; with `owner`, that of its class."""

    return functions(
        lambda e: np.sign((e.named.owner_kinds if owner else e.named.kinds) & MentionKind[kind]).astype(float)
    )


FEATURES: Features[FunctionCandidates] = {
    **{f"name_{kind.lower()}": _mentioned(kind) for kind in _OF_NAME},
    **{f"owner_{kind.lower()}": _mentioned(kind, owner=True) for kind in _OF_OWNER},
    # The confidence that the issue means this function; lower if other functions have the same name.
    "named": functions(lambda e: e.named.function),
    "named_share": lambda p: relative_to_max(p.of(p.evidence.named.function)),
    # The confidence that the issue means the function's name as code, and the same but lower for names that
    # occur often in the code.
    "sure": functions(lambda e: e.named.confidence),
    "sure_and_rare": functions(lambda e: e.named.confidence * e.named.name_rarity),
    # 1 / the number of functions with the function's name, and how rare the name is as a word of the code.
    "bearers": functions(lambda e: e.named.definers),
    "rare_name": functions(lambda e: e.named.name_rarity),
    # 1 if the issue contains `Class.name`, 0.9 if it contains `module.name`.
    "qualified": functions(lambda e: e.named.qualified),
    # The logarithm of the number of mentions of the function's name.
    "times": lambda p: np.log1p(p.each(lambda f: p.evidence.issue.mentions.counts[f.name])),
    # The confidence that the issue means the name of the function's class as code; the same but lower for
    # classes with many methods; and the same for the names of both the class and the function.
    "owner": functions(lambda e: e.named.owner),
    "owner_small": functions(lambda e: e.named.owner / np.sqrt(np.maximum(1, e.corpus.class_sizes))),
    "owner_and_name": functions(lambda e: np.sqrt(e.named.owner * e.named.confidence)),
    # The value of `owner` for constructors, 0 for other functions.
    "makes_named": lambda p: p.of(p.evidence.named.owner) * p.each(lambda f: f.name in _MADE_BY),
}
TRACES: Features[FunctionCandidates] = {
    # 1 for a function that raised an error, less for callers of it in the stack trace, 0 for others.
    "traced": functions(lambda e: e.named.traced),
    "deepest": deepest,
    # As `traced`, but for the function's file.
    "framed": files(lambda e: e.named.framed),
    # 1 if the function contains a line that the issue mentions, or the line of a frame.
    "inside": functions(lambda e: e.named.inside),
    # The share of the issue's error messages and error names that are in the function's text.
    "raised": lambda p: p.evidence.named.raised(p.rows),
    # The highest `traced` of the function's callers.
    "calls_traced": functions(lambda e: e.calls.from_callers(e.named.traced)),
}
"""Features of stack traces and error messages."""
