"""Questions while another process indexes: answered at once, from what is there, with how much that is."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from cornea.context import load
from cornea.hosting import place_of
from indexer.index.index import Index
from indexer.pipeline import Progress, update
from retrieval.host import interim
from retrieval.host.address import read_note
from retrieval.host.client import Client
from tests.e2e.cli import Cli
from tests.hosts import Site, site, until
from tests.support.schemas import validate
from tests.support.waiting import LIMIT

MANY = 40
FUNCTIONS = 60
FILES: dict[str, str | bytes] = {
    f"src/m{n:02}.py": "".join(
        f"def bake_{n}_{k}(loaf):\n    '''Bake loaf {n} in oven {k}.'''\n    return loaf + {k}\n\n\n"
        for k in range(FUNCTIONS)
    )
    for n in range(MANY)
}
PART = 30
"""Files that are done when the update is made to wait: enough that some are in the store."""


@pytest.fixture
def bakery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with site(tmp_path, FILES, monkeypatch) as made:
        yield made


@contextmanager
def half_indexed(bakery: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """This process indexes, and waits in the middle until the callable is called; then it goes on."""
    monkeypatch.setattr(interim, "START_SECONDS", 0.0)
    context = load(bakery.cli.folder)
    reached, go = threading.Event(), threading.Event()
    failures: list[BaseException] = []

    def observe(progress: Progress) -> None:
        if progress.done == PART:
            reached.set()
            assert go.wait(LIMIT)

    def work() -> None:
        try:
            with (
                Index.open(context.root, context.config) as index,
                interim.serve_during_update(index, context.search, place_of(context), observe, print) as told,
            ):
                update(index, told)
        except BaseException as error:
            failures.append(error)
            raise
        finally:
            reached.set()

    thread = threading.Thread(target=work)
    thread.start()

    def released() -> None:
        go.set()
        thread.join()

    try:
        assert reached.wait(LIMIT)
        assert not failures
        until(lambda: read_note(context.folder))
        yield released
    finally:
        released()
    assert not failures


def test_a_first_index(bakery: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command that asks is answered, with and without --no-refresh, and says how much there is."""
    cli = bakery.cli
    (cli.folder / "issue.md").write_text("bake_3_7 burns the loaf\n")
    with half_indexed(bakery, monkeypatch):
        said = f"indexing: {PART} of {MANY + 1} files; answers come from these files"
        counts = {"done": PART, "total": MANY + 1}
        for command in (
            ["search", "--json", "--no-refresh", "bake loaf"],
            ["search", "--json", "bake loaf"],
            ["similar", "--json", "--no-refresh", "src/m00.py:3"],
            ["continue", "--json", "src/m00.py:3"],
            ["locate", "--json", "issue.md"],
        ):
            done = cli(*command)
            assert done.code in (0, 1), (command, done.err)
            assert said in done.err, (command, done.err)
            assert json.loads(done.out)["indexing"] == counts, command
            assert command[0] != "search" or json.loads(done.out)["results"]
        batch = cli("search", "--batch", "-", stdin='{"id": 1, "query": "a"}\n{"id": 2, "query": "bake"}\n')
        assert batch.err.count("indexing:") == 1
        assert [json.loads(line)["indexing"] for line in batch.out.splitlines()] == [counts, counts]
        status = cli("status", "--json")
        assert json.loads(status.out)["indexing"] == counts
        assert "searches work meanwhile" in cli("status").out
    whole = cli("search", "--json", f"bake_{MANY - 1}_7")
    assert "indexing" not in json.loads(whole.out)
    assert "indexing:" not in whole.err
    assert json.loads(whole.out)["results"][0]["path"] == f"src/m{MANY - 1}.py"
    assert json.loads(cli("status", "--json").out)["indexing"] is None


def test_a_later_update(bakery: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was indexed before is found as ever."""
    assert bakery.cli("index").code == 0
    for path in FILES:
        with (bakery.cli.folder / path).open("a") as file:
            file.write("# changed\n")
    with half_indexed(bakery, monkeypatch):
        done = bakery.cli("search", "--json", f"bake_{MANY - 1}_7")
        assert json.loads(done.out)["results"][0]["path"] == f"src/m{MANY - 1}.py"
        assert f"indexing: {PART} of {MANY} new and changed files" in done.err


def test_who_wants_to_index_too(bakery: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits for the end, then looks itself for what changed meanwhile."""
    cli = bakery.cli
    with half_indexed(bakery, monkeypatch) as go_on:
        second = subprocess.Popen(
            cli.command("index", "--json"), cwd=cli.folder, env=cli.environment(),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        with Client.connect(bakery.key) or pytest.fail("nobody answers") as client:
            until(lambda: client.request("status")["clients"] > 1)
        (cli.folder / "late.py").write_text("def late():\n    return 1\n")
        go_on()
        out, said = second.communicate(timeout=LIMIT)
    assert second.returncode == 0, said
    validate("commands/index", json.loads(out))
    assert json.loads(out)["added"] == 1
    assert json.loads(out)["unchanged"] == MANY


def test_it_is_no_host(bakery: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """`host stop`, `clear` and other settings do not end it: it would be killed in the middle of its work."""
    cli = bakery.cli
    impatient = {"CORNEA_STORE_WAIT_SECONDS": "1"}
    with half_indexed(bakery, monkeypatch):
        assert cli("host", "stop").code == 1
        cleared = cli("clear", "--yes", env=impatient)
        assert cleared.code == 2
        assert "held by process" in cleared.err
        other = cli("search", "bake loaf", env={"CORNEA_SEARCH_RERANKER": "none"})
        assert other.code == 0
        assert "other settings" in other.err
        shown = cli("host", "status")
        assert f"{PART} of {MANY} files" in shown.out
    assert read_note(bakery.key.folder) is None
    assert not list(bakery.key.folder.glob("host*.sock"))
    assert "damaged" not in cli("search", "bake loaf").err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 130)])
def test_an_end_in_the_middle(
    bakery: Site, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, code: int
) -> None:
    """The next command indexes the rest itself, and nothing that the dead process left is in its way."""
    cli = bakery.cli
    held = (
        "import sys, threading\n"
        "from retrieval.host import interim\n"
        "from cornea.presentation import progress\n"
        "from cornea.cli import run\n"
        "interim.START_SECONDS = 0.0\n"
        f"progress._ignore = lambda seen: seen.done == {PART} and threading.Event().wait(600)\n"
        "raise SystemExit(run(sys.argv[1:]))\n"
    )
    command = [cli.command()[0], "-c", held, "index"]
    with subprocess.Popen(
        command, cwd=cli.folder, env=cli.environment(), stderr=subprocess.PIPE, text=True
    ) as indexing:
        try:
            until(lambda: _done(cli) == PART, pause=0.5)
            assert "indexing:" in cli("search", "--no-refresh", "bake loaf").err
            workers = psutil.Process(indexing.pid).children()
            indexing.send_signal(number)
            _, said = indexing.communicate(timeout=LIMIT)
        finally:
            indexing.kill()
    assert indexing.returncode == code, said
    assert "Traceback" not in said
    assert psutil.wait_procs(workers, timeout=LIMIT)[1] == []
    done = cli("search", "--json", f"bake_{MANY - 1}_7")
    assert done.code == 0, done.err
    assert json.loads(done.out)["results"][0]["path"] == f"src/m{MANY - 1}.py"
    assert "indexing" not in json.loads(done.out)


def _done(cli: Cli) -> int:
    """How many files an update that runs has done, as `status` says."""
    found = json.loads(cli("status", "--json").out)["indexing"]
    return found["done"] if found else 0


def test_eight_searches_at_once(bakery: Site) -> None:
    """Without a host they take turns; each gets its answer, however long the others take together."""
    cli = bakery.cli
    assert cli("index").code == 0
    impatient = cli.environment({"CORNEA_STORE_WAIT_SECONDS": "20"})

    def asked(question: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            cli.command("search", "--json", question), cwd=cli.folder, env=impatient,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    searches = [asked(f"bake_{n}_7") for n in range(8)]
    for n, search in enumerate(searches):
        out, said = search.communicate(timeout=LIMIT)
        assert search.returncode == 0, said
        validate("commands/search", json.loads(out))
        assert json.loads(out)["results"][0]["path"] == f"src/m{n:02}.py"
