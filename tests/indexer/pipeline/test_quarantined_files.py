"""Files that killed their workers: left out also by a rebuild, and tried again when that may help."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from indexer.analysis import worker_pool
from indexer.fragment import SourceFile
from indexer.index.index import Index
from indexer.index.writer import Report
from indexer.parsing.source import digest_of
from indexer.pipeline import update
from indexer.quarantine import Suspect
from indexer.skip_reason import SkipKind, SkipReason
from tests.indexes import config, refresh
from tests.repositories import write

STUB = """
import os
from pathlib import Path
from indexer.analysis import worker
real = worker.analyse
def analyse(file, *rest):
    once = file.path == "once.py" and not Path({log!r}).read_text()
    if once or (file.path == "crash.py" and "hemlock" in file.location.read_text()):
        with Path({log!r}).open("a") as log:
            log.write("died\\n")
        os.abort()
    return real(file, *rest)
worker.analyse = analyse
worker.main()
"""


@pytest.fixture
def deaths(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with a line for each worker that died of `crash.py`."""
    log = tmp_path / "deaths"
    log.touch()
    monkeypatch.setattr(worker_pool, "_COMMAND", (sys.executable, "-P", "-c", STUB.format(log=str(log))))
    write(root, {"crash.py": "def hemlock():\n    return 1\n"})
    return log


def rebuild(root: Path, home: Path) -> Report:
    with Index.open(root, config(home)) as index:
        return update(index, rebuild=True)


def died(log: Path) -> int:
    return len(log.read_text().splitlines())


def test_a_rebuild_costs_no_more_workers(root: Path, home: Path, deaths: Path) -> None:
    """The quarantine outlives the manifest; a changed file is tried, and is then out of it."""
    assert [one.why.kind for one in refresh(root, home).skipped] == [SkipKind.KILLED_PARSER]
    assert died(deaths) == 2
    assert [one.reason for one in rebuild(root, home).skipped] == ["killed its parser (signal 6)"]
    assert died(deaths) == 2
    write(root, {"crash.py": "def parsley():\n    return 1\n"})
    assert refresh(root, home).added == 1
    with Index.open(root, config(home)) as index:
        assert index.quarantine.keys(Suspect.FILE) == set()
    assert died(deaths) == 2


def test_a_file_that_is_gone_is_out_of_the_list(root: Path, home: Path, deaths: Path) -> None:
    """It is not left out any more."""
    refresh(root, home)
    with Index.open(root, config(home)) as index:
        assert [one.path for one in index.quarantine.left_out()] == ["crash.py"]
    (root / "crash.py").unlink()
    refresh(root, home)
    with Index.open(root, config(home)) as index:
        assert list(index.quarantine.left_out()) == []


def test_it_is_tried_again_after_some_time(
    root: Path, home: Path, deaths: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the same content, too: the crash may have had another cause."""
    refresh(root, home)
    assert refresh(root, home).skipped == ()
    assert died(deaths) == 2
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + Suspect.FILE.seconds + 60)
    assert [one.path for one in refresh(root, home).skipped] == ["crash.py"]
    assert died(deaths) == 4


def test_a_death_that_does_not_recur_is_forgotten(root: Path, home: Path, deaths: Path) -> None:
    """The next death, perhaps much later and for another reason, is again the first."""
    (root / "crash.py").unlink()
    write(root, {"once.py": "def parsley():\n    return 1\n"})
    assert refresh(root, home).skipped == ()
    assert died(deaths) == 1
    with Index.open(root, config(home)) as index:
        assert index.quarantine.keys(Suspect.FILE) == set()


def test_crashes_of_the_writer_are_no_deaths_of_a_parser(root: Path, home: Path, deaths: Path) -> None:
    """All files of a batch have one of the writer; one death of a worker does not make the second."""
    (root / "crash.py").unlink()
    write(root, {"once.py": "def parsley():\n    return 1\n"})
    once = SourceFile("once.py", root / "once.py", (root / "once.py").stat().st_size, 0)
    with Index.open(root, config(home)) as index:
        why = SkipReason(SkipKind.KILLED_WRITER, "aborted")
        assert not index.quarantine.record(Suspect.WRITTEN, "once.py", why, digest_of(once))
    assert refresh(root, home).skipped == ()
    assert died(deaths) == 1
    with Index.open(root, config(home)) as index:
        assert index.quarantine.keys(Suspect.FILE) == index.quarantine.keys(Suspect.WRITTEN) == set()
