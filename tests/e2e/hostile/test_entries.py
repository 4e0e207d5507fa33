"""Entries of a folder that are no ordinary files, or have no ordinary names."""

from __future__ import annotations

import os
import random
import socket
import threading
from pathlib import Path

import pytest

from indexer.analysis import worker_pool
from indexer.fragment import Skipped
from indexer.index.index import Index
from indexer.pipeline import ensure
from indexer.skip_reason import SkipKind, SkipReason
from tests.indexes import answers, child, config, is_as_fresh, paths, refresh, told
from tests.repositories import write
from tests.support.waiting import processor_seconds

from .place import Place


def test_what_is_no_file(place: Place) -> None:
    """Pipes that nobody fills, sockets, links in circles, out of the root, to nowhere: nothing waits."""
    secret = write(
        place.root.parent / "outside", {"secret.py": "def secret_of_the_neighbour():\n    return 1\n"}
    )
    os.mkfifo(place.root / "pipe.py")
    (place.root / "self.py").symlink_to("self.py")
    (place.root / "a").symlink_to("b")
    (place.root / "b").symlink_to("a")
    (place.root / "up").symlink_to("..")
    (place.root / "here").symlink_to(".")
    (place.root / "folder").symlink_to(secret)
    (place.root / "file.py").symlink_to(secret / "secret.py")
    (place.root / "nowhere.py").symlink_to("/nonexistent/x.py")
    (place.root / "zero.py").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(place.root)  # a socket's path may not be long
        try:
            listener.bind("socket.py")
        finally:
            os.chdir(here)
        report = place.index()
    assert report.added == 1
    assert place.found("secret_of_the_neighbour") in ("", "bakery.py")
    assert paths(place.root, place.home) == {"bakery.py"}


def test_a_file_that_turns_into_a_pipe_before_it_is_read(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The walk saw a file; the worker does not wait for a pipe."""
    run = worker_pool.WorkerPool.run
    victim = place.put("x.py", "x = 1\n")

    def late(pool: worker_pool.WorkerPool, files: object) -> object:
        victim.unlink()
        os.mkfifo(victim)
        return run(pool, files)  # type: ignore[arg-type]

    monkeypatch.setattr(worker_pool.WorkerPool, "run", late)
    assert place.index().skipped == (Skipped("x.py", SkipReason(SkipKind.NOT_REGULAR)),)


def test_what_may_not_be_read(place: Place) -> None:
    """A file and a folder without rights are left out with the reason, and indexed once they have them."""
    code = """
        import sys
        from pathlib import Path
        from tests.indexes import config
        from indexer.index.index import Index
        from indexer.pipeline import ensure
        root, home = map(Path, sys.argv[1:])
        def run():
            with Index.open(root, config(home)) as index:
                report = ensure(index)
                reasons = [s.reason for s in report.skipped]
                print(report.added, reasons, index.manifest.paths(), *report.remarks)
        run()
        run()
        (root / "secret.py").chmod(0o644)
        (root / "closed").chmod(0o755)
        run()
    """
    place.put("secret.py", "b = 2\n").chmod(0)
    place.put("closed/c.py", "c = 3\n").parent.chmod(0)
    try:
        first, second, third = told(child(code, place.root, place.home, powerless=True)).splitlines()
    finally:
        (place.root / "closed").chmod(0o755)
    closed = "closed/: unreadable: Permission denied; what is in it is left out of the index"
    assert first == f"1 ['unreadable: Permission denied'] ['bakery.py'] {closed}"
    assert second == f"0 [] ['bakery.py'] {closed}"
    assert third == "2 [] ['bakery.py', 'closed/c.py', 'secret.py']"


NAMES = (
    *(
        "with space.py",
        "new\nline.py",
        "tab\tand\rreturn.py",
        "quote'\".py",
        "back\\slash.py",
        "\x1b[31mred.py",
    ),
    *("-rf.py", "--help.py", "#.py", "~.py", "con.py", "%s%n.py", "a*b?[c].py"),
    *("$(touch ran).py", "`touch ran`.py", ";touch ran;.py"),
    *("\U0001f950 croissant.py", "日本語.py", "зима.py", "cafe\u0301.py", "caf\u00e9.py"),
    *("\u202egnp.py", "a\u200bb.py", "ﬁle.py", "é" * 120 + ".py", "deep/" * 60 + "x.py"),
)


def test_names(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is indexed, found by what is in it, changed and deleted under its own name; none is run."""
    monkeypatch.chdir(place.root)
    for n, name in enumerate(NAMES):
        place.put(name, f"def unmistakable{n}():\n    return {n}\n")
    assert place.index().added == len(NAMES) + 1
    questions = [f"unmistakable{n}" for n in range(len(NAMES))]
    assert [hits[0][0] for hits in answers(place.root, place.home, *questions)] == list(NAMES)
    assert not list(place.root.rglob("ran"))
    for name in NAMES[::2]:
        (place.root / name).unlink()
    for name in NAMES[1::2]:
        place.put(name, "changed = True\n")
    report = place.index()
    assert (report.removed, report.changed) == (len(NAMES[::2]), len(NAMES[1::2]))
    assert is_as_fresh(place.root, place.home, place.home / "fresh")


def test_twenty_thousand_files(place: Place) -> None:
    """In one folder: a first index in seconds of processor time, a run with nothing to do in much less."""
    for n in range(20_000):
        (place.root / f"f{n}.py").write_text(f"def f{n}():\n    return {n}\n")
    before = processor_seconds()
    assert place.index().added == 20_001
    between = processor_seconds()
    assert refresh(place.root, place.home).unchanged == 20_001
    again = processor_seconds() - between
    place.note("again", round(again, 2))
    assert again < (between - before) / 2


def test_a_folder_that_never_rests(place: Place) -> None:
    """Files come, change and go while they are indexed; once they rest, the index is right."""
    stop = threading.Event()

    def churn() -> None:
        dice = random.Random(3)
        while not stop.is_set():
            file = place.root / f"d{dice.randrange(4)}" / f"f{dice.randrange(30)}.py"
            if dice.random() < 0.4:
                file.unlink(missing_ok=True)
            else:
                file.parent.mkdir(exist_ok=True)
                file.write_text("def f():\n    return 1\n" * dice.randrange(1, 50))

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        with Index.open(place.root, config(place.home)) as index:
            for _ in range(4):
                ensure(index)
    finally:
        stop.set()
        thread.join()
    place.index()
    assert is_as_fresh(place.root, place.home, place.home / "fresh")
