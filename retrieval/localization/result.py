"""The results of locate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .functions import SourceFunction


@dataclass(frozen=True, slots=True)
class FunctionResult:
    """A function that probably must change.

    `score` is the function's probability among all candidates. `why` are reasons in words, the most important
    reason first.
    """

    function: SourceFunction
    score: float
    why: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class FileResult:
    """A file that probably must change.

    `score` is the sum of the probabilities of the file's functions, at most 1. `why` names the most probable
    functions of the file, each with the most important reason for the function.
    """

    path: str
    score: float
    why: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class LocateResult:
    """The functions and files that probably must change, best first, and lines about missing evidence."""

    functions: Sequence[FunctionResult]
    files: Sequence[FileResult]
    missing: Sequence[str] = ()
