"""Features of the past commits that changed a function or its file."""

from __future__ import annotations

import numpy as np

from ...ranking.features import Features
from ...ranking.scaling import Vector, group_mean, relative_to_max
from ..issue import TITLE, WHOLE
from .function_candidates import Feature, FunctionCandidates, files, functions


def changes_in_file(p: FunctionCandidates) -> Vector:
    """The value of `past_changes` minus its mean over the candidates of the function's file."""
    values = np.log1p(p.of(p.evidence.history.functions.counts()))
    return values - group_mean(p.files, values)


def together(p: FunctionCandidates) -> Vector:
    """How often the function's file was changed together with the best files."""
    return relative_to_max(p.of_files(p.evidence.history.together(relative_to_max(p.evidence.file_base))))


def _similar(part: str) -> Features[FunctionCandidates]:
    """The highest and the total similarity of the part to the messages of the commits that changed the
    function's file, and that changed the function."""
    found: dict[str, Feature] = {
        "file_like": files(lambda e: relative_to_max(e.past_files[part].best)),
        "file_likes": files(lambda e: relative_to_max(np.sqrt(e.past_files[part].total))),
        "like": functions(lambda e: relative_to_max(e.past_functions[part].best)),
        "likes": functions(lambda e: relative_to_max(np.sqrt(e.past_functions[part].total))),
    }
    return {f"past_{part}_{name}": one for name, one in found.items()}


FEATURES: Features[FunctionCandidates] = {
    **_similar(WHOLE),
    **_similar(TITLE),
    # The logarithm of how often the file, and the function, was changed. Older changes weigh less.
    "past_file_changes": files(lambda e: np.log1p(e.history.files.counts())),
    "past_changes": functions(lambda e: np.log1p(e.history.functions.counts())),
    "past_changes_in_file": changes_in_file,
    # The recency of the last change of the file, and of the function.
    "past_file_fresh": files(lambda e: e.history.files.recency()),
    "past_fresh": functions(lambda e: e.history.functions.recency()),
    "past_together": together,
}
