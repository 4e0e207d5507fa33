"""Writes the expected tables of the golden samples anew: `python -m tests.golden.regenerate [LANGUAGE ...]`.

Read the difference (`git diff tests/golden`) against the samples before you commit it: the tables are what
the splitter did, and only an eye says whether it is right.
"""

from __future__ import annotations

import sys
from pathlib import Path

from indexer.parsing.languages import detect
from indexer.parsing.pieces import SourcePiece
from indexer.parsing.split import split

HOME = Path(__file__).parent


def samples() -> list[Path]:
    """The samples, one per language."""
    return sorted(HOME.glob("*/sample.*"))


def pieces(sample: Path) -> list[SourcePiece]:
    """What the splitter makes of a sample."""
    text = sample.read_bytes()
    return split(text, detect(sample.name, text[:4096]))


def table(sample: Path) -> str:
    """One line a piece: kind, lines, symbol, members, and the first words of its docstring."""
    rows = [_row(piece) for piece in pieces(sample)]
    return "".join(f"{row}\n" for row in rows)


def _row(piece: SourcePiece) -> str:
    lines = f"{piece.start_line}-{piece.end_line}"
    members = f" {{{' '.join(piece.members)}}}" if piece.members else ""
    words = " ".join(piece.docstring.split()[:6])
    return f"{piece.kind:<9}{lines:<9}{piece.symbol or '-'}{members}{f' | {words}' if words else ''}"


def expected(sample: Path) -> Path:
    """Where the table of a sample is kept."""
    return sample.with_name("expected.txt")


def main(languages: list[str]) -> None:
    """Rewrites the tables of these languages, or of all."""
    for sample in samples():
        if not languages or sample.parent.name in languages:
            expected(sample).write_text(table(sample), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
