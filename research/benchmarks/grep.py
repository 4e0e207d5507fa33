"""Compares `cornea grep` with ripgrep on repositories: the same lines, the length of the output, the time.

ripgrep gets exactly the indexed files that are UTF-8, with its ignore rules off. Lines in which a secret was
masked are not compared, because ripgrep sees the secret.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from indexer.config import Config
from indexer.errors import CorneaError, UsageError
from indexer.fragment import Entry
from indexer.index.index import Index
from indexer.parsing.encodings import identify, is_utf8
from indexer.pipeline import update
from retrieval.config import SearchConfig
from retrieval.host.grep_answers import GrepAnswer
from retrieval.host.methods import GREP, QueryContext, method_named
from retrieval.host.requests import GrepParams, answer_to, message_of

from .hostile_patterns import hostile_patterns

_WORD = re.compile(rb"[A-Za-z_][A-Za-z0-9_]{2,40}")
_READ_BYTES = 20_000
"""The bytes at the begin of a file from which words for patterns are taken."""
_ARGUMENT_BYTES = 1_000_000
"""The bytes of file names in one call of ripgrep."""
_TOKEN_BYTES = 4
_SPECIAL = (
    r"\b{0}\b", r"\w+{0}", r"{0}\w*\(", r"^\s*{0}", r"{0}\s*$", r"(?i){0}", r"[^a-z]{0}[^a-z]", r"\b{0}",
    r"{0}\b", r"^(?:def|class|func|type|static|import)\s+\w*{0}", r"\B{0}", r"{0}\s*[=:]\s*\d+", r"{0}|{1}",
    r"[{0}]{{4,}}\b", r"{0}.*\b{1}", r"\<{0}\>", r"\p{{Lu}}\w*{0}", r"[[:upper:]]{{3,}}_{0}", r"{0}\W+{1}",
    r"\b{0}\w{{2,8}}\b",
)  # fmt: skip
_PLAIN = ("{0}", "{0}", "{0}\\.{1}", "{0}\\(", "{0} {1}", "{0}.*{1}", "{0}: ", "= {0}")
_FLAGS: tuple[tuple[str, str], ...] = (("-i", "ignore_case"), ("-w", "word"), ("-S", "smart_case"))


class RepositoryFigures(Struct, kw_only=True):
    """What was measured on one repository. Times are in milliseconds, of requests to a warm host.

    `refused` are patterns that were refused, `differing` those for which a line was found by one program
    only. `output` is the number of tokens printed, divided by that of ripgrep.
    """

    repository: str
    files: int
    fragments: int
    megabytes: float
    patterns: int
    refused: list[str]
    differing: list[str]
    lines: int
    output: float
    first_ms: float
    p50_ms: float
    p95_ms: float
    processor_p50_ms: float
    ripgrep_p50_ms: float
    hostile: int
    hostile_answered: int
    hostile_longest_ms: float
    hostile_longest_processor_ms: float


class GrepFigures(Struct):
    """The figures of all repositories."""

    ripgrep: str
    repositories: list[RepositoryFigures]


def ripgrep_version(program: str) -> str:
    """The version of ripgrep. Raises UsageError if it is not installed."""
    found = shutil.which(program)
    if found is None:
        raise UsageError(f"{program}: not installed; install ripgrep, or name it with --ripgrep PROGRAM")
    done = subprocess.run([found, "--version"], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[0]


def measure(
    root: Path, work: Path, program: str, *, count: int, hostile: int, seed: int, say: Callable[[str], None]
) -> RepositoryFigures:
    """Index a repository into the folder `work`, and compare the answers for `count` patterns.

    Raises CorneaError if it cannot be indexed.
    """
    with Index.open(root, Config(home=work)) as index:
        report = update(index, allow=lambda files: True)
        say(f"{root.name}: indexed, {report.fragments:,} new fragments")
        _ = index.store
        return _Comparison(index, program, seed).figures(count, hostile)


class _Comparison:
    """The comparison on one index, which is open."""

    def __init__(self, index: Index, program: str, seed: int) -> None:
        self._index, self._program, self._random = index, program, random.Random(seed)
        entries = index.manifest.entries()
        self._entries = {path: one for path, one in sorted(entries.items()) if one.why is None}
        self._masked = {
            (path, n) for path, kinds in index.manifest.redacted() for ns in kinds.values() for n in ns
        }
        self._plain = [path for path, one in self._entries.items() if _is_plain(index.root, one)]
        self._context = QueryContext(index, SearchConfig(), opens_store=False)

    def figures(self, count: int, hostile: int) -> RepositoryFigures:
        first = self._timed(GrepParams(patterns=("first question",)))[1]
        questions = list(self._questions(count))
        for params, _ in questions[:20]:
            self._timed(params)
        refused, differing, wall, processor, theirs = list[str](), list[str](), [], [], []
        lines = tokens = their_tokens = 0
        for params, options in questions:
            found = self._timed(params)
            if isinstance(found[0], CorneaError):
                refused.append(f"{' '.join(options)}: {found[0]}")
                continue
            wall.append(found[1])
            processor.append(found[2])
            started = time.perf_counter()
            expected = self._ripgrep(options)
            theirs.append(1000 * (time.perf_counter() - started))
            ours = self._lines(found[0])
            compared = {one for one in ours if one[:2] not in self._masked and one[0] in self._is_plain}
            if compared != {one for one in expected if one[:2] not in self._masked}:
                differing.append(" ".join(options))
            lines += len(expected)
            tokens += _tokens(one for one in ours if one[0] in self._is_plain)
            their_tokens += _tokens(expected)
        return RepositoryFigures(
            repository=self._index.root.name,
            files=len(self._entries),
            fragments=sum(one.fragments for one in self._entries.values()),
            megabytes=round(sum(one.size for one in self._entries.values()) / 1e6, 1),
            patterns=len(questions),
            refused=refused,
            differing=differing,
            lines=lines,
            output=round(tokens / max(their_tokens, 1), 3),
            first_ms=round(first, 1),
            p50_ms=_share(wall, 0.5),
            p95_ms=_share(wall, 0.95),
            processor_p50_ms=_share(processor, 0.5),
            ripgrep_p50_ms=_share(theirs, 0.5),
            **self._hostile(hostile),
        )

    @property
    def _is_plain(self) -> frozenset[str]:
        return frozenset(self._plain)

    def _hostile(self, count: int) -> dict[str, Any]:
        answered, wall, processor = 0, [0.0], [0.0]
        for pattern in hostile_patterns(count, self._random.randrange(1 << 30)):
            found = self._timed(GrepParams(patterns=(pattern,), files_only=True))
            answered += not isinstance(found[0], CorneaError)
            wall.append(found[1])
            processor.append(found[2])
        return {
            "hostile": count,
            "hostile_answered": answered,
            "hostile_longest_ms": round(max(wall), 1),
            "hostile_longest_processor_ms": round(max(processor), 1),
        }

    def _questions(self, count: int) -> Iterator[tuple[GrepParams, list[str]]]:
        """Requests with the same options for ripgrep. A fifth has classes, assertions or anchors."""
        words = self._words()
        for number in range(count):
            forms = _SPECIAL if number % 5 == 0 else _PLAIN
            pattern = self._random.choice(forms).format(*self._random.sample(words, 2))
            params, options = GrepParams(patterns=(pattern,)), ["-e", pattern]
            if self._random.random() < 0.2:
                flag, name = self._random.choice(_FLAGS)
                setattr(params, name, True)
                options.append(flag)
            yield params, options

    def _words(self) -> list[str]:
        """Words of a sample of the files, common ones as often as they occur."""
        chosen = self._random.sample(self._plain, min(len(self._plain), 300))
        words = [
            word.decode()
            for path in chosen
            for word in _WORD.findall((self._index.root / path).read_bytes()[:_READ_BYTES])
        ]
        if len(words) < 2:
            raise UsageError(f"{self._index.root}: has too few words for patterns; name another repository")
        return words

    def _answer(self, params: GrepParams) -> GrepAnswer:
        """The whole answer, all pages, checked as a client checks it."""
        method, message = message_of(params)
        assert method == GREP
        respond = method_named(method)
        whole = page = answer_to(params, respond(self._context, message))
        while page.next_page:
            page = answer_to(params, respond(self._context, {**message, "page": page.next_page}))
            whole.groups += page.groups
        return whole

    def _timed(self, params: GrepParams) -> tuple[GrepAnswer | CorneaError, float, float]:
        """The answer or the refusal, and the milliseconds that it took: of time, and of processor time."""
        started, used = time.perf_counter(), time.process_time()
        found: GrepAnswer | CorneaError
        try:
            found = self._answer(params)
        except CorneaError as error:
            found = error
        return found, 1000 * (time.perf_counter() - started), 1000 * (time.process_time() - used)

    def _lines(self, answer: GrepAnswer | CorneaError) -> set[tuple[str, int, str]]:
        assert isinstance(answer, GrepAnswer)
        return {(group.path, line.line, line.text) for group in answer.groups for line in group.lines}

    def _ripgrep(self, options: Sequence[str]) -> set[tuple[str, int, str]]:
        found: set[tuple[str, int, str]] = set()
        command = [
            self._program,
            "--no-config",
            "--no-heading",
            "-H",
            "-n",
            "--null",
            "--color",
            "never",
            "-a",
        ]
        for files in _batches(self._plain):
            done = subprocess.run(
                [*command, *options, "--", *files], cwd=self._index.root, capture_output=True, check=False
            )
            if done.returncode > 1:
                raise UsageError(f"ripgrep failed: {done.stderr.decode('utf-8', 'replace').strip()[:300]}")
            for line in done.stdout.decode("utf-8", "replace").removesuffix("\n").split("\n"):
                path, separator, rest = line.partition("\0")
                if separator:
                    number, _, text = rest.partition(":")
                    found.add((path, int(number), text))
        return found


def _batches(paths: Sequence[str]) -> Iterator[list[str]]:
    batch, size = list[str](), 0
    for path in paths:
        if size > _ARGUMENT_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(path)
        size += len(path.encode()) + 1
    if batch:
        yield batch


def _is_plain(root: Path, entry: Entry) -> bool:
    """Whether a file is in UTF-8."""
    try:
        data = (root / entry.path).read_bytes()
    except OSError:
        return False
    encoding, mark = identify(data)
    return encoding == "utf-8" and is_utf8(data[mark:])


def _tokens(lines: Iterable[tuple[str, int, str]]) -> int:
    """The tokens of lines as both programs print them: four bytes of UTF-8 each, rounded up."""
    size = sum(len(f"{path}:{number}:{text}\n".encode()) for path, number, text in lines)
    return -(-size // _TOKEN_BYTES)


def _share(values: Sequence[float], share: float) -> float:
    """The value below which a share of the values is."""
    ordered = sorted(values)
    return round(ordered[min(int(share * len(ordered)), len(ordered) - 1)], 2) if ordered else 0.0


def totals(found: Sequence[RepositoryFigures]) -> Mapping[str, float]:
    """Sums over all repositories."""
    return {
        "patterns": sum(one.patterns for one in found),
        "differing": sum(len(one.differing) for one in found),
        "refused": sum(len(one.refused) for one in found),
    }
