"""What a walk finds and leaves out, short enough to compare."""

from __future__ import annotations

from pathlib import Path

from indexer.fragment import Skipped, SourceFile
from indexer.walk.walk import WalkOptions, ignored, walk

ALL = WalkOptions(hidden=True, vendored=True)


def paths(root: Path, options: WalkOptions | None = None) -> list[str]:
    return [item.path for item in walk(root, options) if isinstance(item, SourceFile)]


def skipped(root: Path, options: WalkOptions | None = None) -> dict[str, str]:
    return {item.path: item.reason for item in walk(root, options) if isinstance(item, Skipped)}


def left_out(root: Path, options: WalkOptions | None = None) -> dict[str, str]:
    return {item.path: item.reason for item in ignored(root, options)}
