"""Chooses how to show each item so that the whole text gives the most for its length.

Every item has a chance to be what was asked for, and every way to show it gives a share of an answer.
Starting with nothing, the step with the greatest gain per byte is taken, until no step fits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from .items import AnswerItem
from .layout import HEADER, file_lines
from .tokens import size
from .views import View

_HEADER = size(HEADER) + 1


def fitted(items: Sequence[AnswerItem], options: Sequence[Sequence[View]], limit: int) -> list[str]:
    """The lines of the text that shows the items in at most `limit` bytes, line ends included.

    `options` has the ways to show each item. The list is empty if not even one place fits.
    """
    choice = _Choice(items, options)
    while (best := choice.best()) is not None:
        choice.take(*best, limit)
    return choice.text()


class _Choice:
    """How each item is shown so far, and the best next step of each item."""

    def __init__(self, items: Sequence[AnswerItem], options: Sequence[Sequence[View]]) -> None:
        self._items = items
        self._open = [list(views) for views in options]
        """The ways to show each item that are left: those with more lines than now, and not too long."""
        self._chosen: dict[int, View] = {}
        self._files: dict[str, list[int]] = defaultdict(list)
        for number, item in enumerate(items):
            self._files[item.path].append(number)
        self._sizes = dict.fromkeys(self._files, 0)
        self._costs: dict[tuple[int, str], int] = {}
        self._next = [self._best_of(number) for number in range(len(items))]
        self._header = 0

    def best(self) -> tuple[int, View] | None:
        """The item and the way to show it that gain most per byte. None if no step is left."""
        steps = ((rate, -number, view) for number, (rate, view) in enumerate(self._next) if view is not None)
        found = max(steps, key=lambda step: step[:2], default=None)
        return None if found is None or found[2] is None else (-found[1], found[2])

    def take(self, number: int, view: View, limit: int) -> None:
        """Show an item in this way if the text then has at most `limit` bytes; else never try it again."""
        path = self._items[number].path
        views = {n: self._chosen[n] for n in self._files[path] if n in self._chosen} | {number: view}
        new = self._length(path, views)
        header = self._header or (_HEADER if view.lines else 0)
        others = sum(self._sizes.values()) - self._sizes[path]
        if others + new + header > limit:
            self._open[number].remove(view)
            self._next[number] = self._best_of(number)
            return
        self._sizes[path], self._header, self._chosen[number] = new, header, view
        self._open[number] = [one for one in self._open[number] if len(one.lines) > len(view.lines)]
        for other in self._files[path]:
            self._next[other] = self._best_of(other)

    def text(self) -> list[str]:
        """The lines of the text. Files are in the order of their first items."""
        lines = [HEADER] if self._header else []
        for path in self._files:
            lines += self._lines(path, self._chosen)
        return lines

    def _best_of(self, number: int) -> tuple[float, View | None]:
        """The gain per byte of the best step of an item, and the step."""
        item, now = self._items[number], self._chosen.get(number)
        known = self._cost(number, now) if now else size(item.path) if self._sizes[item.path] else 0
        gain = now.gain if now else 0.0
        rates = (
            (
                item.chance * (view.gain - gain) / max(self._cost(number, view) - known, 1),
                -len(view.lines),
                view,
            )
            for view in self._open[number]
        )
        found = max(rates, key=lambda one: one[:2], default=None)
        return (0.0, None) if found is None else (found[0], found[2])

    def _cost(self, number: int, view: View) -> int:
        """The bytes of a text that shows only this item in this way."""
        key = number, view.name
        if key not in self._costs:
            self._costs[key] = self._length(self._items[number].path, {number: view})
        return self._costs[key]

    def _length(self, path: str, views: dict[int, View]) -> int:
        return sum(size(line) + 1 for line in self._lines(path, views))

    def _lines(self, path: str, views: dict[int, View]) -> list[str]:
        shown = [(self._items[n], views[n]) for n in self._files[path] if n in views]
        return file_lines(path, shown) if shown else []
