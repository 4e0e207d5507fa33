"""Four clients at one repository while files and buffers change: no answer is wrong without saying so."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from indexer.index.index import Index
from indexer.pipeline import ensure
from retrieval.config import SearchConfig
from retrieval.host.answers import HitsAnswer
from retrieval.host.client import Client, stop
from retrieval.host.methods import QueryContext, respond
from retrieval.host.requests import SearchParams
from tests.hosts import Site, site
from tests.indexes import config
from tests.lsp.wire import Wire
from tests.repositories import git, isolate, repository
from tests.support.waiting import until

FILES = 14
QUESTIONS = 3
"""Number of questions that each client asks after every tenth change."""
SETTLED_SECONDS = 2.0
FULL_STEPS = int(os.environ.get("CORNEA_SOAK_STEPS", "10000"))
"""Number of changes in the full form of the test. A machine that is shared may have time for fewer."""

Place = tuple[str, int, int, str, str]


class World:
    """A repository, the buffers of two editors, and two agents: what is true, and who says otherwise."""

    def __init__(self, place: Site, clients: list[Client], dice: random.Random) -> None:
        self.site, self.clients, self.dice = place, clients, dice
        self.root = place.cli.folder
        self.editors = clients[:2]
        self.buffers: list[dict[str, str]] = [{}, {}]
        self.newest: dict[str, int] = {}
        """The editor that changed a path last."""
        self.number = 0
        self.names: list[str] = []
        self.wrong: list[str] = []
        self.said = self.asked = 0

    # What is true

    def truth(self, path: str) -> str | None:
        """The text of a path as an editor sees it, else on disk."""
        open_in = [n for n in (0, 1) if path in self.buffers[n]]
        if open_in:
            return self.buffers[self.newest[path] if self.newest[path] in open_in else open_in[0]][path]
        place = self.root / path
        return place.read_text() if place.is_file() else None

    def paths(self) -> list[str]:
        on_disk = {one.relative_to(self.root).as_posix() for one in self.root.glob("src/**/*.py")}
        return sorted(on_disk | self.buffers[0].keys() | self.buffers[1].keys())

    # What happens

    def function(self) -> str:
        """The code of a function with a name of its own, now and then a long one."""
        self.number += 1
        name = f"{self.dice.choice(('bake', 'fold', 'send', 'weigh'))}_item{self.number}"
        self.names.append(name)
        body = f"    total = a + {self.number}\n"
        if self.dice.random() < 0.1:
            body += "".join(f"    total = total * {n} + a\n" for n in range(40))
        return f"def {name}(a):\n{body}    return total\n\n\n"

    def changed(self, text: str) -> str:
        """A text with a function more, one less, one changed, or lines before all."""
        parts = [f"def {part}" for part in text.split("def ")[1:]]
        kind = self.dice.randrange(4)
        if kind == 0 or not parts:
            parts.insert(self.dice.randrange(len(parts) + 1), self.function())
        elif kind == 1:
            parts.pop(self.dice.randrange(len(parts)))
        elif kind == 2:
            at = self.dice.randrange(len(parts))
            parts[at] = parts[at].replace(
                "    return total", f"    total -= {self.number}\n    return total", 1
            )
        head = text.split("def ", maxsplit=1)[0] + ("import os\n" if kind == 3 else "")
        return head + "".join(parts)

    def step(self) -> None:
        """One random change."""
        self.dice.choices(
            (self.edit, self.type, self.save, self.rename, self.delete, self.create, self.switch),
            weights=(30, 40, 8, 5, 3, 6, 2),
        )[0]()

    def _on_disk(self) -> list[str]:
        return sorted(one.relative_to(self.root).as_posix() for one in self.root.glob("src/**/*.py"))

    def edit(self) -> None:
        if paths := self._on_disk():
            place = self.root / self.dice.choice(paths)
            place.write_text(self.changed(place.read_text()))

    def create(self) -> None:
        self.number += 1
        place = self.root / f"src/{self.dice.choice(('', 'deep/'))}n{self.number}.py"
        place.parent.mkdir(exist_ok=True)
        place.write_text(self.function() + self.function())

    def rename(self) -> None:
        if paths := self._on_disk():
            self.number += 1
            (self.root / self.dice.choice(paths)).rename(self.root / f"src/r{self.number}.py")

    def delete(self) -> None:
        paths = self._on_disk()
        if len(paths) > FILES // 2:
            (self.root / self.dice.choice(paths)).unlink()

    def switch(self) -> None:
        git(self.root, "add", "-A")
        git(self.root, "commit", "-qm", "wip", "--allow-empty")
        branch = "side" if (self.root / ".git/HEAD").read_text().strip().endswith("main") else "main"
        git(self.root, "checkout", "-q", branch)

    def type(self) -> None:
        """Change a buffer, which may be of a file that is open in the other editor, too, or of a new one."""
        editor = self.dice.randrange(2)
        path = self.dice.choice([*self.paths(), f"src/u{self.dice.randrange(4)}.py"])
        text = self.changed(self.buffers[editor].get(path) or self.truth(path) or "")
        self.buffers[editor][path] = text
        self.newest[path] = editor
        self.editors[editor].request("buffers", {"texts": {path: text}})

    def save(self) -> None:
        """Save a buffer, or close it unsaved."""
        editor = self.dice.randrange(2)
        if self.buffers[editor]:
            path = self.dice.choice(sorted(self.buffers[editor]))
            text = self.buffers[editor].pop(path)
            if self.dice.random() < 0.7:
                (self.root / path).parent.mkdir(parents=True, exist_ok=True)
                (self.root / path).write_text(text)
            self.editors[editor].request("buffers", {"texts": {path: None}})

    # What is answered

    def ask(self) -> list[tuple[SearchParams, HitsAnswer]]:
        """Ask every client, at once after a change, and look whether the answers have the present texts."""
        answers = []
        for client in self.clients:
            for name in self.dice.sample(self.names, min(QUESTIONS, len(self.names))):
                for question in (f'"def {name}("', name):
                    params = SearchParams(query=question, limit=50, per_file=50)
                    answers.append((params, client.ask(params)))
                    self._check_bodies(question, answers[-1][1])
        self.asked += len(answers)
        return answers

    def compare(self, answers: Sequence[tuple[SearchParams, HitsAnswer]], fresh: QueryContext) -> None:
        """Compare answers with those of a fresh index of the truth."""
        for params, answer in answers:
            self._check(params.query, answer, respond(fresh, params))

    def _check(self, question: str, answer: HitsAnswer, expected: HitsAnswer) -> None:
        assert answer.state is not None
        says_so = answer.state.changed != 0 or not answer.state.whole or answer.indexing is not None
        self.said += says_so
        same = (answer.unknown is None) == (expected.unknown is None)
        if question.startswith('"'):  # all that has the phrase; the order without it depends on scores
            same = same and _places(answer) == _places(expected)
        if not same and not says_so:
            self.wrong.append(f"{question}: {_places(answer)} and not {_places(expected)}")

    def _check_bodies(self, question: str, answer: HitsAnswer) -> None:
        for hit in answer.hits:
            is_open = any(hit.path in buffers for buffers in self.buffers)
            text = self.truth(hit.path) if hit.source == "buffer" else _read(self.root / hit.path)
            lines = (text or "").split("\n")[hit.start_line - 1 : hit.end_line]
            if hit.text.rstrip("\n") != "\n".join(lines).rstrip("\n") or (hit.source == "buffer") > is_open:
                self.wrong.append(f"{question}: {hit.source} {hit.path}:{hit.start_line}: {hit.text[:200]!r}")


def _read(place: Path) -> str | None:
    return place.read_text() if place.is_file() else None


def _places(answer: HitsAnswer) -> set[Place]:
    return {(hit.path, hit.start_line, hit.end_line, hit.symbol, hit.text) for hit in answer.hits}


@contextmanager
def fresh_index(world: World, place: Path) -> Iterator[QueryContext]:
    """An index, made from nothing, of the files as the editors see them."""
    shutil.rmtree(place, ignore_errors=True)
    for path in world.paths():
        text = world.truth(path)
        if text is not None:
            (place / "root" / path).parent.mkdir(parents=True, exist_ok=True)
            (place / "root" / path).write_text(text)
    (place / "root").mkdir(parents=True, exist_ok=True)
    with Index.open(place / "root", config(place / "home")) as index:
        ensure(index)
        with closing(QueryContext(index, SearchConfig())) as context:
            yield context


def test_no_answer_is_wrong_in_silence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    scale: Callable[[int, int], int],
    measured: Callable[[str], object],
    soak: bool,
) -> None:
    """Edits, buffers, renames and branch switches; compared with a fresh index after every tenth."""
    steps, settled = scale(40, FULL_STEPS), scale(1, 100)
    dice = random.Random(20)
    isolate(monkeypatch, tmp_path / "user")
    repository(tmp_path / "root", {"README.md": "# Bread\n"})
    with site(tmp_path, {}, monkeypatch) as place:
        clients = [place.client() for _ in range(4)]
        world = World(place, clients, dice)
        for _ in range(FILES):
            world.create()
        git(place.cli.folder, "add", "-A")
        git(place.cli.folder, "commit", "-qm", "first")
        git(place.cli.folder, "branch", "-M", "main")
        git(place.cli.folder, "branch", "side")
        clients[0].request("reindex")
        stale = rested = 0
        seen: list[float] = []
        for step in range(1, steps + 1):
            world.step()
            if step % 10 == 0:
                answers = world.ask()
                with fresh_index(world, tmp_path / "fresh") as fresh:
                    world.compare(answers, fresh)
                seen.append(_visible_after(world))
            if step % max(steps // settled, 1) == 0:
                time.sleep(SETTLED_SECONDS)
                for number in range(10):
                    answer = clients[number % 4].request("search", {"query": dice.choice(world.names)})
                    rested += 1
                    stale += answer["state"]["changed"] != 0 or not answer["state"]["whole"]
            assert world.wrong == []
        for client in clients:
            client.close()
        stop(place.key)
    seen.sort()
    measured(f"{steps} changes, {world.asked} answers compared, {world.said} said that something is stale")
    measured(f"{stale} of {rested} answers {SETTLED_SECONDS:g} s after the last change said so")
    measured(f"a buffer is found by another client after {seen[len(seen) // 2]:.3f} s (median)")
    assert not soak or stale < 0.01 * rested


def _visible_after(world: World) -> float:
    """The seconds from a change of a buffer until another client finds it."""
    path = "src/seen.py"
    code = world.function()
    world.buffers[0][path] = code
    world.newest[path] = 0
    name = world.names[-1]
    started = time.monotonic()
    world.editors[0].request("buffers", {"texts": {path: code}})

    def found() -> bool:
        hits: list[dict[str, Any]] = world.clients[3].request("search", {"query": f'"def {name}("'})["hits"]
        return any(hit["path"] == path for hit in hits)

    until(found, pause=0.005)
    return time.monotonic() - started


def test_what_is_typed_in_an_editor_is_found_elsewhere(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    scale: Callable[[int, int], int],
    measured: Callable[[str], object],
    soak: bool,
) -> None:
    """By a client of the host, from each change on, also after the host was killed; until it is closed."""
    isolate(monkeypatch, tmp_path / "user")
    with site(tmp_path, {"src/a.py": "def first(a):\n    return a\n"}, monkeypatch) as place:
        wire = Wire(place.cli)
        try:
            wire.initialize(place.cli.folder)
            wire.command("cornea.reindex", {})
            uri = (place.cli.folder / "src/a.py").as_uri()
            wire.open(uri, "def first(a):\n    return a\n")
            agent = place.client()
            seen = []
            for number in range(scale(4, 200)):
                time.sleep(0.1)
                text = f"def typed{number}(a):\n    return a\n"
                started = time.monotonic()
                wire.notify(
                    "textDocument/didChange",
                    {"textDocument": {"uri": uri, "version": number + 2}, "contentChanges": [{"text": text}]},
                )
                until(lambda n=number: _sources(agent, f"typed{n}") == {"buffer"}, pause=0.005)
                seen.append(time.monotonic() - started)
            last = f"typed{len(seen) - 1}"
            place.process().kill()
            until(lambda: wire.symbols(last))
            assert _sources(agent, last) == {"buffer"}
            wire.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
            until(lambda: not _sources(agent, last))
            assert _sources(agent, "first") == {"disk"}
            agent.close()
            assert wire.leave() == 0
        finally:
            wire.close()
    seen.sort()
    measured(f"{len(seen)} changes in an editor, found by another client after")
    measured(f"{seen[len(seen) // 2]:.3f} s (median), {seen[-1]:.3f} s (at most)")
    assert not soak or seen[len(seen) // 2] < 0.15


def _sources(client: Client, name: str) -> set[str]:
    """Where a function with this name is found."""
    answer = client.request("search", {"query": f'"def {name}("'})
    return {hit["source"] for hit in answer["hits"]}
