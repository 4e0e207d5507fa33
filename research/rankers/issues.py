"""Makes training groups from issues: reads the repository at each issue's commit, and computes features.

A folder caches the results of both steps for each issue, so that an interrupted run can continue. DIR/inputs
holds the fragments and commits, from which changed features can be computed without a clone. DIR/cases holds
the features.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.config import Config
from indexer.encoding.types import Encoder
from indexer.errors import CorneaError, UsageError
from indexer.index.commits import Commit, Past, past
from indexer.index.index import Index
from indexer.pipeline import ensure
from indexer.walk.revision import Revision
from retrieval import localization, query, ranking
from retrieval.localization.candidates import choose
from retrieval.localization.features import FEATURES
from retrieval.localization.features.function_candidates import FunctionCandidates
from retrieval.localization.functions import CODE, FIELDS, SourceFunction
from retrieval.localization.issue import WHOLE
from retrieval.localization.locator import Locator

from ..benchmarks.locate import TESTS, naming
from ..datasets import clones
from ..datasets.issues import Issue, gold
from ..datasets.reading import write_whole
from ..datasets.steps import Say
from .reranker import Group

INPUTS, CASES = "inputs", "cases"


@dataclass(frozen=True, slots=True)
class IssueCase:
    """An issue's candidates [k], their features [k, f], and their scores by BM25 and by the hand-made order.

    `wanted` are the gold functions: the functions that the issue's fix changed. `kind` says whether the
    issue names a gold function (see `benchmarks.locate.naming`).
    """

    id: str
    repo: str
    kind: str
    functions: Sequence[SourceFunction]
    features: NDArray[np.float32]
    bm25: NDArray[np.float64]
    base: NDArray[np.float64]
    wanted: Sequence[SourceFunction]

    def group(self) -> Group:
        """The group for training. Each gold function is a target."""
        ids = np.array([f.id for f in self.functions])
        found = np.stack([ids == f.id for f in self.wanted], axis=1)
        return Group(self.repo, self.kind, self.features, found, self.bm25)

    def ranking(self, scores: NDArray[np.float64]) -> list[SourceFunction]:
        """The functions in the order of `scores`. Functions with equal scores keep their order."""
        order = np.argsort(-np.round(scores, 6), kind="stable")
        return [self.functions[i] for i in order.tolist()]


@dataclass(frozen=True, slots=True)
class IssueInputs:
    """A repository at a commit: the payloads of its fragments, and its past commits."""

    pieces: Sequence[Mapping[str, Any]]
    past: Past


def cases(
    issues: Sequence[Issue],
    repos: Sequence[Path],
    cache: Path,
    encoder: Encoder,
    say: Say = lambda line: None,
) -> Iterator[IssueCase]:
    """The cases of all issues for which `repos` has a clone, or `cache` has a case or inputs.

    Issues whose fix changed no function are left out.
    """
    folders = {c.name.lower(): c.git_dir for c in clones.find(repos)} if repos else {}
    by_repo: dict[str, list[Issue]] = {}
    for issue in issues:
        by_repo.setdefault(issue.repo, []).append(issue)
    for number, (repo, rows) in enumerate(sorted(by_repo.items()), 1):
        say(f"{number}/{len(by_repo)} {repo}: {len(rows)} issues")
        yield from _of_repository(rows, folders.get(repo.lower()), cache, encoder, say)


def _of_repository(
    issues: Sequence[Issue], clone: Path | None, cache: Path, encoder: Encoder, say: Say
) -> Iterator[IssueCase]:
    with tempfile.TemporaryDirectory(prefix="cornea-locate-") as home:
        config = Config(home=Path(home), exclude=TESTS)
        for issue in issues:
            kept = cache / CASES / f"{issue.id}.npz"
            case = read_case(kept)
            if case is None:
                inputs = _inputs(issue, clone, config, cache, say)
                if inputs is None:
                    continue
                case = of_inputs(issue, inputs, encoder)
                write_case(kept, issue, case)
            if case.wanted:
                yield case


def _inputs(issue: Issue, clone: Path | None, config: Config, cache: Path, say: Say) -> IssueInputs | None:
    """The inputs of an issue, from the cache or else from the clone. Inputs from the clone are cached.

    Returns None if the cache lacks the inputs, and there is no clone or the clone lacks the commit.
    """
    known = kept_inputs(issue, cache)
    if known is not None or clone is None:
        return known
    try:
        revision = Revision(clone, issue.commit)
    except UsageError:
        say(f"{issue.id}: the clone has no commit {issue.commit[:12]}")
        return None
    with Index.open(clone, config, revision=revision) as index:
        ensure(index, allow=lambda files: True)
        pieces = [record.payload for record in index.store.scroll(CODE, FIELDS)]
        found = IssueInputs(pieces, past(clone, index.folder, revision.commit))
    _write_inputs(_place(issue, cache), found)
    return found


def kept_inputs(issue: Issue, cache: Path) -> IssueInputs | None:
    """The inputs that an earlier run cached for an issue's commit. Returns None if there are none."""
    place = _place(issue, cache)
    return _read_inputs(place) if place.is_file() else None


def _place(issue: Issue, cache: Path) -> Path:
    return cache / INPUTS / f"{issue.repo.replace('/', '+')}@{issue.commit}.json.gz"


def of_inputs(issue: Issue, inputs: IssueInputs, encoder: Encoder) -> IssueCase:
    """The case of an issue. A case without gold functions has no candidates and no features."""
    locator = Locator(inputs.pieces, inputs.past, encoder)
    there: dict[str, list[SourceFunction]] = {}
    for function in locator.corpus.functions:
        there.setdefault(function.path, []).append(function)
    wanted = gold(issue.changes, there)
    if not wanted:
        return IssueCase(issue.id, issue.repo, "", (), np.zeros((0, len(FEATURES)), np.float32), *_NONE, ())
    return case_of(issue, locator, wanted)


def case_of(issue: Issue, locator: Locator, wanted: Sequence[SourceFunction]) -> IssueCase:
    """The case of an issue with known gold functions."""
    evidence = locator.evidence(issue.text)
    pool = FunctionCandidates(evidence, choose(evidence))
    return IssueCase(
        issue.id,
        issue.repo,
        naming(evidence, wanted),
        pool.functions,
        FEATURES.matrix(pool),
        pool.of(evidence.bm25[WHOLE]),
        pool.of(evidence.base),
        wanted,
    )


_NONE = (np.zeros(0), np.zeros(0))


@functools.cache
def fingerprint() -> str:
    """A digest of the sources that compute the features."""
    return digest(feature_sources())


def feature_sources() -> list[Path]:
    """The files with the code of the features: the modules of locate, and the others that they use."""
    folders = [Path(folder) for package in (localization, ranking) for folder in package.__path__]
    found = [path for folder in folders for path in sorted(folder.rglob("*.py"))]
    kept = [path for path in found if path.name not in _NOT_FEATURES]
    return [*kept, Path(query.__file__)] if kept else []


def digest(paths: Sequence[Path]) -> str:
    """A digest of files.

    Raises CorneaError if there are no files, because every cache would then look up to date.
    """
    if not paths:
        raise CorneaError("the sources of the features cannot be found; install cornea as files, not zipped")
    found = hashlib.blake2b(digest_size=8)
    for path in paths:
        found.update(path.read_bytes())
    return found.hexdigest()


_NOT_FEATURES = frozenset({"locator.py", "reasons.py"})


def write_case(path: Path, issue: Issue, case: IssueCase) -> None:
    """Write a case to the cache."""
    about = {
        "fingerprint": fingerprint(),
        "id": issue.id,
        "repo": issue.repo,
        "kind": case.kind,
        "functions": [_row(f) for f in case.functions],
        "wanted": [_row(f) for f in case.wanted],
    }
    stream = io.BytesIO()
    np.savez_compressed(
        stream,
        about=np.frombuffer(json.dumps(about).encode(), np.uint8),
        features=case.features,
        bm25=case.bm25,
        base=case.base,
    )
    write_whole(path, stream.getvalue())


def read_case(path: Path) -> IssueCase | None:
    """A case from the cache. Returns None if the case is missing, damaged or has another fingerprint."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            about = json.loads(kept["about"].tobytes())
            if about["fingerprint"] != fingerprint():
                return None
            functions, wanted = (
                [SourceFunction(*row) for row in about[key]] for key in ("functions", "wanted")
            )
            columns = (kept["features"], kept["bm25"], kept["base"])
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    return IssueCase(about["id"], about["repo"], about["kind"], functions, *columns, wanted)


def _row(function: SourceFunction) -> tuple[str, str, int, int]:
    return function.path, function.symbol, function.start, function.end


def _write_inputs(path: Path, inputs: IssueInputs) -> None:
    commits = [(c.id, c.time, c.message, c.paths, c.functions) for c in inputs.past.commits]
    data = {"pieces": inputs.pieces, "commits": commits, "missing": inputs.past.missing}
    write_whole(path, gzip.compress(json.dumps(data).encode(), 1))


def _read_inputs(path: Path) -> IssueInputs:
    try:
        data = json.loads(gzip.decompress(path.read_bytes()))
        commits = [
            Commit(id, time, message, tuple(paths), tuple((p, n) for p, n in functions))
            for id, time, message, paths, functions in data["commits"]
        ]
        return IssueInputs(data["pieces"], Past(commits, data["missing"]))
    except (OSError, EOFError, ValueError, KeyError) as error:
        raise CorneaError(f"{path}: damaged ({error}); delete it") from error
