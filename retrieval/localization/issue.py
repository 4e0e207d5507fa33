"""Parses an issue: its parts and their words, the names that it mentions, its stack traces and its errors."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from indexer.encoding import bm25
from indexer.errors import UsageError

from ..query import log_weights
from ..stop_words import STOP_WORDS
from . import frames, logs, markdown, mentions
from .frames import Frame
from .markdown import Segment
from .mentions import Mentions

WHOLE, TITLE, PROSE, CODE, ERROR = "whole", "title", "prose", "code", "error"
PARTS = (WHOLE, TITLE, PROSE, CODE, ERROR)
"""The parts of an issue. Each part is a separate query."""

_MOST_WORDS = 6_000
"""Maximum words of a part that are used. Only pasted logs have more words."""
_SENTENCES = 24
_SENTENCE = re.compile(r"[^.!?\n]{1,400}")
_FEWEST_WORDS = 3
_ERROR_NAME = re.compile(r"\b[A-Za-z_]\w{0,80}(?:Error|Exception|Warning|Failure|Fault|Panic)\b")
_ERROR_LINE = re.compile(
    r"\s*(?:E {1,7})?((?:[\w.]{1,120}\.)?[A-Za-z_]\w{0,80}(?:Error|Exception|Warning)|panic|fatal error"
    r"|Error)\b:? ?(.*)$"
)
_LITERAL = re.compile(r"'([^'\n]{3,80})'|\"([^\"\n]{3,80})\"")


@dataclass(frozen=True)
class ParsedIssue:
    """A parsed issue.

    `exceptions` are the names of errors that the issue contains. `messages` are the messages of these errors,
    and the quoted texts in the messages.
    """

    text: str
    title: str
    parts: Mapping[str, str]
    mentions: Mentions
    frames: Sequence[Frame]
    exceptions: frozenset[str]
    messages: Sequence[str]

    @functools.cached_property
    def terms(self) -> Mapping[str, Mapping[int, float]]:
        """By part, the weight of each hashed BM25 term."""
        return {part: weights(text) for part, text in self.parts.items()}

    @functools.cached_property
    def sentences(self) -> list[str]:
        """The title, and the sentences of the prose that are not too short."""
        found = [match[0].strip() for match in _SENTENCE.finditer(self.parts[PROSE])]
        long = [one for one in found if len(one.split()) >= _FEWEST_WORDS]
        return [self.title or self.text[:400], *long][:_SENTENCES]


def parse_issue(text: str) -> ParsedIssue:
    """Parse an issue in Markdown. Raises UsageError if the issue has no words."""
    plain = logs.cleaned(markdown.shorten(text).text)
    segments = [_told(segment) for segment in markdown.segments(plain)]
    texts = {part: "\n".join(s.text for s in segments if part in (WHOLE, s.kind)) for part in PARTS}
    parts = {part: mentions.without_links(text) for part, text in texts.items()}
    if not any(any(map(bm25.terms, bm25.words(part))) for part in parts.values()):
        raise UsageError("the issue has no words; describe what is wrong, or paste the error")
    # Read frames from the raw lines, because the segments lack the indentation that marks code in a trace.
    raw = markdown.without_comments(plain).split("\n")
    return ParsedIssue(
        text=text,
        title=parts[TITLE],
        parts=parts,
        mentions=mentions.find(segments),
        frames=frames.frames(line.removeprefix("> ") for line in raw),
        exceptions=frozenset(_ERROR_NAME.findall(parts[WHOLE])),
        messages=_messages(chain.from_iterable(s.text.splitlines() for s in segments)),
    )


def weights(text: str) -> dict[int, float]:
    """The weight 1 + ln(frequency) of each hashed term of a text. Stop words are left out."""
    words = bm25.words(text)[:_MOST_WORDS]
    meaningful = (word for word in words if word.lower() not in STOP_WORDS)
    return log_weights(Counter(chain.from_iterable(map(bm25.terms, meaningful))))


def _told(segment: Segment) -> Segment:
    """The segment. Code that contains a stack trace or an error line gets the kind `error`."""
    if segment.kind == CODE:
        lines = segment.text.splitlines()
        if any(_ERROR_LINE.match(line) for line in lines) or frames.frames(lines):
            return Segment("error", segment.text)
    return segment


def _messages(lines: Iterable[str]) -> list[str]:
    """The messages of errors in the lines, and the quoted texts in these messages."""
    found: dict[str, None] = {}
    for line in lines:
        match = _ERROR_LINE.match(line[:1_000])
        if match and (message := match[2].strip()):
            found |= dict.fromkeys((message[:300], *(a or b for a, b in _LITERAL.findall(message))))
    return list(found)[:20]
