"""Features of stack traces and error messages."""

from __future__ import annotations

import numpy as np

from ...ranking.features import named
from ..corpus import Vector
from .function_candidates import FunctionCandidates


def traced(p: FunctionCandidates) -> Vector:
    """1 for the function that raised the error, less for its callers in the trace, 0 outside of traces."""
    return p.of(p.evidence.named.traced)


def deepest(p: FunctionCandidates) -> Vector:
    """1 for the function of the deepest frame in this repository."""
    values = traced(p)
    top = float(values.max(initial=0.0))
    return (values >= top).astype(np.float64) if top > 0 else np.zeros(len(p))


def framed(p: FunctionCandidates) -> Vector:
    """As `traced`, for the function's file."""
    return p.of_files(p.evidence.named.framed)


def inside(p: FunctionCandidates) -> Vector:
    """1 if it contains a line that is mentioned or in a stack trace."""
    return p.of(p.evidence.named.inside)


def raised(p: FunctionCandidates) -> Vector:
    """The share of the error's messages and exceptions that are in its text."""
    return p.evidence.named.raised(p.rows)


def calls_traced(p: FunctionCandidates) -> Vector:
    """The highest `traced` of its callers."""
    return p.of(p.evidence.calls.from_callers(p.evidence.named.traced))


FEATURES = named(traced, deepest, framed, inside, raised, calls_traced)
