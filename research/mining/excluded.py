"""Hashes evaluation data of any form: data sets, files of hashes, clones, and folders of source trees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import UsageError
from indexer.fragment import SourceFile
from indexer.parsing.budgeted_parser import OutOfTime
from indexer.parsing.languages import detect
from indexer.walk.revision import Revision
from indexer.walk.walk import WalkOptions

from ..datasets import clones, functions
from ..datasets.steps import Say
from . import leaks, listing, processes, repository
from .drops import Drops
from .leaks import Collected, Known
from .processes import WorkerLost


@dataclass(frozen=True, slots=True)
class Read:
    """A task that hashes one part of evaluation data: a data set, a source tree, or a clone (`git_dir`)."""

    path: Path
    git_dir: Path | None = None

    def run(self) -> Known:
        """The hashes of the part."""
        into = Collected()
        if self.git_dir is not None:
            _add_clone(into, self.git_dir)
        elif leaks.is_dataset(self.path):
            leaks.add_dataset(into, self.path)
        else:
            for text in _tree(self.path):
                into.add(text)
        return into.known()


def collect(paths: Sequence[Path], jobs: int, seconds: float, say: Say) -> Known:
    """The hashes of all paths, in `jobs` processes. Raises UsageError for a path with nothing to exclude."""
    ready = [leaks.load(path) for path in paths if _is_hashes(path)]
    parts = {path: _parts(path) for path in paths if not _is_hashes(path)}
    tasks = [part for found in parts.values() for part in found]
    done: dict[Read, Known] = {}
    for task, answer in processes.run(tasks, jobs, seconds):
        if isinstance(answer, WorkerLost):
            raise UsageError(
                f"{task.path}: cannot be left out: {answer.reason}; correct that, or exclude less"
            )
        say(f"excluded data {len(done) + 1}/{len(tasks)}: {task.path}")
        done[task] = answer
    for path, found in parts.items():
        if not any(done[part] for part in found):
            raise UsageError(f"{path}: nothing in it to leave out; name a data set, clones or source trees")
    return leaks.merged([*ready, *(done[task] for task in tasks)])


def _is_hashes(path: Path) -> bool:
    return path.is_file() or path.suffix == leaks.ENDING


def _parts(path: Path) -> list[Read]:
    """The parts of a folder, which can be read in parallel.

    A data set is one part. Otherwise each clone at or in the folder is a part. A folder without clones is one
    part if a source file lies directly in it. Otherwise the subfolders are the parts.
    """
    if not path.is_dir():
        raise UsageError(f"{path}: not a folder; name a data set, clones, source trees or *{leaks.ENDING}")
    if leaks.is_dataset(path):
        return [Read(path)]
    found = clones.search(path)
    if found:
        return [Read(clone.folder, clone.git_dir) for clone in found]
    children = sorted(path.iterdir())
    if any(child.is_file() and _is_source(child.name) for child in children):
        return [Read(path)]
    return [Read(child) for child in children if child.is_dir()]


def _is_source(name: str) -> bool:
    language = detect(name, b"")
    return language is not None and not language.textual


def _add_clone(into: Collected, git_dir: Path) -> None:
    revision = Revision(git_dir)
    into.roots.update(listing.roots(revision))
    files = [row for row in revision.files(WalkOptions()) if isinstance(row, SourceFile)]
    for file, read in repository.sources(git_dir, files, (), Drops()):
        for one in repository.of_text(file.path, *read, Drops()):
            into.add(one.text)


def _tree(folder: Path) -> Iterator[str]:
    for source, language in functions.sources(folder):
        with suppress(OutOfTime):
            for one in functions.in_text(source.file.path, source.text, language):
                yield one.text
