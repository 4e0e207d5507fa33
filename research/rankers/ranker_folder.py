"""Writes the folder of a ranker: arrays, model.json with names and checksums, and a model card."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from indexer.errors import UsageError
from retrieval.ranking import tree_ensemble

from ..benchmarks.metrics import MAIN
from ..datasets.reading import write_json
from .reranker import Model

CARD = "card.md"
_SHOWN = 20


def write(
    folder: Path,
    task: str,
    model: Model,
    about: Mapping[str, Any],
    text: Callable[[Mapping[str, Any]], str] | None = None,
) -> None:
    """Write a model to a new or empty folder, or over another model. Raises UsageError for other folders.

    `about` says what the model was made of and, under `ranks`, what the model orders. `text` makes the card
    from the content of model.json. If `text` is None, `card` makes the card.
    """
    check(folder)
    folder.mkdir(parents=True, exist_ok=True)
    content = arrays(model)
    ranked = sorted(model.importance.items(), key=lambda item: (-item[1], item[0]))
    meta = {
        "format": tree_ensemble.FORMAT,
        "name": folder.name,
        "task": task,
        "features": list(model.trees.names),
        "importance": dict(ranked),
        "params": model.params.as_json(),
        "checksums": {tree_ensemble.ARRAYS: tree_ensemble.digest(content)},
        **about,
    }
    (folder / tree_ensemble.ARRAYS).write_bytes(content)
    write_json(folder / tree_ensemble.META, meta)
    (folder / CARD).write_text((text or card)(meta), "utf-8")


def check(folder: Path) -> None:
    """Raise UsageError for a folder that holds something other than a ranker."""
    ours = (folder / tree_ensemble.META).is_file() and (folder / tree_ensemble.ARRAYS).is_file()
    if not ours and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder}: holds something that is not a ranker; name a new folder")


def card(meta: Mapping[str, Any]) -> str:
    """The model card."""
    sources = "\n".join(f"- {source}" for source in meta["sources"])
    measured = "\n".join(f"| {kind} | {value} |" for kind, value in meta["measured"].items())
    return f"""# {meta["name"]}

LambdaRank trees and a linear model, summed, that order {meta["ranks"]}. The
features are computed from the index; only numpy is needed to run it. `{tree_ensemble.ARRAYS}` holds the
weights, `{tree_ensemble.META}` the names of the features, their shares of the trees' gain, and the checksum.

## Trained on

{meta["questions"]:,} questions about {meta["repositories"]} repositories.
Only labels were learned from: what answers which question. No code and no text is in the model.

{sources}

## {meta.get("metric", MAIN)}, cross-validated by repository, with 95 % intervals

| questions | {meta.get("metric", MAIN)} |
|---|---|
{measured}

## Features that count most in the trees

{features(meta)}
"""


def features(meta: Mapping[str, Any]) -> str:
    """The table, in Markdown, of the features that count most in the trees."""
    top = list(meta["importance"].items())[:_SHOWN]
    return "\n".join([
        "| feature | share of the gain |",
        "|---|---:|",
        *(f"| {feature} | {share:.3f} |" for feature, share in top),
    ])  # fmt: skip


def arrays(model: Model) -> bytes:
    """The content of the file of weights."""
    stream = io.BytesIO()
    parts = (model.trees.forest, model.trees.linear)
    arrays = {field.name: getattr(part, field.name) for part in parts for field in fields(part)}
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()
