"""Collects training groups for the ranker of continue, and trains its two stages.

There are two kinds of questions. Questions of the first kind are the prefixes of a data set. The right
candidate is the document that continues the prefix. Questions of the second kind are functions of clones.
The functions are held out and typed again. A candidate is right if its first line is nearly the true line.

The first stage uses the cheap features of all candidates. The second stage uses these features and the
features of the parsed joins, for the candidates that the first stage ranks best.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.encoding.types import Encoder
from retrieval.continuation.continuer import Continuer
from retrieval.continuation.features import FEATURES, CutCandidates
from retrieval.continuation.gathering import DEPTH
from retrieval.continuation.query import parse_prefix
from retrieval.continuation.ranker import FIRST_STAGE, PARSED_BEST, SECOND_STAGE
from retrieval.ranking import tree_ensemble

from ..benchmarks import prefixes
from ..benchmarks.continuation import CursorCase, hold_out, points
from ..benchmarks.questions import hit, prefix
from ..datasets import clones, corpus
from ..datasets.clones import Clone
from ..datasets.corpus import REPO
from ..datasets.dataset import Dataset, load
from ..datasets.functions import sources
from ..datasets.steps import Say
from . import ranker_folder
from .reranker import Group, Model, TreeParams, train

PARAMS = TreeParams(trees=300, rate=0.08, l2=10.0, features=0.5, rows=0.8, smallest=50, linear=0.0)
"""Parameters chosen on repositories that are neither trained on nor part of reported scores."""

PREFIX, HELD_OUT = "prefix", "held out"
"""Kinds of questions."""

NEARLY = 0.75
"""Minimum ratio of equal characters (Ratcliff & Obershelp, 1988) of two lines that are nearly the same."""


def of_dataset(data: Dataset, encoder: Encoder, say: Say = lambda line: None) -> Iterator[Group]:
    """A group for each question of a data set of prefixes. The `repo` of the groups is the data set's name.

    Every other question uses documents without titles, so that the model does not rely on function names.
    """
    bare = replace(data, documents=tuple(replace(document, title="") for document in data.documents))
    for variant, questions in ((data, data.questions[::2]), (bare, data.questions[1::2])):
        made, name = corpus.documents(variant.documents, encoder)
        with corpus.indexed(made, encoder, name) as indexed:
            for number, question in enumerate(questions, 1):
                if number % 500 == 0:
                    say(f"{data.name}: {number}/{len(questions)}")
                asked = prefix(question)
                if asked is None:
                    continue
                pool = prefixes.pool(
                    indexed.store, encoder, REPO, asked.prefix, depth=DEPTH, languages=asked.languages
                )
                right = [
                    indexed.name(hit(option)) in data.relevant[question.id] for option in pool.candidates
                ]
                yield _group(data.name, PREFIX, pool, right)


def typed_again(
    found: Sequence[Clone], encoder: Encoder, count: int, seed: int, say: Say
) -> Iterator[tuple[Clone, CursorCase, CutCandidates]]:
    """Hold out up to `count` functions of each clone, and type the functions again.

    The functions are those of the clone's newest commit. Yields each function with its clone and the
    candidates for its continuation.
    """
    for number, clone in enumerate(found, 1):
        say(f"{number}/{len(found)} {clone.name}")
        with clones.checkout(clone) as tree:
            files = list(sources(tree))
            held = hold_out(files, count, seed)
            if not held.cases:
                continue
            with corpus.indexed(points(files, held, encoder), encoder, str) as indexed:
                continuer = Continuer(indexed.store, encoder, REPO)
                for case in held.cases:
                    yield clone, case, continuer.pool(parse_prefix(case.buffer, case.line, case.column))


def nearly(ours: str, theirs: str) -> bool:
    """Whether two texts begin with nearly the same line."""
    a, b = ("".join(text.strip().partition("\n")[0].split()) for text in (ours, theirs))
    if a == b:
        return bool(a)
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return matcher.real_quick_ratio() >= NEARLY and matcher.ratio() >= NEARLY


def fit(groups: Sequence[Group], params: TreeParams = PARAMS) -> tuple[Model, Model]:
    """Train the models of both stages."""
    cheap = FEATURES.cheap
    first = train(
        [replace(group, features=group.features[:, : len(cheap)]) for group in groups], cheap, params
    )
    second = train([_in_front(group, first) for group in groups], FEATURES.names, params)
    return first, second


def _in_front(group: Group, first: Model) -> Group:
    """The group with only the candidates that the first stage ranks best."""
    scores = first.trees.predict(group.features[:, : len(FEATURES.cheap)])
    best = np.sort(np.argsort(-scores, kind="stable")[:PARSED_BEST])
    features = group.features[best]
    worse = FEATURES.names.index("join_worse")
    if len(features):
        features[:, worse] -= features[:, worse].min()
    return replace(group, features=features, found=group.found[best], before=group.before[best])


def _group(repo: str, kind: str, pool: CutCandidates, right: Sequence[bool]) -> Group:
    features = FEATURES.matrix(pool)
    found: NDArray[np.bool_] = np.array(right, bool).reshape(-1, 1)
    fused = features[:, FEATURES.names.index("fused")].astype(np.float64)
    return Group(repo, kind, features, found, fused)


@dataclass(frozen=True, slots=True)
class ContinuationSources:
    """What to learn from: folders of data sets, and up to `count` held-out functions of each clone.

    The file `exclude` lists repositories that must not be learned from.
    """

    data: Sequence[Path] = ()
    repos: Sequence[Path] = ()
    count: int = 60
    exclude: Path | None = None
    seed: int = 0


def collect(
    wanted: ContinuationSources, encoder: Encoder, say: Say = lambda line: None
) -> tuple[list[Group], list[str]]:
    """All groups, and the names of the repositories. Raises UsageError if `exclude` lists a clone."""
    found = clones.allowed(wanted.repos, wanted.exclude)
    names = {clone.name for clone in found}
    groups: list[Group] = []
    for folder in wanted.data:
        groups += of_dataset(load(folder), encoder, say)
        names.update(_repositories(folder))
    for clone, case, pool in typed_again(found, encoder, wanted.count, wanted.seed, say):
        right = [nearly(option.text, case.truth) for option in pool.candidates]
        groups.append(_group(clone.name, HELD_OUT, pool, right))
    return groups, sorted(names)


def write(folder: Path, models: tuple[Model, Model], groups: Sequence[Group], names: Sequence[str]) -> None:
    """Write the models of both stages to two folders in `folder`.

    Raises UsageError if one of the two folders holds something that is not a ranker.
    """
    kinds = Counter(group.kind for group in groups if group.found.any())
    about = {"questions": dict(sorted(kinds.items())), "repositories": list(names)}
    for stage, model in zip((FIRST_STAGE, SECOND_STAGE), models, strict=True):
        ranker_folder.write(folder / stage.folder, "continue", model, about, _card)


def _card(meta: Mapping[str, Any]) -> str:
    asked = ", ".join(f"{count:,} of kind {kind!r}" for kind, count in meta["questions"].items())
    return f"""# {meta["name"]}

LambdaRank trees that order the fragments which may continue the code before a cursor. Only numpy is needed to
run them. `{tree_ensemble.ARRAYS}` holds the weights, `{tree_ensemble.META}` the names of the features and
the checksum.

## Trained on

Questions: {asked}. A question of kind {PREFIX!r} is a function up to a place in it, its answer the
rest, among other functions' rests; of kind {HELD_OUT!r} a function that was taken out of its repository's
index and typed again up to a statement, its answers the fragments that go on with nearly the same line. No
code and no text is in the model. All repositories have permissive licences:

{", ".join(meta["repositories"])}

## Features that count most

{ranker_folder.features(meta)}
"""


def _repositories(folder: Path) -> list[str]:
    about = folder / "about.json"
    return list(json.loads(about.read_bytes())["repositories"]) if about.is_file() else [folder.name]
