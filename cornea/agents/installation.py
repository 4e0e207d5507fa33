"""Adds Cornea to coding agents, and removes it: one agent after the other, each with its own outcome."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import UNSET, Struct, UnsetType

from indexer.errors import CorneaError

from . import files
from .hosts import HOSTS, UserEnvironment


class AgentOutcome(Struct):
    """What was done for an agent. `files` were changed; `unchanged` had the entries already, or none."""

    agent: str
    title: str
    files: list[str]
    unchanged: list[str]
    error: str | UnsetType = UNSET


def surroundings() -> UserEnvironment:
    """Those of this process.

    Raises CorneaError without a home folder, or if Cornea's own path cannot be written into a configuration.
    """
    try:
        home = Path.home()
    except RuntimeError as error:
        raise CorneaError("the user has no home folder; set HOME and run the command again") from error
    command = own_command()
    if not files.is_text(command[0]):
        raise CorneaError(
            f"{command[0]!r}: Cornea is installed under a path that is not UTF-8, which no configuration "
            "file can hold; install it elsewhere and run the command again"
        )
    return UserEnvironment(home, os.environ, sys.platform, command)


def own_command() -> tuple[str, ...]:
    """The command that starts this installation of Cornea, from any folder and any PATH."""
    program = shutil.which(sys.argv[0])
    if program is not None and Path(program).name == "cornea":
        return (str(Path(program).absolute()),)
    return (sys.executable, "-m", "cornea")


def present(around: UserEnvironment) -> list[str]:
    """The names of the agents that this user seems to have."""
    return [name for name, host in HOSTS.items() if host.is_present(around)]


def install(names: Sequence[str], around: UserEnvironment, home: Path) -> Iterator[AgentOutcome]:
    """Add Cornea to agents. `home` is the folder of the records.

    Nothing is written for an agent if one of its files cannot be changed.
    """
    for name in names:
        outcome = AgentOutcome(name, HOSTS[name].title, [], [])
        try:
            known = {(one.file, one.path): one for one in files.load_records(home)}
            planned = []
            for change in HOSTS[name].changes(around):
                record = files.record_of(name, change)
                found = files.plan(name, change, known.get((record.file, record.path)))
                if found is None:
                    outcome.unchanged.append(record.file)
                else:
                    planned.append(found)
            for one in planned:
                files.write(one)
                outcome.files.append(one.record.file)
                known[one.record.file, one.record.path] = one.record
                files.save_records(home, known.values())
        except CorneaError as error:
            outcome.error = str(error)
        yield outcome


def uninstall(names: Sequence[str], around: UserEnvironment, home: Path) -> Iterator[AgentOutcome]:
    """Remove Cornea from agents: what the records name, and entries of ours without a record.

    A file that cannot be changed does not keep the others from being restored.
    """
    for name in names:
        outcome = AgentOutcome(name, HOSTS[name].title, [], [])
        try:
            kept = {(one.file, one.path): one for one in files.load_records(home)}
            wanted = {key: one for key, one in kept.items() if one.agent == name}
            for change in HOSTS[name].changes(around):
                record = files.record_of(name, change)
                if (record.file, record.path) not in wanted and files.is_made(change):
                    wanted[record.file, record.path] = record
            for key, record in reversed(wanted.items()):
                _uninstall(record, outcome)
                if not outcome.error:
                    kept.pop(key, None)
                    files.save_records(home, kept.values())
        except CorneaError as error:
            outcome.error = str(error)
        yield outcome


def _uninstall(record: files.ChangeRecord, outcome: AgentOutcome) -> None:
    try:
        done = files.revert(record)
    except CorneaError as error:
        outcome.error = f"{outcome.error}; {error}" if outcome.error else str(error)
        return
    (outcome.files if done else outcome.unchanged).append(record.file)
