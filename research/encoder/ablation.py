"""Measures what each part of the recipe contributes, by scoring encoders trained without that part."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from msgspec import Struct

from indexer.encoding.static import StaticEncoder

from ..benchmarks import beir
from ..benchmarks.bootstrap import Estimate
from ..benchmarks.figures import BeirFigures
from ..benchmarks.metrics import MAIN
from ..benchmarks.report import BenchmarkReport, ReportTable
from ..datasets.dataset import Dataset, load
from ..datasets.steps import Say
from . import learn, tokens, weights
from .plan import EncoderPlan
from .recipe import HARD, WARM

PROFILES = ("dense", "hybrid")
RANDOM = "random"


class AblationFigures(Struct):
    """The answer of `train ablations --json`: by encoder, data set and profile."""

    metric: str
    seed: int
    bm25: Mapping[str, Estimate]
    scores: Mapping[str, Mapping[str, Mapping[str, Estimate]]]


def measure(
    plan: EncoderPlan, out: Path, folders: Sequence[tuple[Path, str]], seed: int, say: Say
) -> BenchmarkReport:
    """Train the variants that the run in `out` lacks, and score all variants on each (data set, task)."""
    sets = [(load(folder, "test"), task) for folder, task in folders]
    scores: dict[str, dict[str, dict[str, Estimate]]] = {}
    for variant, table in _variants(plan, out, say).items():
        say(f"scoring: {variant}")
        scores[variant] = _scores(plan, out, table, sets, seed)
    words = {data.name: _by_words(plan, out, data, task, seed) for data, task in sets}
    head = ("encoder", *(f"{data.name}, {profile}" for data, _ in sets for profile in PROFILES))
    rows = tuple(
        (variant, *(f"{row[data.name][profile].mean:.3f}" for data, _ in sets for profile in PROFILES))
        for variant, row in scores.items()
    )
    alone = ", ".join(f"{name} {value.mean:.3f}" for name, value in words.items())
    figures = AblationFigures(MAIN, seed, words, scores)
    title = f"{plan.name}: what each part is worth, {MAIN}"
    return BenchmarkReport(title, [ReportTable("Ablations", head, rows)], figures, [f"BM25 alone: {alone}."])


def _by_words(plan: EncoderPlan, out: Path, data: Dataset, task: str, seed: int) -> Estimate:
    return _score(beir.measure(data, _encoder(plan, out, "initial"), task, ("bm25",), (), seed), "bm25")


def _variants(plan: EncoderPlan, out: Path, say: Say) -> Mapping[str, str]:
    """The label of each variant, with the name of its table. Tables that the run in `out` lacks are trained.

    The run itself must be finished.
    """
    learn.scratch(out, RANDOM, plan.warm.dim, plan.warm.seed)
    hard = replace(plan.hard, dim=plan.warm.dim)
    learn.trained(out, "unfiltered", plan.warm, keep=False, say=say)
    learn.trained(out, "random-warm", plan.warm, start=RANDOM, say=say)
    variants = {
        "before training": "initial",
        "random start, no hard negatives": "random-warm",
        "no filter, no hard negatives": "unfiltered",
        "no hard negatives": WARM,
    }
    if plan.hard.draws:
        learn.trained(out, "longer", hard, start=WARM, say=say)
        variants |= {"as long, no hard negatives": "longer", "all of it": HARD}
    return variants


def _scores(
    plan: EncoderPlan, out: Path, table: str, sets: Sequence[tuple[Dataset, str]], seed: int
) -> dict[str, dict[str, Estimate]]:
    encoder = _encoder(plan, out, table)
    found: dict[str, dict[str, Estimate]] = {}
    for data, task in sets:
        report = beir.measure(data, encoder, task, PROFILES, (), seed)
        found[data.name] = {profile: _score(report, profile) for profile in PROFILES}
    return found


def _score(report: BenchmarkReport, profile: str) -> Estimate:
    return cast(BeirFigures, report.figures).scores[profile][MAIN]


def _encoder(plan: EncoderPlan, out: Path, table: str) -> StaticEncoder:
    """The encoder as it would be shipped: rounded to int8."""
    pieces, _ = tokens.load(out)
    with tempfile.TemporaryDirectory(prefix="cornea-train-") as folder:
        written = weights.write(
            Path(folder) / table, f"{plan.name}-{table}", pieces, learn.table(out, table), ""
        )
        return StaticEncoder(written)
