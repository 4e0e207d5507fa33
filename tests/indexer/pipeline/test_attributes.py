"""Updates after a .gitattributes file has changed: the files that it is about are looked at again."""

from __future__ import annotations

from pathlib import Path

from tests.indexes import PYTHON, contents, is_as_fresh, refresh
from tests.repositories import write

from .runs import age, numbers

GENERATED = "# This file was generated automatically by x.\n" + PYTHON


def languages(root: Path, home: Path) -> dict[str, str]:
    return {str(p["path"]): str(p["language"]) for p in contents(root, home).values()}


def symbols(root: Path, home: Path) -> set[tuple[str, str]]:
    return {(str(p["path"]), str(p.get("symbol", ""))) for p in contents(root, home).values()}


def test_a_language_is_said_and_taken_back(
    root: Path, home: Path, tmp_path: Path, analysed: list[str]
) -> None:
    """Only the files that it is about are analysed again; what was computed before is used again."""
    age(write(root, {"a.tpl": PYTHON, "b.tpl": PYTHON}))
    refresh(root, home)
    assert languages(root, home)["a.tpl"] == "text"
    analysed.clear()
    write(root, {".gitattributes": "a.tpl linguist-language=Python\n"})
    assert numbers(refresh(root, home))["changed"] == 1
    assert "b.tpl" not in analysed
    assert (languages(root, home)["a.tpl"], languages(root, home)["b.tpl"]) == ("python", "text")
    assert ("a.tpl", "Oven.bake") in symbols(root, home)
    assert is_as_fresh(root, home, tmp_path / "fresh1")
    analysed.clear()
    (root / ".gitattributes").unlink()
    assert numbers(refresh(root, home))["changed"] == 1
    assert analysed == [], "the cache has both"
    assert languages(root, home)["a.tpl"] == "text"
    assert is_as_fresh(root, home, tmp_path / "fresh2")


def test_a_generated_file_that_somebody_wrote(root: Path, home: Path) -> None:
    """Our guess by content is taken back, and comes back; what is said to be generated goes."""
    age(write(root, {"a.py": GENERATED}))
    report = refresh(root, home)
    assert [item.path for item in report.skipped] == ["a.py"]
    write(root, {".gitattributes": "a.py -linguist-generated\npost.go linguist-generated\n"})
    assert numbers(refresh(root, home)) == {"added": 1, "removed": 1, "unchanged": 2}
    assert "a.py" in languages(root, home)
    (root / ".gitattributes").unlink()
    refresh(root, home)
    assert sorted(languages(root, home)) == ["bakery.py", "docs/notes.txt", "post.go"]
