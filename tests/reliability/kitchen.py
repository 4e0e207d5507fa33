"""A repository of some hundred files on two branches, and what is right on each."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from indexer.index import Index
from indexer.store import EVERYTHING
from indexer.store.edge import EdgeStore
from tests.indexes import answers, config, contents, refresh
from tests.repositories import git, repository, write

QUESTIONS = ("bake loaf 7", "Oven3.bake", "fold dough", "number of crumbs")
State = tuple[dict[str, dict[str, Any]], dict[str, str], list[Any]]
"""Payloads by id, vectors by id as text, answers."""

MOST = 100
"""With more files of this kind a leg of a query ends among equals, and which of them it names is chance."""


def files(branch: str, count: int) -> dict[str, str | bytes]:
    """Most files differ between branches in a line or a function; one in ten is on one branch only."""
    found: dict[str, str | bytes] = {}
    dice = random.Random(7)
    for n in range(count):
        steps = [dice.randrange(100) for _ in range(8)]
        if n % 10 == len(branch) % 2:
            continue
        methods = "".join(
            f"    def step{k}(self, dough):\n        '''Fold dough {step} times.'''\n"
            f"        for turn in range({step}):\n            dough = dough + turn\n        return dough\n\n"
            for k, step in enumerate(steps)
        )
        mark = branch if n % 4 else ""
        bake = f"    def bake(self):\n        '''Bake loaf {n}.'''\n        return '{mark}'\n\n"
        crumbs = f"def crumbs_{branch}_{n}():\n    '''The number of crumbs.'''\n    return {n}\n"
        found[f"kitchen{n % 7}/oven{n}.py"] = f"class Oven{n}:\n{bake}{methods}\n{crumbs if n % 3 else ''}"
    return found


class Kitchen:
    """A root with two branches, and the state of a fresh index of each."""

    BRANCHES = ("one", "other1")

    def __init__(self, folder: Path, count: int = 100) -> None:
        self.folder, self.root, self._count = folder, repository(folder / "root"), count
        for branch in self.BRANCHES:
            git(self.root, "checkout", "-q", "--orphan", branch)
            for path in self.root.rglob("*.py"):
                path.unlink()
            write(self.root, files(branch, count))
            git(self.root, "add", "-A")
            git(self.root, "commit", "-qm", branch)
        self.right: dict[str, State] = {}
        for branch in self.BRANCHES:
            self.become(branch)
            refresh(self.root, folder / branch)
            self.right[branch] = self.state(folder / branch)
        assert self.right["one"] != self.right["other1"]

    def become(self, branch: str) -> None:
        """Switch the work tree, as a person would."""
        git(self.root, "checkout", "-qf", branch)

    def state(self, home: Path) -> State:
        """What an index holds and answers, without bringing it up to date."""
        asked = QUESTIONS if self._count <= MOST else ()
        return contents(self.root, home), _vectors(self.root, home), answers(self.root, home, *asked)

    def check(self, home: Path, branch: str) -> None:
        """The next run finishes without throwing anything away, and all is as in a fresh index."""
        assert refresh(self.root, home).remarks == ()
        assert self.state(home) == self.right[branch]


def _vectors(root: Path, home: Path) -> dict[str, str]:
    with Index.open(root, config(home)) as index:
        ids = [record.id for record in index.store.scroll(EVERYTHING, [])]
        assert isinstance(index.store, EdgeStore)
        found = index.store._shard.retrieve(ids, False, True)
        return {str(one.id): _plain(one.vector) for one in found}


def _plain(vectors: Any) -> str:
    """Vectors by name as text: equal for equal ones."""
    named = {
        name: (list(vector.indices), list(vector.values)) if hasattr(vector, "indices") else list(vector)
        for name, vector in vectors.items()
    }
    return repr(sorted(named.items()))
