"""Measures which definitions are lost when one fault is inserted at a random position of a well-formed file.

A fault is a deleted bracket, a line that is cut short, or an added line with one of git's conflict markers or
an unknown macro. The definition around the fault may be lost, and the definitions inside that definition. If
any other name is lost, or a name is invented, the fault does harm.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from msgspec import Struct

from indexer.fragment import Skipped, SourceFile
from indexer.parsing.budgeted_parser import OutOfTime
from indexer.parsing.definitions import Definition
from indexer.parsing.languages import BY_NAME, detect
from indexer.parsing.parse import parse, unparsable_reason
from indexer.parsing.source import read
from indexer.walk.walk import walk

from ..datasets.steps import each
from .report import BenchmarkReport, ReportTable

KINDS = ("bracket", "cut", "marker", "macro")
LANGUAGES = (
    "python", "javascript", "typescript", "go", "java", "php", "rust", "c", "cpp", "csharp", "kotlin",
)  # fmt: skip
_MARKERS = (b"<<<<<<< HEAD", b"=======", b">>>>>>> feature/x")
_MACROS = (b"SHOP_UNKNOWN", b"SHOP_UNKNOWN(a, b)", b"@@shop_unknown@@")
_SMALLEST, _LARGEST = 500, 100_000
_FEWEST = 4
"""Minimum definitions of a file."""
_LONGEST_LINES = 100
"""Maximum average bytes per line of a file. Files with longer lines are generated."""
_FILES = 40
"""Maximum files per language."""
_TRIES = 50


@dataclass(frozen=True, slots=True)
class File:
    """A well-formed file of one language."""

    path: str
    text: bytes
    language: str
    definitions: Sequence[Definition]


@dataclass(frozen=True, slots=True)
class Harm:
    """The harm that a fault did: the names that were lost, and the names that were invented.

    `line` is the line of the fault, counted from 1.
    """

    path: str
    line: int
    kind: str
    lost: tuple[str, ...]
    invented: tuple[str, ...]


@dataclass(slots=True)
class Count:
    """The number of faults of each kind in one language, and the faults that did harm."""

    made: Counter[str] = field(default_factory=Counter)
    harms: list[Harm] = field(default_factory=list)

    @property
    def harmless(self) -> float:
        """The share of faults that cause no harm."""
        return 1 - len(self.harms) / max(self.made.total(), 1)


def measured(roots: Sequence[Path], languages: Sequence[str], places: int, seed: int) -> dict[str, Count]:
    """Insert `places` faults, an equal number in each language. Returns the counts by language."""
    wanted = languages or LANGUAGES
    files = _well_formed(roots, wanted, seed)
    counts: dict[str, Count] = {}
    for number in each(range(places), "inserting faults"):
        language = wanted[number % len(wanted)]
        if files.get(language):
            random = Random(f"{seed} {number}")
            count = counts.setdefault(language, Count())
            _try(files[language], KINDS[number // len(wanted) % len(KINDS)], random, count)
    return counts


def _well_formed(roots: Sequence[Path], languages: Sequence[str], seed: int) -> dict[str, list[File]]:
    """Up to _FILES random files of each language."""
    found = [(root, one) for root in roots for one in walk(root) if isinstance(one, SourceFile)]
    Random(seed).shuffle(found)
    chosen: dict[str, list[File]] = {language: [] for language in languages}
    for root, one in each(found, "reading"):
        known = detect(one.path, b"")
        if known is not None and known.name in chosen and len(chosen[known.name]) >= _FILES:
            continue
        if (file := _file(root, one)) is not None and len(chosen.get(file.language, [0] * _FILES)) < _FILES:
            chosen[file.language].append(file)
    return chosen


def _file(root: Path, one: SourceFile) -> File | None:
    source = read(one)
    if (
        isinstance(source, Skipped)
        or not _SMALLEST < len(source.text) < _LARGEST
        or unparsable_reason(source.text)
    ):
        return None
    language = detect(one.path, source.text[:8192])
    if language is None or language.textual:
        return None
    try:
        parsed = parse(source.text, language)
    except OutOfTime:
        return None
    dense = len(source.text) > _LONGEST_LINES * source.text.count(b"\n")
    if dense or parsed.tree.root_node.has_error or len(parsed.symbols) < _FEWEST:
        return None
    return File(f"{root.name}/{one.path}", source.text, language.name, parsed.symbols)


def _try(files: Sequence[File], kind: str, random: Random, count: Count) -> None:
    for _ in range(_TRIES):
        file = random.choice(files)
        broken = insert(kind, file.text, random)
        if broken is None or unparsable_reason(broken[0]):
            continue
        count.made[kind] += 1
        after = parse(broken[0], BY_NAME[file.language]).symbols
        lost, invented = harm(file, broken[1], kind, [one.name for one in after])
        if lost or invented:
            count.harms.append(Harm(file.path, broken[1] + 1, kind, tuple(lost), tuple(invented)))
        return


def insert(kind: str, text: bytes, random: Random) -> tuple[bytes, int] | None:
    """The text with a fault at a random place, and the line of the fault, counted from 0.

    Returns None if the fault does not fit at this place.
    """
    if kind == "bracket":
        places = [at for at, byte in enumerate(text) if byte in b"{}()"]
        if not places:
            return None
        at = random.choice(places)
        return text[:at] + text[at + 1 :], text.count(b"\n", 0, at)
    lines = text.split(b"\n")
    number = random.randrange(len(lines) - 1)
    line = lines[number]
    margin = len(line) - len(line.lstrip())
    if kind == "cut":
        if not line.strip():
            return None
        lines[number] = line[: random.randrange(margin, len(line))]
    elif kind == "marker":
        lines.insert(number, random.choice(_MARKERS))
    else:
        lines.insert(number, line[:margin] + random.choice(_MACROS))
    return b"\n".join(lines), number


def harm(file: File, line: int, kind: str, after: Sequence[str]) -> tuple[list[str], list[str]]:
    """The lost names and the invented names that count as harm, as the module's docstring defines harm."""
    starts = [0]
    for content in file.text.split(b"\n"):
        starts.append(starts[-1] + len(content) + 1)
    touched = set(_touched(file.definitions, starts, line, kind))
    before = Counter(one.name for one in file.definitions if id(one) not in touched)
    may = {_last(one.name) for one in file.definitions if id(one) in touched}
    now = Counter(after)
    invented = [name for name in now - before if not any(one.startswith(_last(name)) for one in may)]
    return list(before - now), invented  # a name that is cut short is not invented


def _touched(definitions: Sequence[Definition], starts: Sequence[int], line: int, kind: str) -> Iterator[int]:
    """The ids of the definitions that a fault may lose.

    They are the innermost definition around the line, the definitions inside this definition, and a
    definition that begins at the line.
    """
    at, end = starts[line], starts[line + 1]
    around = [one for one in definitions if one.start < end and one.end > at]
    inner = around[-1] if around else None
    for one in definitions:
        inside = inner is not None and inner.start <= one.start and one.end <= inner.end
        begins = (
            at - 1 <= one.start <= at
            if kind in ("marker", "macro")
            else inner is None and at <= one.start <= end
        )
        if inside or begins:
            yield id(one)


def _last(name: str) -> str:
    return name.rpartition(".")[2]


class LanguageFaults(Struct):
    """The number of faults that were made, the number that did harm, and the share that did not."""

    faults: int
    harms: int
    harmless: float


class FaultFigures(Struct):
    """The answer of `bench faults --json`."""

    faults: int
    harmless: float
    languages: Mapping[str, LanguageFaults]


def report(counts: dict[str, Count], sample: int) -> BenchmarkReport:
    """A report with a row per language, and the first `sample` harms of each language as notes."""
    head = ("language", *KINDS, "faults", "harmless")
    rows = [(name, *_cells(count)) for name, count in counts.items()]
    made = sum(count.made.total() for count in counts.values())
    harms = sum(len(count.harms) for count in counts.values())
    share = 1 - harms / max(made, 1)
    rows.append(("all", *("" for _ in KINDS), f"{made:,}", f"{share:.4f}"))
    notes = [
        f"{harm.kind} at {harm.path}:{harm.line}: lost {', '.join(harm.lost) or 'nothing'}; "
        f"invented {', '.join(harm.invented) or 'nothing'}"
        for count in counts.values()
        for harm in count.harms[:sample]
    ]
    by_language = {
        name: LanguageFaults(count.made.total(), len(count.harms), count.harmless)
        for name, count in counts.items()
    }
    return BenchmarkReport(
        "Faults at random places",
        [ReportTable("Harms by kind of fault", head, tuple(rows))],
        FaultFigures(made, share, by_language),
        notes,
    )


def _cells(count: Count) -> Iterator[str]:
    by_kind = Counter(harm.kind for harm in count.harms)
    yield from (f"{by_kind[kind]}/{count.made[kind]}" for kind in KINDS)
    yield f"{count.made.total():,}"
    yield f"{count.harmless:.4f}"
