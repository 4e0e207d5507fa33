"""Features of the past commits that changed a function or its file."""

from __future__ import annotations

import numpy as np

from ...ranking.features import for_each, named, relative_to_max
from ..corpus import Vector
from ..issue import TITLE, WHOLE
from .function_candidates import FunctionCandidates, group_mean


def file_like(part: str, p: FunctionCandidates) -> Vector:
    """The highest similarity of the part to the message of a commit that changed the function's file."""
    return p.of_files(relative_to_max(p.evidence.past_files[part].best))


def file_likes(part: str, p: FunctionCandidates) -> Vector:
    """The total similarity of the part to the messages of all commits that changed the function's file."""
    return p.of_files(relative_to_max(np.sqrt(p.evidence.past_files[part].total)))


def like(part: str, p: FunctionCandidates) -> Vector:
    """The highest similarity of the part to the message of a commit that changed the function."""
    return p.of(relative_to_max(p.evidence.past_functions[part].best))


def likes(part: str, p: FunctionCandidates) -> Vector:
    """The total similarity of the part to the messages of all commits that changed the function."""
    return p.of(relative_to_max(np.sqrt(p.evidence.past_functions[part].total)))


def file_changes(p: FunctionCandidates) -> Vector:
    """The logarithm of how often the function's file was changed. Older changes weigh less."""
    return np.log1p(p.of_files(p.evidence.history.changes()[0]))


def changes(p: FunctionCandidates) -> Vector:
    """The logarithm of how often the function was changed. Older changes weigh less."""
    return np.log1p(p.of(p.evidence.history.changes()[1]))


def changes_in_file(p: FunctionCandidates) -> Vector:
    """The value of `changes` minus its mean over the candidates of the function's file."""
    values = changes(p)
    return values - group_mean(p.files, values)


def file_fresh(p: FunctionCandidates) -> Vector:
    """The recency of the last change of the function's file."""
    return p.of_files(p.evidence.history.last_change()[0])


def fresh(p: FunctionCandidates) -> Vector:
    """The recency of the last change of the function."""
    return p.of(p.evidence.history.last_change()[1])


def together(p: FunctionCandidates) -> Vector:
    """How often the function's file was changed together with the best files."""
    return relative_to_max(p.of_files(p.evidence.history.together(relative_to_max(p.evidence.file_base))))


FEATURES = {
    f"past_{name}": one
    for name, one in {
        **for_each((WHOLE, TITLE), file_like, file_likes, like, likes),
        **named(file_changes, changes, changes_in_file, file_fresh, fresh, together),
    }.items()
}
