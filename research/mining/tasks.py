"""The tasks of the mining processes: mine a repository into a folder, and make the pairs of a folder.

A folder holds the rows of `functions` and `commits`, `prints.npz` for finding copies, and `about.json`. Since
`about.json` is written last, a folder without `about.json` is unfinished.
"""

from __future__ import annotations

import functools
import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from ..datasets.reading import write_json
from . import commits, fingerprints, leaks, listing, pairs, repository
from .dedupe import FingerprintTable
from .drops import Drops
from .leaks import Known
from .listing import InvalidListing
from .pairs import Changed, Mined, Pair
from .processes import file_marker
from .repository import RepositoryInfo, RepositoryRequest

FUNCTIONS, COMMITS = f"functions{pairs.ENDING}", f"commits{pairs.ENDING}"
PRINTS, ABOUT, AT = "prints.npz", "about.json", "at"


@dataclass(frozen=True, slots=True)
class Mine:
    """Mine a clone into `folder`. `key` is a digest of everything on which the result depends."""

    name: str
    remote: str
    git_dir: Path
    commit: str
    folder: Path
    key: str
    hashes: Path
    wanted: RepositoryRequest
    without: tuple[str, ...] = ()
    """Paths of files and ids of blobs that killed an earlier process."""

    def run(self) -> dict[str, Any]:
        """Mine the clone. Returns the content of `about.json` except its key."""
        about: dict[str, Any] = {"name": self.name, "remote": self.remote, "commit": self.commit}
        drops = Drops()
        for path in self.without:
            drops.add("file: killed or stalled its parser", path)
        try:
            about |= self._mined(drops)
        except InvalidListing as refused:
            about["refused"] = str(refused)
        about["drops"] = drops.as_data()
        finish(self.folder, about, self.key)
        return about

    def _mined(self, drops: Drops) -> dict[str, Any]:
        known = _known(self.hashes)
        with file_marker(self.folder / AT) as watch:
            there = listing.listed(self.git_dir, self.commit, self.wanted.excluded, known, drops)
            history = commits.CommitRequest(self.wanted.commits, self.wanted.languages, self.without)
            files = [file for file in there.files if file.path not in self.without]
            found = list(repository.functions(self.git_dir, files, self.wanted, drops, watch))
            kept = repository.chosen(self.name, found, known, self.wanted, drops)
            changes = list(commits.changes(there.revision, known, history, drops, watch))
        _write(self.folder, kept, changes)
        return {
            "commit": there.revision.commit,
            "licence": there.licence,
            "functions": len(kept.functions),
            "changes": len(changes),
        }


@dataclass(frozen=True, slots=True)
class MiningResult:
    """The number of functions left, the number of pairs of each kind, and what was dropped as a copy."""

    functions: int
    pairs: dict[str, int]
    drops: dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Make:
    """Make the file of pairs at `path` from what was mined into `folder`, except the rows in `copies`."""

    name: str
    folder: Path
    path: Path
    copies: Path
    seed: int

    def run(self) -> MiningResult:
        """Write the file."""
        drops = Drops()
        with np.load(self.copies) as data:
            copies = {name: data[name].tolist() for name in ("equal", "similar", "changes")}
        functions = list(_functions(self.folder, copies["equal"], copies["similar"], drops))
        changed = list(_changed(self.folder, copies["changes"], drops))
        counts: Counter[str] = Counter()

        def counted() -> Iterator[Pair]:
            for pair in chain(
                *(pairs.of_function(number, one, self.seed) for number, one in enumerate(functions)),
                (pairs.of_commit(change, len(functions)) for change in changed),
            ):
                counts[pair.kind] += 1
                yield pair

        atomically(self.path, counted())
        return MiningResult(len(functions), {kind: counts[kind] for kind in pairs.KINDS}, drops.as_data())


def _functions(folder: Path, equal: list[bool], similar: list[bool], drops: Drops) -> Iterator[Mined]:
    for row, same, near in zip(pairs.rows(folder / FUNCTIONS), equal, similar, strict=True):
        one = Mined(**row)
        if same or near:
            rule = "equal" if same else "similar"
            drops.add(f"function: {rule} to one elsewhere", f"{one.path} {one.symbol}")
        else:
            yield one


def _changed(folder: Path, copies: list[bool], drops: Drops) -> Iterator[Changed]:
    for row, same in zip(pairs.rows(folder / COMMITS), copies, strict=True):
        one = Changed(**row)
        if same:
            drops.add("commit: the same elsewhere", f"{one.path} {one.symbol}: {one.question[:80]}")
        else:
            yield one


def atomically(path: Path, rows: Iterator[Pair]) -> None:
    """Write a file of pairs completely or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        pairs.write(half, rows)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def finish(folder: Path, about: dict[str, Any], key: str) -> None:
    """Write `about.json`, which marks the folder as done."""
    write_json(folder / ABOUT, {**about, "key": key})


def done(folder: Path, key: str) -> dict[str, Any] | None:
    """The content of the folder's `about.json`. Returns None if the file is missing or has another key."""
    try:
        about = json.loads((folder / ABOUT).read_bytes())
    except (OSError, ValueError):
        return None
    return about if isinstance(about, dict) and about.get("key") == key else None


def table(folder: Path) -> tuple[FingerprintTable, fingerprints.Hashes]:
    """The fingerprints of the functions in a folder, and the digests of its changes."""
    with np.load(folder / PRINTS) as data:
        return FingerprintTable(data["whole"], data["bands"], data["low"], data["documented"]), data[
            "changes"
        ]


def _write(folder: Path, kept: RepositoryInfo, changes: list[Changed]) -> None:
    pairs.write(folder / FUNCTIONS, kept.functions)
    pairs.write(folder / COMMITS, changes)
    bands, low = fingerprints.signatures(kept.codes)
    np.savez(
        folder / PRINTS,
        whole=np.array([one.whole for one in kept.prints], np.uint64),
        bands=bands,
        low=low,
        documented=np.array([bool(one.question) for one in kept.functions], bool),
        changes=np.array([fingerprints.digest(f"{one.question}\0{one.text}") for one in changes], np.uint64),
    )


@functools.lru_cache(maxsize=1)
def _known(path: Path) -> Known:
    return leaks.load(path)
