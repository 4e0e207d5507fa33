"""Formats tables of text with aligned columns. Columns of numbers are right-aligned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from . import plain
from .render import columns

Cell = str | int


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    color: bool,
    foot: Sequence[Cell] = (),
    faint: str = "",
) -> Iterator[str]:
    """The lines of a table with a head and an optional foot. Rows whose last cell is `faint` are dimmed."""
    body = [[_text(cell) for cell in row] for row in rows]
    last = [_text(cell) for cell in foot]
    everything = [list(head), *body, *([last] if foot else [])]
    widths = [max(columns(row[i]) for row in everything) for i in range(len(head))]
    right = [bool(rows) and all(isinstance(row[i], int) for row in rows) for i in range(len(head))]
    yield _style(_line(head, widths, right), color, bold=True)
    for line in body:
        yield _style(_line(line, widths, right), color and bool(faint) and line[-1] == faint, dim=True)
    if foot:
        yield _style(_line(last, widths, right), color, bold=True)


def pairs(rows: Sequence[tuple[str, str]], *, color: bool) -> Iterator[str]:
    """The lines of a list of names and values. The values are aligned."""
    width = max((len(name) for name, _ in rows), default=0)
    for name, value in rows:
        yield f"{_style(f'{name:{width}}', color, dim=True)}  {plain.name(value)}"


def size(number: int) -> str:
    """A number of bytes as text, in bytes, kB, MB or GB."""
    value = float(number)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{value:,.0f} {unit}" if unit == "bytes" or value >= 100 else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError


def _text(cell: Cell) -> str:
    return f"{cell:,}" if isinstance(cell, int) else plain.name(cell)


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = []
    for cell, width, to_right in zip(cells, widths, right, strict=True):
        room = " " * (width - columns(cell))
        padded.append(room + cell if to_right else cell + room)
    return "  ".join(padded).rstrip()


def _style(text: str, color: bool, *, bold: bool | None = None, dim: bool | None = None) -> str:
    return click.style(text, bold=bold, dim=dim) if color else text
