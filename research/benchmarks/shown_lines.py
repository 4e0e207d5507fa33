"""Reads from the output of a search tool which lines of which files it shows, whatever its form is."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from retrieval.agent_text.tokens import BYTES_PER_TOKEN

Shown = Mapping[str, frozenset[int]]
"""For each path, relative to the searched folder, the numbers of the lines shown, counted from 1."""

_PATH = re.compile(r"[\w@+~.()\[\]-]+(?:/[\w@+~.()\[\]-]+)*")
_RANGE = re.compile(r"[:#\s(\[,]*(?:L|lines?:?\s*)?(\d+)(?:\s*(?:-|–|\.\.|to)\s*L?(\d+))?")
_NUMBER = re.compile(r"^\s*[>*]?\s*(\d+)\s*[:|\t→│-]?")
_BETWEEN = re.compile(r'(?<!\\)"\s*[:,}\]]+\s*"?')
"""What is between two strings in JSON."""
_LEAST = 3
"""Minimum characters of a line that is recognised by its text alone."""


def within(output: str, max_tokens: int) -> str:
    """The beginning of an output, of at most `max_tokens` tokens."""
    return output.encode("utf-8", "replace")[: max_tokens * BYTES_PER_TOKEN].decode("utf-8", "ignore")


def shown_lines(output: str, root: Path) -> Shown:
    """The lines of files of `root` that an output shows.

    A line counts if its text is in the output below a mention of its file, after its number or alone. If it
    is alone and a range of lines was mentioned with the file, it must be in the range.
    """
    if output.lstrip().startswith(("{", "[")):  # code in JSON
        output = _BETWEEN.sub("\n", output).replace("\\n", "\n").replace('\\"', '"').replace("\\t", "\t")
    found: dict[str, set[int]] = defaultdict(set)
    path, first, last = "", 1, 1 << 31
    for line in output.split("\n"):
        numbers = _of_line(line, path, first, last, root)
        if numbers:
            found[path].update(numbers)
            continue
        for match in _PATH.finditer(line.replace(f"{root}/", "")):
            relative = match.group().removeprefix("./")
            if _texts(root, relative):
                rest = line.replace(f"{root}/", "")[match.end() :]
                span = _RANGE.match(rest)
                path, first = relative, int(span[1]) if span else 1
                last = int(span[2]) if span and span[2] else 1 << 31
                found[path].update(_of_line(rest, path, 1, 1 << 31, root))  # as ripgrep prints it
                break
    return {name: frozenset(numbers) for name, numbers in found.items()}


def _of_line(line: str, path: str, first: int, last: int, root: Path) -> set[int]:
    """The numbers of the lines of a file that a line of output shows."""
    texts = _texts(root, path) if path else {}
    if not texts:
        return set()
    match = _NUMBER.match(line.lstrip(":"))
    if match:
        number, text = int(match[1]), line.lstrip(":")[match.end() :].strip()
        if text and number in texts.get(text, ()):
            return {number}
    text = line.strip()
    return {n for n in texts.get(text, ()) if first <= n <= last} if len(text) >= _LEAST else set()


@lru_cache(maxsize=512)
def _texts(root: Path, path: str) -> Mapping[str, frozenset[int]]:
    """For each text of a line of a file, without white space at its ends, the lines with that text."""
    place = root / path
    found: dict[str, set[int]] = defaultdict(set)
    if path and place.is_file():
        for number, line in enumerate(place.read_bytes().decode("utf-8", "replace").split("\n"), 1):
            found[line.strip()].add(number)
    return {text: frozenset(numbers) for text, numbers in found.items() if text}
