"""Features that depend only on the function, or only on the issue."""

from __future__ import annotations

import numpy as np

from indexer.analysis.roles import is_example, is_legacy, is_stub

from ...ranking import wording
from ...ranking.features import named
from ..corpus import Vector
from .function_candidates import FunctionCandidates


def private(p: FunctionCandidates) -> Vector:
    """1 if the function's name begins with exactly one underscore."""
    return p.each(lambda f: float(f.name.startswith("_") and not f.name.startswith("__")))


def dunder(p: FunctionCandidates) -> Vector:
    """1 if the function's name has the form of Python's special methods, such as `__eq__`."""
    return p.each(lambda f: float(f.name.startswith("__") and f.name.endswith("__")))


def constructor(p: FunctionCandidates) -> Vector:
    """1 if the function is a constructor."""
    return p.each(lambda f: float(f.name in ("__init__", "__new__", "constructor", "initialize")))


def method(p: FunctionCandidates) -> Vector:
    """1 if the function is a member of a class or module."""
    return p.each(lambda f: float(bool(f.owner)))


def lines(p: FunctionCandidates) -> Vector:
    """The logarithm of the number of lines of the function."""
    return p.each(lambda f: float(np.log1p(f.end - f.start + 1)))


def documented(p: FunctionCandidates) -> Vector:
    """The logarithm of the length of the function's documentation in characters."""
    return p.each(lambda f: float(np.log1p(len(wording.doc(f.text, f.name, f.language)))))


def parameters(p: FunctionCandidates) -> Vector:
    """The number of commas in the function's head, which approximates the number of parameters."""
    return np.array([float(head.count(",")) for head in p.heads])


def decorated(p: FunctionCandidates) -> Vector:
    """1 if the function has a decorator, annotation or attribute."""
    return p.each(lambda f: float(f.text.lstrip().startswith(("@", "#["))))


def depth(p: FunctionCandidates) -> Vector:
    """The number of folders above the function's file."""
    return p.each(lambda f: float(f.path.count("/")))


def aside(p: FunctionCandidates) -> Vector:
    """1 if the function's file is an example, a stub, or kept for compatibility."""
    return p.each(lambda f: float(is_example(f.path) or is_stub(f.path) or is_legacy(f.path)))


def issue_words(p: FunctionCandidates) -> Vector:
    """The logarithm of the number of words of the issue."""
    return np.full(len(p), float(np.log1p(len(p.evidence.issue.parts["whole"].split()))))


def issue_code(p: FunctionCandidates) -> Vector:
    """1 if the issue contains code."""
    return np.full(len(p), float(bool(p.evidence.issue.parts["code"])))


def issue_traced(p: FunctionCandidates) -> Vector:
    """The highest `traced` of any function; 0 if no stack trace contains a function of the repository."""
    return np.full(len(p), float(p.evidence.named.traced.max(initial=0.0)))


def issue_names(p: FunctionCandidates) -> Vector:
    """The highest confidence that the issue means a certain function: the maximum of `named`."""
    return np.full(len(p), float(p.evidence.named.function.max(initial=0.0)))


def issue_paths(p: FunctionCandidates) -> Vector:
    """The highest `file_named` of any file."""
    return np.full(len(p), float(p.evidence.named.path.max(initial=0.0)))


FEATURES = named(
    private, dunder, constructor, method, lines, documented, parameters, decorated, depth, aside,
    issue_words, issue_code, issue_traced, issue_names, issue_paths,
)  # fmt: skip
