"""The stages from bags to a table, for `cornea train filter`, `negatives` and `embedder`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.errors import UsageError

from ..datasets.steps import Say
from ..mining import pairs
from . import bags, consistency, embedder, negatives, stages, tokens
from .bags import Encoded
from .consistency import Limits
from .contrast import Floats
from .negatives import Choice, Negatives

KEPT, HARD, TABLES = "kept", "hard", "tables"


@dataclass(frozen=True, slots=True)
class Judge:
    """A task that judges which pairs of one repository are consistent."""

    path: Path
    table: Path
    idf: Path
    limits: Limits
    out: Path

    def run(self) -> dict[str, dict[str, int]]:
        table, rarity = np.load(self.table), np.load(self.idf)
        verdict = consistency.judge(Encoded.load(self.path), table, rarity, self.limits)
        np.save(self.out, verdict.kept)
        return verdict.dropped


@dataclass(frozen=True, slots=True)
class Harden:
    """A task that finds the hard negatives of one repository's pairs."""

    path: Path
    table: Path
    kept: Path | None
    choice: Choice
    out: Path

    def run(self) -> int:
        encoded = Encoded.load(self.path)
        kept = np.ones(len(encoded), bool) if self.kept is None else np.load(self.kept)
        found = negatives.mine(encoded, kept, np.load(self.table), self.choice)
        np.savez(self.out, found=found.found, scores=found.scores)
        return int((found.scores[:, 0] >= 0).sum())


def begin(out: Path, dim: int, seed: int, model: Path | None, say: Say) -> Path:
    """Write the initial table, made from a teacher's vectors or at random. Returns the path of the table.

    The filter uses the initial table as its dense scorer.
    """
    pieces, _ = tokens.load(out)
    path = _table(out, "initial")
    key = stages.key(stages.key_of(out, "tokens"), dim, seed, str(model))
    if not stages.done(out, "initial", key):
        rarity = tokens.rarity(out)
        path.parent.mkdir(exist_ok=True)
        np.save(_table(out, "idf"), rarity)
        known = None if model is None else embedder.taught(pieces, dim, model, say)
        np.save(path, embedder.initial(rarity, dim, seed, known))
        stages.finish(out, "initial", key, {"teacher": model.name if model else None})
    return path


def scratch(out: Path, name: str, dim: int, seed: int) -> None:
    """Write a random table `name` with rows as long as their pieces' IDF, as a baseline for a teacher."""
    key = stages.key(stages.key_of(out, "tokens"), dim, seed)
    if not stages.done(out, name, key):
        np.save(_table(out, name), embedder.initial(np.load(_table(out, "idf")), dim, seed))
        stages.finish(out, name, key, {})


def filtered(out: Path, limits: Limits, jobs: int, say: Say) -> dict[str, Any]:
    """Write `out`/kept/*.npy, a boolean for each pair. Returns the sums of `ConsistencyVerdict.dropped`."""
    _, files = tokens.load(out)
    key = stages.key(stages.key_of(out, "initial"), limits)
    if not stages.done(out, "filter", key):
        folder = _fresh(out / KEPT)
        tasks = [
            Judge(path, _table(out, "initial"), _table(out, "idf"), limits, folder / f"{path.stem}.npy")
            for path in files
        ]
        totals: dict[str, dict[str, int]] = {}
        for number, (_, found) in enumerate(tokens.results(tasks, jobs), 1):
            for kind, rules in found.items():
                mine = totals.setdefault(kind, {})
                for rule, count in rules.items():
                    mine[rule] = mine.get(rule, 0) + count
            if number % 20 == 0 or number == len(tasks):
                say(f"judged {number}/{len(tasks)} repositories")
        stages.finish(out, "filter", key, totals)
    return stages.result(out, "filter")


def examples(out: Path, mined: Path, most: int = 3) -> Iterator[tuple[str, str, str]]:
    """Yield up to `most` dropped pairs of each kind, as (kind, question, first line of the answer)."""
    left = dict.fromkeys(pairs.KINDS, most)
    for path in pairs.files(mined):
        verdict = out / KEPT / f"{path.name.removesuffix(pairs.ENDING)}.npy"
        if not verdict.exists():  # the encoder does not learn from that repository
            continue
        kept = np.load(verdict)
        for pair, stays in zip(pairs.read(path), kept.tolist(), strict=True):
            if not stays and left[pair.kind]:
                left[pair.kind] -= 1
                yield (
                    pair.kind,
                    " ".join(pair.query.split())[-100:],
                    pair.text.strip().partition("\n")[0][:100],
                )
        if not any(left.values()):
            return


def hardened(out: Path, choice: Choice, table: str, jobs: int, say: Say, *, all_pairs: bool = False) -> int:
    """Write `out`/hard/*.npz, the negatives that the table named `table` finds for kept pairs, or for all
    pairs with `all_pairs`. Returns the number of pairs that have negatives.
    """
    _, files = tokens.load(out)
    key = stages.key(stages.key_of(out, table), stages.key_of(out, "filter"), choice, all_pairs)
    if not stages.done(out, "negatives", key):
        folder = _fresh(out / HARD)
        tasks = [
            Harden(
                path,
                _table(out, table),
                None if all_pairs else out / KEPT / f"{path.stem}.npy",
                choice,
                folder / path.name,
            )
            for path in files
        ]
        total = 0
        for number, (_, found) in enumerate(tokens.results(tasks, jobs), 1):
            total += found
            if number % 20 == 0 or number == len(tasks):
                say(f"negatives for {number}/{len(tasks)} repositories")
        stages.finish(out, "negatives", key, {"pairs": total})
    return int(stages.result(out, "negatives")["pairs"])


def trained(
    out: Path,
    name: str,
    recipe: embedder.Recipe,
    *,
    start: str = "initial",
    keep: bool = True,
    hard: bool = False,
    say: Say = lambda line: None,
) -> Path:
    """Train `out`/tables/NAME.npy, beginning with the table `start`. Returns the path of the new table.

    With `keep`, only kept pairs are drawn. With `hard`, hard negatives are used.
    """
    path = _table(out, name)
    key = stages.key(stages.key_of(out, start), stages.key_of(out, "filter") if keep else "", recipe, hard)
    if hard:
        key = stages.key(key, stages.key_of(out, "negatives"))
    if not stages.done(out, name, key):
        everything, kept, mined = gathered(out, keep=keep, hard=hard)
        say(f"training {name} on {kept.sum():,} pairs")
        first = np.load(_table(out, start))
        draw = mined.draw if mined is not None else None
        learned, curve = embedder.train(everything, first, recipe, kept=kept, draw_negatives=draw, say=say)
        np.save(path, learned)
        stages.finish(out, name, key, {"pairs": int(kept.sum()), "loss": curve})
    return path


def gathered(out: Path, *, keep: bool, hard: bool) -> tuple[Encoded, NDArray[np.bool_], Negatives | None]:
    """The pairs of all repositories, a mask of the kept pairs, and the hard negatives.

    Without `keep`, the mask is true for all pairs. Without `hard`, the negatives are None.
    """
    _, files = tokens.load(out)
    whole = bags.joined([Encoded.load(path) for path in files])
    kept = np.ones(len(whole), bool)
    if keep:
        kept = np.concatenate([np.load(out / KEPT / f"{path.stem}.npy") for path in files])
    mined = negatives.joined([_negatives(out / HARD / path.name) for path in files]) if hard else None
    if len(kept) != len(whole) or (mined is not None and len(mined.found) != len(whole)):
        raise UsageError(f"{out}: {KEPT} or {HARD} belongs to other pairs; run cornea train filter again")
    return whole, kept, mined


def _negatives(path: Path) -> Negatives:
    with np.load(path) as data:
        return Negatives(data["found"], data["scores"])


def _table(out: Path, name: str) -> Path:
    return out / TABLES / f"{name}.npy"


def _fresh(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    return folder


def table(out: Path, name: str) -> Floats:
    """A trained table. Raises UsageError if it is missing."""
    try:
        found: Floats = np.load(_table(out, name))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{_table(out, name)}: cannot be read ({error}); run cornea train embedder"
        ) from error
    return found
