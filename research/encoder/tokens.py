"""Converts mined pairs to bags of pieces, for `cornea train tokens`.

count words -> learn a tokenizer -> count the pieces of each pair
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from indexer.errors import UsageError

from ..datasets.steps import Say
from ..mining import pairs, processes
from ..mining.processes import WorkerLost
from . import bags, stages, tokenizer
from .contrast import Floats
from .embedder import idf
from .tokenizer import Pieces

TOKENIZER = "tokenizer.json"
_SECONDS = 1800.0


@dataclass(frozen=True, slots=True)
class TokenOptions:
    """The tokenizer has `size` pieces, and learns them from up to `texts` pairs of each repository."""

    size: int = 32_000
    texts: int = 6_000


@dataclass(frozen=True, slots=True)
class WordCount:
    """A task that counts the words of one repository's `doc` and `name` pairs."""

    path: Path
    texts: int

    def run(self) -> Counter[str]:
        rows = (row for row in pairs.read(self.path) if row.kind in ("doc", "name"))
        return tokenizer.count(f"{row.query}\n{row.text}" for row in islice(rows, self.texts))


@dataclass(frozen=True, slots=True)
class Encode:
    """A task that counts the pieces of each pair of one repository."""

    path: Path
    pieces: Path
    out: Path

    def run(self) -> int:
        encoded = bags.encode(self.path, bags.TermCounter(Pieces.load(self.pieces)))
        encoded.save(self.out)
        return len(encoded)


def make(
    mined: Path, out: Path, options: TokenOptions, jobs: int, say: Say, without: frozenset[str] = frozenset()
) -> int:
    """Write `out`/tokenizer.json and `out`/bags/*.npz for all repositories except those in `without`.

    Returns the number of pairs. Does nothing if an earlier run wrote the files from the same pairs.
    """
    files = [path for path in pairs.files(mined) if pairs.repository(path) not in without]
    folder = out / bags.FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    key = stages.key(options, [(path.name, pairs.checksum(path)) for path in files])
    if stages.done(out, "tokens", key):
        return int(stages.result(out, "tokens")["pairs"])
    counts: Counter[str] = Counter()
    for _, found in results([WordCount(path, options.texts) for path in files], jobs):
        counts.update(found)
    pieces = tokenizer.learn(counts, options.size)
    pieces.save(out / TOKENIZER)
    say(f"{pieces.size:,} pieces of {len(counts):,} different words")
    total = 0
    tasks = [
        Encode(path, out / TOKENIZER, folder / f"{path.name.removesuffix(pairs.ENDING)}{bags.ENDING}")
        for path in files
    ]
    for number, (_, found) in enumerate(results(tasks, jobs), 1):
        total += found
        if number % 20 == 0 or number == len(tasks):
            say(f"{number}/{len(tasks)} repositories, {total:,} pairs")
    for path in set(folder.glob(f"*{bags.ENDING}")) - {task.out for task in tasks}:
        path.unlink()
    stages.finish(out, "tokens", key, {"pairs": total, "pieces": pieces.size})
    return total


def load(out: Path) -> tuple[Pieces, list[Path]]:
    """The tokenizer and the files of bags. Raises UsageError if either is missing."""
    found = sorted((out / bags.FOLDER).glob(f"*{bags.ENDING}"))
    if not found:
        raise UsageError(f"{out}: no {bags.FOLDER}/*{bags.ENDING} in it; run cornea train tokens")
    return Pieces.load(out / TOKENIZER), found


def rarity(out: Path) -> Floats:
    """The IDF of each piece over the code of all pairs."""
    pieces, files = load(out)
    encoded = [bags.Encoded.load(path) for path in files]
    return idf([one.text.keys for one in encoded], sum(map(len, encoded)), pieces.size)


def results(tasks: list[Any], jobs: int) -> list[tuple[Any, Any]]:
    """All tasks with their answers, in the order of the tasks. Raises UsageError if a task failed."""
    found = {}
    for task, answer in processes.run(tasks, jobs, _SECONDS):
        if isinstance(answer, WorkerLost):
            raise UsageError(f"{task}: {answer.reason}; correct that and run the same command again")
        found[id(task)] = answer
    return [(task, found[id(task)]) for task in tasks]
