"""Makes data sets in BEIR's layout from clones: prefix -> continuation (ccr), docstring -> function (nl).

clones -> refuse what is held out -> functions -> drop duplicates -> balance languages -> write
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from indexer.errors import UsageError

from ..datasets import clones
from ..datasets.clones import Clone
from ..datasets.functions import Function, cut, in_tree, normalised, order
from ..datasets.question_texts import prose
from ..datasets.reading import write_json
from ..datasets.steps import Say

QUERIES, DOCUMENTS = 200, 10_000
_SHORTEST, _LONGEST = 120, 8_000
"""Minimum and maximum characters of a function. Longer functions are mostly data."""
_FEWEST_LINES = 4
_WORDS = (4, 100)
"""Minimum and maximum words of a docstring that is used as a question."""
_LATIN = re.compile(r"[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Item:
    """A document, and the question that it answers. If there is no such question, `question` is ""."""

    repo: str
    function: Function
    question: str
    text: str
    key: bytes


@dataclass(frozen=True, slots=True)
class Built:
    """What the data set contains."""

    queries: int
    documents: int
    repositories: Sequence[str]
    languages: Mapping[str, int]


Make = Callable[[Function, int], tuple[str, str] | None]


def continuation(function: Function, seed: int) -> tuple[str, str] | None:
    """The beginning of a function as the question, and the rest as the document.

    This is as in CoIR's CodeSearchNet-CCR. Returns None if the function cannot be cut.
    """
    return cut(function.text, seed)


def language(function: Function, seed: int) -> tuple[str, str] | None:
    """A docstring's first paragraph as the question, and the function without docstring as the document."""
    return first_paragraph(function.docstring), function.text


def build(
    make: Make,
    paths: Sequence[Path],
    out: Path,
    *,
    exclude: Path | None,
    queries: int = QUERIES,
    documents: int = DOCUMENTS,
    languages: Sequence[str] = (),
    seed: int = 0,
    say: Say = lambda line: None,
) -> Built:
    """Write a data set of functions to `out`. If `languages` is empty, functions of all languages are used.

    Raises UsageError if `out` is not empty, if a clone is held out, or if there are too few questions.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out}: is not empty; name a new folder")
    chosen = clones.allowed(paths, exclude, "leave that clone out of --repos")
    items: list[Item] = []
    for number, clone in enumerate(chosen, 1):
        say(f"{number}/{len(chosen)} {clone.name}")
        found = _items(clone, make, seed)
        items += (item for item in found if not languages or item.function.language in languages)
    taken = _in_turns(_distinct(items))[:documents]
    asked = [item for item in taken if item.question][:queries]
    if len(asked) < queries:
        raise UsageError(
            f"only {len(asked):,} questions among {len(taken):,} functions; add clones or reduce --queries"
        )
    _write(out, taken, asked, seed)
    counts: dict[str, int] = defaultdict(int)
    for item in taken:
        counts[item.function.language] += 1
    return Built(len(asked), len(taken), sorted({item.repo for item in taken}), dict(sorted(counts.items())))


def first_paragraph(docstring: str) -> str:
    """A docstring up to its first blank line or markup, in one line.

    Returns "" if this text is unsuitable as a question.
    """
    text = "".join(prose(docstring, 1))
    latin = len(_LATIN.findall(text)) >= 0.6 * len(text)
    return text if latin and _WORDS[0] <= len(text.split()) <= _WORDS[1] else ""


def _items(clone: Clone, make: Make, seed: int) -> Iterator[Item]:
    with clones.checkout(clone) as tree:
        for function in in_tree(tree):
            text = function.text.strip()
            if not _SHORTEST <= len(text) <= _LONGEST or text.count("\n") + 1 < _FEWEST_LINES:
                continue
            made = make(function, seed)
            if made is not None and made[1].strip():
                key = order(seed, clone.name, function.path, function.symbol, text)
                yield Item(clone.name, function, *made, key)


def _distinct(items: Iterable[Item]) -> list[Item]:
    """The items without duplicate texts and questions, because a copy would be a correct answer as well."""
    seen: set[str] = set()
    kept = []
    for item in sorted(items, key=lambda item: item.key):
        forms = {normalised(item.function.text), "d" + normalised(item.text)}
        if item.question:
            forms.add("q" + normalised(item.question.lower()))
        if seen.isdisjoint(forms):
            kept.append(item)
            seen |= forms
    return kept


def _in_turns(items: Sequence[Item]) -> list[Item]:
    """The items in an order in which languages take turns. Within a language, repositories take turns.

    Items with questions come first in each repository, so that questions are spread as evenly as functions.
    """
    rows: dict[str, dict[str, list[Item]]] = defaultdict(lambda: defaultdict(list))
    for item in sorted(items, key=lambda item: (not item.question, item.key)):
        rows[item.function.language][item.repo].append(item)
    return _turns([_turns([row[name] for name in sorted(row)]) for _, row in sorted(rows.items())])


def _turns(queues: Sequence[Sequence[Item]]) -> list[Item]:
    return [item for item in chain.from_iterable(zip_longest(*queues)) if item is not None]


def _write(out: Path, taken: Sequence[Item], asked: Sequence[Item], seed: int) -> None:
    """Write the items with ids in the order of random keys, so that ids do not reveal the answers."""
    ids = {item.key: f"d{n:06d}" for n, item in enumerate(sorted(taken, key=lambda item: item.key))}
    (out / "qrels").mkdir(parents=True, exist_ok=True)
    _lines(out / "corpus.jsonl", (_document(item, ids) for item in sorted(taken, key=lambda i: i.key)))
    _lines(out / "queries.jsonl", (_query(item, n) for n, item in enumerate(asked)))
    judged = [f"q{n:06d}\t{ids[item.key]}\t1" for n, item in enumerate(asked)]
    head = "query-id\tcorpus-id\tscore"
    (out / "qrels" / "test.tsv").write_text("\n".join([head, *judged]) + "\n", "utf-8")
    about = {"seed": seed, "repositories": sorted({item.repo for item in taken})}
    write_json(out / "about.json", about)


def _document(item: Item, ids: Mapping[bytes, str]) -> dict[str, Any]:
    where = {"repo": item.repo, "path": item.function.path, "language": item.function.language}
    return {"_id": ids[item.key], "title": item.function.name, "text": item.text, "metadata": where}


def _query(item: Item, number: int) -> dict[str, Any]:
    about = {"language": item.function.language}
    return {"_id": f"q{number:06d}", "text": item.question, "metadata": about}


def _lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=True) + "\n")
