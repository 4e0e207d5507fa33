"""The worker process, which reads, parses, splits and encodes files. Hostile input may kill it.

Requests arrive as pickles on stdin; answers are written as pickles to stdout. A worker exits if a file takes
too long, or if its parent process has ended.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .. import limits
from ..fragment import Skipped, SourceFile
from ..parent_process import ParentPipes, time_limit
from ..parsing.languages import language_of
from ..parsing.source import read
from ..skip_reason import SkipKind, SkipReason
from .outline import Outline, outline

if TYPE_CHECKING:  # outlines do not need numpy, whose import is slower than parsing most files
    from ..encoding.types import Encoder
    from .file_calls import FileCalls
    from .packed_points import FileAnalysis

READY = "ready"
"""The first message of a worker, which it sends when its libraries and model are loaded."""

TIMED_OUT = 1
"""Exit code of a worker whose file took too long by wall clock."""

_WALL_CLOCK_FACTOR = 30
"""Wall-clock limit of a file as a multiple of its limit of CPU time.

The factor is large, because what is indexed must not depend on how busy the machine is: a worker with low
priority may get only a small share of a processor.
"""

OUT_OF_MEMORY = 4
"""Exit code of a worker that is replaced after its answer, because it uses too much memory."""

_START_SECONDS = 120.0
"""Seconds that a worker may take to load its libraries and model. After that time, the worker exits."""

FAILED = 3
"""Exit code of a worker that failed while it was receiving a request or sending an answer."""

MAX_FRAGMENTS = 10_000
"""Largest number of fragments of an indexed file. Files with more fragments are tables or generated code."""

_TOO_MANY = SkipReason(SkipKind.FRAGMENTS, f"{MAX_FRAGMENTS:,}")

_GARBAGE = 20_000
"""Number of new objects after which Python's garbage collector looks for cycles."""


@dataclass(frozen=True, slots=True)
class Setup:
    """The settings of a worker.

    `model` is None if the parent process computes the dense vectors. One file may take `seconds` of CPU time
    and `megabytes` of memory (0: no limit). With `outlines`, the worker returns outlines instead of points,
    and with `calls` what files say about calls.
    """

    repo: str
    model: str | None
    max_file_bytes: int
    seconds: float
    languages: tuple[str, ...]
    megabytes: int = 0
    outlines: bool = False
    calls: bool = False


def analyse(file: SourceFile, setup: Setup, encoder: Encoder | None) -> FileAnalysis | Skipped:
    """The points of a file, or the reason why the file is skipped."""
    from . import fragment_points
    from .packed_points import file_analysis

    seen = time.time_ns()  # taken before the file is read, so that a change during reading is noticed
    source = read(file, setup.max_file_bytes)
    if isinstance(source, Skipped):
        return source
    language = language_of(file, source.text)
    if setup.languages and language not in setup.languages:
        return Skipped(file.path, SkipReason(SkipKind.LANGUAGE, language))
    fragments = fragment_points.fragments(source, setup.repo, language)
    if len(fragments) > MAX_FRAGMENTS:
        return Skipped(file.path, _TOO_MANY, source.digest)
    points = fragment_points.points(source, setup.repo, language, fragments, encoder)
    functions = {(f.kind, f.symbol) for f in fragments if f.kind in ("function", "method")}
    return file_analysis(source, seen, language, len(functions), points, from_cache=False)


def outline_file(file: SourceFile, setup: Setup) -> Outline | Skipped:
    """The outline of a file, or the reason why the file is skipped."""
    source = read(file, setup.max_file_bytes)
    if isinstance(source, Skipped):
        return source
    found = outline(source)
    return found if len(found.fragments) <= MAX_FRAGMENTS else Skipped(file.path, _TOO_MANY)


def calls_of_file(file: SourceFile, setup: Setup) -> FileCalls | Skipped:
    """What a file says about calls, or the reason why the file is skipped."""
    from .file_calls import file_calls

    source = read(file, setup.max_file_bytes)
    return source if isinstance(source, Skipped) else file_calls(source)


def main() -> None:
    """Answer requests until stdin ends."""
    silence = os.open(os.devnull, os.O_WRONLY)
    parent = ParentPipes(noise=silence)
    faulthandler.dump_traceback_later(_START_SECONDS, exit=True, file=silence)
    setup: Setup = parent.receive()
    if setup.calls:
        from . import file_calls  # noqa: F401 - the import must not count as the first file's time
    encoder = None if setup.outlines or setup.calls else _load_encoder(setup)
    # Fewer garbage collections make parsing a tenth faster.
    gc.freeze()
    gc.set_threshold(_GARBAGE)
    limits.limit_memory_growth(setup.megabytes)
    # From here on, the parent process reports errors. A library's output would disturb the progress bar.
    os.dup2(silence, 2)
    faulthandler.cancel_dump_traceback_later()
    try:
        parent.send(READY)
        _serve(parent, setup, encoder)
    except BaseException:  # noqa: BLE001 - the parent is gone or sent garbage
        os._exit(FAILED)


def _load_encoder(setup: Setup) -> Encoder | None:
    """Import what `analyse` needs, and return the encoder. Returns None if the parent process encodes."""
    from ..encoding import load
    from . import fragment_points  # noqa: F401 - the import must not count as the first file's time

    return None if setup.model is None else load(setup.model)


def _answer(
    file: SourceFile, setup: Setup, encoder: Encoder | None
) -> FileAnalysis | FileCalls | Outline | Skipped:
    if setup.calls:
        return calls_of_file(file, setup)
    return outline_file(file, setup) if setup.outlines else analyse(file, setup, encoder)


def _serve(parent: ParentPipes, setup: Setup, encoder: Encoder | None) -> None:
    answer: FileAnalysis | FileCalls | Outline | Skipped
    while True:
        try:
            file: SourceFile = parent.receive()
        except EOFError:
            return
        with time_limit(setup.seconds, _WALL_CLOCK_FACTOR):
            try:
                answer = _answer(file, setup, encoder)
            except Exception as error:  # noqa: BLE001 - one file must not end the run; the user is shown the reason
                answer = Skipped(file.path, SkipReason.of_error(error))
        parent.send(answer)
        # The allocator keeps the memory that a file used up, so the next file would get too little.
        used_up = isinstance(answer, Skipped) and answer.why.kind is SkipKind.OUT_OF_MEMORY
        if used_up or limits.exceeds_half(setup.megabytes):
            os._exit(OUT_OF_MEMORY)
