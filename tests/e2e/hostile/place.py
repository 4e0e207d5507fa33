"""An index that hostile things are put into, and must survive them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from indexer.index.writer import Report
from tests.indexes import answers, refresh
from tests.repositories import write
from tests.support.waiting import processor_seconds

BOUND = 180.0
"""Seconds of processor time that no input may take: some times what the slowest takes on an idle machine."""


@dataclass
class Place:
    """A root with an ordinary file in it, and its index."""

    root: Path
    home: Path
    note: Callable[[str, object], None]

    def index(self, **changes: object) -> Report:
        """Bring the index up to date within bounds; what is indexed and found besides stays so."""
        before = processor_seconds()
        report = refresh(self.root, self.home, **changes)
        used = processor_seconds() - before
        self.note("seconds", round(used, 2))
        assert used < BOUND
        # Its rank says little: thousands of equal fragments of one file are no pool that rankers know.
        hits = answers(self.root, self.home, "fold the dough again")[0]
        assert "bakery.py" in {path for path, *_ in hits}, (hits, report)
        assert psutil.Process().children() == []
        return report

    def found(self, question: str) -> str:
        """The path of the best answer, "" if there is none."""
        hits = answers(self.root, self.home, question)[0]
        return hits[0][0] if hits else ""

    def put(self, name: str, content: str | bytes) -> Path:
        write(self.root, {name: content})
        return self.root / name
