"""Prints the lines that `grep` found: as ripgrep does, with the symbol around them if there are headings."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import click

from . import output, plain

if TYPE_CHECKING:
    from retrieval.host.grep_answers import GrepAnswer, GrepGroup, GrepLine

Form = Literal["lines", "files", "counts", "json"]
Names = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class GrepStyle:
    """What to print, and how. `escape` says that control characters are escaped, for a terminal."""

    form: Form
    heading: bool
    names: bool
    numbers: bool
    only_matching: bool
    color: bool
    escape: bool


class Printer(Protocol):
    """Prints an answer page by page."""

    def page(self, answer: GrepAnswer) -> None:
        """Print the groups of a page."""

    def end(self, answer: GrepAnswer) -> None:
        """Print what follows the last page. `answer` is the first page."""


def printer(style: GrepStyle, names: Names, answer: GrepAnswer) -> Printer:
    """A printer of the form that the style names. `names` turns paths of the index into those to print."""
    if style.form == "json":
        return _Json(answer)
    return _Lines(style, names) if style.form == "lines" else _Files(style, names)


class _Files:
    """Prints the paths of files with matches, or the number of matching lines of each file."""

    def __init__(self, style: GrepStyle, names: Names) -> None:
        self._style, self._names = style, names

    def page(self, answer: GrepAnswer) -> None:
        style = self._style
        for file in answer.files:
            name = _name(self._names(file.path), style)
            if style.form == "files":
                output.write(name)
            else:
                output.write(f"{name}:{file.lines}" if style.names else str(file.lines))

    def end(self, answer: GrepAnswer) -> None:
        return


class _Lines:
    """Prints lines, below headings or each with its path."""

    def __init__(self, style: GrepStyle, names: Names) -> None:
        self._style, self._names = style, names
        self._path: str | None = None
        self._symbol = ""
        self._last = 0

    def page(self, answer: GrepAnswer) -> None:
        output.write("".join(f"{line}\n" for group in answer.groups for line in self._group(group)), end="")

    def end(self, answer: GrepAnswer) -> None:
        return

    def _group(self, group: GrepGroup) -> Iterator[str]:
        style, around = self._style, any(line.role is None for line in group.lines)
        path = _name(self._names(group.path), style)
        under_heading = style.heading and style.names
        if under_heading and group.path != self._path:
            if self._path is not None:
                yield ""
            yield path
            self._symbol = ""
        elif self._path is not None and around:
            yield "--"
        self._path = group.path
        for line in group.lines:
            changed = line.role is not None and line.symbol != self._symbol
            self._symbol = line.symbol if changed else self._symbol
            if style.heading and changed and line.role != "definition":  # such a line names it itself
                yield _styled(
                    f"{plain.name(line.symbol) or '(top level)'}:", style, fg="cyan", dim=not line.symbol
                )
            start = "" if under_heading or not style.names else path
            for text in self._texts(line):
                sign = "-" if line.role is None else ":"
                number = _styled(str(line.line), style, fg="green") if style.numbers else ""
                fields = [one for one in (start, number) if one]
                yield sign.join([*fields, text])

    def _texts(self, line: GrepLine) -> Iterator[str]:
        style = self._style
        data = line.text.encode("utf-8", "surrogatepass")
        if style.only_matching and line.role is not None:
            for first, last in line.spans:
                if last > first:
                    yield _styled(_code(data[first:last], style), style, fg="red", bold=True)
            return
        if not style.color or not line.spans:
            yield _code(data, style)
            return
        parts, place = [], 0
        for first, last in line.spans:
            parts.append(_code(data[place:first], style, keep=True))
            if last > first:
                parts.append(_styled(_code(data[first:last], style, keep=True), style, fg="red", bold=True))
            place = last
        yield "".join([*parts, _code(data[place:], style)])


def _code(data: bytes, style: GrepStyle, *, keep: bool = False) -> str:
    """A part of a line. On a terminal, control characters are escaped, and a CR at the end is left out."""
    text = data.decode("utf-8", "replace")
    if not style.escape:
        return text
    return plain.code(text if keep else text.removesuffix("\r"))


def _name(path: str, style: GrepStyle) -> str:
    return _styled(plain.name(path), style, fg="magenta")


def _styled(text: str, style: GrepStyle, **styles: Any) -> str:
    return click.style(text, **styles) if style.color and text else text


class _Json:
    """Prints the JSON lines of ripgrep. Lines that match also have their symbol, role and source."""

    def __init__(self, answer: GrepAnswer) -> None:
        self._started = time.perf_counter()
        self._counts = {file.path: file for file in answer.files}
        self._printed = 0

    def page(self, answer: GrepAnswer) -> None:
        from . import json_matches as types

        path = ""
        for group in answer.groups:
            if group.path != path:
                if path:
                    self._end(path)
                path = group.path
                begin = types.BeginData(types.TextValue(path), self._counts[path].source)
                output.write_json(types.Begin(begin))
            for line in group.lines:
                output.write_json(types.line_of(path, line, self._counts[path].source))
        if path:
            self._end(path)

    def _end(self, path: str) -> None:
        from . import json_matches as types

        counts = self._counts[path]
        stats = types.Stats(1, 1, counts.lines, counts.matches)
        output.write_json(types.End(types.EndData(types.TextValue(path), stats)))

    def end(self, answer: GrepAnswer) -> None:
        from . import json_matches as types

        lines = sum(file.lines for file in answer.files)
        matches = sum(file.matches for file in answer.files)
        stats = types.Stats(answer.files_searched, len(answer.files), lines, matches, answer.bytes_searched)
        output.write_json(types.Summary(types.SummaryData(stats, answer.gone)))
