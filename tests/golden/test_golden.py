"""Every language's sample is cut as its table says; see `regenerate.py` for how the tables are made."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.parsing.languages import BY_NAME, detect

from .regenerate import expected, pieces, samples, table


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.parent.name)
def test_pieces(sample: Path) -> None:
    """Kinds, lines, symbols, members and docstrings are the expected ones."""
    assert table(sample) == expected(sample).read_text(encoding="utf-8")


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.parent.name)
def test_detected(sample: Path) -> None:
    """The sample is recognised by its name."""
    language = detect(sample.name, sample.read_bytes()[:4096])
    assert language is not None
    assert language.name == sample.parent.name


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.parent.name)
def test_short(sample: Path) -> None:
    """No piece of these samples is much longer than the limit: all of them can be cut between statements."""
    assert max(piece.end_line - piece.start_line + 1 for piece in pieces(sample)) <= 25


def test_every_language_has_a_sample() -> None:
    """A language joins the table of grammars together with its sample."""
    assert {sample.parent.name for sample in samples()} == set(BY_NAME)
