"""Evaluation data of any form -> hashes: data sets, files of hashes, clones, and folders of source trees."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from indexer.errors import UsageError
from indexer.files import WalkOptions
from indexer.fragment import SourceFile
from indexer.parse import parse
from indexer.revision import Revision
from indexer.trees import OutOfTime

from ..evaluation import clones, functions
from . import leaks, repository
from .drops import Drops
from .leaks import Collected, Known


def collect(paths: Sequence[Path], jobs: int, say: Callable[[str], None]) -> Known:
    """The hashes of all of it. Raises UsageError for what holds nothing to exclude."""
    return leaks.merged([_one(path, say) for path in paths])


def _one(path: Path, say: Callable[[str], None]) -> Known:
    if path.is_file() or path.suffix == leaks.ENDING:
        return leaks.load(path)
    if not path.is_dir():
        raise UsageError(
            f"{path}: no folder; name a data set, clones, source trees or a *{leaks.ENDING} file"
        )
    say(f"reading {path} to leave it out")
    into = Collected()
    if leaks.is_dataset(path):
        leaks.add_dataset(into, path)
    else:
        found = clones.search(path)
        for clone in found:
            _add_clone(into, clone)
        if not found:
            for text in _tree(path):
                into.add(text)
    known = into.known()
    if not known:
        raise UsageError(f"{path}: nothing in it to leave out; name a data set, clones or source trees")
    return known


def _add_clone(into: Collected, clone: clones.Clone) -> None:
    revision = Revision(clone.git_dir)
    into.roots.update(repository.roots(revision))
    files = [row for row in revision.files(WalkOptions()) if isinstance(row, SourceFile)]
    for file, read in repository.sources(clone.git_dir, files, (), Drops()):
        for one in repository.of_text(file.path, *read, Drops()):
            into.add(one.text)


def _tree(folder: Path) -> Iterator[str]:
    for source, language in functions.sources(folder):
        try:
            parsed = parse(source.text, language)
        except OutOfTime:
            continue
        for one in functions.of(
            source.file.path, language, parsed, functions.documentation(parsed, language)
        ):
            yield one.text
