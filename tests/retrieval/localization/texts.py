"""Small repositories of payloads, as an index holds them, and locators over them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from indexer.analysis.fragment_points import fragments, payload
from indexer.encoding import load
from indexer.fragment import SourceFile
from indexer.index.commits import Commit, Past
from indexer.parsing.languages import name_of
from indexer.parsing.source import Source, read
from retrieval.localization.locator import Locator

FILES = {
    "port/boats.py": '''"""Boats and where they lie."""


class Harbour:
    """Where boats lie."""

    def __init__(self, berths):
        self.berths = berths

    def anchor(self, boat):
        """Drop the anchor of a boat."""
        if boat is None:
            raise ValueError("no boat to anchor")
        return lower(boat.chain)

    def rescue(self, sailor):
        """Pull a sailor who fell overboard out of the water."""
        return sailor.pull()


def lower(chain):
    """Let a chain down, link by link."""
    for link in chain:
        link.drop()
''',
    "port/customs.py": '''def inspect_cargo(cargo):
    """Look into every crate."""
    return [crate.open() for crate in cargo]


def _stamp(paper):
    return paper.stamped()
''',
    "garden/trees.py": '''def graft(tree, branch):
    return tree.add(branch)


def prune(tree):
    """Cut what is dead."""
    return tree.cut()
''',
    "tests/test_boats.py": '''def test_rescue_overboard():
    """A sailor who fell overboard is rescued out of the water."""
    assert rescue(sailor)
''',
}


def pieces(folder: Path, files: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """Payloads of all fragments of these files."""
    found: list[dict[str, Any]] = []
    for path, text in (FILES if files is None else files).items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        source = read(SourceFile(path, place, len(text), 0), 1_000_000)
        assert isinstance(source, Source)
        language = name_of(place.name, text.encode()[:100])
        found += (dict(payload(one)) for one in fragments(source, "yard", language))
    return found


def commit(number: int, message: str, *changed: tuple[str, str]) -> Commit:
    """A commit that changed these functions of these files."""
    paths = tuple(dict.fromkeys(path for path, _ in changed))
    return Commit(f"{number:040x}", 1_700_000_000 - number, message, paths, changed)


NO_PAST = Past(())


def locator(folder: Path, past: Past = NO_PAST, files: dict[str, str] | None = None) -> Locator:
    """A locator over these files, with the package's encoder and weights."""
    return Locator(pieces(folder, files), past, load())
