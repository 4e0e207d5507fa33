"""What changed in the same commits as a file or a function, as text for agents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..escaping import code, name
from .answers import NOTHING, first_fitting, noted, notes_of
from .layout import DATA, label
from .tokens import BYTES_PER_TOKEN, DEFAULT_TOKENS, cut, size

if TYPE_CHECKING:
    from ..host.relation_answers import Cochange, CochangeAnswer

_LONGEST_SUBJECT = 60
"""Maximum bytes of a commit's subject."""
_SECOND = 10
"""How many files are shown if a function was asked about, and the other way round."""


def cochanges_text(
    answer: CochangeAnswer,
    of: str,
    max_tokens: int = DEFAULT_TOKENS,
    notes: Sequence[str] = (),
    shown: Callable[[str], str] = str,
) -> str:
    """The files and functions that changed together with `of`, at most `max_tokens` long.

    What is like `of`, a file or a function, comes first, with the newest common commit.

    `shown` returns a path as the reader knows it. Raises ValueError if `max_tokens` is less than 1.
    """
    if max_tokens < 1:
        raise ValueError(f"max_tokens must be at least 1, not {max_tokens}")
    limit = max_tokens * BYTES_PER_TOKEN
    lines = noted([*notes, *notes_of(answer), *(f"missing: {one}" for one in answer.missing)], limit)
    limit -= sum(size(line) + 1 for line in lines)
    if not (answer.files or answer.functions):
        commits = "1 commit" if answer.changes == 1 else f"{answer.changes} commits"
        why = f"{NOTHING}: nothing changed twice with {name(of)}, which {commits} changed"
        return "\n".join([*lines, *first_fitting((why, NOTHING, "none", "no"), limit)])
    head = f"how many of the last {answer.changes} commits that changed {name(of)} also changed:"
    first, second = (answer.functions, answer.files) if answer.name else (answer.files, answer.functions)
    rows = [_row(one, shown, with_subject=True) for one in first]
    rows += [_row(one, shown, with_subject=False) for one in second[:_SECOND]]
    for line in (DATA, head, *rows):
        if size(line) + 1 > limit:
            break
        lines.append(line)
        limit -= size(line) + 1
    return "\n".join(lines)


def _row(one: Cochange, shown: Callable[[str], str], *, with_subject: bool) -> str:
    place = label(shown(one.path))
    if one.symbol:
        place = f"{place}:{one.start_line} {name(one.symbol)}"
    newest = f", newest: {cut(code(one.subject), _LONGEST_SUBJECT)}" if with_subject else ""
    return f"{place}: {one.together}{newest}"
