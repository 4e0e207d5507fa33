"""Measures whether exact matches come first: definitions by their names, and files by strings of their code.

for each tree: index -> ask for names -> is one of the name's definitions first?
                     -> ask for strings that stand in one file -> is this file among the first three?

The names and their lines are those of Universal Ctags. Names with many definitions are left out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from msgspec import Struct

from indexer.errors import UsageError
from indexer.fragment import SourceFile
from indexer.parsing.languages import BY_NAME
from indexer.parsing.source import Source, read
from indexer.walk.walk import walk
from retrieval.searcher import Searcher

from ..datasets.steps import Say, each
from . import trees
from .bootstrap import Estimate, estimate
from .ctags import LANGUAGES, Tag, find, language_of, tags
from .definitions import bare
from .report import BenchmarkReport, ReportTable

MOST_DEFINITIONS = 5
"""A name with more definitions in a tree is left out."""
_FIRST_FILES = 3
_KINDS: Mapping[str, str] = {
    kind: name
    for name, kinds in {
        "function": "function func generator procedure",
        "method": "method methodSpec singletonMethod getter setter",
        "class": "class object",
        "type": "interface struct trait type enum alias typedef typealias union annotation",
        "constant": "constant const define enumConstant enumerator",
        "variable": "variable var",
        "field": "member field property accessor event",
        "macro": "macro",
    }.items()
    for kind in kinds.split()
}
_NAME = re.compile(r"[^\W\d]\w{2,}")
_STRING = re.compile(r"\"((?:[^\"\\\n]|\\.){16,160})\"|'((?:[^'\\\n]|\\.){16,160})'")
_PLACEHOLDER = re.compile(r"%[-+#0 ]*\d*(?:\.\d+)?[sdivqfxuTr]|\$?\{[^{}\"']{0,40}\}|#\{[^{}\"']{0,40}\}")
_VALUES = ("42", "main.cfg", "'left'", "0.25", "user-7")
WHOLE, PLAIN, FILLED = "in quotes", "without quotes", "with values for placeholders"


class ExactFigures(Struct, kw_only=True):
    """The answer of `bench exact --json`.

    `names` has the share of names whose definition is first, by kind, and `strings` the share of strings
    whose file is among the first three, by form.
    """

    seed: int
    questions: Mapping[str, int]
    names: Mapping[str, Estimate]
    strings: Mapping[str, Estimate]


class NamedDefinition(NamedTuple):
    """A definition: its kind, and the path and line of it."""

    kind: str
    path: str
    line: int


def measure(
    roots: Sequence[Path], *, names: int, strings: int, seed: int, say: Say = lambda line: None
) -> BenchmarkReport:
    """Ask for `names` names and `strings` strings, drawn evenly from the trees.

    Raises Unsupported without ctags, and UsageError if there is nothing to ask.
    """
    program = find()
    first: dict[str, list[float]] = defaultdict(list)
    there: dict[str, list[float]] = defaultdict(list)
    for number, root in enumerate(roots, 1):
        say(f"{number}/{len(roots)} {root.name}")
        sources = _sources(root)
        asked = _drawn_names(_definitions(sources, program, root.name), -(-names // len(roots)), seed)
        quoted = _drawn_strings(sources, -(-strings // len(roots)), seed)
        with trees.indexed(root, "") as index:
            searcher = Searcher(index.store, index.encoder, index.tenant)
            for kind, name, places in each(asked, f"asking for names of {root.name}"):
                hit = next(iter(searcher.search(name, limit=1)), None)
                right = hit is not None and any(
                    hit.path == one.path and hit.start_line <= one.line <= hit.end_line for one in places
                )
                first[kind].append(float(right))
            for text, path in each(quoted, f"asking for strings of {root.name}"):
                for form, question in _forms(text):
                    hits = searcher.search(question, limit=_FIRST_FILES)
                    there[form].append(float(path in [hit.path for hit in hits]))
    if not first and not there:
        raise UsageError("no names and no strings in these folders; name others")
    return _report(first, there, seed)


def _sources(root: Path) -> list[tuple[Source, str]]:
    found = []
    for file in walk(root):
        source = read(file) if isinstance(file, SourceFile) else None
        if isinstance(source, Source):
            language = language_of(source)
            if language in BY_NAME and not BY_NAME[language].textual:
                found.append((source, language))
    return found


def _definitions(
    sources: Sequence[tuple[Source, str]], program: str, shown: str
) -> dict[str, list[NamedDefinition]]:
    """The definitions of all names."""
    found: dict[str, list[NamedDefinition]] = defaultdict(list)
    for source, language in each(sources, f"reading the tags of {shown}"):
        if language not in LANGUAGES or source.redacted:
            continue
        for tag in tags(program, source.file.location, language) or ():
            name = bare(tag.name)
            if tag.group is not None and _NAME.fullmatch(name):
                found[name].append(NamedDefinition(_kind(tag, language), source.file.path, tag.line))
    return found


def _kind(tag: Tag, language: str) -> str:
    if language == "python" and tag.kind == "member":
        return "method"
    return _KINDS.get(tag.kind, "type")


def _drawn_names(
    found: Mapping[str, Sequence[NamedDefinition]], count: int, seed: int
) -> list[tuple[str, str, Sequence[NamedDefinition]]]:
    """Names with few definitions, by turns of each kind, each with its kind and its definitions."""
    by_kind: dict[str, list[tuple[str, str, Sequence[NamedDefinition]]]] = defaultdict(list)
    for name in sorted(found):
        places = found[name]
        if len(places) <= MOST_DEFINITIONS and len({one.kind for one in places}) == 1:
            by_kind[places[0].kind].append((places[0].kind, name, places))
    dice, drawn = Random(seed), list[tuple[str, str, Sequence[NamedDefinition]]]()
    for rows in by_kind.values():
        dice.shuffle(rows)
    while len(drawn) < count and any(by_kind.values()):
        for rows in by_kind.values():
            if rows and len(drawn) < count:
                drawn.append(rows.pop())
    return drawn


def _drawn_strings(sources: Sequence[tuple[Source, str]], count: int, seed: int) -> list[tuple[str, str]]:
    """Strings of at least three words that stand in one file, each with the path of the file."""
    texts = [(source.file.path, source.text.decode("utf-8", "replace")) for source, _ in sources]
    found = sorted(
        {
            (one[1] or one[2], path)
            for path, text in texts
            for one in _STRING.finditer(text)
            if len(re.findall(r"[^\W\d_]{2,}", _PLACEHOLDER.sub(" ", one[1] or one[2]))) >= 3
        }
    )
    Random(seed).shuffle(found)
    chosen: list[tuple[str, str]] = []
    for text, path in found:
        if len(chosen) == count:
            break
        if "*" not in text and "\\" not in text and sum(text in other for _, other in texts) == 1:
            chosen.append((text, path))
    return chosen


def _forms(text: str) -> Iterator[tuple[str, str]]:
    """The ways to ask for a string: in quotes, as it stands, and with values for its placeholders."""
    if '"' not in text:
        yield WHOLE, f'"{text}"'
    yield PLAIN, text.replace('"', " ")
    if _PLACEHOLDER.search(text):
        values = iter(_VALUES * 20)
        yield FILLED, _PLACEHOLDER.sub(lambda _: next(values), text).replace('"', " ")


def _report(
    first: Mapping[str, Sequence[float]], there: Mapping[str, Sequence[float]], seed: int
) -> BenchmarkReport:
    names = {kind: estimate(first[kind], seed) for kind in sorted(first)}
    forms = {form: estimate(there[form], seed) for form in (WHOLE, PLAIN, FILLED) if form in there}
    counts = {name: len(values) for name, values in (*first.items(), *there.items())}
    tables = [
        ReportTable(title, ("what", "questions", "share [95 %]"), tuple(
            (name, f"{counts[name]:,}", str(one)) for name, one in found.items()
        ))
        for title, found in (("Definition is first", names), ("File is among the first three", forms))
        if found
    ]  # fmt: skip
    figures = ExactFigures(seed=seed, questions=counts, names=names, strings=forms)
    asked = f"{sum(map(len, first.values())):,} names, {len(there.get(PLAIN, ())):,} strings"
    return BenchmarkReport(asked, tables, figures, [f"Seed {seed}."])
