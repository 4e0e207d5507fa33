"""Runs that are cut off, or that go on for long: nothing is lost and nothing piles up."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from indexer.errors import Cancelled
from indexer.index import writer
from indexer.index.index import Index
from indexer.pipeline import Progress, ensure, update
from indexer.store import EVERYTHING
from tests.indexes import GO, PYTHON, config, is_as_fresh, refresh
from tests.repositories import write
from tests.support.waiting import LIMIT, until


def test_progress_is_told_after_every_file(root: Path, home: Path) -> None:
    """How many there are, how many are done, and the fragments so far."""
    steps: list[tuple[int, int]] = []
    last = Progress()

    def observe(progress: Progress) -> None:
        nonlocal last
        steps.append((progress.done, progress.total))
        last = progress

    with Index.open(root, config(home)) as index:
        report = update(index, observe)
    assert steps == [(1, 3), (2, 3), (3, 3)]
    assert last.fragments == report.fragments


def interrupt_after(done: int, error: type[BaseException]) -> Callable[[Progress], None]:
    def observe(progress: Progress) -> None:
        if progress.done == done:
            raise error

    return observe


@pytest.mark.parametrize(
    ("first", "error"),
    [(True, KeyboardInterrupt), (False, KeyboardInterrupt), (False, Cancelled)],
    ids=["first run", "all files changed", "cancelled by the observer"],
)
def test_an_end_in_the_middle_keeps_what_was_done(
    root: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    analysed: list[str],
    first: bool,
    error: type[BaseException],
) -> None:
    """The index can be used at once, and the next run does only what is missing."""
    monkeypatch.setattr(writer, "BATCH_FILES", 10)
    monkeypatch.setattr(writer, "BATCH_SECONDS", LIMIT)
    files: dict[str, str | bytes] = {f"m{n:02}.py": f"def f{n}():\n    return {n}\n" for n in range(40)}
    write(root, files)
    if not first:
        refresh(root, home)
        write(root, {path: f"# changed\n{text}" for path, text in files.items()})
    with Index.open(root, config(home)) as index:
        with pytest.raises(error):
            update(index, interrupt_after(25, error))
        assert psutil.Process().children() == []
        assert index.store.count(EVERYTHING) > 0, "usable at once"
    analysed.clear()
    refresh(root, home)
    assert len(analysed) == (43 if first else 40) - 25
    assert is_as_fresh(root, home, home / "fresh")


STEPS = ["mark_pending", "upsert", "delete", "flush", "record", "after"]


@pytest.mark.parametrize("step", STEPS)
def test_a_batch_cut_off_anywhere_is_completed(
    root: Path, home: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Between any two of its steps: the next run finds out and ends up with what a fresh index has."""
    refresh(root, home)
    write(root, {"bakery.py": PYTHON.replace("knead", "fold"), "new.py": "n = 1\n"})
    (root / "docs" / "notes.txt").unlink()

    def cut(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with Index.open(root, config(home)) as index, monkeypatch.context() as patch:
        target = index.manifest if step in ("mark_pending", "record") else index.store
        if step == "after":
            patch.setattr(writer.Writer, "finish", cut)
        else:
            patch.setattr(target, step, cut)
        with pytest.raises(KeyboardInterrupt):
            update(index)
    refresh(root, home)
    assert is_as_fresh(root, home, home / "fresh")


def test_many_updates_leak_nothing(root: Path, home: Path) -> None:
    """No process, thread or open file stays behind, within one opening of an index or over many."""
    me = psutil.Process()

    def rounds(openings: int, updates: int) -> None:
        for _ in range(openings):
            with Index.open(root, config(home)) as index:
                for _ in range(updates):
                    (root / "post.go").write_text(f"{GO}// {time.time_ns()}\n")
                    assert ensure(index).changed == 1
        gc.collect()

    refresh(root, home)
    rounds(1, 1)
    time.sleep(0.2)  # the engine's threads end a little after it: too early, and more would be allowed below
    threads, handles = me.num_threads(), me.num_fds()
    rounds(2, 3)
    until(lambda: me.num_threads() <= threads and me.num_fds() <= handles)
    assert me.children() == []


def test_large_files_do_not_pile_up(root: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches end by points, not by files: a hundred large files are written in many steps."""
    monkeypatch.setattr(writer, "BATCH_POINTS", 2_000)
    write(root, {f"big{n}.txt": "some words here\n" * 20_000 for n in range(6)})
    flushed = []
    with Index.open(root, config(home)) as index:
        record = index.manifest.record
        index.manifest.record = lambda entries, removed=(), written=0: (  # type: ignore[method-assign]
            flushed.append(sum(e.fragments for e in entries)),
            record(entries, removed, written),
        )[1]
        report = update(index)
    assert len(flushed) > 1
    assert max(flushed) < writer.BATCH_POINTS + report.fragments / 6 + 1
