"""Makes questions from mined functions' documentation and names, and indexes without the documentation.

Most repositories have an index of their own, with the paths of their files. The other repositories share one
index without paths, like the functions of a data set.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from indexer.analysis import fragment_points
from indexer.encoding import bm25
from indexer.encoding.types import Encoder
from indexer.errors import UsageError
from indexer.fragment import Fragment, Kind, SourceFile, Span
from indexer.parsing.source import Source
from indexer.store import Point
from retrieval.result import Hit

from ..datasets import corpus
from ..datasets.corpus import REPO, Corpus
from ..datasets.dataset import DatasetDocument
from ..datasets.functions import order
from ..mining import pairs, tasks
from ..mining.pairs import Mined

DOC, NAME, PLAIN = "docstring", "name", "plain functions"
"""Kinds of questions: about documentation, about a name or its words, and about functions without files."""

Usable = Callable[[str], bool]
"""Says whether questions may be made about the repository with the name owner/name."""
_WORK = "work"


@dataclass(frozen=True, slots=True)
class Amounts:
    """How many repositories and questions to use.

    More repositories help more than more questions per repository.
    """

    trees: int = 90
    """Maximum repositories that have an index of their own."""
    mixed: int = 40
    """Maximum repositories that share one index."""
    documented: int = 30
    """Maximum questions from documentation per repository."""
    named: int = 6
    """Maximum questions by name per repository."""
    functions: int = 1_200
    """Maximum functions of a repository. In the shared index, the maximum is a fifth of this number."""
    fewest: int = 40
    """Minimum functions of a repository."""


@dataclass(frozen=True, slots=True)
class MinedRepository:
    """A repository's functions. `asked` holds the positions of the functions whose documentation is asked."""

    name: str
    functions: Sequence[Mined]
    asked: Sequence[int]

    @property
    def language(self) -> str:
        """The most frequent language of the functions."""
        return Counter(one.language for one in self.functions).most_common(1)[0][0]


@dataclass(frozen=True, slots=True)
class MinedQuestion:
    """A question about one repository, and the (path, symbol) of each fragment that answers the question."""

    repo: str
    kind: str
    text: str
    answers: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions, and a context that builds the index for them."""

    name: str
    questions: Sequence[MinedQuestion]
    index: Callable[[], AbstractContextManager[Corpus]]


def gather(
    folder: Path, encoder: Encoder, usable: Usable, seed: int, amounts: Amounts = Amounts()
) -> Iterator[QuestionSet]:
    """Questions about the `usable` repositories that `cornea train mine` wrote to a folder.

    The repositories are drawn from each language in turn, so that no language dominates. Raises UsageError if
    no repository is usable.
    """
    found = chosen(folder, usable, seed, amounts)
    if not found:
        raise UsageError(f"{folder}: no mined functions with documentation; run: cornea train mine")
    mixed = [one for place, one in enumerate(found) if place % 3 == 2][: amounts.mixed]
    taken = {one.name for one in mixed}
    for one in found:
        if one.name not in taken:
            yield _tree(one, encoder, seed, amounts)
    if mixed:
        yield _mixed(mixed, encoder, seed, amounts)


def chosen(folder: Path, usable: Usable, seed: int, amounts: Amounts) -> list[MinedRepository]:
    """The drawn repositories: first one of each language, then a second one of each language, and so on."""
    by_language: dict[str, list[MinedRepository]] = defaultdict(list)
    places = sorted((folder / _WORK).glob(f"*/{tasks.FUNCTIONS}"), key=lambda at: order(seed, at.parent.name))
    for place in places:
        name = place.parent.name.replace("+", "/", 1)
        if not usable(name) or not (place.parent / tasks.ABOUT).is_file():
            continue
        one = _read(name, place, seed, amounts)
        if one is not None:
            by_language[one.language].append(one)
    turns = max(map(len, by_language.values()), default=0)
    drawn = [
        many[turn] for turn in range(turns) for _, many in sorted(by_language.items()) if turn < len(many)
    ]
    return drawn[: amounts.trees + amounts.mixed]


def _read(name: str, place: Path, seed: int, amounts: Amounts) -> MinedRepository | None:
    """A part of a repository's functions, with the documented functions first.

    Returns None if the repository has too few functions or too few documented functions.
    """
    rows = [Mined(**row) for row in pairs.rows(place)]
    rows = [one for one in rows if not one.aside]
    rows.sort(key=lambda one: order(seed, one.path, one.symbol, one.text))
    once = Counter((one.path, one.symbol) for one in rows)
    asked = [one for one in rows if one.question and once[one.path, one.symbol] == 1][: amounts.documented]
    if len(rows) < amounts.fewest or len(asked) < 5:
        return None
    there = {(one.path, one.symbol) for one in asked}
    rest = [one for one in rows if (one.path, one.symbol) not in there]
    functions = [*asked, *rest[: amounts.functions - len(asked)]]
    return MinedRepository(name, functions, range(len(asked)))


def _tree(one: MinedRepository, encoder: Encoder, seed: int, amounts: Amounts) -> QuestionSet:
    questions = [
        MinedQuestion(one.name, DOC, f.question, frozenset({(f.path, f.symbol)}))
        for f in (one.functions[n] for n in one.asked)
    ]
    questions += _named(one, seed, amounts.named)
    return QuestionSet(one.name, questions, lambda: corpus.indexed(_points(one, encoder), encoder, _symbol))


def _named(one: MinedRepository, seed: int, count: int) -> Iterator[MinedQuestion]:
    """Questions by name. Every third question consists of the words of a name instead of the name."""
    by_name: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for f in one.functions:
        by_name[fragment_points.lookup_name(f.symbol)].add((f.path, f.symbol))
    drawn = sorted(one.functions, key=lambda f: order(seed, NAME, f.path, f.symbol))[:count]
    for number, f in enumerate(drawn):
        bare = f.symbol.rsplit(".", 1)[-1]
        text = " ".join(p for word in bm25.words(bare) for p in bm25.parts(word)) if number % 3 == 2 else bare
        if any(bm25.terms(word) for word in bm25.words(text)):
            yield MinedQuestion(
                one.name, NAME, text, frozenset(by_name[fragment_points.lookup_name(f.symbol)])
            )


def _points(one: MinedRepository, encoder: Encoder) -> Iterator[Point]:
    by_path: dict[str, list[Mined]] = defaultdict(list)
    for f in one.functions:
        by_path[f.path].append(f)
    for path, functions in sorted(by_path.items()):
        yield from fragment_points.points(
            _source(path), REPO, functions[0].language, _fragments(functions), encoder
        )


def _fragments(functions: Sequence[Mined]) -> list[Fragment]:
    """The functions of one file as fragments.

    The fragments are placed one below the other, because the real lines of the functions are unknown.
    """
    found, line, at = [], 1, 0
    seen: Counter[str] = Counter()
    for f in sorted(functions, key=lambda f: (f.symbol, f.text)):
        size, lines = len(f.text.encode("utf-8", "replace")), f.text.rstrip("\n").count("\n")
        kind: Kind = "method" if "." in f.symbol else "function"
        span = Span(at, at + size, line, line + lines)
        found.append(Fragment(REPO, f.path, f.language, kind, f.symbol, seen[f.symbol], span, f.text))
        seen[f.symbol] += 1
        line, at = line + lines + 2, at + size
    return found


def _source(path: str) -> Source:
    return Source(SourceFile(path, Path(path), 0, 0), b"", b"", "utf-8", "", 0, 0)


def _mixed(many: Sequence[MinedRepository], encoder: Encoder, seed: int, amounts: Amounts) -> QuestionSet:
    rows, questions = [], []
    for one in many:
        for number, f in enumerate(one.functions[: max(amounts.functions // 5, len(one.asked))]):
            name = f"{one.name} {number}"
            rows.append(DatasetDocument(name, f.symbol.rsplit(".", 1)[-1], f.text, f.language))
            if number in one.asked:
                questions.append((one.name, f.question, name))
    places = {name: path for path, name in corpus.places(rows).items()}
    titles = {row.id: row.title for row in rows}
    points, name_of = corpus.documents(rows, encoder)
    told = [
        MinedQuestion(repo, PLAIN, text, frozenset({(places[name], titles[name])}))
        for repo, text, name in questions
    ]
    return QuestionSet("mixed", told, lambda: corpus.indexed(points, encoder, name_of))


def _symbol(hit: Hit) -> str:
    return f"{hit.path}:{hit.symbol}"
