"""What crashed a process: counted, left out, and tried again."""

from __future__ import annotations

import errno
import json
import time
from pathlib import Path

import pytest

from indexer import quarantine
from indexer.quarantine import QUARANTINE, Quarantine, Suspect
from indexer.skip_reason import SkipKind, SkipReason

WHY = SkipReason(SkipKind.KILLED_PARSER, "signal 11")


def test_the_second_crash_counts(tmp_path: Path) -> None:
    """One may have another cause; other keys, and other kinds of the same key, are not concerned."""
    kept = Quarantine(tmp_path)
    assert not kept.record(Suspect.FILE, "a.py", WHY, "d1")
    assert kept.why(Suspect.FILE, "a.py", lambda: "d1") is None
    assert kept.keys(Suspect.FILE) == {"a.py"}
    assert kept.record(Suspect.FILE, "a.py", WHY, "d1")
    again = Quarantine(tmp_path)
    assert again.why(Suspect.FILE, "a.py", lambda: "d1") == WHY
    assert again.why(Suspect.FILE, "b.py") is again.why(Suspect.BUFFER, "a.py") is None
    assert [(one.path, one.reason) for one in again.left_out()] == [("a.py", "killed its parser (signal 11)")]


def test_another_content_begins_again(tmp_path: Path) -> None:
    """A changed file is tried, and must crash twice itself."""
    kept = Quarantine(tmp_path)
    for _ in range(2):
        kept.record(Suspect.FILE, "a.py", WHY, "d1")
    assert kept.why(Suspect.FILE, "a.py", lambda: "d2") is None
    assert not kept.record(Suspect.FILE, "a.py", WHY, "d2")
    assert kept.record(Suspect.FILE, "a.py", WHY, "d2")


def test_a_death_that_several_report_counts_once(tmp_path: Path) -> None:
    """As the clients of a host do, or the requests of one client."""
    first, second = Quarantine(tmp_path), Quarantine(tmp_path)
    reports = [one.record(Suspect.BUFFER, "a.py", WHY, process="77") for one in (first, second, first)]
    assert reports == [False, False, False]
    assert first.why(Suspect.BUFFER, "a.py") is None
    assert second.record(Suspect.BUFFER, "a.py", WHY, process="78")
    assert first.record(Suspect.BUFFER, "a.py", WHY, process="78")


@pytest.mark.parametrize("suspect", Suspect)
def test_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suspect: Suspect) -> None:
    """After its time, with another version of what may have crashed, and when it is forgotten."""
    kept = Quarantine(tmp_path)
    for _ in range(2):
        kept.record(suspect, "key", WHY)
    assert kept.why(suspect, "key") == WHY
    now = time.time()
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: now + suspect.seconds + 60)
        assert kept.why(suspect, "key") is None
        assert kept.keys(suspect) == set()
    with monkeypatch.context() as patch:
        patch.setattr(quarantine, "_versions", lambda: "tree_sitter-99")
        assert kept.why(suspect, "key") is None
    assert kept.why(suspect, "key") == WHY
    kept.forget(suspect, "key")
    kept.forget(suspect, "key")
    assert kept.why(suspect, "key") is None


def test_several_processes_record_at_once(tmp_path: Path) -> None:
    """Each sees what the others recorded; the records of a commit and of a store have their own names."""
    first, second = Quarantine(tmp_path), Quarantine(tmp_path)
    first.record(Suspect.BUFFER, "a.py", WHY)
    assert second.record(Suspect.BUFFER, "a.py", WHY)
    assert first.why(Suspect.BUFFER, "a.py") == WHY
    for _ in range(2):
        first.record(Suspect.COMMIT, "c0ffee", SkipReason(SkipKind.KILLED_GIT))
        first.record(Suspect.STORE, "", WHY)
    assert {one.path for one in second.left_out()} == {"a.py", "commit c0ffee"}


DAMAGED = {
    "suspect": 1,
    "key": 7,
    "digest": None,
    "why": 5,
    "crashes": "2",
    "time": "now",
    "versions": [],
    "process": 77,
    "more": 1,
}
"""For each field of a record, a value that it cannot have."""


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[1]",
        '{"suspect": "FILE"}',
        "\udcff",
        "[" * 50_000,
        *({field: DAMAGED[field]} for field in DAMAGED),
    ],
)
def test_a_damaged_record_does_not_count(tmp_path: Path, content: str | dict[str, object]) -> None:
    """Nor does one that another program wrote; the next crash replaces it."""
    kept = Quarantine(tmp_path)
    kept.record(Suspect.FILE, "a.py", WHY)
    (place,) = (tmp_path / QUARANTINE).iterdir()
    if isinstance(content, dict):
        content = json.dumps(json.loads(place.read_text()) | content)
    place.write_bytes(content.encode("utf-8", "surrogateescape"))
    assert kept.why(Suspect.FILE, "a.py") is None
    assert list(kept.left_out()) == []
    assert kept.keys(Suspect.FILE) == set()
    assert not kept.record(Suspect.FILE, "a.py", WHY)
    assert kept.keys(Suspect.FILE) == {"a.py"}


def test_remnants_are_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Expired and damaged records, records cut off while they were written, and files that are gone."""
    kept = Quarantine(tmp_path)
    for _ in range(2):
        kept.record(Suspect.BUFFER, "expired.py", WHY)
        kept.record(Suspect.FILE, "gone.py", WHY)
        kept.record(Suspect.WRITTEN, "there.py", WHY)
        kept.record(Suspect.COMMIT, "c0ffee", WHY)
    (tmp_path / QUARANTINE / ".file-0123.77.88").write_text("{")
    (tmp_path / QUARANTINE / "file-0123").write_text("{}")
    kept.retain({"there.py"})
    assert kept.keys(Suspect.FILE) == set()
    assert len(list((tmp_path / QUARANTINE).iterdir())) == 5, "what is new may be written just now"
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + Suspect.BUFFER.seconds + 60)
    kept.retain({"there.py"})
    assert len(list((tmp_path / QUARANTINE).iterdir())) == 2
    assert {one.path for one in kept.left_out()} == {"there.py", "commit c0ffee"}


def test_without_a_folder(tmp_path: Path) -> None:
    """It is kept in memory; a folder that is gone is no error."""
    kept = Quarantine()
    assert [kept.record(Suspect.FILE, "a.py", WHY) for _ in range(3)] == [False, True, True]
    assert kept.why(Suspect.FILE, "a.py") == WHY
    kept.forget(Suspect.FILE, "a.py")
    assert kept.keys(Suspect.FILE) == set()
    gone = Quarantine(tmp_path / "gone")
    assert not gone.record(Suspect.FILE, "a.py", WHY)
    assert gone.why(Suspect.FILE, "a.py") is None
    assert list(gone.left_out()) == []


@pytest.mark.parametrize("crashes_before", [0, 1])
def test_a_folder_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, crashes_before: int
) -> None:
    """This process counts all the same, also after crashes that were written, and tries no key for ever."""
    kept = Quarantine(tmp_path)
    for _ in range(crashes_before):
        assert not kept.record(Suspect.FILE, "a.py", WHY, "d1")
    (tmp_path / QUARANTINE).mkdir(exist_ok=True)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", _no_space)
        counted = [kept.record(Suspect.FILE, "a.py", WHY, "d1") for _ in range(3)]
    assert counted[1 - crashes_before :] == [True] * (2 + crashes_before)
    assert kept.why(Suspect.FILE, "a.py", lambda: "d1") == WHY
    assert [one.path for one in kept.left_out()] == ["a.py"]
    assert len(list((tmp_path / QUARANTINE).iterdir())) == crashes_before
    assert kept.record(Suspect.FILE, "a.py", WHY, "d1")
    assert Quarantine(tmp_path).why(Suspect.FILE, "a.py", lambda: "d1") == WHY


def _no_space(part: Path, target: Path) -> Path:
    raise OSError(errno.ENOSPC, "no space left", str(part))
