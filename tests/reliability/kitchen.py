"""A repository of some hundred files on two branches, and what is right on each."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from indexer.index.index import Index
from indexer.store import EVERYTHING
from indexer.store.edge import EdgeStore
from tests.indexes import answers, config, contents, refresh
from tests.repositories import git, repository, write

WORDS = tuple(
    """
    dough crumb crust loaf flour yeast butter sugar salt water milk honey raisin walnut poppy sesame rye spelt
    oat malt kneads folds proofs scores glazes bakes cools slices weighs sifts rests turns
    tray rack peel stone board bench bowl scale brush blade cloth basket oven timer steam window shelf door
    """.split()
)
QUESTIONS = (
    "bake loaf 7",
    "Oven3.bake",
    "sift spelt on a bench",
    "blade scores",
    "number of crumbs",
)
State = tuple[dict[str, dict[str, Any]], dict[str, str], list[Any]]
"""Payloads by id, vectors by id as text, answers."""


def files(branch: str, count: int) -> dict[str, str | bytes]:
    """Most files differ between branches in a line or a function; one in ten is on one branch only.

    No two say the same: which of equal ones are among a question's candidates is up to the engine.
    """
    found: dict[str, str | bytes] = {}
    for n in range(count):
        if n % 10 == len(branch) % 2:
            continue
        dice = random.Random(n)
        methods = "".join(_method(k, [dice.choice(WORDS) for _ in range(12)]) for k in range(8))
        mark = branch if n % 4 else ""
        bake = f"    def bake(self):\n        '''Bake loaf {n}.'''\n        return '{mark}'\n\n"
        few = " and ".join(dice.choice(WORDS) for _ in range(n % 9 + 1))
        crumbs = f"def crumbs_{branch}_{n}():\n    '''The number of crumbs of {few}.'''\n    return {n}\n"
        found[f"kitchen{n % 7}/oven{n}.py"] = f"class Oven{n}:\n{bake}{methods}\n{crumbs if n % 3 else ''}"
    return found


def _method(number: int, words: Sequence[str]) -> str:
    return (
        f"    def {words[0]}_{words[1]}{number}(self, {words[2]}):\n        '''{' '.join(words[3:8])}.'''\n"
        f"        for {words[8]} in self.{words[9]}:\n"
        f"            {words[2]} = {words[2]} + {words[8]}.{words[10]}\n"
        f"        return {words[11]}({words[2]})\n\n"
    )


class Kitchen:
    """A root with two branches, and the state of a fresh index of each."""

    BRANCHES = ("one", "other1")

    def __init__(self, folder: Path, count: int = 100) -> None:
        self.folder, self.root = folder, repository(folder / "root")
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
        return contents(self.root, home), _vectors(self.root, home), answers(self.root, home, *QUESTIONS)

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
