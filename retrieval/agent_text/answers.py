"""The answers of a host as text for agents, at most `max_tokens` long, the end of the last line included.

A text begins with what is wrong or missing, a line each, and goes on with the code that answers best. Of what
was found, the first is shown whole or in its relevant part, the next by signatures, the rest as places.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ..escaping import code
from ..result import Excerpt
from .budget import fitted
from .items import AnswerItem, merged
from .relevance import weights
from .tokens import BYTES_PER_TOKEN, DEFAULT_TOKENS, cut, size, tokens
from .views import views

if TYPE_CHECKING:
    from ..host.answers import HitsAnswer, Location, LocationsAnswer, QueryAnswer
    from ..result import Hit

NOTE = "note: "
_LONGESTNOTE = 400
"""Maximum bytes of a note."""
_NOTES_SHARE = 0.5
"""The share of the budget that notes may take."""
NOTHING = "nothing found"


def hits_text(
    answer: HitsAnswer, question: str, max_tokens: int = DEFAULT_TOKENS, notes: Sequence[str] = ()
) -> str:
    """The hits of `search` or `similar`. `question` is "" for similar code. Further `notes` come first."""
    excerpts = answer.definitions or [Excerpt(hit.start_line, hit.text) for hit in answer.hits]
    chances = chances_of([hit.score for hit in answer.hits])
    items = [_of_hit(*one) for one in zip(answer.hits, excerpts, chances, strict=True)]
    return text_of(items, question, max_tokens, [*notes, *notes_of(answer), *unsaved(answer.hits)])


def locations_text(
    answer: LocationsAnswer,
    issue: str,
    max_tokens: int = DEFAULT_TOKENS,
    notes: Sequence[str] = (),
    *,
    files: bool = False,
) -> str:
    """The functions of `locate`, or its files. What was missing is among the notes."""
    found = answer.files if files else answer.functions
    missing = [f"missing: {line}" for line in answer.missing]
    return text_of(
        [_of_location(one) for one in found],
        issue,
        max_tokens,
        [*notes, *notes_of(answer), *unsaved(found), *missing],
    )


def text_of(
    items: Iterable[AnswerItem], question: str, max_tokens: int = DEFAULT_TOKENS, notes: Sequence[str] = ()
) -> str:
    """The text that shows items, best first, below the notes.

    The words of `question` choose the lines of what is shown in part. If the budget is too small for one
    place, the text says so. It never exceeds the budget. Raises ValueError if `max_tokens` is less than 1.
    """
    if max_tokens < 1:
        raise ValueError(f"max_tokens must be at least 1, not {max_tokens}")
    limit = max_tokens * BYTES_PER_TOKEN
    items = merged(items)
    said = noted(notes, limit)
    left = limit - sum(size(line) + 1 for line in said)
    if not items and any(NOTHING in line for line in said):
        return "\n".join(said)
    if not items:
        return "\n".join([*said, *first_fitting((NOTHING, "none", "no"), left)])
    known = weights(question, (item.text for item in items))
    options = [views(item, known) for item in items]
    lines = fitted(items, options, left)
    if not lines:
        lines = too_small(items, left)
    return "\n".join([*said, *lines])


def notes_of(answer: QueryAnswer) -> list[str]:
    """What is wrong or missing: an unknown name, whether the index is complete and current, and remarks."""
    unknown = answer.unknown_name
    state = answer.indexing or answer.state
    lines = (unknown.line if unknown else "", state.line if state else "")
    return [*filter(None, lines), *answer.remarks]


def unsaved(found: Iterable[Hit | Location]) -> list[str]:
    """The remark that names the files whose text an editor has not saved. Empty if there are none."""
    paths = list(dict.fromkeys(one.path for one in found if one.source == "buffer"))
    more = f" and {len(paths) - _UNSAVED} more" if len(paths) > _UNSAVED else ""
    return [f"text that is unsaved in an editor: {', '.join(paths[:_UNSAVED])}{more}"] if paths else []


_UNSAVED = 5
"""How many files with unsaved text a note names."""


def chances_of(scores: Sequence[float]) -> list[float]:
    """For each rank, an estimate of the chance that this hit is what was asked for."""
    return [_FIRST / (rank + _FIRST_RANK) for rank in range(len(scores))]


_FIRST, _FIRST_RANK = 0.3, 1.0


def too_small(items: Sequence[AnswerItem], limit: int) -> list[str]:
    """The lines that say that not even the first place fits into `limit` bytes, and which budget it needs."""
    place = fitted(items[:1], [views(items[0], {})[:1]], 1 << 30)
    needed = tokens("\n".join(place) + "\n")
    long = f"budget too small: the first of {len(items)} places needs {needed} tokens"
    return first_fitting((long, "budget too small", "too small", "few"), limit)


def first_fitting(lines: Sequence[str], limit: int) -> list[str]:
    """The first of the lines that fits into `limit` bytes. Returns [] if none does."""
    return next(([line] for line in lines if size(line) + 1 <= limit), [])


def noted(notes: Sequence[str], limit: int) -> list[str]:
    """The notes, each once and in one line. Those that do not fit into their share are only counted."""
    room = int(limit * _NOTES_SHARE)
    lines = list(dict.fromkeys(NOTE + code(" ".join(note.split())) for note in notes if note.strip()))
    found: list[str] = []
    for number, line in enumerate(lines):
        one = cut(line, min(_LONGESTNOTE, max(room - 1, 0)))
        if size(one) + 1 > room or (size(one) < min(size(line), 3 * len(NOTE)) and found):
            return found + first_fitting((f"note: {len(lines) - number} more", "..."), room)
        found.append(one)
        room -= size(one) + 1
    return found


def _of_hit(hit: Hit, excerpt: Excerpt, chance: float) -> AnswerItem:
    last = excerpt.start_line + excerpt.text.rstrip().count("\n")
    return AnswerItem(
        path=hit.path,
        start=excerpt.start_line,
        end=max(last, excerpt.start_line),
        symbol=hit.symbol,
        language=hit.language,
        text=excerpt.text,
        focus=((hit.start_line, hit.end_line),),
        chance=chance,
    )


def _of_location(one: Location) -> AnswerItem:
    return AnswerItem(
        path=one.path,
        start=one.start_line or 0,
        end=one.end_line or one.start_line or 0,
        symbol=one.symbol or "",
        language=one.language or "",
        text=one.text or "",
        chance=one.score,
    )
