"""`cornea bench agents`: run an agent on tasks with and without Cornea, and compare the runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...presentation import output
from ...signals import terminable
from .show import PATH, reporting, seed_option

if TYPE_CHECKING:
    from research.benchmarks.report import BenchmarkReport


@click.command("agents")
@click.argument("tasks", type=PATH)
@click.option(
    "--agent",
    required=True,
    metavar="COMMAND",
    help="The agent's command; {prompt} in it is the prompt, which otherwise comes on stdin.",
)
@click.option(
    "--with",
    "extra",
    default="",
    metavar="ARGUMENTS",
    help="Arguments that are appended to the command for the runs with Cornea.",
)
@click.option(
    "--prepare",
    default="",
    metavar="COMMAND",
    help="Shell command, run in the copy of the folder before each run with Cornea.",
)
@click.option(
    "--out",
    required=True,
    type=PATH,
    metavar="FILE",
    help="File of runs; if it exists, the benchmark goes on after its last run.",
)
@click.option(
    "--runs",
    type=click.IntRange(1, 1_000),
    default=3,
    metavar="N",
    help="Runs of each task in each arm (default: 3).",
)
@click.option(
    "--timeout",
    type=click.FloatRange(1),
    default=1800.0,
    metavar="SECONDS",
    help="Seconds after which a run is ended (default: 1800).",
)
@click.option(
    "--output",
    "form",
    type=click.Choice(("auto", "claude", "codex", "generic")),
    default="auto",
    help="The form of the agent's output (default: told by the output).",
)
@seed_option
@reporting
def agents(
    tasks: Path, agent: str, extra: str, prepare: str, out: Path, runs: int, timeout: float, form: str,
    seed: int,
) -> BenchmarkReport:  # fmt: skip
    """Run your agent on your tasks, with and without Cornea, and compare the runs, paired by task.

    TASKS is a file with a JSON object per line: {"id", "prompt", "folder", "check"}. Each run works in a
    fresh copy of the folder (relative to the file). Then the shell command `check` runs in the copy; the task
    is solved if its exit code is 0. The runs of all tasks and of both arms are in one shuffled order.

    Success, time, calls of tools, the bytes that these returned, tokens and cost are compared, where the
    agent reports them: Claude Code with --output-format stream-json --verbose, Codex with exec --json, or any
    agent whose last line is a JSON object with calls, bytes_read, cost_usd, input_tokens or output_tokens.
    The environment variable CORNEA_BENCH_ARM is "with" or "without".

    Each run is written to the file --out at once: start the same command again to go on after an
    interruption. Agents may do what your user may: run only agents, tasks and checks that you trust.

    \b
    Examples:
      cornea bench agents tasks.jsonl --agent './agent.sh {prompt}' --out runs.jsonl
      cornea bench agents tasks.jsonl --out runs.jsonl --runs 5 \\
        --agent 'claude -p {prompt} --output-format stream-json --verbose --permission-mode acceptEdits' \\
        --with '--mcp-config cornea.json' --prepare 'cornea index'
      cornea bench agents tasks.jsonl --agent 'codex exec --json {prompt}' --out runs.jsonl --json
    """
    from research.benchmarks.agent_runs import AgentPlan, load_tasks, run_all
    from research.benchmarks.agents import report

    plan = AgentPlan(
        tasks=load_tasks(tasks), agent=agent, extra=extra, prepare=prepare, runs=runs, seed=seed,
        timeout=timeout, form=form,
    )  # fmt: skip
    with terminable():  # a running agent is ended, too
        found = run_all(plan, out, output.debug)
    return report(plan, found)
