"""Finds the names of code that an issue mentions, and how it mentions each name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntFlag

from indexer.parsing import profiles

from .markdown import Segment


class MentionKind(IntFlag):
    """How a name is mentioned. Several kinds can be combined."""

    BARE = 1
    TITLE = 2
    CODE = 4
    ERROR = 8
    QUOTED = 16
    """The name is between backticks."""
    CALLED = 32
    ATTRIBUTE = 64
    """The name is behind a dot."""
    SHAPED = 128
    """The name has an underscore or an inner capital, unlike words of prose."""
    IMPORTED = 256


_DOTTED = re.compile(r"(\.?)([^\W\d]\w*(?:(?:\.|::|#)[^\W\d]\w*)*)(\(?)")
_PATH = re.compile(r"(?:[\w.~@+-]{1,100}[/\\]){0,30}[\w.@+-]{1,100}\.[A-Za-z]\w{0,9}\b")
_PLACE = re.compile(r"(?:#L|:|, line |\", line )(\d{1,7})")
_URL = re.compile(r"https?://[^\s<>()\[\]\"'`]{1,500}")
_BLOB = re.compile(
    r"https?://[^/\s]{1,100}/[^/\s]{1,100}/[^/\s]{1,100}/"
    r"(?:-/)?(?:blob|tree)/[^/\s]{1,200}/([^\s#?]{1,300})(?:#L(\d{1,7}))?"
)
_IMPORT = re.compile(
    r"\s*(?:>>> |\d{1,4} )?(?:from ([\w.]{1,200}) import ([\w, *()]{1,500})|import ([\w., ]{1,500}))"
)
_EXTENSIONS = profiles.words("mentioned")


@dataclass(frozen=True, slots=True)
class MentionSite:
    """A mentioned file, and a mentioned line in that file.

    `path` has forward slashes. `line` is 0 if no line is mentioned.
    """

    path: str
    line: int = 0


@dataclass(slots=True)
class Mentions:
    """The mentions of an issue.

    `kinds` maps each mentioned name to the kinds of its mentions, and `counts` maps it to the number of its
    mentions. `dotted` and `sites` map dotted names and files to the number of their mentions.
    """

    kinds: dict[str, MentionKind] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    dotted: Counter[str] = field(default_factory=Counter)
    sites: Counter[MentionSite] = field(default_factory=Counter)

    def add(self, name: str, way: MentionKind) -> None:
        """Add one mention of a name."""
        if shaped(name):
            way |= MentionKind.SHAPED
        self.kinds[name] = self.kinds.get(name, MentionKind(0)) | way
        self.counts[name] += 1


def find(segments: Iterable[Segment]) -> Mentions:
    """All mentions in the segments."""
    found = Mentions()
    for segment in segments:
        found.sites.update(sites(segment.text))
        for text, way in _spans(segment):
            _names(text, way, found)
        if segment.kind != "title":
            for name in _imported(segment.text):
                found.dotted[name] += 1
                for part in name.split("."):
                    found.add(part, MentionKind.IMPORTED)
    return found


def shaped(name: str) -> bool:
    """Whether a name has the form of a name in code, unlike words of prose.

    Such a name has an inner underscore, or an inner capital if not all letters are capitals, or begins with
    two underscores.
    """
    inner = name.strip("_")
    return (
        "_" in inner or (not inner.isupper() and any(c.isupper() for c in inner[1:])) or name.startswith("__")
    )


def sites(text: str) -> Iterator[MentionSite]:
    """The files that a text mentions, including the files of links into a hosted repository."""
    for match in _BLOB.finditer(text):
        yield MentionSite(match[1], int(match[2] or 0))
    for match in _PATH.finditer(without_links(text)):
        path = match[0].replace("\\", "/")
        if path.rpartition(".")[2].lower() in _EXTENSIONS:
            line = _PLACE.match(text, match.end())
            yield MentionSite(path, int(line[1]) if line else 0)


def without_links(text: str) -> str:
    """The text without URLs."""
    return _URL.sub(" ", text)


_WAYS: Mapping[str, MentionKind] = {
    "title": MentionKind.TITLE,
    "prose": MentionKind.BARE,
    "code": MentionKind.CODE,
    "error": MentionKind.ERROR,
}


def _spans(segment: Segment) -> Iterator[tuple[str, MentionKind]]:
    """The parts of a segment's text inside and outside of backticks, each with its kind of mention."""
    way = _WAYS[segment.kind]
    text = without_links(segment.text)
    if segment.kind in ("code", "error"):
        yield text, way
        return
    for number, part in enumerate(text.split("`")):
        yield part, way | (MentionKind.QUOTED if number % 2 else MentionKind.BARE)


def _names(text: str, way: MentionKind, found: Mentions) -> None:
    for before, dotted, after in _DOTTED.findall(text):
        name = dotted.replace("::", ".").replace("#", ".")
        parts = name.split(".")
        ways = [way | MentionKind.ATTRIBUTE] * len(parts)
        if not before:
            ways[0] = way
        if after:
            ways[-1] |= MentionKind.CALLED
        for part, one in zip(parts, ways, strict=True):
            found.add(part, one)
        if len(parts) > 1:
            found.dotted[name] += 1


def _imported(text: str) -> Iterator[str]:
    """The dotted names in the Python import statements of a text."""
    for match in filter(None, map(_IMPORT.match, text.splitlines())):
        module = match[1]
        names = match[2].strip("() ") if module else match[3]
        for name in names.split(","):
            bare = name.split(" as ")[0].strip()
            if module:
                yield f"{module}.{bare}" if bare.isidentifier() else module
            elif all(part.isidentifier() for part in bare.strip(".").split(".")):
                yield bare.strip(".")
