"""What a host costs and saves on a repository: `python -m tests.reliability.measure FOLDER`.

The index is made in a home of its own, which is removed at the end. Times are in milliseconds.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from cornea.context import load
from cornea.hosting import place_of
from indexer.index.index import Index
from indexer.pipeline import ensure
from retrieval.host.activity import IDLE_SECONDS
from retrieval.host.client import Client, stop
from retrieval.host.methods import QueryContext, method_named
from tests.support.waiting import LIMIT

ROUNDS = 200
MANY = 20
QUESTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("search", {"query": "where is the file opened for reading"}),
    ("search", {"query": "parse_header"}),
    (
        "continue",
        {"path": "new.py", "text": "def read_file(path):\n    with open(path) as stream:\n        "},
    ),
)


def main(root: Path) -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ["CORNEA_HOME"] = home
        context = load(root)
        place = place_of(context)
        try:
            with Index.open(context.root, context.config) as index:
                report = ensure(index, allow=lambda _: True)
                say("fragments", f"{report.fragments:,}")
                queries = QueryContext(index, context.search)
                alone = [times(lambda m=m, p=p: method_named(m)(queries, p)) for m, p in QUESTIONS]
            say("command without a host", took(lambda: command(root), MANY))
            say("start of a host, to the first answer", f"{1000 * started(place):.0f}")
            with connected(place) as client:
                say("memory, just started", memory(client))
                for (method, params), before in zip(QUESTIONS, alone, strict=True):
                    now = times(lambda m=method, p=params: client.request(m, p))
                    say(f"{method}, in process and through the host", f"{middle(before)} and {middle(now)}")
                say("status, a round trip that does nothing", middle(times(lambda: client.request("status"))))
                say("command with a host", took(lambda: command(root), MANY))
                say("an edit, to the answer that has it", took(lambda: edit(root, client), MANY))
                say("killed, to the next answer", took(lambda: revived(client), 5))
                client.request("reindex")
                say("memory after questions", memory(client))
                time.sleep(IDLE_SECONDS + 2)
                process = psutil.Process(client.request("status")["pid"])
                say("memory at rest", f"{process.memory_info().rss / 1e6:.0f} MB")
                time.sleep(IDLE_SECONDS + 2)
                before_ = sum(process.cpu_times()[:2])
                time.sleep(30)
                say("processor at rest, over 30 s", f"{(sum(process.cpu_times()[:2]) - before_) / 30:.2%}")
                say(
                    "memory at rest, for the system", f"{process.memory_full_info().uss / 1e6:.0f} MB its own"
                )
        finally:
            stop(place)


def say(what: str, value: str) -> None:
    sys.stdout.write(f"{what:45} {value}\n")
    sys.stdout.flush()


def times(job: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """Milliseconds of each round, after a few that warm up."""
    found = []
    for number in range(rounds + 3):
        start = time.perf_counter()
        job()
        if number >= 3:
            found.append(1000 * (time.perf_counter() - start))
    return found


def middle(found: list[float]) -> str:
    ordered = sorted(found)
    return f"{statistics.median(ordered):.2f} (p99 {ordered[int(0.99 * (len(ordered) - 1))]:.1f})"


def took(job: Callable[[], object], rounds: int) -> str:
    ordered = sorted(times(job, rounds))
    return f"{statistics.median(ordered):.0f} (at most {ordered[-1]:.0f})"


def connected(place: Any) -> Client:
    client = Client.connect(place, start=True)
    assert client is not None
    return client


def started(place: Any) -> float:
    start = time.perf_counter()
    with connected(place) as client:
        client.request(*QUESTIONS[0])
    return time.perf_counter() - start


def revived(client: Client) -> None:
    process = psutil.Process(client.request("status")["pid"])
    process.kill()
    process.wait(LIMIT)
    client.request(*QUESTIONS[0])


def command(root: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "cornea", "search", "-n", "3", "parse_header"],
        cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True,
    )  # fmt: skip


def edit(root: Path, client: Client) -> None:
    name = f"quokka{time.time_ns()}"
    file = root / "quokka.py"
    file.write_text(f"def {name}():\n    return 1\n")
    try:
        while not client.request("search", {"query": f'"{name}"'})["hits"]:
            time.sleep(0.005)
    finally:
        file.unlink()


def memory(client: Client) -> str:
    return f"{client.request('status')['memory'] / 1e6:.0f} MB"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
