"""Makes pairs of a question and code that answers it, and reads and writes files of pairs.

There are four kinds, of which the first three are made from one function:

doc        documentation of the function -> the function without documentation
continue   beginning of the function -> rest of the function
name       signature of the function -> body of the function
commit     message of a commit -> old version of a function that the commit changed
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.analysis.fragment_points import title
from indexer.errors import UsageError

from ..datasets.functions import cut, order

KINDS = ("doc", "continue", "name", "commit")
FOLDER, ENDING = "pairs", ".jsonl.gz"

_LINES = 8
"""Minimum lines of a function for each cut at a line. There are at most _CUTS such cuts."""
_CUTS = 3
_SPREAD = (0.2, 0.8)
_FEWEST = 20
"""Minimum characters of each of the two parts of a cut function."""
_BODY = 40
_SIGNATURE = 400


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and the code that answers it.

    `function` is the number of the function in its repository, or for the kind `commit`, the number of the
    commit. Pairs with equal numbers are adjacent. `title` holds the qualified name and the path, as the index
    stores them beside the text.
    """

    function: int
    kind: str
    language: str
    path: str
    symbol: str
    query: str
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class Mined:
    """A function without its documentation. `question` is made from the documentation, or is "".

    The first `head` characters are the signature. `head` is 0 if the grammar does not say where the signature
    ends. `aside` marks tests and examples.
    """

    path: str
    language: str
    symbol: str
    text: str
    head: int
    question: str
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """The old version of a function that a commit changed. `commit` is the number of the mined commit."""

    commit: int
    question: str
    path: str
    language: str
    symbol: str
    text: str


def of_function(number: int, one: Mined, seed: int) -> Iterator[Pair]:
    """The pairs of a function. Functions of tests and examples give only `continue` pairs."""

    def pair(kind: str, query: str, text: str) -> Pair:
        return Pair(
            number, kind, one.language, one.path, one.symbol, query, text, title(one.symbol, (), one.path)
        )

    if one.question:
        yield pair("doc", one.question, one.text)
    cuts = min(_CUTS, (one.text.count("\n") + 1) // _LINES)
    parts = [cut(one.text, seed), *(_at_line(one, seed, number) for number in range(cuts))]
    for query, text in dict.fromkeys(part for part in parts if part is not None):
        if len(query.strip()) >= _FEWEST and len(text.strip()) >= _FEWEST:
            yield pair("continue", query, text)
    named = _named(one)
    if named is not None and not one.aside:
        yield pair("name", *named)


def of_commit(one: Changed, first: int) -> Pair:
    """The pair of a change. In pairs, commits are numbered from `first`."""
    titled = title(one.symbol, (), one.path)
    return Pair(
        first + one.commit, "commit", one.language, one.path, one.symbol, one.question, one.text, titled
    )


def _at_line(one: Mined, seed: int, number: int) -> tuple[str, str] | None:
    """The function split at a random line end between a fifth and four fifths of its length.

    Returns None if there is no suitable line end.
    """
    text = one.text
    low, high = (share * len(text) for share in _SPREAD)
    places = [m.start() for m in re.finditer(r"\n(?=[ \t]*[^\s)\]}])", text) if low <= m.start() <= high]
    if not places:
        return None
    drawn = int.from_bytes(order(seed, f"line {number}", one.path, one.symbol, text)[:4], "big")
    place = places[drawn % len(places)]
    return text[:place].rstrip(), text[place + 1 :].rstrip()


def _named(one: Mined) -> tuple[str, str] | None:
    head = one.head or one.text.find("\n") + 1
    body = one.text[head:].strip("\n")
    signature = " ".join(one.text[:head].split())
    return (signature[:_SIGNATURE], body) if signature and len(body.strip()) >= _BODY else None


def files(out: Path) -> list[Path]:
    """The files of pairs that `cornea train mine` wrote to `out`, one per repository, sorted by name.

    Raises UsageError if there are none.
    """
    found = sorted((out / FOLDER).glob(f"*{ENDING}"))
    if not found:
        raise UsageError(f"{out}: no {FOLDER}/*{ENDING} in it; run: cornea train mine --out {out}")
    return found


def repository(path: Path) -> str:
    """The repository (owner/name) whose pairs a file holds."""
    return path.name.removesuffix(ENDING).replace("+", "/", 1)


def checksum(path: Path) -> bytes:
    """The CRC-32 and the length at the end of a gzip file. They change when the pairs change."""
    with path.open("rb") as file:
        file.seek(-8, 2)
        return file.read()


def read(path: Path) -> Iterator[Pair]:
    """The pairs of one file, in order. Raises UsageError if the file is not a file of pairs."""
    try:
        for row in rows(path):
            yield Pair(**row)
    except TypeError as error:
        raise UsageError(f"{path}: a line is not a pair ({error}); run cornea train mine again") from error


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON objects in the lines of a compressed file. Raises UsageError if the file cannot be read."""
    try:
        with gzip.open(path, "rb") as file:
            for line in file:
                yield json.loads(line)
    except (OSError, EOFError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read ({error}); run cornea train mine again") from error


def write(path: Path, found: Iterable[Pair | Mined | Changed]) -> None:
    """Write one row per line, compressed. The same rows give the same bytes."""
    encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 1, raw, mtime=0) as file:
        block: list[str] = []
        for row in found:
            block.append(encode(_data(row)))
            if len(block) == 1_000:
                file.write(("\n".join(block) + "\n").encode("ascii"))
                block = []
        file.write("".join(line + "\n" for line in block).encode("ascii"))


def _data(row: Pair | Mined | Changed) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}
