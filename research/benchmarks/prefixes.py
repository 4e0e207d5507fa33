"""Continues the prefixes of data sets with whole documents.

A prefix is the beginning of a function, and each document the rest of one. Documents are not cut. The white
space between the two is unknown, so a join is the best of those with plausible white space.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from indexer.encoding.types import Encoder
from indexer.parsing import profiles
from indexer.store import Store
from retrieval.continuation import lexical_profile
from retrieval.continuation.alignment import CutPoint
from retrieval.continuation.buffer import EditorBuffer
from retrieval.continuation.features import CutCandidate, CutCandidates
from retrieval.continuation.functions import FunctionHead, named
from retrieval.continuation.gathering import LEGS, code_of, gather
from retrieval.continuation.indentation import IndentStyle
from retrieval.continuation.joining import Joiner, JoinParse
from retrieval.continuation.lexical_profile import column
from retrieval.continuation.query import MAX_PREFIX, CursorPrefix, prefix_of
from retrieval.continuation.suggestion import SuggestedLines

DEPTH = 250
"""Maximum candidates per leg. Time matters less than in an editor."""
_HEAD = 12
"""Number of lines in which the head of the function is looked for."""
_LEAVES = re.compile(r"\s*(?:return|raise|continue|break|pass)\b")


def prefix_from_data(text: str, language: str) -> CursorPrefix:
    """The prefix of a data set's text: the beginning of a function, without white space at the end."""
    whole = text[-MAX_PREFIX:]
    lines = whole.split("\n")
    head = next(
        (FunctionHead(n, name) for n, line in enumerate(lines[:_HEAD]) if (name := named(line, language))),
        FunctionHead(0, ""),
    )
    buffer = EditorBuffer("", text, language)
    return prefix_of(buffer, whole, head, ("", ""), len(lines), IndentStyle.of(whole))


class DocumentCandidates(CutCandidates):
    """Documents that may continue a prefix."""

    @cached_property
    def joins(self) -> list[JoinParse]:
        prefix = replace(self.prefix, text=self.prefix.text.rstrip())
        joiner = Joiner(prefix)
        if not joiner.usable:
            return []
        return [best_join(joiner, prefix, one.text, one.code.indents) for one in self.candidates]


def pool(
    store: Store,
    encoder: Encoder,
    repo: str,
    prefix: CursorPrefix,
    *,
    depth: int = DEPTH,
    languages: Sequence[str] | None = None,
) -> DocumentCandidates:
    """The documents in one of `languages` that may continue a prefix.

    The best `depth` of each leg are candidates. () means all languages, and None means those compatible with
    the prefix's language.
    """
    most = (len(LEGS) + 1) * depth
    found = gather(store, encoder, repo, prefix, depth=depth, most=most, languages=languages)
    candidates = []
    for one in found:
        code = code_of(one)
        rest = SuggestedLines("", tuple(code.split("\n")), 0, ())
        read = lexical_profile.read(code, prefix.language)
        candidates.append(CutCandidate(one, CutPoint(0), read, rest))
    return DocumentCandidates(prefix, candidates)


def best_join(joiner: Joiner, prefix: CursorPrefix, text: str, indents: Sequence[int] = ()) -> JoinParse:
    """The parsed join with the white space that gives the fewest errors. Returns early if there are none.

    `joiner` parses joins with the prefix without white space at its end. `indents` is the indentation, in
    columns, of each line of the text after the first.
    """
    glues = _glues(prefix)
    if profiles.of(prefix.language).block_opener and indents:
        glues.append("\n" + " " * indents[0])
    best: JoinParse | None = None
    for glue in dict.fromkeys(glues):
        found = joiner.parse(glue + text)
        if best is None or found.order < best.order:
            best = found
        if best.clean and best.items <= 1:
            break
    assert best is not None
    return best


def _glues(prefix: CursorPrefix) -> list[str]:
    """The white space that may follow a prefix: a space, or a line end and the next line's indentation."""
    indent = column(prefix.last_text)
    opener = profiles.of(prefix.language).block_opener
    if not opener:
        return [" ", "\n" + " " * indent]
    unit = prefix.indentation.width
    if prefix.last_text.endswith(opener) and not prefix.open:
        indent += unit
    elif _LEAVES.match(prefix.last_text):
        indent = max(indent - unit, 0)
    return [" ", "\n" + IndentStyle(prefix.indentation.tabs, unit).white(indent)]
