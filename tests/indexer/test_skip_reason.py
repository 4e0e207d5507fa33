"""Why files are left out: what users read, and what a manifest stores."""

from __future__ import annotations

import pytest

from indexer.skip_reason import SkipKind, SkipReason


@pytest.mark.parametrize("kind", SkipKind)
@pytest.mark.parametrize("detail", ["", "a detail: {} with (signs) and  spaces\nand lines"])
def test_every_reason_survives_storing(kind: SkipKind, detail: str) -> None:
    """With and without a detail; no text has a placeholder left."""
    reason = SkipReason(kind, detail)
    assert SkipReason.from_stored(reason.stored) == reason
    assert str(reason) == kind.value.replace("{}", detail) or not detail
    assert detail or ("{}" not in str(reason) and str(reason))
    assert SkipReason.from_stored("") is None


def test_texts() -> None:
    """What is shown is a sentence's part, with the detail in its place."""
    assert str(SkipReason(SkipKind.BINARY)) == "binary"
    assert str(SkipReason(SkipKind.BINARY, "image (.png)")) == "binary: image (.png)"
    assert str(SkipReason(SkipKind.KILLED_PARSER, "signal 11")) == "killed its parser (signal 11)"
    assert len({kind.value for kind in SkipKind}) == len(SkipKind), "an alias would lose its kind"


def test_errors() -> None:
    """One line, cut; a lack of memory has a kind of its own, because the worker is then replaced."""
    assert str(SkipReason.of_error(ValueError("no\ngood"))) == "could not be analysed: ValueError: no good"
    assert SkipReason.of_error(MemoryError()).kind is SkipKind.OUT_OF_MEMORY
    assert str(SkipReason.of_error(MemoryError())).startswith("could not be analysed: MemoryError")
    assert len(str(SkipReason.of_error(ValueError("x" * 9999)))) < 400


def test_crashes() -> None:
    """The kinds that the doctor reports."""
    assert {kind.name for kind in SkipKind if kind.is_crash} == {"SLOW", "KILLED_PARSER", "KILLED_WRITER"}
