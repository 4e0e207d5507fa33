"""Runs checks that may crash. They run in a child process, which prints their results as lines of JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from indexer.child_process import ChildProcess, main_of
from indexer.parent_process import exit_with_parent, time_limit

_SECONDS = 50.0
"""Seconds of CPU time that a check may take."""
_PATIENCE = 6
"""Wall-clock limit of a check as a multiple of its limit of CPU time. Busy machines need a large limit."""


def run(function: str, *arguments: str) -> Iterator[dict[str, Any]]:
    """The results of a function of this module, which runs in a child process.

    If the child process died, the last result is {"died": reason}.
    """
    command = (*main_of("cornea.doctor.probe"), function, *arguments)
    output, exit = ChildProcess("a check", command, captures_stderr=True).read(_PATIENCE * _SECONDS)
    yield from _lines(output)
    if exit.timed_out:
        yield {"died": f"took longer than {_SECONDS:g} s"}
    elif exit.code:
        yield {"died": exit.reason[:300]}


def main() -> None:
    """The child process: run the function argv[1] of this module with the rest of argv as its arguments."""
    exit_with_parent()
    function = {"grammars": grammars, "store": store}[sys.argv.pop(1)]
    with time_limit(_SECONDS, 2 * _PATIENCE):  # the parent's limit is lower, but the parent may be killed
        function()


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
    from indexer.store import EVERYTHING, StoreConfig
    from indexer.store.storage import open_store

    place = StoreConfig(Path(sys.argv[1]), int(sys.argv[2]), reserve_bytes=0)
    try:
        opened = open_store(place)
        paths = Counter(str(record.payload.get("path")) for record in opened.scroll(EVERYTHING, ["path"]))
        opened.close()
    except StoreError as error:
        _say(trouble=str(error), full=isinstance(error, DiskFull))
        return
    _say(paths=paths)
