"""Callers and callees as text for agents: definitions, and the lines of the calls by file.

A line of a call begins with its number. All edges come before the code of their lines: that a list is
complete is worth more than the code, which the agent reads where it edits.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from ..escaping import code, name
from .answers import NOTHING, first_fitting, noted, notes_of
from .layout import DATA, label
from .tokens import BYTES_PER_TOKEN, DEFAULT_TOKENS, size

if TYPE_CHECKING:
    from ..host.relation_answers import CallEdge, CallPlace, CallsAnswer
    from ..host.requests import Direction

_WIDEST = 120
"""Maximum characters of a line of code."""
_MODULE = "(module)"
_NOUNS = {"callers": "callers of", "callees": "callees of", "impact": "impact of"}
_PLURALS = {"callers": "callers", "callees": "callees", "impact": "callers, direct or indirect,"}
_CUT = "note: {} of {} {} are not shown; a greater limit or budget shows more"
_MANY = 5
_AMBIGUOUS = (
    "{} definitions with this name were considered; ask about one: Class.method, module.function, PATH:LINE"
)

Shown = Callable[[str], str]


def calls_text(
    answer: CallsAnswer,
    direction: Direction,
    max_tokens: int = DEFAULT_TOKENS,
    notes: Sequence[str] = (),
    shown: Shown = str,
) -> str:
    """The definitions, each with its callers, its callees, or all that depends on it.

    The text is at most `max_tokens` long. If not all edges fit, a note counts the others. `shown` returns a
    path as the reader knows it. Raises ValueError if `max_tokens` is less than 1.
    """
    if max_tokens < 1:
        raise ValueError(f"max_tokens must be at least 1, not {max_tokens}")
    limit = max_tokens * BYTES_PER_TOKEN
    entries = _entries(answer)
    said = [*notes, *notes_of(answer)]
    if not entries:
        said += [*_why_nothing(answer, direction, shown, is_explained=bool(said))]
    if len(answer.definitions) > _MANY:
        said.append(_AMBIGUOUS.format(len(answer.definitions)))
    lines = noted(said, limit)
    left = limit - sum(size(line) + 1 for line in lines)
    if not entries:
        return "\n".join(lines or first_fitting((NOTHING, "none", "no"), left))
    above = sum(one.left_out for one in answer.definitions) + answer.shared_left_out
    total = len(entries) + above
    plural = _PLURALS[direction]

    def text(count: int, coded: int) -> list[str]:
        cut = [_CUT.format(total - count, total, plural)] if count < total else []
        return [*cut, DATA, *_lines(answer, entries[:count], coded, direction, shown)]

    def fits(count: int, coded: int) -> bool:
        return sum(size(line) + 1 for line in text(count, coded)) <= left

    count = len(entries) if fits(len(entries), 0) else _most(len(entries) - 1, lambda n: fits(n, 0))
    if not count:
        return "\n".join([*lines, *first_fitting((f"budget too small: {total} {plural}", "too small"), left)])
    return "\n".join([*lines, *text(count, _most(count, lambda number: fits(count, number)))])


class _Entry(NamedTuple):
    """An edge, and the number of its definition, or -1 if it is shared by several definitions."""

    definition: int
    edge: CallEdge


def _entries(answer: CallsAnswer) -> list[_Entry]:
    """All edges, those first that are shown if space is short: outside of tests, near ones, resolved.

    The shared ones do not repeat a call that one definition has.
    """
    found = [_Entry(n, edge) for n, one in enumerate(answer.definitions) for edge in one.edges]
    known = {_calls(one.edge) for one in found}
    found += [_Entry(-1, edge) for edge in answer.shared if _calls(edge) not in known]
    return sorted(
        found, key=lambda one: (one.edge.distance, one.edge.test, one.edge.resolution != "resolved")
    )


def _calls(edge: CallEdge) -> tuple[str, tuple[int, ...]]:
    return edge.path, tuple(dict.fromkeys(call.line for call in edge.calls))


def _most(greatest: int, fits: Callable[[int], bool]) -> int:
    """The greatest number up to `greatest` that fits, or 0. What fits also fits with a smaller number."""
    low, high = 0, greatest
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def _lines(
    answer: CallsAnswer, entries: Sequence[_Entry], coded: int, direction: Direction, shown: Shown
) -> Iterator[str]:
    """The lines of the text. The first `coded` entries are shown with code."""
    with_code = {id(one.edge) for one in entries[:coded]}
    for number, definition in enumerate(answer.definitions):
        edges = [one.edge for one in entries if one.definition == number]
        vague = [one for one in edges if direction == "callees" and one.candidates > _FEW]
        edges = [one for one in edges if one not in vague]
        if edges or vague:
            yield f"{_NOUNS[direction]} {_place(definition.definition, shown)}{_counts(edges)}"
            yield from _edges(edges, with_code, direction, shown)
            yield from _vague(vague)
    shared = [one.edge for one in entries if one.definition < 0]
    if shared:
        places = [_place(one.definition, shown) for one in answer.definitions]
        more = f" and {len(places) - _NAMED} more" if len(places) > _NAMED else ""
        yield f"{_NOUNS[direction]} one of {', '.join(places[:_NAMED])}{more}, it is not known which:"
        known = {id(one) for one in shared if one.candidates == len(places)}  # the heading says it
        yield from _edges(shared, with_code, direction, shown, known)


def _vague(edges: Sequence[CallEdge]) -> Iterator[str]:
    """A line for each name that so many definitions have that none of them is worth a line."""
    names: dict[str, CallEdge] = {}
    for edge in edges:
        names.setdefault(edge.symbol.rpartition(".")[2], edge)
    if names:
        yield "by name, any of the definitions with this name:"
    for symbol, edge in names.items():
        yield f"{_numbers(edge)} {name(symbol)} ({edge.candidates} definitions)"


def _numbers(edge: CallEdge) -> str:
    """The lines of the calls."""
    return ",".join(map(str, dict.fromkeys(call.line for call in edge.calls)))


_FEW = 2
"""A callee by name is listed if at most so many definitions have the name."""
_NAMED = 3
"""How many of the definitions that a name has are listed."""


def _counts(edges: Sequence[CallEdge]) -> str:
    """How many edges of each kind follow. Empty if there is one at most."""
    kinds = [(edge.test, edge.resolution) for edge in edges]
    said = [
        f"{kinds.count((test, resolution))} {resolution}{' in tests' if test else ''}"
        for test, resolution in dict.fromkeys(kinds)
    ]
    return f": {', '.join(said)}" if len(kinds) > 1 else ""


def _edges(
    edges: Sequence[CallEdge],
    with_code: set[int],
    direction: Direction,
    shown: Shown,
    plain: Collection[int] = (),
) -> Iterator[str]:
    """The lines of edges. Those of `plain` are shown without the number of their candidates."""
    for (distance, test, resolution), group in groupby(edges, lambda e: (e.distance, e.test, e.resolution)):
        title = [f"distance {distance}"] if direction == "impact" else []
        yield ", ".join([*title, *(["in tests"] if test else []), resolution]) + ":"
        files: dict[str, list[CallEdge]] = {}
        for edge in group:
            files.setdefault(edge.path, []).append(edge)
        for path, some in files.items():
            yield _label(shown(path))
            for edge in some:
                doubt = f" (1 of {edge.candidates})" if edge.candidates > 1 and id(edge) not in plain else ""
                yield _edge(edge, direction, doubt, with_code=id(edge) in with_code)


def _edge(edge: CallEdge, direction: Direction, doubt: str, *, with_code: bool) -> str:
    lines = _numbers(edge)
    symbol = name(edge.symbol) or _MODULE
    if direction == "callees":
        head, text = f"{edge.line} {symbol}{doubt}, called at {lines}", edge.text
    else:
        via = f" -> {name(edge.via)}" if edge.via else ""
        head, text = f"{lines} {symbol}{via}{doubt}", edge.calls[0].text if edge.calls else ""
    text = code(text.strip())
    text = text if len(text) <= _WIDEST else text[:_WIDEST] + "…"
    return f"{head}: {text}" if with_code and text else head


def _place(one: CallPlace, shown: Shown) -> str:
    return f"{name(shown(one.path))}:{one.line} {name(one.symbol) or _MODULE}"


def _label(path: str) -> str:
    """A path as a line. It is never like the title of a group."""
    found = label(path)
    return f"./{found}" if found.endswith(":") and not found.startswith("./") else found


def _why_nothing(
    answer: CallsAnswer, direction: Direction, shown: Shown, *, is_explained: bool
) -> Iterator[str]:
    """Why there are no edges."""
    if answer.unknown:
        return  # said already
    if not answer.definitions:
        yield NOTHING if is_explained else f"{NOTHING}: no definition at this line"
        return
    places = ", ".join(_place(one.definition, shown) for one in answer.definitions[:_NAMED])
    filtered = sum(one.filtered for one in answer.definitions)
    noun = "callees" if direction == "callees" else "callers"
    yield f"{NOTHING}: no {noun} of {places}" + (f"; filters leave out {filtered}" if filtered else "")
