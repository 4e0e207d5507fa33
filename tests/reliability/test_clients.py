"""Two editors, a watcher and twenty commands at one repository while its files change."""

from __future__ import annotations

import json
import random
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from indexer.errors import CorneaError
from retrieval.host.client import Client, stop
from tests.hosts import Site, site
from tests.indexes import contents
from tests.repositories import isolate, repository, write
from tests.support.schemas import validate
from tests.support.waiting import until

COMMANDS = 20
FILES = {
    f"src/m{n}.py": "".join(f"def f{n}_{k}(a):\n    return a + {k}\n\n\n" for k in range(8))
    for n in range(60)
}


class Scene:
    """Everybody at work until `over`; `troubles` is what somebody saw that nobody should see."""

    def __init__(self, place: Site, editor: Client) -> None:
        self.site, self.editor = place, editor
        self.over = threading.Event()
        self.troubles: list[str] = []
        self.seen: list[float] = []
        self.answered = 0

    def edit(self) -> None:
        """Change, add, rename and delete files, and look how soon the first editor finds what is new."""
        dice, root, number = random.Random(1), self.site.cli.folder, 0
        while not self.over.is_set():
            number += 1
            name = f"quokka{number}"
            path = root / f"src/m{dice.randrange(60)}.py"
            beside = path.with_suffix(".tmp")
            beside.write_text(f"def {name}(a):\n    return a\n")
            beside.replace(path)  # as editors save
            started = time.monotonic()
            found = until(lambda n=name: self.site.finds(self.editor, f"def {n}("), pause=0.04)
            self.seen.append(time.monotonic() - started)
            if found != [path.relative_to(root).as_posix()]:
                self.troubles.append(f"{name} is in {path.name}, found in {found}")
            if number % 5 == 0:
                write(root, {f"new/n{number}/x.py": f"def new{number}(): pass\n"})
            if number % 10 == 0:
                (root / f"new/n{number}/x.py").unlink()
            self.over.wait(0.1)

    def type(self, client: Client) -> None:
        """The second editor asks for suggestions all the time."""
        while not self.over.is_set():
            client.request("continue", {"path": "src/m1.py", "text": "def g(a):\n    return ", "line": 2})
            self.answered += 1
            self.over.wait(0.2)

    def command(self, number: int) -> None:
        """One of those at a terminal, or an agent: a command, a pause, another one."""
        dice = random.Random(number)
        while not self.over.is_set():
            arguments = dice.choice(
                (("search", f"f{number}_3", "--json"), ("search", "return a", "-n", "3"), ("index",),
                 ("similar", "src/m2.py:1"), ("continue", "src/m3.py:2", "--all"), ("status",))
            )  # fmt: skip
            done = self.site.cli(*arguments)
            if done.code not in (0, 1) or "error" in done.err or "held by" in done.err:
                self.troubles.append(f"{arguments}: {done.code} {done.err}")
            self.answered += 1
            self.over.wait(dice.uniform(2, 8))


def test_everybody_at_once(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    scale: Callable[[int, int], int],
    measured: Callable[[str], object],
    soak: bool,
) -> None:
    """No error that anybody sees, every edit found, an index like a fresh one, no lock."""
    seconds = scale(8, 300)
    isolate(monkeypatch, tmp_path / "user")
    repository(tmp_path / "root", FILES)
    with site(tmp_path, {}, monkeypatch) as place, place.client() as editor, place.client() as other:
        editor.request("reindex")
        scene = Scene(place, editor)
        with watching(place) as said:
            until(lambda: any('"event": "watching"' in line for line in said))
            jobs: list[Callable[[], Any]] = [scene.edit, lambda: scene.type(other)]
            jobs += [lambda n=n: scene.command(n) for n in range(COMMANDS)]
            threads = [threading.Thread(target=_told, args=(job, scene.troubles)) for job in jobs]
            for thread in threads:
                thread.start()
            time.sleep(seconds)
            scene.over.set()
            for thread in threads:
                thread.join()
            until(lambda: any('"event": "updated"' in line for line in said))
        editor.request("reindex")
        stop(place.key)
        assert scene.troubles == []
        assert [line for line in said if not line.startswith("{")] == []
        assert place.is_free()
        late = sorted(scene.seen)
        middle, worst = late[len(late) // 2], late[int(0.99 * (len(late) - 1))]
        measured(f"{len(late)} edits and {scene.answered} answers in {seconds} s; an edit is found after")
        measured(f"{middle:.3f} s (median), {worst:.3f} s (99th percentile), {late[-1]:.3f} s (at most)")
        assert len(late) >= scale(1, 300)
        assert not soak or worst < 1.0
        place.cli("index")
        fresh = tmp_path / "fresh"
        place.cli("index", env={"CORNEA_HOME": str(fresh)})
        assert contents(place.cli.folder, place.cli.home) == contents(place.cli.folder, fresh)


@contextmanager
def watching(place: Site) -> Iterator[list[str]]:
    """What a watcher says on both streams, line by line as it comes."""
    process = subprocess.Popen(
        place.cli.command("watch", "--json"), cwd=place.cli.folder, env=place.cli.environment(),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    said: list[str] = []

    def listen() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if line.startswith("{"):
                validate("commands/watch", json.loads(line))

    reader = threading.Thread(target=listen)
    reader.start()
    try:
        yield said
    finally:
        process.terminate()
        reader.join()
        with process:
            pass


def _told(job: Callable[[], Any], troubles: list[str]) -> None:
    try:
        job()
    except (CorneaError, AssertionError, OSError) as error:
        troubles.append(f"{type(error).__name__}: {error}")
