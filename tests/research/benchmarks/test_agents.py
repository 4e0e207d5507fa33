"""`bench agents`, with an agent that is a script: both arms, paired figures, going on after a kill."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from indexer.errors import UsageError
from research.benchmarks.agent_outputs import ReportedUse, reported
from research.benchmarks.agent_runs import WITH, WITHOUT, AgentPlan, AgentRun, load_tasks, read_runs, run_all
from research.benchmarks.agents import AgentFigures, report
from tests.e2e.cli import Cli
from tests.repositories import write
from tests.support.schemas import validate

SCRIPT = Path(__file__).with_name("scripted_agent.py")
CHECK = "test -f answer.txt"


def tasks_file(folder: Path, *prompts: str, **changes: Any) -> Path:
    """A file of tasks with these prompts."""
    write(folder, {"code/a.py": "x = 1\n"})
    rows = [{"id": one, "prompt": one, "folder": "code", "check": CHECK, **changes} for one in prompts]
    for row in rows:
        validate("commands/bench-agents-task", row)
    path = folder / "tasks.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + "\n")
    return path


def plan_of(tasks: Path, form: str = "claude", **changes: Any) -> AgentPlan:
    agent = f"{sys.executable} {SCRIPT} {form} {{prompt}}"
    settings: dict[str, Any] = {"agent": agent, "extra": "--mcp", "prepare": "touch notes.txt", "runs": 2}
    return AgentPlan(load_tasks(tasks), **{**settings, **changes})


def figures_of(plan: AgentPlan, runs: list[AgentRun]) -> AgentFigures:
    found = report(plan, runs).figures
    assert isinstance(found, AgentFigures)
    return found


@pytest.mark.parametrize("form", ["claude", "codex", "generic"])
def test_both_arms(tmp_path: Path, form: str) -> None:
    """Success by the check, calls, bytes and cost as the agent reports them, and the paired differences."""
    plan = plan_of(tasks_file(tmp_path, "easy", "hard"), form)
    runs = run_all(plan, tmp_path / "runs.jsonl")
    assert len(runs) == 8
    assert not (tmp_path / "code" / "answer.txt").exists()  # each run has a copy of its own
    found = figures_of(plan, runs)
    with_, without = found.arms[WITH], found.arms[WITHOUT]
    assert (with_.means["success"].mean, without.means["success"].mean) == (1.0, 0.5)
    assert (with_.means["calls"].mean, without.means["calls"].mean) == (1.0, 3.0)
    assert (with_.means["calls of Cornea"].mean, without.means["calls of Cornea"].mean) == (1.0, 0.0)
    assert (with_.means["bytes read"].mean, without.means["bytes read"].mean) == (100.0, 300.0)
    differences = {one.metric: one for one in found.differences}
    assert (differences["calls"].mean, differences["calls"].low, differences["calls"].high) == (
        -2.0,
        -2.0,
        -2.0,
    )
    assert differences["success"].mean == 0.5
    assert ("cost in USD" in found.compared) == (form != "codex")
    if form == "claude":
        assert with_.means["input tokens"].mean == 100.0
        assert differences["cost in USD"].mean == pytest.approx(-0.02)
    assert [(one.id, one.with_["success"], one.without["success"]) for one in found.tasks] == [
        ("easy", 1.0, 1.0), ("hard", 1.0, 0.0),
    ]  # fmt: skip


def test_going_on_after_a_kill(tmp_path: Path) -> None:
    """What is in the file is not run again; a line that was cut off is; the figures are the same."""
    plan, out = plan_of(tasks_file(tmp_path, "easy", "hard")), tmp_path / "runs.jsonl"
    whole = run_all(plan, out)
    lines = out.read_bytes().splitlines(keepends=True)
    for line in lines[1:]:
        validate("commands/bench-agents-run", json.loads(line))
    out.write_bytes(b"".join(lines[:5]) + lines[5][:20])
    told: list[str] = []
    again = run_all(plan, out, told.append)
    assert len([line for line in told if "Cornea, run" in line]) == 4
    assert [run.key for run in again] == [run.key for run in whole]
    assert len(read_runs(out, plan.header)) == 8
    out.write_bytes(lines[0][:9])  # killed while it wrote the first line
    assert len(run_all(plan, out)) == 8


def test_the_order(tmp_path: Path) -> None:
    """Shuffled by the seed: the same for a seed, another for another one, with all runs in it."""
    tasks = tasks_file(tmp_path, *"abcdef")
    orders = [[(t.id, n, arm) for t, n, arm in plan_of(tasks, seed=seed).order] for seed in (0, 0, 1)]
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == sorted(orders[2])
    assert len(set(orders[0])) == 24


def test_failures_are_data(tmp_path: Path) -> None:
    """An agent that fails, or does not end, has not solved its task; its error is kept."""
    plan = plan_of(tasks_file(tmp_path, "fail", "easy"), runs=1)
    runs = run_all(plan, tmp_path / "failed.jsonl")
    failed = next(run for run in runs if (run.task, run.arm) == ("fail", WITH))
    assert (failed.success, failed.exit_code, failed.error) == (False, 3, "no such model")
    found = report(plan, runs)
    assert "with Cornea: 1 runs ended with an error, 0 were ended." in found.notes
    assert "2 tasks are few" in " ".join(found.notes)
    tasks = tasks_file(tmp_path, "hang")
    plan = plan_of(tasks, agent="sleep 3600", extra="", prepare="", runs=1, timeout=0.2)
    hung = run_all(plan, tmp_path / "hung.jsonl")
    assert [(run.success, run.timed_out, run.exit_code < 0) for run in hung] == [(False, True, True)] * 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no tasks"),
        ("{\n", "tasks.jsonl:1: "),
        ('{"id": "a", "prompt": "x", "folder": "."}\n', "tasks.jsonl:1: .*check.*; a task is"),
        ('{"id": 1, "prompt": "x", "folder": ".", "check": "true"}\n', r"tasks.jsonl:1: .*\$\.id"),
        ('{"id": "a", "prompt": "x", "folder": "gone", "check": "true"}\n', "not a folder"),
        ('{"id": "a", "prompt": " ", "folder": ".", "check": "true"}\n', "the prompt or the check is empty"),
        (
            '{"id": "a", "prompt": "x", "folder": ".", "check": "true"}\n' * 2,
            "tasks.jsonl:2: .* occurs twice",
        ),
    ],
)
def test_wrong_tasks(tmp_path: Path, text: str, message: str) -> None:
    """The file, the line, and what to correct."""
    (tmp_path / "tasks.jsonl").write_text(text)
    with pytest.raises(UsageError, match=message):
        load_tasks(tmp_path / "tasks.jsonl")


def test_wrong_files_and_commands(tmp_path: Path) -> None:
    """Runs of another plan are not mixed with these; a program must exist; preparing must succeed."""
    tasks, out = tasks_file(tmp_path, "easy"), tmp_path / "runs.jsonl"
    run_all(plan_of(tasks, runs=1), out)
    with pytest.raises(UsageError, match="its runs have seed 0, not 7"):
        run_all(plan_of(tasks, runs=1, seed=7), out)
    (tmp_path / "other.jsonl").write_text("{}\n")
    with pytest.raises(UsageError, match="not a file of runs"):
        run_all(plan_of(tasks), tmp_path / "other.jsonl")
    with pytest.raises(UsageError, match="'no-such-agent': no such program"):
        run_all(plan_of(tasks, agent="no-such-agent -p"), tmp_path / "new.jsonl")
    with pytest.raises(UsageError, match="--prepare: broken; correct"):
        run_all(plan_of(tasks, prepare="echo broken >&2; exit 1"), tmp_path / "new.jsonl")


@pytest.mark.parametrize("form", ["auto", "claude", "codex", "generic"])
@pytest.mark.parametrize(
    "text",
    [
        "", "hello\n", "{\n", "[1, {}]\n", '{"type": "result"}\n', '{"calls": true, "cost_usd": "1"}\n',
        '{"type": "assistant", "message": {"content": [5]}}\n', '{"type": "item.completed", "item": 3}\n',
    ],
)  # fmt: skip
def test_other_output(form: str, text: str) -> None:
    """Nothing is known of it, and nothing fails."""
    found = reported(text, form)
    assert (found.cost_usd, found.input_tokens) == (None, None)


def test_claude_without_its_stream() -> None:
    """A single object has the cost, but no calls."""
    text = json.dumps(
        {"type": "result", "total_cost_usd": 0.5, "session_id": "1", "is_error": True}, indent=1
    )
    assert reported(text) == ReportedUse(cost_usd=0.5, failed=True)


def test_the_command(tmp_path: Path) -> None:
    """Its tables and its JSON, which go on with the same file."""
    cli = Cli(tmp_path / "home", tmp_path)
    tasks = tasks_file(tmp_path, "easy", "hard")
    agent = f"{sys.executable} {SCRIPT} claude -"
    args = ["bench", "agents", tasks, "--agent", agent, "--with", "--mcp", "--prepare", "touch notes.txt",
            "--out", tmp_path / "runs.jsonl", "--runs", "1"]  # fmt: skip
    shown = cli(*args)
    assert shown.code == 0, shown.err
    assert "2 tasks, 1 runs each with and without Cornea" in shown.out
    done = cli(*args, "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["arms"]["with"]["runs"] == 2
    wrong = cli("bench", "agents", "nowhere.jsonl", "--agent", "true", "--out", "x.jsonl")
    assert (wrong.code, wrong.out) == (2, "")
    assert "nowhere.jsonl: No such file or directory; name a file of tasks" in wrong.err
