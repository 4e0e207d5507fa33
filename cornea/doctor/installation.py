"""Checks the installation and the machine."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from indexer.errors import CorneaError
from indexer.limits import free_bytes
from indexer.walk import git as repositories
from indexer.walk.listing import NO_REPOSITORY

from ..context import Context
from ..presentation.json_reports import CheckName
from . import Check, Finding, probe

_REINSTALL = "install cornea again"
_MAX_QUOTED = 200
"""Largest number of bytes of another program's output that a finding quotes."""
_WATCHES = Path("/proc/sys/fs/inotify/max_user_watches")
_LEAST_WATCHES = 8_192
_SPARE = 1.5
"""Watches that the system should have for each folder of the root. Other programs need some, too."""


def checks(context: Context) -> dict[CheckName, Check]:
    """The checks that need no index, by name."""
    return {
        "grammars": grammars,
        "weights": lambda: weights(context),
        "git": git,
        "repository": lambda: repository(context),
        "watches": lambda: watches(context),
        "disk": lambda: disk(context),
    }


def settings(errors: Sequence[str]) -> Iterator[Finding]:
    """Report errors in settings files and environment variables. Other checks ignore what has errors."""
    for error in errors:
        said, _, remedy = error.partition("; ")
        where, _, what = said.partition(": ") if ": " in said else ("environment", "", said)
        yield Finding("settings", where, what, remedy or "correct it")


def grammars() -> Iterator[Finding]:
    """Check that each grammar works. A child process uses the grammars, because a grammar may crash it."""
    now = "the first grammar"
    for line in probe.run("grammars"):
        now = f"the grammar of {line['grammar']}" if "grammar" in line else now
        trouble = line.get("trouble") or line.get("died")
        if trouble:
            yield Finding("grammars", now, str(trouble), f"{_REINSTALL}: {now} does not work")


def weights(context: Context) -> Iterator[Finding]:
    """Check the embedding model and every ranker, including their checksums."""
    from indexer.encoding import load
    from retrieval.ranking import tree_ensemble

    model = context.config.model
    try:
        load(model)
    except CorneaError as error:
        remedy = f"{_REINSTALL}, or choose another model"
        yield Finding("weights", model or "the bundled model", str(error), remedy)
    for folder in sorted((Path(tree_ensemble.__file__).parents[1] / "weights").iterdir()):
        trouble = _damage(folder)
        if trouble:
            yield Finding("weights", str(folder), trouble, _REINSTALL)


def _damage(folder: Path) -> str:
    """What is wrong with the files of a ranker. Returns "" if nothing is wrong."""
    from retrieval.ranking import tree_ensemble

    try:
        sums = json.loads((folder / tree_ensemble.META).read_bytes())["checksums"]
        wrong = [
            name
            for name, known in sums.items()
            if tree_ensemble.digest((folder / name).read_bytes()) != known
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"not readable ({type(error).__name__}: {error})"
    return f"{wrong[0]} is damaged: its checksum differs" if wrong else ""


def git() -> Iterator[Finding]:
    """Check that git is installed and recent enough."""
    done = repositories.run(Path("/"), "version")
    if done is repositories.MISSING:
        yield Finding(
            "git", "git", "not installed", "install git: without it cornea finds files by walking folders"
        )
        return
    program = shutil.which("git") or "git"
    if isinstance(done, repositories.Refusal):
        yield Finding("git", program, done.reason, f"install git {repositories.MIN_VERSION} or newer")
        return
    found = re.match(rb"git version (\d{1,4})\.(\d{1,4})", done.stdout)
    least = tuple(map(int, repositories.MIN_VERSION.split(".")))
    if found is None or (int(found[1]), int(found[2])) < least:
        said = " ".join(done.stdout[:_MAX_QUOTED].decode("utf-8", "replace").split()) or "prints no version"
        yield Finding("git", program, said, f"install git {repositories.MIN_VERSION} or newer")


def repository(context: Context) -> Iterator[Finding]:
    """Check that git lists the files of the root, if the root is in a repository."""
    if repositories.is_bare(context.root):
        return
    found = repositories.list_files(context.root)
    if not isinstance(found, repositories.Refusal) or found is repositories.MISSING:
        return
    if found.repository:
        remedy = found.advice or "run git fsck, then cornea index"
        yield Finding("repository", str(context.root), found.what, remedy)
    elif os.path.lexists(context.root / ".git"):
        reason, _, remedy = NO_REPOSITORY.partition("; ")
        yield Finding("repository", str(context.root), reason, remedy)


def watches(context: Context) -> Iterator[Finding]:
    """Check that the system has enough inotify watches for the folders of the root (Linux)."""
    from indexer.fragment import SourceFile
    from indexer.pipeline import options
    from indexer.walk.walk import walk

    try:
        limit = int(_WATCHES.read_text("ascii"))
    except (OSError, ValueError):
        return  # the system has no inotify
    files = (
        f for f in walk(context.root, options(context.config, context.root)) if isinstance(f, SourceFile)
    )
    folders = len({file.location.parent for file in files})
    wanted = max(_LEAST_WATCHES, int(_SPARE * folders))
    if limit < wanted:
        yield Finding(
            "watches",
            str(_WATCHES),
            f"{limit:,} watches for all programs, {folders:,} folders to watch",
            f"sudo sysctl fs.inotify.max_user_watches={wanted} (until then changes are found by polling)",
        )


def disk(context: Context) -> Iterator[Finding]:
    """Check that the disk has more free space than the reserve, and that the indexes' folder is writable."""
    home = place = context.config.home
    while not os.path.exists(place) and place != place.parent:  # noqa: PTH110 - pathlib raises if permissions hide it
        place = place.parent
    free = free_bytes(place)
    if free < context.config.reserve_bytes:
        yield Finding(
            "disk",
            str(home),
            f"{free >> 20} MB free, but {context.config.reserve_mb} MB are kept in reserve",
            "free some space, or set CORNEA_HOME to a folder on another disk",
        )
    if not os.access(place, os.W_OK | os.X_OK):
        yield Finding("disk", str(place), "is not writable", "set CORNEA_HOME to a writable folder")
