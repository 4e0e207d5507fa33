"""How fast is Cornea on a tree of code? First index, nothing changed, one file changed, cold and warm search.

    python benchmarks/speed.py                  the packages of the running environment
    python benchmarks/speed.py PATH [--json]    another tree (it is copied first and never written to)

Every figure is of whole commands in new processes, as a user would meet them, except the warm queries.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

QUERIES = (
    "parse command line arguments",
    "open a connection with retries",
    "read a configuration file",
    "how are errors reported to the user",
    "split text into tokens",
    "write json to a file",
    "compute a hash of the content",
    "convert a date to a string",
    "cache results of a function",
    "start a worker process",
)


class Peak:
    """The largest sum of resident memory of a process and its children, in MB, sampled every 20 ms."""

    def __init__(self, pid: int) -> None:
        self.megabytes = 0.0
        self._pid, self._done = pid, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        self._done.set()
        self._thread.join()
        return self.megabytes

    def _watch(self) -> None:
        while not self._done.wait(0.02):
            try:
                root = psutil.Process(self._pid)
                family = [root, *root.children(recursive=True)]
                self.megabytes = max(self.megabytes, sum(_resident(p) for p in family) / 1e6)
            except psutil.NoSuchProcess:
                return


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0


def command(arguments: Sequence[str], home: Path, stdin: str | None = None) -> tuple[float, float, str]:
    """Run `cornea` in a new process: wall seconds, peak MB, standard output."""
    environment = {**os.environ, "CORNEA_HOME": str(home)}
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "cornea", *arguments],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    peak = Peak(process.pid)
    out, err = process.communicate(stdin)
    seconds = time.perf_counter() - started
    if process.returncode not in (0, 1):
        raise SystemExit(f"cornea {' '.join(arguments)} failed ({process.returncode}):\n{err}")
    return seconds, peak.stop(), out


@contextmanager
def workspace(source: Path) -> Iterator[tuple[Path, Path]]:
    """A copy of the tree, and an empty home."""
    with tempfile.TemporaryDirectory(prefix="cornea-speed-") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(source, tree, symlinks=True, ignore=shutil.ignore_patterns("*.pyc", "*.so", ".git"))
        yield tree, Path(folder) / "home"


def measure(source: Path, repeats: int) -> dict[str, object]:
    """All figures for one tree. Times are medians of `repeats` runs, except the first index."""
    with workspace(source) as (tree, home):
        here = ["-C", str(tree)]
        first, memory, out = command([*here, "index", str(tree), "--yes", "--json"], home)
        report = json.loads(out)
        nothing = _median(lambda: command([*here, "index", str(tree)], home)[0], repeats)
        victim = _victim(tree)
        changed = _median(lambda: _touch_and_index(victim, tree, home), repeats)
        cold = _median(lambda: command([*here, "search", "--json", QUERIES[0]], home)[0], repeats)
        warm = _warm(tree, home)
        size = sum(f.stat().st_size for f in home.rglob("*") if f.is_file())
        blocks = sum(f.stat().st_blocks * 512 for f in home.rglob("*") if f.is_file())
    return {
        "files": report["added"],
        "functions": report["functions"],
        "fragments": report["fragments"],
        "first_index_s": round(first, 2),
        "functions_per_s": round(report["functions"] / first),
        "peak_rss_mb": round(memory),
        "no_change_s": round(nothing, 3),
        "one_file_s": round(changed, 3),
        "cold_search_s": round(cold, 3),
        "warm_p50_ms": round(statistics.median(warm), 2),
        "warm_p99_ms": round(statistics.quantiles(warm, n=100)[98], 2),
        "index_mb": round(blocks / 1e6),
        "index_apparent_mb": round(size / 1e6),
        "cores": os.cpu_count(),
        "python": sys.version.split()[0],
    }


def _median(run: object, repeats: int) -> float:
    assert callable(run)
    return statistics.median(run() for _ in range(repeats))


def _victim(tree: Path) -> Path:
    """A middling source file."""
    files = sorted(tree.rglob("*.py"), key=lambda f: f.stat().st_size) or sorted(tree.rglob("*.*"))
    return files[len(files) * 3 // 4]


def _touch_and_index(victim: Path, tree: Path, home: Path) -> float:
    with victim.open("a", encoding="utf-8") as file:
        file.write(f"\n# changed {time.time_ns()}\n")
    return command(["-C", str(tree), "index", str(tree)], home)[0]


def _warm(tree: Path, home: Path) -> list[float]:
    """Milliseconds per question in one process that answers a batch."""
    lines = [json.dumps({"id": f"{turn}.{i}", "query": q}) for turn in range(12) for i, q in enumerate(QUERIES)]
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "cornea", "-C", str(tree), "search", "--batch", "-", "--json", "--no-refresh"],
        env={**os.environ, "CORNEA_HOME": str(home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin and process.stdout
    times = []
    for line in lines:
        started = time.perf_counter()
        process.stdin.write(line + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        times.append((time.perf_counter() - started) * 1000)
        if "error" in answer:
            raise SystemExit(f"batch failed: {answer['error']}")
    process.stdin.close()
    process.wait()
    process.stdout.close()
    return times[2 * len(QUERIES) :]  # the first rounds open the store and fill the caches


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", nargs="?", default=sysconfig.get_paths()["purelib"], type=Path)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures = measure(arguments.path.resolve(), arguments.repeats)
    if arguments.json:
        print(json.dumps(figures, indent=1))
    else:
        for name, value in figures.items():
            print(f"{name:20} {value}")


if __name__ == "__main__":
    main()
