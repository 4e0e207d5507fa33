"""Runs an agent on tasks, with and without Cornea, in a fresh copy of the task's folder each time.

Each run is written to a file as soon as it is done. A benchmark that was interrupted goes on after the last
run in the file.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from msgspec import Struct

from indexer.errors import UsageError

from ..datasets.steps import Say, each
from .agent_outputs import AUTO, ReportedUse, reported

WITH, WITHOUT = "with", "without"
ARMS = (WITH, WITHOUT)
PROMPT = "{prompt}"
"""What an agent's command has where the task's prompt belongs; without it, the prompt comes on stdin."""
ARM_VARIABLE = "CORNEA_BENCH_ARM"
"""The environment variable that tells the agent's command and the check which arm runs."""
_MAX_OUTPUT = 256_000_000
_ERROR_CHARACTERS = 500
_EXAMPLE = '{"id": ..., "prompt": ..., "folder": ..., "check": ...}'


class AgentTask(Struct, kw_only=True, forbid_unknown_fields=True):
    """A task for an agent, a line of a file of tasks.

    `folder` is the code that the agent works on; relative to the file. `check` is a shell command, which is
    run in the agent's copy of the folder after it has ended: the task is solved if its exit code is 0.
    """

    id: str
    prompt: str
    folder: str
    check: str


class AgentRun(Struct, kw_only=True):
    """A run of an agent on a task: the line of a file of runs.

    `seconds` are those of the agent alone, `prepare_seconds` those of preparing its copy. `exit_code` is that
    of the agent, negative if a signal ended it. `error` says why a run has failed.
    """

    task: str
    arm: str
    number: int
    success: bool
    seconds: float
    prepare_seconds: float
    exit_code: int
    timed_out: bool
    use: ReportedUse
    error: str = ""

    @property
    def key(self) -> tuple[str, int, str]:
        return self.task, self.number, self.arm


class RunsHeader(Struct, kw_only=True):
    """The first line of a file of runs: what all of its runs have in common."""

    tasks: str
    agent: str
    extra: str
    prepare: str
    runs: int
    seed: int
    timeout: float


@dataclass(frozen=True, slots=True)
class AgentPlan:
    """What is run: `agent` on each task `runs` times in each arm, in an order that follows from `seed`.

    With Cornea, `extra` is appended to the agent's command, and the shell command `prepare` is run in the
    copy before. A run ends after `timeout` seconds.
    """

    tasks: Sequence[AgentTask]
    agent: str
    extra: str = ""
    prepare: str = ""
    runs: int = 3
    seed: int = 0
    timeout: float = 1800.0
    form: str = AUTO

    @property
    def header(self) -> RunsHeader:
        digest = hashlib.blake2b(msgspec.json.encode(list(self.tasks)), digest_size=8).hexdigest()
        return RunsHeader(
            tasks=digest, agent=self.agent, extra=self.extra, prepare=self.prepare, runs=self.runs,
            seed=self.seed, timeout=self.timeout,
        )  # fmt: skip

    @property
    def order(self) -> list[tuple[AgentTask, int, str]]:
        """All runs, shuffled, so that neither an arm nor a task has a time of its own."""
        found = [(task, number, arm) for task in self.tasks for number in range(self.runs) for arm in ARMS]
        Random(self.seed).shuffle(found)
        return found


def load_tasks(path: Path) -> list[AgentTask]:
    """The tasks in a file of JSON lines, with absolute folders. Raises UsageError for a wrong line."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        why = error.strerror or error
        raise UsageError(f"{path}: {why}; name a file of tasks, one JSON object a line") from error
    found: dict[str, AgentTask] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            task = msgspec.json.decode(line, type=AgentTask)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise UsageError(f"{path}:{number}: {error}; a task is {_EXAMPLE}") from error
        task.folder = str((path.parent / Path(task.folder).expanduser()).resolve())
        if task.id in found:
            raise UsageError(f"{path}:{number}: the id {task.id!r} occurs twice; give each task its own")
        if not Path(task.folder).is_dir():
            raise UsageError(f"{path}:{number}: {task.folder}: not a folder; correct the task's folder")
        if not task.prompt.strip() or not task.check.strip():
            raise UsageError(f"{path}:{number}: the prompt or the check is empty; write both")
        found[task.id] = task
    if not found:
        raise UsageError(f"{path}: no tasks; write one JSON object a line")
    return list(found.values())


def run_all(plan: AgentPlan, out: Path, say: Say = lambda line: None) -> list[AgentRun]:
    """Run what is not in the file `out` yet, and add it there. Returns all runs.

    Raises UsageError if the file is of another plan, or the agent's command cannot be started.
    """
    command = _command(plan.agent)
    done = read_runs(out, plan.header)
    if done:
        say(f"{out}: {len(done)} runs are done")
    keys = {run.key for run in done}
    left = [(task, number, arm) for task, number, arm in plan.order if (task.id, number, arm) not in keys]
    with out.open("ab") as stream:
        if not stream.tell():
            _append(stream, plan.header)
        for task, number, arm in each(left, "running the agent"):
            say(f"{task.id}, {arm} Cornea, run {number + 1} of {plan.runs}")
            run = _run(plan, command, task, number, arm)
            _append(stream, run)
            done.append(run)
    return done


def read_runs(path: Path, header: RunsHeader) -> list[AgentRun]:
    """The runs in a file. A last line that was cut off by a kill is removed.

    Raises UsageError if the file's first line is not `header`, or a line is not a run.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}; name another file of runs") from error
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        os.truncate(path, len(whole))
    lines = whole.splitlines()
    if not lines:
        return []
    try:
        first = msgspec.json.decode(lines[0], type=RunsHeader)
        found = [msgspec.json.decode(line, type=AgentRun) for line in lines[1:]]
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise UsageError(f"{path}: not a file of runs ({error}); name another file") from error
    for name in RunsHeader.__struct_fields__:
        if getattr(first, name) != getattr(header, name):
            raise UsageError(
                f"{path}: its runs have {name} {getattr(first, name)!r}, not {getattr(header, name)!r}; name "
                f"another file, or use what they were made with"
            )
    return found


def _append(stream: Any, row: Struct) -> None:
    stream.write(msgspec.json.encode(row) + b"\n")
    stream.flush()
    os.fsync(stream.fileno())


def _command(agent: str) -> list[str]:
    try:
        words = shlex.split(agent)
    except ValueError as error:
        raise UsageError(f"--agent: {error}; quote the command as for a shell") from error
    if not words or shutil.which(words[0]) is None:
        raise UsageError(f"--agent: {words[0] if words else ''!r}: no such program; name one in PATH")
    return words


def _run(plan: AgentPlan, command: Sequence[str], task: AgentTask, number: int, arm: str) -> AgentRun:
    with tempfile.TemporaryDirectory(prefix="cornea-agent-", ignore_cleanup_errors=True) as work:
        folder = Path(work) / Path(task.folder).name
        shutil.copytree(task.folder, folder, symlinks=True)
        environment = {**os.environ, "PWD": str(folder), ARM_VARIABLE: arm}
        words = [*command, *shlex.split(plan.extra)] if arm == WITH else list(command)
        stdin = "" if any(PROMPT in word for word in words) else task.prompt
        words = [word.replace(PROMPT, task.prompt) for word in words]
        started = time.perf_counter()
        if arm == WITH and plan.prepare:
            prepared = _finish(["/bin/sh", "-c", plan.prepare], folder, environment, "", plan.timeout)
            if prepared.code:
                raise UsageError(f"--prepare: {prepared.error or 'failed'}; correct {plan.prepare!r}")
        prepare_seconds = time.perf_counter() - started
        ended = _finish(words, folder, environment, stdin, plan.timeout)
        use = reported(ended.out, plan.form)
        checked = _finish(["/bin/sh", "-c", task.check], folder, environment, "", plan.timeout)
    return AgentRun(
        task=task.id, arm=arm, number=number, success=checked.code == 0, seconds=round(ended.seconds, 3),
        prepare_seconds=round(prepare_seconds, 3), exit_code=ended.code, timed_out=ended.timed_out, use=use,
        error=ended.error if ended.code or ended.timed_out else "",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Ended:
    """How a process ended. `error` is the end of what it wrote to stderr."""

    code: int
    seconds: float
    timed_out: bool
    out: str
    error: str


def _finish(
    words: Sequence[str], folder: Path, environment: Mapping[str, str], stdin: str, timeout: float
) -> _Ended:
    """Run a process to its end. After `timeout` seconds it is killed, with all processes of its session."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as given:
        given.write(stdin.encode("utf-8", "replace"))
        given.seek(0)
        started = time.perf_counter()
        process = subprocess.Popen(
            words,
            cwd=folder,
            env=dict(environment),
            stdin=given,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        timed_out = False
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            timed_out = True
        finally:  # also after Ctrl-C
            seconds = time.perf_counter() - started
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        error = _tail(err).strip()[-_ERROR_CHARACTERS:]
        return _Ended(process.returncode, seconds, timed_out, _tail(out), error)


def _tail(stream: Any) -> str:
    """The last part of what a process wrote."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - _MAX_OUTPUT))
    return str(stream.read().decode("utf-8", "replace"))
