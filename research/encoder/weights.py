"""Writes a trained encoder and its model card as the files that the runtime reads."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..datasets.reading import write_json
from ..mining.pairs import KINDS
from .contrast import Floats
from .embedder import TITLE
from .plan import EncoderPlan
from .tokenizer import MAX_CHARS, MAX_PIECES, MAX_WORDS, Pieces

FORMAT = 1
"""The version of the file format that `indexer.encoding.static` reads."""


def write(folder: Path, name: str, pieces: Pieces, table: Floats, text: str) -> Path:
    """Write the model, with each row scaled to int8, and the card `text` to `folder`. Returns the folder.

    The setting `[embedding] model` can name such a folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    scales = np.maximum(np.abs(table).max(axis=1), 1e-9).astype(np.float32) / 127
    arrays = {
        "table": np.rint(table / scales[:, None]).astype(np.int8),
        "scales": scales,
        "merges": pieces.merges,
    }
    sums = {}
    for key, array in arrays.items():
        path = folder / f"{key}.npy"
        np.save(path, array)
        sums[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    meta = {
        "format": FORMAT,
        "name": name,
        "dim": table.shape[1],
        "alphabet": pieces.alphabet,
        "max_subwords": MAX_WORDS,
        "max_chars": MAX_CHARS,
        "max_pieces": MAX_PIECES,
        "title_weight": TITLE,
        "sha256": sums,
    }
    write_json(folder / "model.json", meta)
    (folder / "card.md").write_text(text, "utf-8")
    return folder


def card(plan: EncoderPlan, repositories: Sequence[Mapping[str, Any]], facts: Mapping[str, Any]) -> str:
    """The card in Markdown: files, recipe, pairs, limits, and every source with its licence and commit."""
    used = [row for row in repositories if "refused" not in row]
    counts = Counter(row["licence"] for row in used).most_common()
    licences = ", ".join(f"{name} {count}" for name, count in counts)
    warm = plan.warm
    begun = facts["initial"].get("teacher")
    start = f"{begun}'s vectors of each piece (a general sentence model)" if begun else "random vectors"
    sources = "\n".join(f"| {row['name']} | {row['licence']} | {row['commit'][:12]} |" for row in used)
    return f"""# {plan.name}

A static code embedding: {facts["tokens"]["pieces"]:,} subword pieces, {warm.dim} numbers each. Made by
`cornea train all` from the functions of {len(used)} permissively licensed repositories.

| file | content |
|---|---|
| `table.npy` | int8, memory-mapped; a piece's vector is its row times its scale |
| `scales.npy` | float32 |
| `merges.npy` | uint16: the two ids that each merge joins |
| `model.json` | alphabet (ids from 1; `##` marks a piece inside a word), limits, checksums |

**Encoding.** Words are cut at case changes, digits and punctuation, lower-cased, then into pieces by
byte-pair merges (at most {MAX_PIECES} a word; of a long text the first {MAX_WORDS} different words). A text
is the sum of its pieces' vectors, each weighted 1 + ln(count), divided by its L2 norm. A fragment is its
text + {TITLE} x its qualified name and path, both normalised. A word with letters outside the alphabet has a
fixed pseudo-random direction of its own, so that equal words of any script still match.

**Pairs.** {_pairs(facts["filter"])} A pair stays if
BM25 or the initial table, neither trained on it, ranks its answer among the best {plan.filter.top} of up to
{plan.filter.pool:,} of its repository and language, with a cosine of at least {plan.filter.cosine}.

**Training.** The table begins as {start},
of a length equal to the piece's IDF. Symmetric InfoNCE, cosine x {warm.scale:g}, batches of
{warm.batch:,}, Adam (.9, .99), 5 % warm-up, cosine decay: {warm.draws:,} pairs drawn at rate
{warm.rate:g}. {_hard(plan)}

**Limits.** English and identifiers; text in other languages matches by equal words only. Licences were read
from the licence files at the top of each repository.

## Sources

{len(used)} repositories: {licences}.

| repository | licence | commit |
|---|---|---|
{sources}
"""


def _pairs(filtered: Mapping[str, Mapping[str, int]]) -> str:
    names = {
        "doc": "documentation -> function",
        "continue": "beginning -> rest",
        "name": "signature -> body",
        "commit": "commit message -> changed function",
    }
    parts = [
        f"{names[kind]} {filtered[kind]['kept']:,} of {filtered[kind]['pairs']:,}"
        for kind in KINDS
        if kind in filtered
    ]
    return "Kept " + ", ".join(parts) + "."


def _hard(plan: EncoderPlan) -> str:
    choice, hard = plan.negatives, plan.hard
    if not hard.draws:
        return "No hard negatives."
    return f"""Then {hard.draws:,} at rate
{hard.rate:g} with one hard negative each, from the same repository and language: rank {choice.skip + 1} to
{choice.deepest} by the model so far, none with a cosine of {choice.alike} or more to the answer, harder ones
more often towards the end."""
