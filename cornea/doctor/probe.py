"""Runs checks that may crash. They run in a child process, which prints their results as lines of JSON."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from indexer.analysis import environment

_SECONDS = 50.0
"""Seconds of CPU time that a check may take."""
_PATIENCE = 6
"""Wall-clock limit of a check as a multiple of its limit of CPU time. Busy machines need a large limit."""
_DIED = "died"
_TOO_LONG = f"took longer than {_SECONDS:g} s"


def run(function: str, *arguments: str) -> Iterator[dict[str, Any]]:
    """The results of a function of this module, which runs in a child process.

    If the child process died, the last result is {"died": reason}.
    """
    # The child process also has a time limit of its own, in case this process is killed first.
    watch = f"import faulthandler; faulthandler.dump_traceback_later({2 * _PATIENCE * _SECONDS}, exit=True)"
    limit = f"import signal; signal.setitimer(signal.ITIMER_PROF, {_SECONDS})"
    code = f"{watch}; {limit}; from cornea.doctor.probe import {function}; {function}()"
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", code, *arguments],
            env=environment.own(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE * _SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        yield from _lines(error.stdout or b"")
        yield {_DIED: _TOO_LONG}
        return
    yield from _lines(done.stdout)
    if done.returncode == -signal.SIGPROF:
        yield {_DIED: _TOO_LONG}
    elif done.returncode:
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        how = f"signal {-done.returncode}" if done.returncode < 0 else f"exit code {done.returncode}"
        yield {_DIED: " ".join((how, *last))[:300]}


def _lines(output: bytes) -> Iterator[dict[str, Any]]:
    for line in output.splitlines():
        if line.endswith(b"}"):
            yield json.loads(line)


def _say(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def grammars() -> None:
    """Load and use every grammar.

    Print the grammar's name before the check, and the result after the check.
    """
    from indexer.parsing.languages import LANGUAGES, parser, query

    for language in LANGUAGES:
        if language.textual:
            continue
        _say(grammar=language.name)
        try:
            tree = parser(language).parse(b"f(1);\n")
            query(language)
            trouble = "" if tree.root_node.end_byte else "parses nothing"
        except Exception as error:  # noqa: BLE001 - every exception is a finding
            trouble = f"{type(error).__name__}: {error}"
        _say(grammar=language.name, trouble=trouble)


def store() -> None:
    """Open an embedded store, and print the number of its points for each path."""
    from collections import Counter

    from indexer.errors import DiskFull, StoreError
    from indexer.store import EVERYTHING, StoreConfig, open_store

    place = StoreConfig(Path(sys.argv[1]), int(sys.argv[2]), reserve_bytes=0)
    try:
        opened = open_store(place)
        paths = Counter(str(record.payload.get("path")) for record in opened.scroll(EVERYTHING, ["path"]))
        opened.close()
    except StoreError as error:
        _say(trouble=str(error), full=isinstance(error, DiskFull))
        return
    _say(paths=paths)
