"""Lists the files of a repository that may be mined.

Refuses repositories whose licences are not permissive, and copies of excluded data.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.fragment import Skipped, SourceFile
from indexer.walk import git
from indexer.walk.revision import Revision
from indexer.walk.skip_rules import VENDORED
from indexer.walk.walk import WalkOptions

from ..datasets import clones
from . import forks, licences
from .drops import Drops
from .leaks import Known

# Folders of third-party or generated code, which may have other licences.
_FOREIGN = frozenset(
    "vendor vendored _vendor _vendored externals external extern bundled generated __generated__ "
    "gen autogen thirdparty submodules".split()
)


class InvalidListing(Exception):
    """Raised for a repository that must not be mined. The message says why."""


@dataclass(slots=True)
class Listed:
    """The files of a commit that may be mined, and the licence that its top-level files state."""

    revision: Revision
    files: list[SourceFile]
    licence: str


def listed(git_dir: Path, commit: str, excluded: Sequence[str], known: Known, drops: Drops) -> Listed:
    """The files that may be mined. Raises InvalidListing, and UsageError if git cannot read the commit."""
    revision = Revision(git_dir, commit or "HEAD")
    _refuse_copy_by_root(revision, known)
    rows = revision.files(WalkOptions())
    files = [row for row in rows if isinstance(row, SourceFile)]
    for row in rows:
        if isinstance(row, Skipped):
            drops.add(f"file: {row.reason.partition(' (')[0].partition(': ')[0]}", row.path)
    said = [f for f in files if licences.is_licence(f.path) or forks.is_telling(f.path)]
    top = _texts([f for f in said if "/" not in f.path], git_dir)
    licence = licences.of_repository(top)
    if not licence.spdx:
        raise InvalidListing(licence.reason)
    copied = forks.claimed({name: text for name, text in top.items() if forks.is_telling(name)}, excluded)
    if copied is not None:
        raise InvalidListing(f"held out: a copy of {copied}")
    below = [f for f in files if "/" in f.path and licences.is_licence(f.path.rpartition("/")[2])]
    refused = frozenset(licences.refused_folders(_texts(below, git_dir)))
    foreign = vendored([f.path for f in files])
    kept = []
    for file in files:
        reason = _left_out(file.path, refused, foreign)
        if reason:
            drops.add(f"file: {reason}", file.path)
        else:
            kept.append(file)
    return Listed(revision, kept, licence.spdx)


def vendored(paths: Sequence[str]) -> frozenset[str]:
    """The folders that package managers filled, recognised by files in or beside them."""
    files = {path.encode("utf-8", "replace") for path in paths}
    folders: set[bytes] = set()
    for path in files:
        folder = path.rpartition(b"/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition(b"/")[0]
    there = files | folders
    found = set()
    for folder in folders:
        parent, slash, name = folder.rpartition(b"/")
        for row in VENDORED:
            if row.even_tracked and (not row.names or name.lower() in row.names):
                places = [folder + b"/" + file for file in row.inside]
                places += [parent + slash + file for file in row.beside]
                if not places or any(place in there for place in places):
                    found.add(folder.decode("utf-8", "replace"))
    return frozenset(found)


def _refuse_copy_by_root(revision: Revision, known: Known) -> None:
    if known.roots:
        for root in roots(revision):
            if root in known.roots:
                raise InvalidListing(f"held out: begins with commit {root[:12]} of the excluded data")


def roots(revision: Revision) -> list[str]:
    """The root commits of a history. In a shallow clone, the oldest commits that the clone has."""
    words = ("--max-parents=0", "--end-of-options", revision.commit, "--")
    done = git.answer(revision.repository, "rev-list", *words)
    lines = () if isinstance(done, git.Refusal) else done.split(b"\n")
    return [line.decode("ascii") for line in lines if git.is_id(line)]


def _texts(files: Sequence[SourceFile], git_dir: Path) -> dict[str, str]:
    read = clones.contents(git_dir, files)
    return {file.path: (data or b"").decode("utf-8", "replace") for file, data in read}


def _left_out(path: str, refused: Collection[str], foreign: Collection[str]) -> str:
    *folders, _ = path.split("/")
    at = ""
    for folder in folders:
        at = f"{at}/{folder}" if at else folder
        if at in refused:
            return "in a folder with a licence that is not permissive"
        if at in foreign or folder.lower() in _FOREIGN:
            return "vendored or generated, by its folder"
    return ""
