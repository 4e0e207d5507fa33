"""Mines pairs from local clones, for `cornea train mine`.

clones -> clones that are not held out -> excluded data as hashes -> each repository in a process of its own
-> functions without copies -> pairs -> report
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from indexer.errors import UsageError

from ..datasets import clones, reading
from ..datasets.clones import Clone
from ..datasets.reading import write_json
from ..datasets.steps import Say
from . import dedupe, excluded, leaks, pairs, processes, tasks
from .drops import Drops
from .processes import WorkerLost
from .repository import RepositoryRequest
from .tasks import Make, Mine

VERSION = 2
"""The version of the mining rules. A new version makes the next run mine everything again."""
WORK, HASHES, REPORT, REPOS = "work", "excluded.hashes", "report.json", "repos.json"
_TRIES = 5
"""Maximum files that may crash the process of a repository before the repository is skipped."""


@dataclass(frozen=True, slots=True)
class MiningOptions:
    """What to mine and how: in `jobs` processes, with at most `seconds` of wall time per repository."""

    out: Path
    repos: tuple[Path, ...]
    exclude_files: tuple[Path, ...] = ()
    exclude_data: tuple[Path, ...] = ()
    listed: Path | None = None
    languages: tuple[str, ...] = ()
    seed: int = 0
    limit: int = 0
    commits: int = 400
    jobs: int = 2
    seconds: float = 900.0


@dataclass(frozen=True, slots=True)
class MiningOutcome:
    """The rows of `repos.json`, one per repository, sorted by name, and what each rule dropped."""

    repositories: list[dict[str, Any]]
    drops: dict[str, dict[str, Any]]


def mine(options: MiningOptions, say: Say = lambda line: None) -> MiningOutcome:
    """Mine all repositories into `options.out`. Results of an earlier run with the same options are reused.

    Raises UsageError for invalid options.
    """
    names = tuple(name for path in options.exclude_files for name in clones.excluded(path))
    found = _wanted(clones.find(options.repos), options.listed, say)
    hashes = options.out / HASHES
    leaks.save(excluded.collect(options.exclude_data, options.jobs, options.seconds, say), hashes)
    refused, asked = _tasks(found, names, hashes, options)
    abouts = dict(_mined(asked, options, say))
    good = [task for task in asked if "refused" not in abouts[task.name]]
    say(f"looking for copies among {sum(abouts[task.name]['functions'] for task in good):,} functions")
    drops = Drops()
    for task in asked:
        drops.merge(abouts[task.name]["drops"], f"{task.name} ")
    _made(good, abouts, drops, options, say)
    _clear(options.out, {task.name for task in good})
    rows = sorted([*refused, *(_row(abouts[task.name]) for task in asked)], key=lambda row: row["name"])
    outcome = MiningOutcome(rows, drops.as_data())
    write_json(options.out / REPOS, {"version": VERSION, "repositories": rows})
    write_json(options.out / REPORT, {"version": VERSION, "totals": totals(rows), "dropped": outcome.drops})
    return outcome


def totals(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Sums over all repositories."""
    counts: Counter[str] = Counter()
    for row in rows:
        counts["refused" if "refused" in row else "repositories"] += 1
        counts["functions"] += row.get("functions", 0)
        counts.update(row.get("pairs", {}))
    return {name: counts[name] for name in ("repositories", "refused", "functions", *pairs.KINDS)}


def safe(name: str) -> str:
    """A repository's name as the name of a file: `owner+name`."""
    return re.sub(r"[^\w.+-]", "_", name.replace("/", "+")).lstrip(".") or "_"


@dataclass(frozen=True, slots=True)
class _Read:
    """A clone, and the commit to read. An empty `commit` means HEAD."""

    clone: Clone
    commit: str


def _wanted(found: Sequence[Clone], listed: Path | None, say: Say) -> list[_Read]:
    if listed is None:
        return [_Read(clone, "") for clone in found]
    commits = _list(listed)
    kept = []
    for clone in found:
        commit = commits.get(clone.name.lower())
        if commit is not None:
            if commit and not clones.has(clone, commit):
                say(
                    f"warning: {clone.name} lacks commit {commit[:12]} and is read at HEAD; fetch that commit"
                )
                commit = ""
            kept.append(_Read(clone, commit))
    there = {read.clone.name.lower() for read in kept}
    for name in commits:
        if name not in there:
            say(f"warning: no clone of {name}, which {listed} names; clone it into a folder of --repos")
    if not kept:
        raise UsageError(f"{listed}: names no clone; compare the names with the remotes of the clones")
    return kept


def _list(path: Path) -> dict[str, str]:
    """The commit of each repository in a JSON or TOML list, by name in lower case. "" means HEAD."""
    if path.suffix == ".toml":
        try:
            data: Any = tomllib.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise UsageError(f"{path}: not TOML ({error}); name a list of repositories") from error
    else:
        data = reading.document(path)
    rows = next((v for v in data.values() if isinstance(v, list)), None) if isinstance(data, dict) else data
    if not isinstance(rows, list):
        raise UsageError(f"{path}: no list in it; give [{{name, commit}}, ...]")
    commits = {}
    for row in rows:
        if not isinstance(row, dict) or not isinstance(row.get("name"), str):
            raise UsageError(f"{path}: an entry without a name; every entry needs name and commit")
        if not re.fullmatch(r"[0-9a-f]{0,64}", str(row.get("commit") or "")):
            raise UsageError(f"{path}: {row['name']}: {row['commit']!r} is not a commit id; give the full id")
        if "refused" not in row:
            commits[row["name"].lower()] = str(row.get("commit") or "")
    return commits


def _tasks(
    found: Sequence[_Read], names: Sequence[str], hashes: Path, options: MiningOptions
) -> tuple[list[dict[str, Any]], list[Mine]]:
    """Rows of the repositories that are refused unread, and tasks for the other repositories."""
    wanted = RepositoryRequest(options.languages, options.seed, options.limit, options.commits, tuple(names))
    about = (VERSION, wanted, hashlib.blake2b(hashes.read_bytes(), digest_size=16).hexdigest())
    refused, asked = [], {}
    for read in found:
        clone = read.clone
        held = clones.held_out(clone, names)
        key = safe(clone.name).lower()
        if held is not None:
            refused.append({"name": clone.name, "remote": clone.remote, "refused": f"held out: {held}"})
        elif key in asked:
            refused.append(
                {"name": clone.name, "remote": clone.remote, "refused": "another clone has the same name"}
            )
        else:
            commit = read.commit or clones.head(clone)
            words = repr((*about, clone.name, clone.remote, commit))
            asked[key] = Mine(
                clone.name, clone.remote, clone.git_dir, commit, options.out / WORK / safe(clone.name),
                hashlib.blake2b(words.encode("utf-8", "replace"), digest_size=16).hexdigest(), hashes, wanted,
            )  # fmt: skip
    return refused, list(asked.values())


def _mined(asked: Sequence[Mine], options: MiningOptions, say: Say) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each repository's name and the content of its `about.json`, from this run or an earlier run."""
    left = []
    for task in asked:
        about = tasks.done(task.folder, task.key)
        if about is not None:
            yield task.name, about
        else:
            (task.folder / tasks.ABOUT).unlink(missing_ok=True)
            task.folder.mkdir(parents=True, exist_ok=True)
            left.append(task)
    total, ended = len(left), 0
    while left:
        again = []
        for task, answer in processes.run(left, options.jobs, options.seconds):
            retry = _retry(task, answer)
            if retry is not None:
                say(f"{task.name}: {retry.without[-1]} {answer.reason}; trying again without this file")
                again.append(retry)
                continue
            ended += 1
            about = answer if isinstance(answer, dict) else _failed(task, answer)
            result = about["refused"] if "refused" in about else f"{about['functions']:,} functions"
            say(f"{ended}/{total} {task.name}: {result}")
            yield task.name, about
        left = again


def _retry(task: Mine, answer: Any) -> Mine | None:
    """The task without the file that killed its process.

    Returns None if no file killed the process, or if too many files did.
    """
    if not isinstance(answer, WorkerLost) or not answer.died or len(task.without) >= _TRIES:
        return None
    try:
        path = (task.folder / tasks.AT).read_bytes().decode("utf-8", "surrogatepass")
    except OSError:
        return None
    return replace(task, without=(*task.without, path)) if path and path not in task.without else None


def _failed(task: Mine, lost: WorkerLost) -> dict[str, Any]:
    """The data of a repository that could not be mined. This run refuses it, and the next run tries again."""
    return {
        "name": task.name, "remote": task.remote, "commit": task.commit,
        "refused": f"could not be mined: {lost.reason}", "drops": {},
    }  # fmt: skip


def _made(
    good: Sequence[Mine], abouts: dict[str, dict[str, Any]], drops: Drops, options: MiningOptions, say: Say
) -> None:
    """Write the files of pairs without copies, and add the counts to `abouts`."""
    tables = [tasks.table(task.folder) for task in good]
    verdicts = dedupe.duplicates([functions for functions, _ in tables])
    again = (
        dedupe.repeated(np.concatenate([changes for _, changes in tables])) if tables else np.zeros(0, bool)
    )
    ends = np.cumsum([len(changes) for _, changes in tables])[:-1]
    making = []
    for task, verdict, changes in zip(good, verdicts, np.split(again, ends) if tables else [], strict=True):
        path = options.out / pairs.FOLDER / f"{safe(task.name)}{pairs.ENDING}"
        copies = task.folder / "copies.npz"
        np.savez(copies, equal=verdict.equal, similar=verdict.similar, changes=changes)
        making.append(Make(task.name, task.folder, path, copies, options.seed))
    say(f"writing pairs of {len(making):,} repositories")
    made = {}
    for task, answer in processes.run(making, options.jobs, options.seconds):
        if isinstance(answer, WorkerLost):
            raise UsageError(f"{task.path}: cannot be written: {answer.reason}; correct that and run again")
        made[task.name] = answer
    for task in good:
        abouts[task.name] |= {"functions": made[task.name].functions, "pairs": made[task.name].pairs}
        drops.merge(made[task.name].drops, f"{task.name} ")


def _row(about: Mapping[str, Any]) -> dict[str, Any]:
    names = ("name", "remote", "commit", "licence", "functions", "refused")
    row = {name: about[name] for name in names if name in about}
    if "pairs" in about:
        row["pairs"] = about["pairs"]
    return row


def _clear(out: Path, names: set[str]) -> None:
    """Delete the files of pairs of repositories that are not in this run."""
    kept = {f"{safe(name)}{pairs.ENDING}" for name in names}
    for path in (out / pairs.FOLDER).glob(f"*{pairs.ENDING}"):
        if path.name not in kept:
            path.unlink()
