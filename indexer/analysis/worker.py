"""The process that reads, parses, cuts and encodes files: the part that hostile input may kill.

Requests and answers are pickles on stdin and stdout. It ends itself when a file takes too long, and when its
parent is gone.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import pickle
import signal
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from ..fragment import Entry, Skipped, SourceFile, failure_of, not_wanted
from ..parsing.languages import language_of
from ..parsing.source import read
from . import memory
from .outline import Outline, outline

if TYPE_CHECKING:  # outlines need no numpy, which takes longer to import than most files to parse
    from ..encoding.types import Encoder
    from .packed_points import Analysed

READY = "ready"
"""The first answer: libraries and model are loaded."""

STALLED = (1, -signal.SIGPROF)
"""How a worker ends that ended itself because a file took too long: by its wall clock, by its CPU time."""

_PATIENCE = 30
"""A file may take so many times its CPU time: a busy machine must not decide what is indexed, and a host's
workers, which have a low priority, get a fortieth of a processor on one.
"""

GROWN = 4
"""Exit code of a worker that has answered, and holds so much memory that a new one should go on."""

_START_SECONDS = 120.0
"""To load libraries and the model; a worker that hangs in that ends itself."""

FAILED = 3
"""Exit code of a worker that cannot go on for a reason of its own."""

MAX_FRAGMENTS = 10_000
"""A file of more has no functions of anybody's: a table, or what a program has written."""

_TOO_MANY = f"more than {MAX_FRAGMENTS:,} fragments; name it in .corneaignore, or cut it into files"

_GARBAGE = 20_000
"""New objects after which Python looks for cycles."""

_HEAD = 4096
"""Bytes of a file that tell its language where its name does not."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a worker must know. `model` is None where the parent encodes; a file may take `seconds` of CPU
    and `megabytes` of memory (0: as it likes). `outlines` asks for the outlines of files
    in place of their points.
    """

    repo: str
    model: str | None
    max_file_bytes: int
    seconds: float
    languages: tuple[str, ...]
    megabytes: int = 0
    outlines: bool = False


def analyse(file: SourceFile, setup: Setup, encoder: Encoder | None) -> Analysed | Skipped:
    """One file, from its bytes to its points."""
    from . import fragment_points
    from .packed_points import Analysed

    seen = time.time_ns()  # before the reading: what changes later must not pass for what was read
    source = read(file, setup.max_file_bytes)
    if isinstance(source, Skipped):
        return source
    language = language_of(file, source.text[:_HEAD])
    if setup.languages and language not in setup.languages:
        return Skipped(file.path, not_wanted(language))
    fragments = fragment_points.fragments(source, setup.repo, language)
    if len(fragments) > MAX_FRAGMENTS:
        return Skipped(file.path, _TOO_MANY, source.digest)
    points = fragment_points.points(source, setup.repo, language, fragments, encoder)
    functions = {(f.kind, f.symbol) for f in fragments if f.kind in ("function", "method")}
    entry = Entry(
        path=file.path,
        size=source.size,
        mtime_ns=source.mtime_ns,
        seen_ns=seen,
        digest=source.digest,
        language=language,
        fragments=len(fragments),
        functions=len(functions),
        stamp=source.stamp,
        redacted=json.dumps(source.redacted) if source.redacted else "",
    )
    return Analysed(entry, points)


def outlined(file: SourceFile, setup: Setup) -> Outline | Skipped:
    """One file's outline, or why the file is not indexed."""
    source = read(file, setup.max_file_bytes)
    if isinstance(source, Skipped):
        return source
    found = outline(source)
    return found if len(found.fragments) <= MAX_FRAGMENTS else Skipped(file.path, _TOO_MANY)


def main() -> None:
    """Serve until stdin ends."""
    silence = os.open(os.devnull, os.O_WRONLY)
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(silence, 1)  # whatever a library prints must not land between two answers
    faulthandler.dump_traceback_later(_START_SECONDS, exit=True, file=silence)
    setup: Setup = pickle.load(requests)
    encoder = None if setup.outlines else _loaded(setup)
    # Trees and fragments of one file come and go: looked through less often, they take a tenth less time.
    gc.freeze()
    gc.set_threshold(_GARBAGE)
    memory.limit(setup.megabytes)
    # From here on the parent tells what went wrong; a library's last words would only tear its progress bar.
    os.dup2(silence, 2)
    faulthandler.cancel_dump_traceback_later()
    try:
        _answer(READY, answers)
        _serve(requests, answers, setup, encoder, silence)
    except BaseException:  # noqa: BLE001 - the parent is gone, or cannot be understood; nobody listens
        os._exit(FAILED)


def _loaded(setup: Setup) -> Encoder | None:
    """The encoder; with it all libraries that `analyse` needs are loaded."""
    from ..encoding import load
    from . import fragment_points  # noqa: F401 - not in the time of the first file

    return None if setup.model is None else load(setup.model)


def _serve(
    requests: BinaryIO, answers: BinaryIO, setup: Setup, encoder: Encoder | None, silence: int
) -> None:
    while True:
        try:
            file: SourceFile = pickle.load(requests)
        except EOFError:
            return
        # A native loop holds the interpreter's lock; these two need it not, and end the process.
        signal.setitimer(signal.ITIMER_PROF, setup.seconds)
        faulthandler.dump_traceback_later(setup.seconds * _PATIENCE, exit=True, file=silence)
        answer = _guarded(file, setup, encoder)
        faulthandler.cancel_dump_traceback_later()
        signal.setitimer(signal.ITIMER_PROF, 0)
        _answer(answer, answers)
        if memory.grown(setup.megabytes) or _ran_out(answer):
            os._exit(GROWN)


def _answer(message: object, answers: BinaryIO) -> None:
    pickle.dump(message, answers, protocol=5)
    answers.flush()


def _ran_out(answer: Analysed | Outline | Skipped) -> bool:
    """Whether memory was not enough: the allocator has then reserved more elsewhere, and little is left."""
    return isinstance(answer, Skipped) and MemoryError.__name__ in answer.reason


def _guarded(file: SourceFile, setup: Setup, encoder: Encoder | None) -> Analysed | Outline | Skipped:
    try:
        if setup.outlines:
            return outlined(file, setup)
        return analyse(file, setup, encoder)
    except Exception as error:  # noqa: BLE001 - one file must not end the run; the user is shown the reason
        return Skipped(file.path, failure_of(error))
