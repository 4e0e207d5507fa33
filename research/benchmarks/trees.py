"""Scores annotated repositories with the real pipeline and the real searcher.

for each repository: index -> ask with every profile -> nDCG@10 per question
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path

from indexer.config import Config
from indexer.fragment import KINDS
from indexer.index.index import Index
from indexer.pipeline import ensure
from indexer.store import Filter, Match, Record
from retrieval.result import Hit
from retrieval.searcher import Searcher

from ..datasets.annotated import AnnotatedQuestion, AnnotatedRepository
from ..datasets.steps import Say
from ..datasets.targets import TargetLocation, ndcg
from . import peers
from .questions import parsed
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
    say: Say,
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
) -> Iterator[tuple[Run[TargetLocation], list[float]]]:
    texts: dict[str, str | None] = {str(i): asked.text for i, asked in enumerate(repository.questions)}
    targets = [asked.targets for asked in repository.questions]
    with indexed(repository.folder, model) as index:
        searcher = Searcher(index.store, index.encoder, index.tenant)
        queries = {id: parsed(text or "") for id, text in texts.items()}
        ours = (
            run(profile, queries, partial(searcher.answer, limit=DEPTH, profile=profile), _location)
            for profile in profiles
        )
        theirs = (
            run(rival, texts, _rival(rival, repository.folder, index), lambda place: place)
            for rival in rivals
        )
        for done in chain(ours, theirs):
            yield done, [ndcg(done.rankings.get(id, ()), targets[int(id)], DEPTH) for id in texts]


def _location(hit: Hit) -> TargetLocation:
    return TargetLocation(hit.path, hit.start_line, hit.end_line)


def _rival(name: str, tree: Path, index: Index) -> Callable[[str], list[TargetLocation]]:
    """A function that returns a peer's answers to a question, as locations.

    A location is the best fragment of a file, or a whole file for ripgrep.
    """
    if name == peers.RIPGREP:
        return lambda text: [TargetLocation(p, 1, _EVERYWHERE) for p in peers.ripgrep(tree, text, DEPTH)]
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

    return answer


def _text(row: Record) -> str:
    return "\n".join(str(row.payload[field]) for field in ("path", "symbol", "text"))


def _fragments(index: Index) -> list[Record]:
    """All fragments in file order."""
    found = index.store.scroll(index.tenant_filter & Filter((Match("kind", KINDS),)), _FIELDS)
    return sorted(found, key=lambda r: (str(r.payload["path"]), int(r.payload["start_line"]), r.id))


@contextmanager
def indexed(tree: Path, model: str) -> Iterator[Index]:
    """A temporary index of a tree, with the default settings."""
    with tempfile.TemporaryDirectory(prefix="cornea-bench-") as home:
        config = Config(home=Path(home), model=model)
        with Index.open(tree, config) as index:
            ensure(index, allow=lambda files: True)
            yield index


def _together(found: Sequence[Costs]) -> Costs:
    """Costs over repositories: the medians of `p50` and `query`, the maxima of `p99` and `resident`."""
    middle = percentiles([one.p50 for one in found])[0]
    taken = percentiles([one.query for one in found])[0]
    return Costs(middle, max(c.p99 for c in found), max(c.resident for c in found), taken)
