"""Compares runs of an agent with and without Cornea, paired by task."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from . import tables
from .agent_runs import ARMS, WITH, WITHOUT, AgentPlan, AgentRun
from .bootstrap import Estimate, difference, estimate, mean
from .figures import Difference
from .report import BenchmarkReport, ReportTable


def _calls(run: AgentRun) -> float | None:
    return None if run.use.calls is None else float(sum(run.use.calls.values()))


def _cornea_calls(run: AgentRun) -> float | None:
    calls = run.use.calls
    return None if calls is None else float(sum(n for name, n in calls.items() if "cornea" in name.lower()))


METRICS: Mapping[str, Callable[[AgentRun], float | None]] = {
    "success": lambda run: float(run.success),
    "seconds": lambda run: run.seconds,
    "calls": _calls,
    "calls of Cornea": _cornea_calls,
    "bytes read": lambda run: run.use.bytes_read,
    "input tokens": lambda run: run.use.input_tokens,
    "output tokens": lambda run: run.use.output_tokens,
    "cost in USD": lambda run: run.use.cost_usd,
}
"""What is measured of a run. None means that the agent does not report it."""
_FEW = 10
"""Number of tasks below which intervals are too narrow, because the tasks themselves are a small sample."""


class ArmFigures(Struct, kw_only=True):
    """The runs of one arm.

    `means` are over tasks, of the mean of a task's runs, by metric. `failed` are runs in which the agent
    ended with an error, and `timed_out` those that were ended.
    """

    runs: int
    failed: int
    timed_out: int
    means: Mapping[str, Estimate]
    prepare_seconds: float


class TaskOutcome(Struct, kw_only=True):
    """The means of the runs of one task by arm and metric, without metrics that the agent does not report."""

    id: str
    with_: Mapping[str, float]
    without: Mapping[str, float]


class AgentFigures(Struct, kw_only=True):
    """The answer of `bench agents --json`.

    `differences` are those of the arm with Cornea from the one without, paired by task. A metric counts the
    tasks of which all runs report it; `compared` has their number.
    """

    agent: str
    extra: str
    prepare: str
    runs: int
    seed: int
    arms: Mapping[str, ArmFigures]
    compared: Mapping[str, int]
    differences: Sequence[Difference]
    tasks: Sequence[TaskOutcome]


def report(plan: AgentPlan, runs: Sequence[AgentRun]) -> BenchmarkReport:
    """The comparison of all runs of a plan."""
    by_task = _means(plan, runs)
    arms: dict[str, dict[str, Estimate]] = {arm: {} for arm in ARMS}
    compared: dict[str, int] = {}
    differences: list[Difference] = []
    for metric in METRICS:
        both = [found for found in by_task.values() if all(metric in found[arm] for arm in ARMS)]
        if not both:
            continue
        columns = {arm: [found[arm][metric] for found in both] for arm in ARMS}
        compared[metric] = len(both)
        for arm in ARMS:
            arms[arm][metric] = estimate(columns[arm], plan.seed)
        gain = difference(columns[WITH], columns[WITHOUT], plan.seed)
        differences.append(Difference(metric, WITH, WITHOUT, gain.mean, gain.low, gain.high))
    figures = AgentFigures(
        agent=plan.agent,
        extra=plan.extra,
        prepare=plan.prepare,
        runs=plan.runs,
        seed=plan.seed,
        arms={arm: _arm(arms[arm], [run for run in runs if run.arm == arm]) for arm in ARMS},
        compared=compared,
        differences=differences,
        tasks=[
            TaskOutcome(id=name, with_=found[WITH], without=found[WITHOUT]) for name, found in by_task.items()
        ],
    )
    title = f"{len(plan.tasks)} tasks, {plan.runs} runs each with and without Cornea"
    success = {f"{arm} Cornea": arms[arm]["success"] for arm in (WITHOUT, WITH)}
    return BenchmarkReport(
        title, _tables(figures), figures, _notes(plan, figures), tables.bars("success", success)
    )


def _means(plan: AgentPlan, runs: Sequence[AgentRun]) -> dict[str, dict[str, dict[str, float]]]:
    """For each task and arm, the mean of each metric that all of its runs report."""
    grouped: dict[tuple[str, str], list[AgentRun]] = defaultdict(list)
    for run in runs:
        grouped[run.task, run.arm].append(run)
    found: dict[str, dict[str, dict[str, float]]] = {}
    for task in plan.tasks:
        found[task.id] = {arm: {} for arm in ARMS}
        for arm in ARMS:
            for metric, value_of in METRICS.items():
                values = [value_of(run) for run in grouped[task.id, arm]]
                known = [value for value in values if value is not None]
                if known and len(known) == len(values):
                    found[task.id][arm][metric] = mean(known)
    return found


def _arm(means: Mapping[str, Estimate], runs: Sequence[AgentRun]) -> ArmFigures:
    return ArmFigures(
        runs=len(runs),
        failed=sum(bool(run.exit_code) or run.use.failed for run in runs),
        timed_out=sum(run.timed_out for run in runs),
        means=means,
        prepare_seconds=mean([run.prepare_seconds for run in runs]),
    )


def _tables(figures: AgentFigures) -> list[ReportTable]:
    rows = []
    for one in figures.differences:
        with_, without = (figures.arms[arm].means[one.metric] for arm in ARMS)
        beyond = "yes" if one.low > 0 or one.high < 0 else "no"
        change = f"{one.mean:+.3f} [{one.low:+.3f}, {one.high:+.3f}]"
        rows.append((one.metric, str(figures.compared[one.metric]), str(without), str(with_), change, beyond))
    head = ("metric", "tasks", "without [95 %]", "with [95 %]", "difference, paired [95 %]", "beyond chance")
    outcomes = tuple(
        (one.id, f"{one.without.get('success', 0.0):.2f}", f"{one.with_.get('success', 0.0):.2f}")
        for one in figures.tasks
    )
    return [
        ReportTable("Means over tasks", head, tuple(rows)),
        ReportTable("Success by task", ("task", "without", "with"), outcomes),
    ]


def _notes(plan: AgentPlan, figures: AgentFigures) -> list[str]:
    notes = [f"Intervals resample the tasks (seed {plan.seed}); a task counts with the mean of its runs."]
    if len(plan.tasks) < _FEW:
        notes.append(f"{len(plan.tasks)} tasks are few: these intervals are narrower than they should be.")
    for arm in ARMS:
        one = figures.arms[arm]
        if one.failed or one.timed_out:
            notes.append(f"{arm} Cornea: {one.failed} runs ended with an error, {one.timed_out} were ended.")
    calls = figures.arms[WITH].means.get("calls of Cornea")
    if calls is not None and not calls.mean and not plan.prepare:
        notes.append("The agent never called a tool of Cornea: the arms may differ by chance alone.")
    missing = [metric for metric in METRICS if metric not in figures.compared]
    if missing:
        notes.append(f"Not reported by the agent: {', '.join(missing)}.")
    return notes
