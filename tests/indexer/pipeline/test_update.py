"""Updates: only what is new, changed, renamed or gone is done."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from indexer import pipeline
from indexer.analysis import worker_pool
from indexer.fragment import Skipped, SourceFile
from indexer.index.catalog import folder_of
from indexer.index.index import Index
from indexer.index.manifest import Manifest
from indexer.parsing import secrets
from indexer.pipeline import update
from indexer.skip_reason import SkipKind, SkipReason
from tests.indexes import GO, PYTHON, config, contents, is_as_fresh, paths, refresh
from tests.repositories import write

from .runs import FILES, HOUR, age, numbers


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
        assert pipeline._changes(index.manifest, index.quarantine, files, 0).refresh == []


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
    assert report.skipped == (Skipped("post.go", SkipReason(SkipKind.BINARY)),)
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
    assert refresh(root, home).skipped == (Skipped("data", SkipReason(SkipKind.BINARY)),)
    analysed.clear()
    report = refresh(root, home)
    assert (numbers(report), report.skipped, analysed) == ({"unchanged": 4}, (), [])
    with Index.open(root, config(home)) as index:
        assert list(index.manifest.skipped()) == [Skipped("data", SkipReason(SkipKind.BINARY))]
    (root / "data").unlink()
    assert numbers(refresh(root, home)) == {"unchanged": 3}
    with Index.open(root, config(home)) as index:
        assert list(index.manifest.skipped()) == []


def test_a_file_deleted_while_it_is_read_is_no_trouble(
    root: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was there for the walk and is gone for the worker: as if it had been gone before."""
    refresh(root, home)
    run = worker_pool.WorkerPool.run

    def late(pool: worker_pool.WorkerPool, files: Sequence[SourceFile]) -> object:
        for name in ("bakery.py", "young.py"):
            (root / name).unlink()
        return run(pool, files)

    write(root, {"bakery.py": PYTHON + "x = 1\n", "young.py": "y = 2\n"})
    with monkeypatch.context() as patch:
        patch.setattr(worker_pool.WorkerPool, "run", late)
        report = refresh(root, home)
    assert (numbers(report), report.skipped) == ({"removed": 1, "unchanged": 2}, ())
    assert paths(root, home) == {"post.go", "docs/notes.txt"}
    assert numbers(refresh(root, home)) == {"unchanged": 2}


def test_a_file_changed_while_it_is_read_is_read_again(
    root: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the worker saw, the next run sees what is there in the end."""
    run = worker_pool.WorkerPool.run

    def meanwhile(pool: worker_pool.WorkerPool, files: Sequence[SourceFile]) -> object:
        for result in run(pool, files):
            (root / "bakery.py").write_text(PYTHON.replace("knead", "scone"))
            yield result

    with monkeypatch.context() as patch:
        patch.setattr(worker_pool.WorkerPool, "run", meanwhile)
        refresh(root, home)
    refresh(root, home)
    assert is_as_fresh(root, home, home / "fresh")


def test_files_from_the_cache_are_searched_for_secrets_only_if_they_had_some(
    root: Path, home: Path, analysed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cache says which had none. In the others, the secrets are redacted as before."""
    key = "".join(("gh", "p_", "x7Kq9Zr2Lm4Vt8Wb1Nc6Yd3Hf5Jg0Ps7QaRu"))
    write(root, {"src/keys.py": f"def connect():\n    return open_session({key!r})\n"})
    refresh(root, home)
    before = contents(root, home)
    assert key not in repr(before)
    shutil.rmtree(folder_of(root, home))
    analysed.clear()
    searched: list[str] = []
    redact = secrets.redact

    def note(text: bytes, path: str = "") -> tuple[bytes, list[secrets.Secret]]:
        searched.append(path)
        return redact(text, path)

    monkeypatch.setattr(secrets, "redact", note)
    refresh(root, home)
    assert (analysed, searched) == ([], ["src/keys.py"])
    assert contents(root, home) == before
