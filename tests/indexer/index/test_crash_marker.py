"""What the next process makes of a crash of the last writer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.errors import StoreDamaged
from indexer.index.crash_marker import CRASH_FILE, consume
from indexer.index.manifest import Manifest
from indexer.quarantine import Quarantine, Suspect


@pytest.fixture
def manifest(tmp_path: Path) -> Iterator[Manifest]:
    made = Manifest(tmp_path / "m")
    yield made
    made.close()


def crashed(folder: Path, manifest: Manifest) -> str:
    (folder / CRASH_FILE).write_text("Fatal Python error: Segmentation fault\n\nmore\n")
    return consume(folder, manifest, Quarantine(folder))


def test_no_crash(tmp_path: Path, manifest: Manifest) -> None:
    """A process that was killed leaves no marker, and a marker without a signal does not count."""
    manifest.mark_pending(["a.py"])
    assert consume(tmp_path, manifest, Quarantine(tmp_path)) == ""
    (tmp_path / CRASH_FILE).write_text("")
    assert consume(tmp_path, manifest, Quarantine(tmp_path)) == ""
    assert Quarantine(tmp_path).keys(Suspect.WRITTEN) == set()


def test_the_file_that_was_written_alone_is_to_blame(tmp_path: Path, manifest: Manifest) -> None:
    """All that were being written are suspects; the one that is written when it happens again is left out."""
    manifest.mark_pending(["a.py", "b.py"], {"a.py": "d1", "b.py": "d2"})
    assert "segmentation fault" in crashed(tmp_path, manifest)
    kept = Quarantine(tmp_path)
    assert kept.keys(Suspect.WRITTEN) == {"a.py", "b.py"}
    assert list(kept.left_out()) == []
    manifest.mark_pending(["b.py"], {"b.py": "d2"}, alone=True)
    crashed(tmp_path, manifest)
    assert [one.path for one in kept.left_out()] == ["b.py"]
    assert kept.why(Suspect.WRITTEN, "b.py", lambda: "d2") is not None
    assert crashed(tmp_path, manifest), "it was not being written alone this time"
    assert [one.path for one in kept.left_out()] == ["b.py"]


def test_an_edited_file_does_not_cost_the_index(tmp_path: Path, manifest: Manifest) -> None:
    """It begins again with its new content, and is to blame for the crash all the same."""
    manifest.mark_pending(["a.py", "b.py"], {"a.py": "d1", "b.py": "d2"})
    crashed(tmp_path, manifest)
    manifest.mark_pending(["a.py"], {"a.py": "edited"}, alone=True)
    assert crashed(tmp_path, manifest)
    assert list(Quarantine(tmp_path).left_out()) == []


def test_a_file_that_is_left_out_is_not_to_blame_again(tmp_path: Path, manifest: Manifest) -> None:
    """If its points cannot be deleted either, the store is damaged; its crashes still count."""
    manifest.mark_pending(["a.py", "b.py"], {"a.py": "d1", "b.py": "d2"})
    crashed(tmp_path, manifest)
    manifest.mark_pending(["a.py"], {"a.py": "d1"}, alone=True)
    crashed(tmp_path, manifest)
    manifest.mark_pending(["a.py"], alone=True)
    with pytest.raises(StoreDamaged):
        crashed(tmp_path, manifest)
    assert Quarantine(tmp_path).why(Suspect.WRITTEN, "a.py", lambda: "d1") is not None
    manifest.mark_pending(["a.py"], {"a.py": "edited"}, alone=True)
    assert crashed(tmp_path, manifest), "its new content may be the cause"


def test_two_crashes_without_a_culprit_are_damage(tmp_path: Path, manifest: Manifest) -> None:
    """As on opening the store; a successful update in between begins the count again."""
    assert crashed(tmp_path, manifest)
    Quarantine(tmp_path).forget(Suspect.STORE)
    assert crashed(tmp_path, manifest)
    with pytest.raises(StoreDamaged, match=r"^two processes crashed .*\(segmentation fault\)$"):
        crashed(tmp_path, manifest)
