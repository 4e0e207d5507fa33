"""Features of stack traces and error messages."""

from __future__ import annotations

import numpy as np

from ...ranking.features import named
from ..corpus import Vector
from .function_candidates import FunctionCandidates


def traced(p: FunctionCandidates) -> Vector:
    """1 for a function that raised an error, less for callers of it in the stack trace, 0 for others."""
    return p.of(p.evidence.named.traced)


def deepest(p: FunctionCandidates) -> Vector:
    """1 for the candidate that is deepest in a stack trace, nearest to the error."""
    values = traced(p)
    top = float(values.max(initial=0.0))
    return (values >= top).astype(np.float64) if top > 0 else np.zeros(len(p))


def framed(p: FunctionCandidates) -> Vector:
    """As `traced`, but for the function's file."""
    return p.of_files(p.evidence.named.framed)


def inside(p: FunctionCandidates) -> Vector:
    """1 if the function contains a line that the issue mentions, or the line of a frame."""
    return p.of(p.evidence.named.inside)


def raised(p: FunctionCandidates) -> Vector:
    """The share of the issue's error messages and error names that are in the function's text."""
    return p.evidence.named.raised(p.rows)


def calls_traced(p: FunctionCandidates) -> Vector:
    """The highest `traced` of the function's callers."""
    return p.of(p.evidence.calls.from_callers(p.evidence.named.traced))


FEATURES = named(traced, deepest, framed, inside, raised, calls_traced)
