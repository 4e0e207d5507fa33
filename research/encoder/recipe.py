"""Makes an encoder from clones in one run, for `cornea train all`.

mine -> tokens -> first table -> filter -> train -> hard negatives -> train further -> files, card
Each stage writes its result to a folder. A stage with the same settings and input is not run again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..datasets.reading import write_json
from ..datasets.steps import Say
from ..mining import mine
from . import learn, stages, tokens, weights
from .plan import EncoderPlan

MINED, MODEL = "mined", "model"
WARM, HARD = "warm", "hard"


@dataclass(frozen=True, slots=True)
class PipelineInputs:
    """What a run reads: clones, data that must not be learned, and a teacher's folder.

    `jobs` is the number of processes.
    """

    repos: tuple[Path, ...]
    exclude_files: tuple[Path, ...] = ()
    exclude_data: tuple[Path, ...] = ()
    teacher: Path | None = None
    jobs: int = 2


def carry_out(plan: EncoderPlan, inputs: PipelineInputs, out: Path, say: Say = lambda line: None) -> Path:
    """Run all stages. Returns the encoder's folder, `out`/model/NAME. Raises UsageError, Unsupported."""
    out.mkdir(parents=True, exist_ok=True)
    listed = _listed(plan, out)
    options = mine.MiningOptions(
        out=out / MINED,
        repos=inputs.repos,
        exclude_files=inputs.exclude_files,
        exclude_data=inputs.exclude_data,
        listed=listed,
        seed=plan.mine.seed,
        limit=plan.mine.limit,
        commits=plan.mine.commits,
        jobs=inputs.jobs,
    )
    mined = mine.mine(options, say)
    say(f"mined {mine.totals(mined.repositories)}")
    learned(plan, out, inputs, say)
    return export(plan, out, mined.repositories)


def learned(plan: EncoderPlan, out: Path, inputs: PipelineInputs, say: Say) -> None:
    """Run the stages from mined pairs to the trained table."""
    tokens.make(out / MINED, out, plan.tokens, inputs.jobs, say, plan.for_rankers)
    learn.begin(out, plan.warm.dim, plan.warm.seed, inputs.teacher, say)
    learn.filtered(out, plan.filter, inputs.jobs, say)
    learn.trained(out, WARM, plan.warm, say=say)
    if plan.hard.draws:
        learn.hardened(out, plan.negatives, WARM, inputs.jobs, say)
        learn.trained(out, HARD, replace(plan.hard, dim=plan.warm.dim), start=WARM, hard=True, say=say)


def export(plan: EncoderPlan, out: Path, repositories: list[dict[str, Any]]) -> Path:
    """Write the encoder's files and its card to a folder. Returns the folder."""
    pieces, _ = tokens.load(out)
    last = HARD if plan.hard.draws else WARM
    facts: Mapping[str, Any] = {
        name: stages.result(out, name) for name in ("tokens", "filter", "initial", last)
    }
    seen = [row for row in repositories if row["name"] not in plan.for_rankers]
    text = weights.card(plan, seen, facts)
    return weights.write(out / MODEL / plan.name, plan.name, pieces, learn.table(out, last), text)


def _listed(plan: EncoderPlan, out: Path) -> Path | None:
    """Write the plan's repositories as a list for mining. Returns the path of the list.

    Returns None if the plan names no repositories. All clones are then mined.
    """
    if not plan.repositories:
        return None
    path = out / "repositories.json"
    rows = [{"name": source.name, "commit": source.commit} for source in plan.repositories]
    write_json(path, rows)
    return path
