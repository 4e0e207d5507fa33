"""Scores the functions, classes and files that an issue or one of its stack traces mentions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import numpy as np

from ..ranking.scaling import Ints, Vector
from .corpus import FunctionCorpus, indexes_of
from .frames import Frame
from .functions import SourceFunction
from .issue import ParsedIssue
from .mentions import MentionKind, MentionSite

_STRENGTH: Mapping[MentionKind, float] = {
    MentionKind.BARE: 0.15,
    MentionKind.TITLE: 0.3,
    MentionKind.CODE: 0.2,
    MentionKind.ERROR: 0.2,
    MentionKind.QUOTED: 0.5,
    MentionKind.CALLED: 0.4,
    MentionKind.ATTRIBUTE: 0.2,
    MentionKind.SHAPED: 0.5,
    MentionKind.IMPORTED: 0.3,
}
"""The confidence that a name means code, by kind of mention. The confidences of several kinds are added up,
to at most 1."""
_SHALLOW = 0.7
"""The score of a caller in a stack trace is this times the score of the frame that it called."""


class MentionScores:
    """Scores in [0, 1] of the functions [n] and files [f] of a corpus."""

    def __init__(self, issue: ParsedIssue, corpus: FunctionCorpus) -> None:
        self._issue, self._corpus = issue, corpus

    @cached_property
    def kinds(self) -> Ints:
        """The kinds of mentions of each function's bare name, as a number [n]."""
        kinds = self._issue.mentions.kinds
        return np.array([kinds.get(f.name, 0) for f in self._corpus.functions], np.int64)

    @cached_property
    def owner_kinds(self) -> Ints:
        """As `kinds`, but of the name of the function's class [n]."""
        kinds = self._issue.mentions.kinds
        owners = (f.owner.rpartition(".")[2] for f in self._corpus.functions)
        return np.array([kinds.get(owner, 0) if owner else 0 for owner in owners], np.int64)

    @cached_property
    def definers(self) -> Vector:
        """1 / the number of functions of the same name [n]."""
        many = self._corpus.by_name
        return np.array([1.0 / len(many[f.name]) for f in self._corpus.functions])

    @cached_property
    def name_rarity(self) -> Vector:
        """How rare each function's name is as a word of the code; 1 if no function's text contains it [n]."""
        known, uses = self._corpus.words
        frequency = np.diff(uses.bounds)
        used = [frequency[known[f.name]] if f.name in known else 0 for f in self._corpus.functions]
        return np.asarray(1.0 / (1.0 + np.log1p(used)), np.float64)

    @cached_property
    def confidence(self) -> Vector:
        """The confidence that the issue means the name of each function as code; 0 without a mention [n]."""
        return _confidence(self.kinds)

    @cached_property
    def owner(self) -> Vector:
        """As `confidence`, but for the name of the function's class [n]."""
        return _confidence(self.owner_kinds)

    @cached_property
    def function(self) -> Vector:
        """The confidence that the issue means each function [n].

        It is lower if several functions have the same name, and higher if the issue mentions the function's
        class.
        """
        share = np.sqrt(self.definers)
        with_class = np.minimum(1.0, share + 0.7 * (self.owner > 0))
        return np.asarray(np.maximum(self.confidence * with_class, self.qualified), np.float64)

    @cached_property
    def qualified(self) -> Vector:
        """For each function, 1 if the issue contains `Class.name`, 0.9 if it contains `module.name` [n]."""
        found = np.zeros(len(self._corpus))
        for dotted in self._issue.mentions.dotted:
            front, _, last = dotted.rpartition(".")
            before = front.rpartition(".")[2]
            for i in self._corpus.by_name.get(last, ()):
                function = self._corpus.functions[i]
                if function.owner.rpartition(".")[2] == before:
                    found[i] = 1.0
                elif not function.owner and stem(function.path) == before:
                    found[i] = max(found[i], 0.9)
        return found

    @cached_property
    def file(self) -> Vector:
        """The score of each file: the maximum of its scores by path, by module and by stack trace [f]."""
        return np.maximum(self.path, np.maximum(0.8 * self.module, self.framed))

    @cached_property
    def path(self) -> Vector:
        """How completely the issue mentions each file's path [f].

        The score is 1 if the issue mentions the file with a folder. It is less for a file name alone, and if
        several files match.
        """
        sites = self._issue.mentions.sites
        return self._of_files(pair for place in sites for pair in self._files(place.path))

    @cached_property
    def module(self) -> Vector:
        """How much of a dotted name in the issue matches each file's path; `a.b.c` matches `a/b.py` [f]."""
        found = np.zeros(len(self._corpus.paths))
        for dotted in self._issue.mentions.dotted:
            parts = dotted.split(".")
            for end in range(len(parts), 0, -1):
                for i in self._by_stem.get(parts[end - 1], ()):
                    same = _common(parts[:end], _module(self._corpus.paths[i]))
                    if same > 1 or (same == 1 and end == 1 and len(self._by_stem[parts[0]]) == 1):
                        found[i] = max(found[i], min(1.0, same / 3.0 + 0.1))
        return found

    @cached_property
    def framed(self) -> Vector:
        """1 for a file that raised an error, less for files that called it in the trace, 0 for others [f]."""
        return self._of_files((i, value) for _, i, value in self._files_of_frames())

    @cached_property
    def traced(self) -> Vector:
        """As `framed`, but for functions [n].

        A frame without a function name counts for the function that contains the frame's line.
        """
        found = np.zeros(len(self._corpus))
        for frame, i, value in self._files_of_frames():
            for n, function in self._functions(i):
                by_line = function.start <= frame.line <= function.end
                if function.name == frame.function if frame.function else by_line:
                    found[n] = max(found[n], value)
        return found

    @cached_property
    def inside(self) -> Vector:
        """1 for each function that contains a mentioned line or a frame's line, 0 for others [n]."""
        found = np.zeros(len(self._corpus))
        places: list[MentionSite | Frame] = [*self._issue.mentions.sites, *self._issue.frames]
        for place in places:
            for i, _ in self._files(place.path) if place.line else ():
                for n, function in self._functions(i):
                    if function.start <= place.line <= function.end:
                        found[n] = 1.0
        return found

    def raised(self, rows: Ints) -> Vector:
        """For the functions at the indexes `rows`, the share of the issue's error messages and error names
        that are in the function's text [k]."""
        wanted = [text for text in (*self._issue.messages, *self._issue.exceptions) if len(text) > 3]
        if not wanted:
            return np.zeros(len(rows))
        texts = (self._corpus.functions[row].text for row in rows.tolist())
        return np.array([sum(text in one for text in wanted) / len(wanted) for one in texts])

    @cached_property
    def stems(self) -> Vector:
        """The confidence that the issue means the bare name of each file as code [f]."""
        kinds = self._issue.mentions.kinds
        return _confidence(np.array([kinds.get(stem(path), 0) for path in self._corpus.paths], np.int64))

    def _of_files(self, scores: Iterable[tuple[int, float]]) -> Vector:
        """The highest score of each file, from pairs of a file's index and a score [f]."""
        found = np.zeros(len(self._corpus.paths))
        for i, score in scores:
            found[i] = max(found[i], score)
        return found

    def _functions(self, file: int) -> Iterator[tuple[int, SourceFunction]]:
        """The functions of a file, each with its index."""
        start, end = self._corpus.bounds[file : file + 2].tolist()
        return zip(range(start, end), self._corpus.functions[start:end], strict=True)

    def _files_of_frames(self) -> Iterator[tuple[Frame, int, float]]:
        """Each frame with each file that the frame may mean: the frame, the file's index and its score."""
        for frame in self._issue.frames:
            for i, share in self._files(frame.path):
                yield frame, i, share * _SHALLOW ** min(frame.depth, 12)

    def _files(self, path: str) -> list[tuple[int, float]]:
        """The indexes of the files whose paths have the most parts at the end in common with `path`.

        Each index comes with the confidence that `path` means this file.
        """
        parts = path.replace("\\", "/").strip("/").split("/")
        paths = self._corpus.paths
        rows = [(i, _common(parts, paths[i].split("/"))) for i in self._by_base.get(parts[-1], ())]
        most = max((same for _, same in rows), default=0)
        chosen = [i for i, same in rows if same == most]
        share = (1.0 if most > 1 else 0.7) / (len(chosen) ** 0.5) if chosen else 0.0
        return [(i, share) for i in chosen]

    @cached_property
    def _by_base(self) -> dict[str, list[int]]:
        return indexes_of(path.rpartition("/")[2] for path in self._corpus.paths)

    @cached_property
    def _by_stem(self) -> dict[str, list[int]]:
        found = indexes_of(map(stem, self._corpus.paths))
        found.pop("", None)  # .profile and the like are no modules
        return found


def _confidence(kinds: Ints) -> Vector:
    """The confidence that a name with all these kinds of mentions means code, for each name."""
    found = sum((value * ((kinds & kind) > 0) for kind, value in _STRENGTH.items()), np.zeros(len(kinds)))
    return np.minimum(1.0, found)


def stem(path: str) -> str:
    """The name of a file's module: the file's name without the extension, or the folder's name.

    The folder's name is used for a file like `__init__.py`.
    """
    module = _module(path)
    return module[-1] if module else ""


def _module(path: str) -> list[str]:
    parts = path.rpartition(".")[0].split("/") if "." in path.rpartition("/")[2] else path.split("/")
    return parts[:-1] if parts[-1] in ("__init__", "index", "mod") else parts


def _common(parts: list[str], module: list[str]) -> int:
    """The number of equal parts at the end of both lists."""
    same = 0
    for a, b in zip(reversed(parts), reversed(module), strict=False):
        if a != b:
            break
        same += 1
    return same
