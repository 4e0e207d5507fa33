"""Scores annotated repositories with the real pipeline and the real searcher.

for each repository: index -> ask with every profile -> nDCG@10 per question
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from indexer.config import Config
from indexer.errors import UsageError
from indexer.fragment import KINDS
from indexer.index.index import Index
from indexer.pipeline import ensure
from indexer.store import Filter, Match, Record
from retrieval.query import Query, parse_query
from retrieval.result import Hit
from retrieval.searcher import Searcher

from ..datasets.annotated import AnnotatedQuestion, AnnotatedRepository
from ..datasets.targets import TargetLocation, ndcg
from . import peers, ripgrep
from .runs import Costs, Run, percentiles, run

DEPTH = 10
_EVERYWHERE = 1 << 31
_FIELDS = ("path", "symbol", "start_line", "end_line", "text")

Values = dict[str, list[float]]
"""For each way of ranking, the nDCG@10 of every question."""


def measure(
    repositories: Sequence[AnnotatedRepository],
    model: str,
    profiles: Sequence[str],
    rivals: Sequence[str],
    say: Callable[[str], None],
) -> tuple[list[AnnotatedQuestion], Values, dict[str, Costs]]:
    """All questions in order, their scores, and the costs over all repositories."""
    questions: list[AnnotatedQuestion] = []
    values: Values = {name: [] for name in (*profiles, *rivals)}
    costs: Mapping[str, list[Costs]] = defaultdict(list)
    for number, repository in enumerate(repositories, 1):
        say(f"{number}/{len(repositories)} {repository.name}: {len(repository.questions)} questions")
        questions += repository.questions
        for one, scores in _measured(repository, model, profiles, rivals):
            values[one.name] += scores
            costs[one.name].append(one.costs)
    return questions, values, {name: _together(found) for name, found in costs.items()}


def _measured(
    repository: AnnotatedRepository, model: str, profiles: Sequence[str], rivals: Sequence[str]
) -> Iterator[tuple[Run, list[float]]]:
    texts: dict[str, str | None] = {str(i): asked.text for i, asked in enumerate(repository.questions)}
    targets = [asked.targets for asked in repository.questions]
    with _indexed(repository.folder, model) as index:
        searcher = Searcher(index.store, index.encoder, index.tenant)
        queries = {id: _understood(text or "") for id, text in texts.items()}
        for profile in profiles:
            places = _Places()
            done = run(
                profile, queries, partial(searcher.answer, limit=DEPTH, profile=profile), places.of_hit
            )
            yield done, [ndcg(places.ranked(done, id), targets[int(id)], DEPTH) for id in texts]
        for rival in rivals:
            places = _Places()
            done = run(rival, texts, *_rival(rival, repository.folder, index, places))
            yield done, [ndcg(places.ranked(done, id), targets[int(id)], DEPTH) for id in texts]


class _Places:
    """Names for locations, so that a ranking is a list of ids."""

    def __init__(self) -> None:
        self._known: dict[str, TargetLocation] = {}

    def of(self, place: TargetLocation) -> str:
        id = f"{place.path}:{place.start}-{place.end}"
        self._known[id] = place
        return id

    def of_hit(self, hit: Hit) -> str:
        return self.of(TargetLocation(hit.path, hit.start_line, hit.end_line))

    def ranked(self, done: Run, id: str) -> list[TargetLocation]:
        return [self._known[name] for name in done.rankings.get(id, ())]


def _rival(
    name: str, tree: Path, index: Index, places: _Places
) -> tuple[Callable[[str], list[TargetLocation]], Callable[[TargetLocation], str]]:
    """Two functions: the first returns a peer's answers as locations, and the second the id of a location.

    A location is the best fragment of a file, or a whole file for ripgrep.
    """
    if name == peers.RIPGREP:
        return lambda text: [
            TargetLocation(p, 1, _EVERYWHERE) for p in ripgrep.rank(tree, text, DEPTH)
        ], places.of
    rows = _fragments(index)
    ranker = peers.over(name, [_text(row) for row in rows])

    def answer(text: str) -> list[TargetLocation]:
        best: dict[str, TargetLocation] = {}
        for number in ranker(text, len(rows)):
            content = rows[number].payload
            path = str(content["path"])
            best.setdefault(path, TargetLocation(path, int(content["start_line"]), int(content["end_line"])))
            if len(best) == DEPTH:
                break
        return list(best.values())

    return answer, places.of


def _text(row: Record) -> str:
    return "\n".join(str(row.payload[field]) for field in ("path", "symbol", "text"))


def _fragments(index: Index) -> list[Record]:
    """All fragments in file order."""
    found = index.store.scroll(index.tenant_filter & Filter((Match("kind", KINDS),)), _FIELDS)
    return sorted(found, key=lambda r: (str(r.payload["path"]), int(r.payload["start_line"]), r.id))


@contextmanager
def _indexed(tree: Path, model: str) -> Iterator[Index]:
    """A temporary index of a tree, with the default settings."""
    with tempfile.TemporaryDirectory(prefix="cornea-bench-") as home:
        config = Config(home=Path(home), model=model)
        with Index.open(tree, config) as index:
            ensure(index, allow=lambda files: True)
            yield index


def _understood(text: str) -> Query | None:
    try:
        return parse_query(text)
    except UsageError:
        return None


def _together(found: Sequence[Costs]) -> Costs:
    """Costs over repositories: the medians of `p50` and `query`, the maxima of `p99` and `resident`."""
    middle = percentiles([one.p50 for one in found])[0]
    taken = percentiles([one.query for one in found])[0]
    return Costs(middle, max(c.p99 for c in found), max(c.resident for c in found), taken)
