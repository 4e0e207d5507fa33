"""Compares our definitions of whole trees with the definitions of Universal Ctags.

A name from ctags counts as found if we have a definition with this unqualified name whose lines include the
line that ctags reports. If ctags also reports the last line of a function, class or type, we compare this
line with ours, but ctags is often wrong about last lines (Ruby's modifiers, brackets in strings). A variable
that is assigned several times counts once. `ctags.py` says which kinds are compared.

The report also samples names that we have and ctags lacks in the same file, for a person to judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from indexer.analysis.outline import outline
from indexer.fragment import Skipped, SourceFile, Symbol
from indexer.parsing.source import read
from indexer.walk.walk import walk

from ..datasets.steps import each
from .ctags import GROUPS, LANGUAGES, Group, Tag, find, language_of, tags
from .figures import DefinitionFigures, LanguageDefinitions, NameGroup
from .report import BenchmarkReport, ReportTable

_GENERICS = re.compile(r"<[^<>]*>|\s")
_PARTS = re.compile(r"::|[.:#]|->")


@dataclass(slots=True)
class Missed:
    """A definition of ctags that we lack, or that we have on other lines."""

    path: str
    tag: Tag
    lines: tuple[int, int] | None
    """Our closest lines, or None if we lack the name."""


@dataclass(slots=True)
class Extra:
    """A definition of ours that ctags lacks."""

    path: str
    symbol: Symbol


@dataclass(slots=True)
class Comparison:
    """The counts of one language: names from ctags, names from ctags that we miss, and names of ours."""

    files: int = 0
    theirs: dict[Group, int] = field(default_factory=lambda: dict.fromkeys(GROUPS, 0))
    missed: dict[Group, list[Missed]] = field(default_factory=lambda: {group: [] for group in GROUPS})
    ends: int = 0
    """Definitions that ctags and we have, and for which ctags reports the last line."""
    same_ends: int = 0
    """Definitions among these for which our last line is the same."""
    ours: int = 0
    extra: list[Extra] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    """Files on which ctags timed out."""

    def share(self, group: Group) -> float | None:
        """The share of ctags' names that we have with the right lines. Returns None if ctags has no names."""
        total = self.theirs[group]
        return 1 - len(self.missed[group]) / total if total else None

    def add(self, path: str, symbols: Sequence[Symbol], found: Sequence[Tag]) -> None:
        """Add the counts of one file."""
        self.files += 1
        ours: dict[str, list[Symbol]] = {}
        for symbol in symbols:
            ours.setdefault(bare(symbol.name), []).append(symbol)
        for tag in _once(found):
            if tag.group is not None:
                self._count(path, tag, tag.group, ours.get(bare(tag.name), []))
        known = {bare(tag.name) for tag in found}
        self.ours += len(symbols)
        self.extra += (Extra(path, one) for one in symbols if bare(one.name) not in known)

    def _count(self, path: str, tag: Tag, group: Group, same: Sequence[Symbol]) -> None:
        self.theirs[group] += 1
        there = [one.span for one in same if one.span.start_line <= tag.line <= one.span.end_line]
        if not there:
            self.missed[group].append(Missed(path, tag, _closest(same, tag.line)))
        elif tag.end and group == "definitions":
            self.ends += 1
            self.same_ends += any(tag.end == span.end_line for span in there)


def _once(found: Iterable[Tag]) -> Iterator[Tag]:
    """The tags, with only the first of repeated assignments to one variable."""
    seen: set[tuple[str, str]] = set()
    for tag in found:
        assigned = tag.kind in {"variable", "constant", "define"} and not tag.end
        if not assigned or (tag.name, tag.scope) not in seen:
            yield tag
        if assigned:
            seen.add((tag.name, tag.scope))


def bare(name: str) -> str:
    """The last part of a qualified name, without type parameters: `ns::Box<T>::get` -> `get`."""
    if "operator" in name:
        return "operator" + _GENERICS.sub("", name.rpartition("operator")[2])
    shorter = _GENERICS.sub("", name)
    return next((part for part in reversed(_PARTS.split(shorter)) if part), name).lstrip("$:@").strip("`")


def _closest(same: Iterable[Symbol], line: int) -> tuple[int, int] | None:
    spans = [(one.span.start_line, one.span.end_line) for one in same]
    return min(spans, key=lambda span: max(span[0] - line, line - span[1], 0), default=None)


def compared(roots: Sequence[Path], languages: Sequence[str]) -> dict[str, Comparison]:
    """The comparison by language. Raises Unsupported without ctags."""
    program = find()
    found: dict[str, Comparison] = {}
    for root in roots:
        files = [one for one in walk(root) if isinstance(one, SourceFile)]
        for file in each(files, f"comparing {root.name}"):
            _compare(file, f"{root.name}/{file.path}", program, languages, found)
    return found


def _compare(
    file: SourceFile, shown: str, program: str, languages: Sequence[str], found: dict[str, Comparison]
) -> None:
    source = read(file)
    if isinstance(source, Skipped):
        return
    language = language_of(source)
    if language not in (languages or LANGUAGES) or source.redacted:
        return
    ours = outline(source)
    if ours.unparsed:
        return
    comparison = found.setdefault(language, Comparison())
    theirs = tags(program, file.location, language)
    if theirs is None:
        comparison.unread.append(shown)
    else:
        comparison.add(shown, ours.definitions, theirs)


def report(found: dict[str, Comparison], sample: int, seed: int) -> BenchmarkReport:
    """A report with a row per language, and up to `sample` names of each kind of difference as notes."""
    chosen = [name for name in LANGUAGES if name in found]
    rows = tuple(_row(name, found[name]) for name in chosen)
    head = (
        "language", "files", "functions, classes, types", "found", "same end", "values", "found",
        "names of ours", "not in ctags",
    )  # fmt: skip
    figures = DefinitionFigures({name: _figures(found[name], sample, seed) for name in chosen})
    notes = [f"{name}: {line}" for name in chosen for line in _sample(found[name], sample, Random(seed))]
    notes += [f"{name}: ctags timed out on {path}" for name in chosen for path in found[name].unread]
    return BenchmarkReport(
        "Definitions against Universal Ctags", [ReportTable("By language", head, rows)], figures, notes
    )


def _figures(one: Comparison, sample: int, seed: int) -> LanguageDefinitions:
    definitions, values = (NameGroup(one.theirs[group], one.share(group)) for group in GROUPS)
    return LanguageDefinitions(
        files=one.files,
        unread=one.unread,
        definitions=definitions,
        values=values,
        ends=one.ends,
        same_ends=one.same_ends,
        ours=one.ours,
        extra=len(one.extra),
        sample=list(_sample(one, sample, Random(seed))),
    )


def _row(name: str, one: Comparison) -> tuple[str, ...]:
    cells = [name, f"{one.files:,}"]
    for group in GROUPS:
        share = one.share(group)
        cells += [f"{one.theirs[group]:,}", "-" if share is None else f"{share:.4f}"]
        if group == "definitions":
            cells.append(f"{one.same_ends / one.ends:.4f}" if one.ends else "-")
    return (*cells, f"{one.ours:,}", f"{len(one.extra) / max(one.ours, 1):.4f}")


def _sample(one: Comparison, count: int, random: Random) -> Iterator[str]:
    for group in GROUPS:
        for miss in random.sample(one.missed[group], min(count, len(one.missed[group]))):
            tag = miss.tag
            lines = f"ours {miss.lines[0]}-{miss.lines[1]}" if miss.lines else "not ours"
            yield f"missed {tag.kind} {tag.name} at {miss.path}:{tag.line}-{tag.end or ''} ({lines})"
    for extra in random.sample(one.extra, min(count, len(one.extra))):
        symbol = extra.symbol
        yield f"extra {symbol.kind} {symbol.name} at {extra.path}:{symbol.span.start_line}"
