"""What is indexed in these tests, and what a run reports."""

from __future__ import annotations

import os
from pathlib import Path

from indexer.pipeline import Report
from tests.indexes import GO, PYTHON

FILES: dict[str, str | bytes] = {"bakery.py": PYTHON, "post.go": GO, "docs/notes.txt": "flour and water\n"}


HOUR = 3_600_000_000_000


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
