"""The ways of asking that are compared: Cornea's answers for agents, grep and reading, and other tools."""

from __future__ import annotations

import shlex
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from indexer.encoding import bm25
from indexer.errors import UsageError
from indexer.index.commits import past
from indexer.index.index import Index
from retrieval.agent_text.answers import hits_text, locations_text
from retrieval.config import AGENT_COUNTS
from retrieval.definitions import definitions_around
from retrieval.host.answers import HitsAnswer, Location, LocationsAnswer
from retrieval.localization.locator import Locator
from retrieval.searcher import Searcher
from retrieval.stop_words import STOP_WORDS

from .questions import parsed

CORNEA, GREP = "cornea", "grep + read"
_SECONDS = 300
"""Maximum seconds of a run of another tool. Many build an index at the first question."""
_WORDS = 3
"""Number of the question's rarest words that are looked for."""
_FILES = 10
"""Number of files that are listed and read."""
_WHOLE, _AROUND = 100, 25
"""A file of up to _WHOLE lines is read whole; of a longer one, _AROUND lines before and after a match."""

Way = Callable[[str, str, int], str]
"""Takes the kind of a question, the question and a number of tokens. Returns what an agent reads, which may
be longer."""


class Cornea:
    """Answers of `cornea search --format agent`, and of `cornea locate` to messages of commits.

    `locate` reads the history of the repository and commit `history`, by default of the index's root.
    """

    def __init__(self, index: Index, locating: str, history: tuple[Path, str] | None = None) -> None:
        self._index, self._locating = index, locating
        self._history = history or (index.root, "HEAD")
        self._searcher = Searcher(index.store, index.encoder, index.tenant)
        self._answers: dict[tuple[str, str], HitsAnswer | LocationsAnswer] = {}

    def __call__(self, kind: str, question: str, max_tokens: int) -> str:
        key = kind, question
        if key not in self._answers:
            self._answers = {
                key: self._located(question) if kind == self._locating else self._found(question)
            }
        answer = self._answers[key]
        if isinstance(answer, LocationsAnswer):
            return locations_text(answer, question, max_tokens)
        return hits_text(answer, question, max_tokens)

    def _found(self, question: str) -> HitsAnswer:
        query = parsed(question.replace('"', " "))
        limit, per_file = AGENT_COUNTS["limit"], AGENT_COUNTS["per_file"]
        hits = [] if query is None else self._searcher.answer(query, limit=limit, per_file=per_file)
        around = definitions_around(self._index.store, self._index.tenant_filter, hits)
        return HitsAnswer(hits=hits, definitions=around)

    def _located(self, question: str) -> LocationsAnswer:
        found = self._locator.locate(question, limit=AGENT_COUNTS["limit"])
        functions = [
            Location(
                path=one.function.path,
                start_line=one.function.start,
                end_line=one.function.end,
                symbol=one.function.symbol,
                score=one.score,
                text=one.function.text,
                language=one.function.language,
            )
            for one in found.functions
        ]
        return LocationsAnswer(functions=functions, files=[], missing=[])

    @cached_property
    def _locator(self) -> Locator:
        index = self._index
        root, revision = self._history
        known = past(root, index.folder, revision)
        return Locator.of_store(index.store, index.tenant, known, index.encoder)


class GrepAndRead:
    """What an agent does without a search tool, done well.

    It lists the files with the question's rarest words, those with the most matches first, and reads them in
    this order: short files whole, and of others the lines around their matches.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._lines = {path: text.split("\n") for path, text in texts.items()}
        self._lower = {path: text.lower() for path, text in texts.items()}
        self._outputs: dict[str, str] = {}

    def __call__(self, kind: str, question: str, max_tokens: int) -> str:
        if question not in self._outputs:
            self._outputs = {question: self._output(question)}
        return self._outputs[question]

    def _output(self, question: str) -> str:
        words = self._rarest(question)
        counts = {path: [text.count(word) for word in words] for path, text in self._lower.items()}
        ranked = sorted((-sum(map(bool, found)), -sum(found), path) for path, found in counts.items())
        found = [(path, -count) for _, count, path in ranked if count][:_FILES]
        listed = [f"{path}:{count}" for path, count in found]
        return "\n".join([*listed, *(line for path, _ in found for line in self._read(path, words))])

    def _rarest(self, question: str) -> Sequence[str]:
        words = dict.fromkeys(word.lower() for word in bm25.words(question) if len(word) > 2)
        counts = Counter({word: sum(word in text for text in self._lower.values()) for word in words})
        known = [word for word in words if counts[word] and word not in STOP_WORDS]
        return sorted(known, key=lambda word: counts[word])[:_WORDS]

    def _read(self, path: str, words: Sequence[str]) -> Iterator[str]:
        lines = self._lines[path]
        wanted = set(range(len(lines)))
        if len(lines) > _WHOLE:
            at = [n for n, line in enumerate(lines) if any(word in line.lower() for word in words)]
            best = max(at, key=lambda n: (sum(abs(n - other) <= _AROUND for other in at), -n), default=0)
            wanted = set(range(max(best - _AROUND, 0), best + _AROUND))
        yield path
        yield from (f"{n + 1}\t{line}" for n, line in enumerate(lines) if n in wanted)


class Peer:
    """Another tool, by a command that a user gives: {query} and {root} in it are replaced."""

    def __init__(self, command: str, root: Path) -> None:
        self._command, self._root = command, root
        self._outputs: dict[str, str] = {}

    def __call__(self, kind: str, question: str, max_tokens: int) -> str:
        if question not in self._outputs:
            self._outputs = {question: self._output(question)}
        return self._outputs[question]

    def _output(self, question: str) -> str:
        filled = [
            part.replace("{query}", question).replace("{root}", str(self._root))
            for part in shlex.split(self._command)
        ]
        try:
            done = subprocess.run(filled, cwd=self._root, capture_output=True, timeout=_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UsageError(f"--peer {filled[0]}: {error}; correct the command, or leave it out") from error
        return done.stdout.decode("utf-8", "replace")


def peer_of(option: str) -> tuple[str, str]:
    """The name and the command of NAME=COMMAND. Raises UsageError."""
    name, sign, command = option.partition("=")
    try:
        parts = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"--peer {option!r}: {error}; quote the command for the shell") from error
    if not (name and sign and parts and any("{query}" in part for part in parts)):
        raise UsageError(
            f"--peer {option!r}: write NAME=COMMAND with {{query}} in it, and {{root}} if needed"
        )
    return name, command
