"""Updates: only what changed is done again, what was cut off is completed, and the numbers are right."""

from __future__ import annotations

import gc
import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

from indexer import pipeline, workers, writer
from indexer.catalog import folder_of
from indexer.errors import UsageError
from indexer.fragment import Skipped, SourceFile
from indexer.index import Index
from indexer.manifest import Manifest
from indexer.pipeline import Progress, Report, ensure, update
from indexer.store import DENSE, EVERYTHING, Filter, Leg, Match
from tests.indexes import GO, PYTHON, answers, config, contents, is_as_fresh, paths, refresh
from tests.repositories import git, isolate, repository, write

FILES: dict[str, str | bytes] = {"bakery.py": PYTHON, "post.go": GO, "docs/notes.txt": "flour and water\n"}
HOUR = 3_600_000_000_000


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three files, written an hour ago, so that their times can be trusted."""
    isolate(monkeypatch, tmp_path / "user")
    return age(write(tmp_path / "root", FILES))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def analysed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that are handed to the workers from now on."""
    seen: list[str] = []
    run = workers.Pool.run

    def note(pool: workers.Pool, files: Sequence[SourceFile]) -> object:
        seen.extend(file.path for file in files)
        return run(pool, files)

    monkeypatch.setattr(workers.Pool, "run", note)
    return seen


def age(root: Path, by: int = HOUR) -> Path:
    """Make all files older."""
    for path in root.rglob("*"):
        if path.is_file() and not path.is_symlink():
            then = path.stat().st_mtime_ns - by
            os.utime(path, ns=(then, then))
    return root


def numbers(report: Report) -> dict[str, int]:
    """What is not zero of: added, changed, renamed, removed, unchanged."""
    fields = ("added", "changed", "renamed", "removed", "unchanged")
    return {name: getattr(report, name) for name in fields if getattr(report, name)}


def test_the_first_run_indexes_everything(root: Path, home: Path) -> None:
    """Each file by its fragments and a point of its own; the report and the manifest count alike."""
    report = refresh(root, home)
    assert numbers(report) == {"added": 3}
    assert (report.functions, report.skipped, report.remarks) == (3, (), ())
    points = contents(root, home)
    assert len(points) == report.fragments + 3
    assert sorted(p["symbol"] for p in points.values() if p["kind"] in ("function", "method")) == [
        "Deliver",
        "Oven.bake",
        "knead",
    ]
    assert str(root) not in repr(points), "no local paths in what may go to a server"
    assert report.seconds > 0
    manifest = Manifest(folder_of(root, home) / "manifest.sqlite3")
    assert sum(files for files, _, _ in manifest.totals().values()) == 3
    assert sum(fragments for _, fragments, _ in manifest.totals().values()) == report.fragments
    manifest.close()


def test_a_run_with_nothing_to_do_does_nothing(root: Path, home: Path, analysed: list[str]) -> None:
    """No worker, no model, no store is needed to find that out."""
    refresh(root, home)
    analysed.clear()
    with Index.open(root, config(home)) as index:
        assert numbers(update(index)) == {"unchanged": 3}
        assert (index._store, index._encoder) == (None, None)
    assert analysed == []


def test_only_what_changed_is_done_again(root: Path, home: Path, analysed: list[str]) -> None:
    """Added, changed, deleted: the index is the same as a fresh one."""
    refresh(root, home)
    analysed.clear()
    (root / "bakery.py").write_text(PYTHON.replace("def knead", "def fold"))
    (root / "post.go").unlink()
    write(root, {"new/mill.py": "def grind(corn):\n    return corn\n"})
    assert numbers(refresh(root, home)) == {"added": 1, "changed": 1, "removed": 1, "unchanged": 1}
    assert sorted(analysed) == ["bakery.py", "new/mill.py"]
    assert "post.go" not in paths(root, home)
    assert not any(p.get("symbol") == "knead" for p in contents(root, home).values())
    assert is_as_fresh(root, home, home / "fresh")


def test_a_renamed_file_is_known_as_such(root: Path, home: Path) -> None:
    """Same content, other path: added, removed, and counted as renamed."""
    refresh(root, home)
    (root / "bakery.py").rename(root / "bäckerei.py")
    assert numbers(refresh(root, home)) == {"added": 1, "removed": 1, "renamed": 1, "unchanged": 2}
    assert paths(root, home) == {"bäckerei.py", "post.go", "docs/notes.txt"}


def test_a_file_becomes_a_folder_and_back(root: Path, home: Path) -> None:
    """Neither leaves points of the other behind."""
    refresh(root, home)
    (root / "post.go").unlink()
    write(root, {"post.go/inner.go": GO})
    refresh(root, home)
    assert paths(root, home) == {"bakery.py", "docs/notes.txt", "post.go/inner.go"}
    shutil.rmtree(root / "post.go")
    write(root, {"post.go": GO})
    refresh(root, home)
    assert is_as_fresh(root, home, home / "fresh")


def test_a_touched_file_is_not_parsed_again(root: Path, home: Path, analysed: list[str]) -> None:
    """Its content is compared once; the run after next does not even do that."""
    refresh(root, home)
    analysed.clear()
    age(root, -HOUR // 2)
    assert numbers(refresh(root, home)) == {"unchanged": 3}
    assert analysed == []
    with Index.open(root, config(home)) as index:
        files = [f for f in pipeline.walk(root) if isinstance(f, SourceFile)]
        assert pipeline._plan(index.manifest, files).refresh == ()


def test_an_edit_of_the_same_size_at_the_same_time_is_noticed(root: Path, home: Path) -> None:
    """Two writes within a tick of the clock, one of them read: size and time are as they were."""
    place = root / "bakery.py"
    tick = time.time_ns() + 5_000_000_000  # a tick that is not over when the file is read
    os.utime(place, ns=(tick, tick))
    refresh(root, home)
    place.write_text(PYTHON.replace("knead", "scone"))
    os.utime(place, ns=(tick, tick))
    assert numbers(refresh(root, home)) == {"changed": 1, "unchanged": 2}
    assert any(p.get("symbol") == "scone" for p in contents(root, home).values())


@pytest.mark.parametrize("days", [-400, 400])
def test_clocks_that_are_wrong_cost_only_time(root: Path, home: Path, days: int) -> None:
    """Files from the future, and a clock that was set back after indexing: every change is noticed."""
    age(root, days * 24 * HOUR)
    refresh(root, home)
    assert numbers(refresh(root, home)) == {"unchanged": 3}
    (root / "post.go").write_text(GO + "// more\n")
    age(root, 400 * 24 * HOUR)
    assert numbers(refresh(root, home)) == {"changed": 1, "unchanged": 2}


def test_a_file_that_becomes_unfit_loses_its_points(root: Path, home: Path) -> None:
    """Text that turns binary, too large or ignored is in no answer any more; and comes back when it can."""
    refresh(root, home)
    (root / "post.go").write_bytes(b"\x7fELF\0\0\0")
    report = refresh(root, home)
    assert numbers(report) == {"removed": 1, "unchanged": 2}
    assert report.skipped == (Skipped("post.go", "binary"),)
    assert paths(root, home) == {"bakery.py", "docs/notes.txt"}
    (root / "bakery.py").write_text("x = 1\n" * 200_000)
    (root / ".corneaignore").write_text("docs/\n")
    report = refresh(root, home)
    assert (report.removed, paths(root, home) - {".corneaignore"}) == (2, set())
    (root / ".corneaignore").unlink()
    write(root, FILES)
    refresh(root, home)
    assert is_as_fresh(root, home, home / "fresh")


def test_a_skipped_file_is_remembered(root: Path, home: Path, analysed: list[str]) -> None:
    """With its reason, and it is not read again while it stays as it is; when it goes, so does its row."""
    (root / "data").write_bytes(b"\0\1" * 50)
    age(root)
    assert refresh(root, home).skipped == (Skipped("data", "binary"),)
    analysed.clear()
    report = refresh(root, home)
    assert (numbers(report), report.skipped, analysed) == ({"unchanged": 4}, (), [])
    with Index.open(root, config(home)) as index:
        assert list(index.manifest.skipped()) == [("data", "binary")]
    (root / "data").unlink()
    assert numbers(refresh(root, home)) == {"unchanged": 3}
    with Index.open(root, config(home)) as index:
        assert list(index.manifest.skipped()) == []


def test_a_file_deleted_while_it_is_read_is_no_trouble(
    root: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was there for the walk and is gone for the worker: as if it had been gone before."""
    refresh(root, home)
    run = workers.Pool.run

    def late(pool: workers.Pool, files: Sequence[SourceFile]) -> object:
        for name in ("bakery.py", "young.py"):
            (root / name).unlink()
        return run(pool, files)

    write(root, {"bakery.py": PYTHON + "x = 1\n", "young.py": "y = 2\n"})
    with monkeypatch.context() as patch:
        patch.setattr(workers.Pool, "run", late)
        report = refresh(root, home)
    assert (numbers(report), report.skipped) == ({"removed": 1, "unchanged": 2}, ())
    assert paths(root, home) == {"post.go", "docs/notes.txt"}
    assert numbers(refresh(root, home)) == {"unchanged": 2}


def test_a_file_changed_while_it_is_read_is_read_again(
    root: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the worker saw, the next run sees what is there in the end."""
    run = workers.Pool.run

    def meanwhile(pool: workers.Pool, files: Sequence[SourceFile]) -> object:
        for result in run(pool, files):
            (root / "bakery.py").write_text(PYTHON.replace("knead", "scone"))
            yield result

    with monkeypatch.context() as patch:
        patch.setattr(workers.Pool, "run", meanwhile)
        refresh(root, home)
    refresh(root, home)
    assert is_as_fresh(root, home, home / "fresh")


def test_settings_that_decide_about_content(root: Path, home: Path) -> None:
    """Other languages or another size limit: every file is looked at again, and what no longer fits goes."""
    refresh(root, home)
    report = refresh(root, home, languages=("go",))
    assert paths_of(root, home, languages=("go",)) == {"post.go"}
    assert (report.changed, report.removed) == (1, 2)
    assert {s.reason for s in report.skipped} == {
        "language python is not among [index] languages",
        "language text is not among [index] languages",
    }
    assert numbers(refresh(root, home, languages=("go",))) == {"unchanged": 3}
    assert numbers(refresh(root, home)) == {"added": 2, "changed": 1}
    assert is_as_fresh(root, home, home / "fresh")


def paths_of(root: Path, home: Path, languages: tuple[str, ...]) -> set[str]:
    return {payload["path"] for payload in contents(root, home, languages=languages).values()}


def test_very_many_files_want_a_yes(root: Path, home: Path) -> None:
    """Only the first time; nothing is indexed without it."""
    with Index.open(root, config(home, max_files=2)) as index:
        with pytest.raises(UsageError, match="3 files to index; name a smaller folder"):
            update(index)
        with pytest.raises(UsageError):
            update(index, allow=lambda files: files < 3)
        assert index.manifest.entries() == {}
        assert update(index, allow=lambda files: files == 3).added == 3
        assert update(index).unchanged == 3


def test_rebuild_starts_from_nothing(root: Path, home: Path) -> None:
    """Everything is added again, without a remark: it was asked for."""
    refresh(root, home)
    with Index.open(root, config(home)) as index:
        report = update(index, rebuild=True)
    assert (numbers(report), report.remarks) == ({"added": 3}, ())
    assert is_as_fresh(root, home, home / "fresh")


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


def interrupt_after(done: int) -> Callable[[Progress], None]:
    def observe(progress: Progress) -> None:
        if progress.done == done:
            raise KeyboardInterrupt

    return observe


@pytest.mark.parametrize("first", [True, False], ids=["first run", "all files changed"])
def test_ctrl_c_keeps_what_was_done(
    root: Path, home: Path, monkeypatch: pytest.MonkeyPatch, analysed: list[str], first: bool
) -> None:
    """The index can be used at once, and the next run does only what is missing."""
    monkeypatch.setattr(writer, "BATCH_FILES", 10)
    files: dict[str, str | bytes] = {f"m{n:02}.py": f"def f{n}():\n    return {n}\n" for n in range(40)}
    write(root, files)
    if not first:
        refresh(root, home)
        write(root, {path: f"# changed\n{text}" for path, text in files.items()})
    with Index.open(root, config(home)) as index:
        with pytest.raises(KeyboardInterrupt):
            update(index, interrupt_after(25))
        assert psutil.Process().children() == []
        assert index.store.count(EVERYTHING) > 0, "usable at once"
    analysed.clear()
    refresh(root, home)
    assert len(analysed) == (43 if first else 40) - 25
    assert is_as_fresh(root, home, home / "fresh")


STEPS = ["begin", "upsert", "delete", "flush", "record", "after"]


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
        target = index.manifest if step in ("begin", "record") else index.store
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

    def rounds(openings: int, updates: int) -> tuple[int, int, int]:
        for _ in range(openings):
            with Index.open(root, config(home)) as index:
                for _ in range(updates):
                    (root / "post.go").write_text(f"{GO}// {time.time_ns()}\n")
                    assert ensure(index).changed == 1
        gc.collect()
        time.sleep(0.2)  # the engine's threads end a little after it
        return len(me.children()), me.num_threads(), me.num_fds()

    refresh(root, home)
    before = rounds(1, 1)
    after = rounds(2, 3)
    assert before[0] == after[0] == 0
    assert after[1] <= before[1]
    assert after[2] <= before[2]


def test_large_files_do_not_pile_up(root: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches end by points, not by files: a hundred large files are written in many steps."""
    monkeypatch.setattr(writer, "BATCH_POINTS", 2_000)
    write(root, {f"big{n}.txt": "some words here\n" * 20_000 for n in range(6)})
    flushed = []
    with Index.open(root, config(home)) as index:
        record = index.manifest.record
        index.manifest.record = lambda entries, removed=(): (  # type: ignore[method-assign]
            flushed.append(sum(e.fragments for e in entries)),
            record(entries, removed),
        )[1]
        report = update(index)
    assert len(flushed) > 1
    assert max(flushed) < writer.BATCH_POINTS + report.fragments / 6 + 1


class Spelling:
    """An encoder that cannot be loaded in a worker: a vector of letter counts."""

    dim = 32
    fingerprint = "spelling-1"
    parallel = False

    def documents(self, texts: Sequence[str], titles: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), self.dim), np.float32)
        for row, (text, title) in zip(rows, zip(texts, titles, strict=True), strict=True):
            for letter in (text + title).lower():
                row[ord(letter) % self.dim] += letter.isalpha()
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)

    def query(self, text: str) -> NDArray[np.float32]:
        row: NDArray[np.float32] = self.documents([text], [""])[0]
        return row


def test_an_encoder_that_is_not_parallel_works_in_the_parent(
    root: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every fragment gets its vector; a text without words and the file's own point get none."""
    monkeypatch.setattr("indexer.embedding.load", lambda model, download=False: Spelling())
    monkeypatch.setattr(writer, "_ENCODE", 2)
    write(root, {"dots.txt": "...\n"})
    with Index.open(root, config(home, model="spelling")) as index:
        report = update(index)
        leg = Leg(index.encoder.query("knead the dough"), DENSE, 100)
        found = {point.id for point in index.store.query([leg])[0]}
        records = list(index.store.scroll(EVERYTHING))
    assert report.added == 4
    fragments = {r.id for r in records if r.payload["kind"] != "file"}
    assert found <= fragments
    assert len(fragments) - len(found) <= 1


def test_a_server_is_filled_like_an_embedded_index(root: Path, home: Path) -> None:
    """The same points arrive; changed and deleted files are heard of; nobody else's are touched."""
    whole = config(home, store_url=":memory:")
    with Index.open(root, whole) as index:
        assert numbers(update(index)) == {"added": 3}
        embedded = home / "embedded"
        refresh(root, embedded)
        assert {r.id: r.payload for r in index.store.scroll(EVERYTHING)} == contents(root, embedded)
        (root / "post.go").unlink()
        (root / "bakery.py").write_text(PYTHON + "\ndone = True\n")
        assert numbers(update(index)) == {"changed": 1, "removed": 1, "unchanged": 1}
        refresh(root, embedded)
        assert {r.id: r.payload for r in index.store.scroll(EVERYTHING)} == contents(root, embedded)
        assert index.store.count(Filter((Match("path", ("post.go",)),))) == 0
    # The double forgets when it is closed: points that the manifest lists are gone.
    report = refresh(root, home, store_url=":memory:")
    assert "the store has 0 points" in report.remarks[0]
    assert report.added == 2


def test_git_decides_what_belongs(root: Path, home: Path) -> None:
    """In a repository: ignored files stay out, also those that are ignored only later."""
    repository(root)
    refresh(root, home)
    assert paths(root, home) == set(FILES)
    (root / ".gitignore").write_text("*.txt\n")
    report = refresh(root, home)
    assert report.removed == 1
    git(root, "add", "-f", "docs/notes.txt")
    assert "docs/notes.txt" in paths_after(root, home), "tracked files win"


def paths_after(root: Path, home: Path) -> set[str]:
    refresh(root, home)
    return paths(root, home)


def test_questions_are_answered(root: Path, home: Path) -> None:
    """The whole path: what was indexed is found by words and by name."""
    refresh(root, home)
    by_words, by_name = answers(root, home, "fold the dough again", "Oven.bake")
    assert by_words[0][:3] == ("bakery.py", 13, "knead")
    assert by_name[0][2] == "Oven.bake"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_names_that_are_no_text(root: Path, home: Path) -> None:
    """A name in bytes that are not UTF-8 is indexed, and changed and deleted like any other."""
    place = Path(os.fsdecode(os.fsencode(root) + b"/caf\xe9.py"))
    place.write_text("def espresso():\n    return 1\n")
    refresh(root, home)
    assert "caf\\xe9.py" in paths(root, home)
    place.write_text("def lungo():\n    return 2\n")
    assert numbers(refresh(root, home)) == {"changed": 1, "unchanged": 3}
    place.unlink()
    assert numbers(refresh(root, home)) == {"removed": 1, "unchanged": 3}
