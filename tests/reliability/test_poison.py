"""Files that cost a process: left out after one more try, with the reason; tried again when they change."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from indexer.analysis import worker
from indexer.errors import StoreError
from tests.hosts import site, until
from tests.indexes import child, is_as_fresh, refresh
from tests.repositories import isolate, write
from tests.support.waiting import LIMIT

FILES: dict[str, str | bytes] = {f"f{n}.py": f"def f{n}():\n    return {n}\n" for n in range(30)}
POISON = "def hemlock():\n    return 1\n"
DEADLY = """\
import os, signal, sys

if "indexer.analysis.worker" not in " ".join(sys.orig_argv):
    from indexer.store.edge import EdgeStore

    upsert = EdgeStore.upsert

    def deadly(self, points):
        points = list(points)
        if any("hemlock" in point.payload.get("symbol", "") for point in points):
            os.kill(os.getpid(), signal.SIGSEGV)
        return upsert(self, points)

    EdgeStore.upsert = deadly
"""
DEADLY_TO_READ = """\
import os, signal, sys

if "indexer.analysis.worker" not in " ".join(sys.orig_argv):
    from indexer.analysis import fragment_points
    from retrieval.continuation.continuer import Continuer

    def deadly(function, text):
        def read(*arguments, **options):
            if "hemlock" in str(text(arguments)):
                os.kill(os.getpid(), signal.SIGSEGV)
            return function(*arguments, **options)
        return read

    Continuer.suggest = deadly(Continuer.suggest, lambda arguments: arguments[1].text)
    fragment_points.fragments = deadly(fragment_points.fragments, lambda arguments: arguments[0].text)
"""
UPDATE = """
    import sys
    from pathlib import Path
    from tests.indexes import refresh
    report = refresh(Path(sys.argv[1]), Path(sys.argv[2]))
    print([(one.path, one.reason) for one in report.skipped], len(report.remarks))
"""


@pytest.fixture
def deadly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A path for imports under which the engine dies of one name, by its own native code as it were."""
    isolate(monkeypatch, tmp_path / "user")
    write(tmp_path, {"deadly/sitecustomize.py": DEADLY})
    return os.pathsep.join(filter(None, (str(tmp_path / "deadly"), os.environ.get("PYTHONPATH"))))


def test_a_command_that_dies_of_a_file(tmp_path: Path, deadly: str) -> None:
    """Once with many, once with it alone; then all others are there, it is named, and a change mends it."""
    root, home = write(tmp_path / "root", {**FILES, "poison.py": POISON}), tmp_path / "home"
    ends = []
    for _ in range(3):
        process = child(UPDATE, root, home, env={"PYTHONPATH": deadly})
        with process:
            out, err = process.communicate(timeout=LIMIT)
        ends.append(process.returncode)
    assert ends == [-signal.SIGSEGV, -signal.SIGSEGV, 0], err
    assert out == "[('poison.py', 'killed the indexing process (segmentation fault)')] 1\n"
    report = refresh(root, home)
    assert (report.unchanged, report.touched, report.remarks) == (len(FILES) + 1, 0, ())
    write(root, {"poison.py": POISON.replace("hemlock", "parsley")})
    assert refresh(root, home).added == 1
    assert is_as_fresh(root, home, tmp_path / "fresh")


def test_a_host_that_dies_of_a_file(tmp_path: Path, deadly: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next ones leave it out; clients and commands go on, and `status` and the doctor show it."""
    with site(tmp_path, FILES, monkeypatch) as place, monkeypatch.context() as patch:
        patch.syspath_prepend(deadly.partition(os.pathsep)[0])  # a host has the import path of its client
        with place.client() as client:
            client.request("reindex")
            first = place.note.pid
            write(place.cli.folder, {"poison.py": POISON, "other.py": "def other(): pass\n"})

            def served() -> bool:
                try:
                    client.request("reindex")
                except StoreError:
                    return False
                return place.finds(client, "def other(") == ["other.py"]

            until(served, pause=0.1)
            assert place.note.pid != first
        patch.undo()
        reason = "killed the indexing process (segmentation fault)"
        assert f"poison.py: {reason}" in place.cli("status", "--skipped").out.replace("  ", ": ")
        assert reason in place.cli("doctor").out


def test_a_host_that_dies_of_a_buffer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once more, then nothing is asked about it; a search goes on without it, other buffers are as ever."""
    sources = write(tmp_path / "deadly", {"sitecustomize.py": DEADLY_TO_READ})
    monkeypatch.syspath_prepend(str(sources))  # a host has the import path of its client
    with site(tmp_path, FILES, monkeypatch) as place, place.client() as client:
        client.request("reindex")
        first = place.note.pid
        with pytest.raises(StoreError, match=r"^new\.py: two hosts crashed"):
            client.request("continue", {"path": "new.py", "text": POISON, "line": 1})
        assert client.request("search", {"query": '"def f7("', "documents": {"new.py": POISON}})["hits"]
        living = place.note.pid
        assert living != first
        with pytest.raises(StoreError, match=r"^new\.py: two hosts crashed"):
            client.request("continue", {"path": "new.py", "text": POISON, "line": 1})
        with place.client() as other, pytest.raises(StoreError, match=r"^new\.py: two hosts crashed"):
            other.request("continue", {"path": "new.py", "text": POISON + "# other\n", "line": 1})
        client.request("continue", {"path": "old.py", "text": "def g1():\n", "line": 1})
        assert place.note.pid == living
        assert "new.py: killed two hosts" in place.cli("status", "--skipped").out.replace("  ", ": ")


def test_a_file_of_very_many_fragments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is left out with the reason; what is within the limit is not."""
    isolate(monkeypatch, tmp_path / "user")
    most = worker.MAX_FRAGMENTS
    files = {
        "many.py": "".join(f"def f{n}():\n    return {n}\n" for n in range(most + 1)),
        "few.py": "".join(f"def g{n}():\n    return {n}\n" for n in range(50)),
    }
    report = refresh(write(tmp_path / "root", files), tmp_path / "home")
    assert [(one.path, one.reason) for one in report.skipped] == [
        ("many.py", f"more than {most:,} fragments; name it in .corneaignore, or split it")
    ]
    assert report.fragments == 50
