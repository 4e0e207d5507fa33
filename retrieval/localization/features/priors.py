"""Features that depend only on the function, or only on the issue."""

from __future__ import annotations

import numpy as np

from indexer.analysis.roles import is_example, is_legacy, is_stub

from ...ranking import wording
from ...ranking.features import Features
from ..issue import CODE, WHOLE
from .function_candidates import FunctionCandidates, each, issue

_CONSTRUCTORS = ("__init__", "__new__", "constructor", "initialize")

FEATURES: Features[FunctionCandidates] = {
    # 1 if the function's name begins with exactly one underscore.
    "private": each(lambda f: f.name.startswith("_") and not f.name.startswith("__")),
    # 1 if the function's name has the form of Python's special methods, such as `__eq__`.
    "dunder": each(lambda f: f.name.startswith("__") and f.name.endswith("__")),
    "constructor": each(lambda f: f.name in _CONSTRUCTORS),
    # 1 if the function is a member of a class or module.
    "method": each(lambda f: bool(f.owner)),
    # The logarithm of the number of lines of the function.
    "lines": each(lambda f: np.log1p(f.end - f.start + 1)),
    # The logarithm of the length of the function's documentation in characters.
    "documented": each(lambda f: np.log1p(len(wording.doc(f.text, f.name, f.language)))),
    # The number of commas in the function's head, which approximates the number of parameters.
    "parameters": lambda p: np.array([float(head.count(",")) for head in p.heads]),
    # 1 if the function has a decorator, annotation or attribute.
    "decorated": each(lambda f: f.text.lstrip().startswith(("@", "#["))),
    # The number of folders above the function's file.
    "depth": each(lambda f: f.path.count("/")),
    # 1 if the function's file is an example, a stub, or kept for compatibility.
    "aside": each(lambda f: is_example(f.path) or is_stub(f.path) or is_legacy(f.path)),
    # The logarithm of the number of words of the issue, and 1 if it contains code.
    "issue_words": issue(lambda e: np.log1p(len(e.issue.parts[WHOLE].split()))),
    "issue_code": issue(lambda e: bool(e.issue.parts[CODE])),
    # The highest values of `traced` and `named` of any function, and of `file_named` of any file.
    "issue_traced": issue(lambda e: e.named.traced.max(initial=0.0)),
    "issue_names": issue(lambda e: e.named.function.max(initial=0.0)),
    "issue_paths": issue(lambda e: e.named.path.max(initial=0.0)),
}
