"""Other encoders, other stores, settings, and what people say yes to."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from indexer.analysis import fragment_points
from indexer.errors import UsageError
from indexer.index.index import Index
from indexer.parsing import languages
from indexer.pipeline import update
from indexer.store import DENSE, EVERYTHING, Filter, Leg, Match
from tests.indexes import PYTHON, answers, config, contents, is_as_fresh, paths, refresh
from tests.repositories import git, repository, write

from .runs import FILES, numbers


def test_settings_that_decide_about_content(root: Path, home: Path) -> None:
    """Other languages or another size limit: every file is looked at again, and what no longer fits goes."""
    refresh(root, home)
    report = refresh(root, home, languages=("go",))
    assert paths_of(root, home, languages=("go",)) == {"post.go"}
    assert (report.changed, report.removed) == (1, 2)
    assert {s.reason for s in report.skipped} == {
        "language python is not among [index] languages",
        "language text is not among [index] languages",
    }
    assert numbers(refresh(root, home, languages=("go",))) == {"unchanged": 3}
    assert numbers(refresh(root, home)) == {"added": 2, "changed": 1}
    assert is_as_fresh(root, home, home / "fresh")


def test_a_language_that_gets_a_grammar(root: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files are cut again, although they have not changed."""
    with monkeypatch.context() as patch:
        patch.setattr(languages, "LANGUAGES", languages.LANGUAGES[:-1])
        refresh(root, home)
        assert numbers(refresh(root, home)) == {"unchanged": 3}
    assert numbers(refresh(root, home)) == {"changed": 3}
    assert numbers(refresh(root, home)) == {"unchanged": 3}


def paths_of(root: Path, home: Path, languages: tuple[str, ...]) -> set[str]:
    return {payload["path"] for payload in contents(root, home, languages=languages).values()}


def test_very_many_files_want_a_yes(root: Path, home: Path) -> None:
    """Only the first time; nothing is indexed without it."""
    with Index.open(root, config(home, max_files=2)) as index:
        with pytest.raises(UsageError, match="3 files to index; name a smaller folder"):
            update(index)
        with pytest.raises(UsageError):
            update(index, allow=lambda files: files < 3)
        assert index.manifest.entries() == {}
        assert update(index, allow=lambda files: files == 3).added == 3
        assert update(index).unchanged == 3


def test_rebuild_starts_from_nothing(root: Path, home: Path) -> None:
    """Everything is added again, without a remark: it was asked for."""
    refresh(root, home)
    with Index.open(root, config(home)) as index:
        report = update(index, rebuild=True)
    assert (numbers(report), report.remarks) == ({"added": 3}, ())
    assert is_as_fresh(root, home, home / "fresh")


class Spelling:
    """An encoder that cannot be loaded in a worker: a vector of letter counts."""

    dim = 32
    fingerprint = "spelling-1"
    parallel = False

    def documents(self, texts: Sequence[str], titles: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), self.dim), np.float32)
        for row, (text, title) in zip(rows, zip(texts, titles, strict=True), strict=True):
            for letter in (text + title).lower():
                row[ord(letter) % self.dim] += letter.isalpha()
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)

    def query(self, text: str) -> NDArray[np.float32]:
        row: NDArray[np.float32] = self.documents([text], [""])[0]
        return row


def test_an_encoder_that_is_not_parallel_works_in_the_parent(
    root: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every fragment gets its vector; a text without words and the file's own point get none."""
    monkeypatch.setattr("indexer.encoding.load", lambda model, download=False: Spelling())
    monkeypatch.setattr(fragment_points, "_POINTS_PER_CALL", 2)
    write(root, {"dots.txt": "...\n"})
    with Index.open(root, config(home, model="spelling")) as index:
        report = update(index)
        leg = Leg(index.encoder.query("knead the dough"), DENSE, 100)
        found = {point.id for point in index.store.query([leg])[0]}
        records = list(index.store.scroll(EVERYTHING))
    assert report.added == 4
    fragments = {r.id for r in records if r.payload["kind"] != "file"}
    assert found <= fragments
    assert len(fragments) - len(found) <= 1


def test_a_server_is_filled_like_an_embedded_index(root: Path, home: Path) -> None:
    """The same points arrive; changed and deleted files are heard of; nobody else's are touched."""
    whole = config(home, store_url=":memory:")
    with Index.open(root, whole) as index:
        assert numbers(update(index)) == {"added": 3}
        embedded = home / "embedded"
        refresh(root, embedded)
        assert {r.id: r.payload for r in index.store.scroll(EVERYTHING)} == contents(root, embedded)
        (root / "post.go").unlink()
        (root / "bakery.py").write_text(PYTHON + "\ndone = True\n")
        assert numbers(update(index)) == {"changed": 1, "removed": 1, "unchanged": 1}
        refresh(root, embedded)
        assert {r.id: r.payload for r in index.store.scroll(EVERYTHING)} == contents(root, embedded)
        assert index.store.count(Filter((Match("path", ("post.go",)),))) == 0
    # The double forgets when it is closed: points that the manifest lists are gone.
    report = refresh(root, home, store_url=":memory:")
    assert "the store has 0 points" in report.remarks[0]
    assert report.added == 2


def test_git_decides_what_belongs(root: Path, home: Path) -> None:
    """In a repository: ignored files stay out, also those that are ignored only later."""
    repository(root)
    refresh(root, home)
    assert paths(root, home) == set(FILES)
    (root / ".gitignore").write_text("*.txt\n")
    report = refresh(root, home)
    assert report.removed == 1
    git(root, "add", "-f", "docs/notes.txt")
    assert "docs/notes.txt" in paths_after(root, home), "tracked files win"


def paths_after(root: Path, home: Path) -> set[str]:
    refresh(root, home)
    return paths(root, home)


def test_questions_are_answered(root: Path, home: Path) -> None:
    """The whole path: what was indexed is found by words and by name."""
    refresh(root, home)
    by_words, by_name = answers(root, home, "fold the dough again", "Oven.bake")
    assert by_words[0][:3] == ("bakery.py", 13, "knead")
    assert by_name[0][2] == "Oven.bake"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_names_that_are_no_text(root: Path, home: Path) -> None:
    """A name in bytes that are not UTF-8 is indexed, and changed and deleted like any other."""
    place = Path(os.fsdecode(os.fsencode(root) + b"/caf\xe9.py"))
    place.write_text("def espresso():\n    return 1\n")
    refresh(root, home)
    assert "caf\\xe9.py" in paths(root, home)
    place.write_text("def lungo():\n    return 2\n")
    assert numbers(refresh(root, home)) == {"changed": 1, "unchanged": 3}
    place.unlink()
    assert numbers(refresh(root, home)) == {"removed": 1, "unchanged": 3}
