"""The process that reads, parses, cuts and encodes files: the part that hostile input may kill.

Requests and answers are pickles on stdin and stdout. It ends itself when a file takes too long, and when its parent is gone.
"""

from __future__ import annotations

import faulthandler
import os
import pickle
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from . import represent
from .embedding import Encoder, load
from .fragment import Skipped, SourceFile
from .languages import name_of
from .manifest import Entry
from .source import read
from .store import Point


READY = "ready"
"""The first answer: libraries and model are loaded."""

STALLED = 1
"""Exit code of a worker that ended itself because a file took too long."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a worker must know. `model` is None where the parent encodes."""

    repo: str
    model: str | None
    max_file_bytes: int
    seconds: float
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Analysed:
    """A file's row for the manifest and its points."""

    entry: Entry
    points: list[Point]


def analyse(file: SourceFile, setup: Setup, encoder: Encoder | None) -> Analysed | Skipped:
    """One file, from its bytes to its points."""
    source = read(file, setup.max_file_bytes)
    if isinstance(source, Skipped):
        return source
    language = name_of(file.path, source.text[:4096])
    if setup.languages and language not in setup.languages:
        return Skipped(file.path, f"language {language} is not among [index] languages")
    fragments = represent.fragments(source, setup.repo, language)
    points = represent.points(source, setup.repo, language, fragments, encoder)
    functions = {(f.kind, f.symbol) for f in fragments if f.kind in ("function", "method")}
    entry = Entry(
        path=file.path,
        size=source.size,
        mtime_ns=source.mtime_ns,
        seen_ns=time.time_ns(),
        digest=source.digest,
        language=language,
        fragments=len(fragments),
        functions=len(functions),
    )
    return Analysed(entry, points)


def main() -> None:
    """Serve until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not land between two answers
    setup: Setup = pickle.load(requests)
    encoder = None if setup.model is None else load(setup.model)
    pickle.dump(READY, answers)
    with Path(os.devnull).open("w") as silence:
        while True:
            try:
                file: SourceFile = pickle.load(requests)
            except EOFError:
                return
            # A native loop holds the GIL; this watch runs without it and ends the process.
            faulthandler.dump_traceback_later(setup.seconds, exit=True, file=silence)
            answer = _guarded(file, setup, encoder)
            faulthandler.cancel_dump_traceback_later()
            pickle.dump(answer, answers, protocol=5)
            answers.flush()


def _guarded(file: SourceFile, setup: Setup, encoder: Encoder | None) -> Analysed | Skipped:
    try:
        return analyse(file, setup, encoder)
    except Exception as error:  # one file must not end the run; the reason is shown to the user
        return Skipped(file.path, f"could not be analysed: {type(error).__name__}: {error}"[:300])

