"""Makes both forms of a tool's answer, structured content and text, within the budget.

Most agents give their model only one of the two forms of a result: some the structured content alone, others
the text alone. So the structured content has the text, too, and each form is complete within the budget. The
code stands only in the text; the places are short, and as many as fit into a small share.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from retrieval.agent_text.answers import NOTE
from retrieval.agent_text.tokens import BYTES_PER_TOKEN, tokens

from .results import FoundCode, ToolAnswer, ToolResult

_PLACES_SHARE = 0.2
"""The share of the budget that the places may take."""
_TRIES = 4


def fitted_answer(
    found: Sequence[FoundCode], max_tokens: int, text_within: Callable[[int], str]
) -> ToolAnswer:
    """The answer whose two forms have at most `max_tokens` each. `text_within` returns a text of a length."""
    limit = max_tokens * BYTES_PER_TOKEN
    places: list[FoundCode] = []
    room = int(limit * _PLACES_SHARE)
    for one in found:
        room -= len(msgspec.json.encode(one)) + 1
        if room < 0:
            break
        places.append(one)
    whole = text = text_within(max_tokens)
    budget = max_tokens
    for _ in range(_TRIES):
        notes, rest = _split(text)
        result = ToolResult(results=places, text=rest, notes=notes)
        above = len(msgspec.json.encode(result)) - limit
        if above <= 0 or budget <= 1:
            break
        budget = max(1, min(budget, tokens(text)) - -(-above // BYTES_PER_TOKEN))
        text = text_within(budget)
    return ToolAnswer(result, whole)


def _split(text: str) -> tuple[list[str], str]:
    """The notes at the beginning of a text, and the rest."""
    lines = text.split("\n")
    count = next((n for n, line in enumerate(lines) if not line.startswith(NOTE)), len(lines))
    return [line.removeprefix(NOTE) for line in lines[:count]], "\n".join(lines[count:])
