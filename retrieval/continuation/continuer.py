"""Suggests the code that comes next at a cursor.

parse_prefix -> gather (legs in one batch) -> cut -> rank (features; the join of prefix and rest is parsed)
-> suggest -> confidence
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from indexer.errors import UsageError
from indexer.fragment import language_of
from indexer.parsing.secrets import is_doubtful
from indexer.store import Store

from ..config import CONTINUE_PROFILES, DEFAULT_CONTINUE_PROFILE, DEFAULT_UNTIL, UNTIL
from ..result import Candidate, Suggestion
from . import adaptation, confidence, lexical_profile, line_ends, suggestion
from .alignment import Aligner
from .buffer import EditorBuffer
from .features import CutCandidate, CutCandidates
from .gathering import code_of, gather, with_next_pieces
from .indentation import IndentStyle
from .joining import Joiner
from .query import CursorPrefix, parse_prefix
from .ranker import explained, rank
from .suggestion import SuggestedLines

if TYPE_CHECKING:
    from indexer.encoding.types import Encoder

__all__ = ["Continuer", "EditorBuffer", "Suggestion"]

LIMIT = 5
_LOOKED_AT = 4
"""Number of candidates that are examined per requested suggestion. Some candidates give only duplicates, or
suggestions without content."""


class Continuer:
    """Suggests code of one repository in a store. Keeps no state between queries.

    `repo` names the repository in a store that holds several repositories; "" uses the whole store.
    """

    def __init__(self, store: Store, encoder: Encoder, repo: str) -> None:
        self._store, self._encoder, self._repo = store, encoder, repo

    def suggest(
        self,
        buffer: EditorBuffer,
        line: int,
        column: int | None = None,
        *,
        limit: int = LIMIT,
        until: str = DEFAULT_UNTIL,
        include_low_confidence: bool = False,
        profile: str = DEFAULT_CONTINUE_PROFILE,
        explain: bool = False,
    ) -> list[Suggestion]:
        """The best suggestions at a position, best first.

        `line` and `column` count from 1. Without a column, the position is the end of the line. Suggestions
        below the confidence threshold are returned only if `include_low_confidence` is true. Suggestions have
        reasons (`why`) only if `explain` is true. Raises UsageError if the buffer has no such line, for an
        unknown `until` or `profile`, and for a `limit` below 1.
        """
        _check(until, profile, limit)
        prefix = parse_prefix(buffer, line, column)
        if not prefix.code.lexemes or prefix.context == "comment":
            return []
        pool = self.pool(prefix)
        ranked = rank(pool, profile)
        chances = confidence.chances(pool, ranked)
        joiner = Joiner(prefix)
        found: dict[str, Suggestion] = {}
        for number, row in enumerate(ranked.order[: _LOOKED_AT * limit + 20]):
            candidate = pool.candidates[int(row)]
            part = self._part(prefix, candidate, until)
            if part is None:
                continue
            part, names = adaptation.adapt(joiner, prefix, candidate.source, candidate.cut, part)
            bare = suggestion.bare(part.text)
            if bare not in found:
                why = explained(ranked, number, profile) if explain else {}
                score = float(ranked.scores[number])
                found[bare] = _suggestion(candidate, part, names, chances[number], score, why)
            if len(found) == limit:
                break
        enough = confidence.bundled().threshold
        shown = [one for one in found.values() if include_low_confidence or one.confidence >= enough]
        end = line_ends.of(buffer.text)
        return shown if end == "\n" else [replace(one, text=one.text.replace("\n", end)) for one in shown]

    def _part(self, prefix: CursorPrefix, candidate: CutCandidate, until: str) -> SuggestedLines | None:
        """The lines of a candidate to suggest, up to `until`.

        Returns None if they do not fit before the rest of the cursor's line, have no content, or only repeat
        what is before or after the cursor.
        """
        part = _without_secrets(self._truncated(prefix, candidate, until))
        part = suggestion.without_following_lines(part, prefix.after)
        fits = suggestion.fit_before_rest(part, prefix.rest)
        if fits is None or not suggestion.has_content(fits.lines):
            return None
        if suggestion.already_present(fits, prefix.rest + "\n" + prefix.after):
            return None
        return None if not candidate.cut.inside and suggestion.repeats(fits, prefix.text) else fits

    def _truncated(self, prefix: CursorPrefix, candidate: CutCandidate, until: str) -> SuggestedLines:
        """The lines of a candidate, up to `until`.

        If the lines reach the end of one piece of a long function, the next pieces are fetched, too.
        """
        found = suggestion.truncate(candidate.rest, until, prefix.language)
        if len(found.lines) < len(candidate.rest.lines) or candidate.fragment.payload["kind"] == "block":
            return found
        whole = with_next_pieces(self._store, candidate.fragment)
        if len(whole) <= len(candidate.source):
            return found
        rest = suggestion.lines_after_cut(prefix, whole, candidate.cut, IndentStyle.of(candidate.source))
        return suggestion.truncate(rest, until, prefix.language)

    def pool(self, prefix: CursorPrefix) -> CutCandidates:
        """The candidates that may continue a prefix, each cut where its rest may follow the cursor."""
        found = gather(self._store, self._encoder, self._repo, prefix)
        aligner = Aligner(prefix)
        options = (_option(prefix, aligner, one) for one in found if not is_own(prefix, one))
        return CutCandidates(prefix, [one for one in options if one is not None])


def _option(prefix: CursorPrefix, aligner: Aligner, one: Candidate) -> CutCandidate | None:
    start = one.payload["kind"] == "block" or one.payload["ordinal"] > 0
    code = code_of(one)
    cut = aligner.cut(code, start=start)
    if cut is None:
        return None
    rest = suggestion.lines_after_cut(prefix, code, cut, IndentStyle.of(code))
    return CutCandidate(one, cut, lexical_profile.read(rest.text, prefix.language), rest)


def is_own(prefix: CursorPrefix, found: Candidate) -> bool:
    """Whether a fragment is the indexed version of the code that is being edited."""
    if not prefix.path or found.payload["path"] != prefix.path:
        return False
    if prefix.name and found.payload["symbol"].rsplit(".", 1)[-1] == prefix.name:
        return True
    first, last = found.payload["start_line"], found.payload["end_line"]
    return first <= prefix.last_line <= last or (not prefix.name and first <= prefix.last_line + 1 <= last)


def _without_secrets(part: SuggestedLines) -> SuggestedLines:
    """The lines before the first line that contains a masked secret or may contain a secret."""
    return part.first(next((n for n, line in enumerate(part.lines) if is_doubtful(line)), len(part.lines)))


def _suggestion(
    candidate: CutCandidate,
    part: SuggestedLines,
    names: Mapping[str, str],
    chance: float,
    score: float,
    why: Mapping[str, float],
) -> Suggestion:
    payload = candidate.fragment.payload
    start = payload["start_line"]
    return Suggestion(
        text=part.lead + part.text,
        path=payload["path"],
        start_line=start + part.numbers[0],
        end_line=start + part.numbers[-1],
        symbol=payload["symbol"],
        language=language_of(payload),
        confidence=chance,
        score=score,
        names=names,
        why=why,
    )


def _check(until: str, profile: str, limit: int) -> None:
    for what, value, known in (("until", until, UNTIL), ("profile", profile, CONTINUE_PROFILES)):
        if value not in known:
            raise UsageError(f"unknown {what} {value!r}; one of: {', '.join(known)}")
    if limit < 1:
        raise UsageError(f"limit must be at least 1, not {limit}")
