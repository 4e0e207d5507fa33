"""Starts the language server as an editor does, on a copy of a source tree, and measures its speed.

start -> ghost text while the first index is built -> ghost text afterwards -> typing in a large file
-> locating an issue
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import Any

from indexer.errors import CorneaError

from ..datasets.steps import Say
from .figures import RequestTimes, ServerFigures, ServerMemory
from .processes import running
from .report import BenchmarkReport, ReportTable
from .runs import percentiles, require
from .speed import Checkout, cursors, described, machine, placed

_CURSORS = 200
_BUILDING, _PAUSE = 2_000, 0.1
"""Maximum requests while the first index is built, and seconds between them."""
_LINES, _CHANGES = 5_000, 200
_ISSUE = "Closing a stream twice raises an error\n\nThe second `close` should do nothing."
_ANONYMOUS = re.compile(r"^RssAnon:\s+(\d+) kB", re.MULTILINE)


class Session:
    """A client of `cornea lsp` that waits for each answer. Lines and characters count from 0."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._number = 0

    def ask(self, method: str, params: Any) -> tuple[Any, float]:
        """An answer, and the milliseconds until it arrived. Raises CorneaError for an error response."""
        self._number += 1
        started = time.perf_counter()
        self._send({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        while True:
            message = self._received()
            if message.get("id") == self._number and "method" not in message:
                break
        took = (time.perf_counter() - started) * 1000
        if "error" in message:
            raise CorneaError(f"{method}: {message['error']['message']}")
        return message["result"], took

    def tell(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def open(self, uri: str, text: str) -> None:
        """Send the notification that a document is open."""
        item = {"uri": uri, "languageId": "", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": item})

    def ghost(self, uri: str, line: int, character: int) -> tuple[int, float]:
        """The number of suggestions at a place as the user types, and the milliseconds until the answer."""
        params = {
            "textDocument": {"uri": uri},
            "position": {"line": line, "character": character},
            "context": {"triggerKind": 2},
        }
        found, took = self.ask("textDocument/inlineCompletion", params)
        return len((found or {}).get("items", ())), took

    def run(self, command: str) -> Any:
        """Run a command, and return its answer."""
        return self.ask("workspace/executeCommand", {"command": command, "arguments": [{}]})[0]

    def _send(self, message: Any) -> None:
        body = json.dumps(message).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _received(self) -> Any:
        out = self._process.stdout
        assert out is not None
        length = 0
        while (line := out.readline()).strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        if not length:
            raise CorneaError("the language server ended; run `cornea lsp --log-file FILE` to see why")
        return json.loads(out.read(length))


def measure(root: Path, say: Say) -> BenchmarkReport:
    """The figures of one tree."""
    require("psutil")
    with placed(root) as place, _started(place) as process:
        session = Session(process)
        start = _initialized(session, place)
        cursors = _opened(session, place.tree)
        first = session.ghost(*cursors[0])[1]
        say("ghost text while the first index is built")
        building = _times(_while_building(session, cursors))
        session.run("cornea.reindex")
        say("ghost text with the finished index")
        for uri, line, character in cursors:  # a first pass, not measured, to fill the caches
            session.ghost(uri, line, character)
        idle = [session.ghost(uri, line, character) for uri, line, character in cursors]
        say("typing in a large file")
        change = _typing(session, place.tree)
        status = session.run("cornea.status")["roots"][0]
        before = _memory(process.pid, int(status["pid"]))
        say("locating an issue")
        locate_first, locate_second = (_located(session) for _ in range(2))
        after = _memory(process.pid, int(status["pid"]))
        session.ask("shutdown", None)
        session.tell("exit", None)
    return _report(
        ServerFigures(
            root=root.name,
            files=status["files"],
            fragments=status["fragments"],
            start_ms=start,
            first_ms=first,
            building=building,
            idle=_times([took for _, took in idle]),
            answered=sum(count > 0 for count, _ in idle),
            change_ms=change,
            locate_first_ms=locate_first,
            locate_ms=locate_second,
            memory=before,
            memory_after_locate=after,
            machine=machine(),
        )
    )


def _while_building(session: Session, cursors: Sequence[tuple[str, int, int]]) -> list[float]:
    """Milliseconds per request for ghost text, sent every _PAUSE seconds until the first index is built."""
    times: list[float] = []
    begun = False
    for uri, line, character in islice(cycle(cursors), _BUILDING):
        times.append(session.ghost(uri, line, character)[1])
        building = session.run("cornea.status")["roots"][0].get("indexing") is not None
        if begun and not building:
            break
        begun = begun or building
        time.sleep(_PAUSE)
    return times


def _initialized(session: Session, place: Checkout) -> float:
    """Milliseconds until the answer to `initialize`."""
    started = time.perf_counter()
    folder = {"uri": place.tree.as_uri(), "name": place.tree.name}
    session.ask("initialize", {"processId": None, "capabilities": {}, "workspaceFolders": [folder]})
    took = (time.perf_counter() - started) * 1000
    session.tell("initialized", {})
    return took


def _opened(session: Session, tree: Path) -> list[tuple[str, int, int]]:
    """Open files from all parts of the tree. Returns for each file a cursor in its second half.

    A cursor is a URI, a line and a character.
    """
    found = []
    for file, cursor in cursors(tree, _CURSORS):
        session.open(file.as_uri(), cursor["text"])
        found.append((file.as_uri(), int(cursor["line"]) - 1, 10_000))
    return found


def _typing(session: Session, tree: Path) -> float:
    """Milliseconds that the server needs for a letter typed in the middle of a file of _LINES lines."""
    uri = (tree / "large.py").as_uri()
    session.open(uri, "value = compute(1, 2, 3)  # a line\n" * _LINES)
    hover = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}}
    session.ask("textDocument/hover", hover)
    at = {"line": _LINES // 2, "character": 5}
    change = {"range": {"start": at, "end": at}, "text": "x"}
    started = time.perf_counter()
    for version in range(2, 2 + _CHANGES):
        document = {"uri": uri, "version": version}
        session.tell("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
    session.ask("textDocument/hover", hover)
    return (time.perf_counter() - started) * 1000 / _CHANGES


def _located(session: Session) -> float:
    """Milliseconds that locating an issue takes."""
    arguments = [{"text": _ISSUE}]
    return session.ask("workspace/executeCommand", {"command": "cornea.locate", "arguments": arguments})[1]


def _times(times: Sequence[float]) -> RequestTimes:
    return RequestTimes(*percentiles(times), requests=len(times))


def _memory(server: int, host: int) -> ServerMemory:
    """Resident and private MB of the server, and of the index's host with its workers.

    Resident memory includes pages of the index's files, which the system may drop at any time.
    """
    library = require("psutil")
    sizes = []
    for name, pid in (("server", server), ("host", host)):
        process = library.Process(pid)
        family = [process, *process.children(recursive=True)] if name == "host" else [process]
        sizes.append(round(sum(one.memory_info().rss for one in family) / 1e6))
        sizes.append(round(sum(_own(one) for one in family) / 1e6))
    return ServerMemory(*sizes)


def _own(process: Any) -> int:
    """The private memory of a process in bytes, or its resident memory if the system is not Linux."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text()
    except OSError:
        return int(process.memory_info().rss)
    found = _ANONYMOUS.search(status)
    return int(found[1]) * 1024 if found else 0


def _report(figures: ServerFigures) -> BenchmarkReport:
    rows = (
        ("initialize, from the start of the process", f"{figures.start_ms:.0f} ms", ""),
        ("ghost text", *_milliseconds(figures.idle)),
        ("the first ghost text, which waits for the host", f"{figures.first_ms:.0f} ms", ""),
        ("ghost text while the first index is built", *_milliseconds(figures.building)),
        (f"a letter typed in {_LINES:,} lines", f"{figures.change_ms:.2f} ms", ""),
        ("the first issue located", f"{figures.locate_first_ms / 1000:.1f} s", ""),
        ("the second issue located", f"{figures.locate_ms:.0f} ms", ""),
    )
    memory = tuple(
        (f"{what}{when}", f"{server} MB", f"{host} MB")
        for when, sizes in (("", figures.memory), (", after an issue", figures.memory_after_locate))
        for what, server, host in (
            ("private", sizes.server_own_mb, sizes.host_own_mb),
            ("resident, including pages of files", sizes.server_mb, sizes.host_mb),
        )
    )
    return BenchmarkReport(
        f"{figures.root}: {figures.files:,} files, {figures.fragments:,} fragments",
        [
            ReportTable("The language server", ("", "p50", "p99"), rows),
            ReportTable("Memory", ("", "server", "host and workers"), memory),
        ],
        figures,
        [f"{described()}."],
    )


def _milliseconds(times: RequestTimes) -> tuple[str, str]:
    return f"{times.p50_ms:.1f} ms", f"{times.p99_ms:.1f} ms"


@contextmanager
def _started(place: Checkout) -> Iterator[subprocess.Popen[bytes]]:
    """A context with the language server.

    After the context has ended, the host that the server started is stopped.
    """
    try:
        with running(["lsp"], place.home, stdin=PIPE, stdout=PIPE, stderr=DEVNULL) as process:
            yield process
            process.wait(10)
    finally:
        with running(["-C", str(place.tree), "host", "stop"], place.home, stdout=PIPE, stderr=PIPE) as stop:
            stop.communicate()
