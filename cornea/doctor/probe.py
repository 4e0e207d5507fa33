"""Things that may kill a process are looked at by one that may die; what it says until then is the answer."""

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
"""CPU seconds that a probe may take."""
_PATIENCE = 6
"""It may take so many times its CPU time: a busy machine is no fault of the installation."""
_DIED = "died"
_TOO_LONG = f"took longer than {_SECONDS:g} s"


def said(function: str, *arguments: str) -> Iterator[dict[str, Any]]:
    """What a function of this module says in a process of its own; a last {"died": reason} if it died."""
    # It ends itself, too: whoever waits for it may be killed before it.
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
    """Load and use every grammar, saying its name before and how it went after."""
    from indexer.parsing.grammars import LANGUAGES
    from indexer.parsing.languages import parser, query

    for language in LANGUAGES:
        if language.textual:
            continue
        _say(grammar=language.name)
        try:
            tree = parser(language).parse(b"f(1);\n")
            query(language)
            trouble = "" if tree.root_node.end_byte else "parses nothing"
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
            trouble = f"{type(error).__name__}: {error}"
        _say(grammar=language.name, trouble=trouble)


def store() -> None:
    """Open an embedded store and count its points by path."""
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
