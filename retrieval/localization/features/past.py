"""Features of the past commits that changed a function or its file."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ...ranking.features import Features, for_each
from ...ranking.scaling import Vector, group_mean, relative_to_max
from ..issue import TITLE, WHOLE
from .function_candidates import FunctionCandidates, files, functions


def changes_in_file(p: FunctionCandidates) -> Vector:
    """The value of `past_changes` minus its mean over the candidates of the function's file."""
    values = np.log1p(p.of(p.evidence.history.functions.counts()))
    return values - group_mean(p.files, values)


def together(p: FunctionCandidates) -> Vector:
    """How often the function's file was changed together with the best files."""
    return relative_to_max(p.of_files(p.evidence.history.together(relative_to_max(p.evidence.file_base))))


_OF_PART: Mapping[str, Callable[[str, FunctionCandidates], Vector]] = {
    # The highest and the total similarity of the part to the messages of the commits that changed the
    # function's file, and that changed the function.
    "file_like": lambda part, p: p.of_files(relative_to_max(p.evidence.past_files[part].best)),
    "file_likes": lambda part, p: p.of_files(relative_to_max(np.sqrt(p.evidence.past_files[part].total))),
    "like": lambda part, p: p.of(relative_to_max(p.evidence.past_functions[part].best)),
    "likes": lambda part, p: p.of(relative_to_max(np.sqrt(p.evidence.past_functions[part].total))),
}

FEATURES: Features[FunctionCandidates] = {
    **for_each({part: f"past_{part}" for part in (WHOLE, TITLE)}, _OF_PART),
    # The logarithm of how often the file, and the function, was changed. Older changes weigh less.
    "past_file_changes": files(lambda e: np.log1p(e.history.files.counts())),
    "past_changes": functions(lambda e: np.log1p(e.history.functions.counts())),
    "past_changes_in_file": changes_in_file,
    # The recency of the last change of the file, and of the function.
    "past_file_fresh": files(lambda e: e.history.files.recency()),
    "past_fresh": functions(lambda e: e.history.functions.recency()),
    "past_together": together,
}
