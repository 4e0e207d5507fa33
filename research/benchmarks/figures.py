"""What the benchmarks print with `--json`, as types; where one has few fields, they are in its own module.

`cornea.schemas` makes JSON Schemas of them. `scores`, `differences` and `by` depend only on the seed and the
data; times and sizes depend on the machine, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from .bootstrap import DIGITS, Estimate


class Difference(Struct):
    """How much better `a` is than `b` in a metric, paired, with the 95 % interval."""

    metric: str
    a: str
    b: str
    mean: float
    low: float
    high: float


class QueryCosts(Struct):
    """Milliseconds per question, and MB: those allocated during a question, and the peak of the process."""

    p50_ms: float
    p99_ms: float
    query_mb: float
    resident_mb: float


class Percentiles(Struct):
    """The median and the 99th percentile."""

    p50: float
    p99: float


class Machine(Struct):
    """What times depend on. `machine` is the kind of processor."""

    cores: int | None
    python: str
    machine: str


class IndexCosts(Struct):
    """Time and disk space of an index."""

    index_seconds: float
    index_mb: float


class RankedFigures(Struct, kw_only=True):
    """The scores of several ways of ranking, by the way's name and the metric."""

    scores: Mapping[str, Mapping[str, Estimate]]
    differences: Sequence[Difference]


class TaskFigures(RankedFigures, kw_only=True):
    """The figures of one kind of question."""

    questions: int
    costs: Mapping[str, QueryCosts]


class BeirFigures(RankedFigures, kw_only=True):
    """The answer of `bench beir --json`."""

    data: str
    task: str
    seed: int
    queries: int
    documents: int
    costs: Mapping[str, QueryCosts]
    index: IndexCosts


class PublishedFigures(Struct):
    """A tool's published figure and ours, as means over the questions of the repositories that both have."""

    published: float
    repositories: int
    ours: Mapping[str, float]


class SearchFigures(Struct, kw_only=True):
    """The answer of `bench search --json`.

    `by` has means by category, language and repo: of each way of ranking, by group.
    """

    data: str
    seed: int
    repositories: Sequence[str]
    absent: Sequence[str]
    questions: int
    scores: Mapping[str, Estimate]
    differences: Sequence[Difference]
    by: Mapping[str, Mapping[str, Mapping[str, float]]]
    published: Mapping[str, PublishedFigures]
    costs: Mapping[str, QueryCosts]


class LocateFigures(RankedFigures, kw_only=True):
    """The answer of `bench locate --json`.

    `left_out` has the number of issues by reason, `functions` the number of functions of each issue's
    repository, and `moving_seconds` how long it took to move the index to an issue's commit.
    """

    data: str
    seed: int
    issues: int
    left_out: Mapping[str, int]
    functions: Sequence[int]
    seconds: Mapping[str, Percentiles]
    moving_seconds: Percentiles


class OwnFigures(Struct, kw_only=True):
    """The answer of `bench repo --json`, by kind of question. `commits` is missing without such questions."""

    root: str
    seed: int
    tasks: Mapping[str, TaskFigures]
    commits: LocateFigures | UnsetType = UNSET


class CursorFigures(Struct, kw_only=True):
    """The answer of `bench continue --json`.

    `coverage` is the share of cases with a suggestion confident enough to be shown; in `names_shared` of
    these, the suggestion shares the names of the right line.
    """

    root: str
    seed: int
    cases: int
    fragments: int
    scores: Mapping[str, Mapping[str, Estimate]]
    coverage: float
    names_shared: Estimate


class NameGroup(Struct):
    """The number of names that ctags reports, and the share that is found; null if there are none."""

    names: int
    found: float | None


class LanguageDefinitions(Struct, kw_only=True):
    """The comparison with ctags in one language. `sample` lists some of the differences.

    `unread` are the files on which ctags timed out. Of `ends` definitions whose end ctags knows, `same_ends`
    have the same end. `ours` are all names found here, of which ctags lacks `extra`.
    """

    files: int
    unread: Sequence[str]
    definitions: NameGroup
    values: NameGroup
    ends: int
    same_ends: int
    ours: int
    extra: int
    sample: Sequence[str]


class DefinitionFigures(Struct):
    """The answer of `bench definitions --json`."""

    languages: Mapping[str, LanguageDefinitions]


class ColdAndWarm(Struct):
    """Milliseconds of a search: cold in a process of its own, warm in a running process."""

    cold_p50_ms: float
    cold_p99_ms: float
    warm_p50_ms: float
    warm_p99_ms: float
    resident_mb: int


class CursorCosts(Struct):
    """Milliseconds of a suggestion in a running process. Times are missing if there is no cursor."""

    cursors: int
    warm_p50_ms: float | UnsetType = UNSET
    warm_p99_ms: float | UnsetType = UNSET
    resident_mb: int | UnsetType = UNSET


class IndexingCosts(Struct, kw_only=True):
    """Seconds of a first index and of two updates, and the speed as if all functions had been indexed."""

    files: int
    functions: int
    fragments: int
    first_index_s: float
    first_index_functions_per_s: int
    first_index_mb: int
    no_change_s: float
    no_change_functions_per_s: int
    one_file_s: float
    one_file_functions_per_s: int


class SpeedFigures(Struct, kw_only=True):
    """The answer of `bench speed --json`."""

    root: str
    repeats: int
    index: IndexingCosts
    index_mb: float
    queries: Mapping[str, ColdAndWarm]
    continue_: CursorCosts = msgspec.field(name="continue")
    machine: Machine


class GrowthRow(Struct, kw_only=True):
    """An index of one size."""

    fragments: int
    fragments_per_s: int
    queries_ms: Mapping[str, Percentiles]
    resident_mb: int
    disk_mb: int


class GrowthFigures(Struct):
    """The answer of `bench speed --scale N --json`."""

    fragments: int
    seed: int
    sizes: Sequence[GrowthRow]


class ServerMemory(Struct):
    """MB of the language server and of the host with its workers: resident, and private."""

    server_mb: int
    server_own_mb: int
    host_mb: int
    host_own_mb: int


class RequestTimes(Struct):
    """Milliseconds of requests for ghost text."""

    p50_ms: float
    p99_ms: float
    requests: int


class ServerFigures(Struct, kw_only=True):
    """The answer of `bench lsp --json`.

    Times are milliseconds: until `initialize` is answered, of the first ghost text, of a change in a large
    file, of the first and the second issue. `answered` requests for ghost text had a suggestion.
    """

    root: str
    files: int
    fragments: int
    start_ms: float
    first_ms: float
    building: RequestTimes
    idle: RequestTimes
    answered: int
    change_ms: float
    locate_first_ms: float
    locate_ms: float
    memory: ServerMemory
    memory_after_locate: ServerMemory
    machine: Machine


def plain(figures: Any) -> Any:
    """Figures as JSON values, with numbers rounded, because their last bits depend on the processor."""
    if isinstance(figures, float):
        return round(figures, DIGITS)
    if isinstance(figures, Mapping):
        return {str(key): plain(one) for key, one in figures.items()}
    if isinstance(figures, list | tuple):
        return [plain(one) for one in figures]
    return plain(msgspec.to_builtins(figures)) if isinstance(figures, Struct) else figures
