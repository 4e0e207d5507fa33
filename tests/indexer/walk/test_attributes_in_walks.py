"""Walks that follow .gitattributes: what is generated or other people's, and what is not."""

from __future__ import annotations

from pathlib import Path

from indexer.fragment import SourceFile
from indexer.parsing.languages import language_of
from indexer.walk.walk import WalkOptions, explain, walk
from tests.repositories import git, write

from .walks import paths, skipped


def files(root: Path) -> dict[str, SourceFile]:
    return {item.path: item for item in walk(root) if isinstance(item, SourceFile)}


def test_what_is_said_to_be_generated_or_vendored(root: Path) -> None:
    """Left out, with the line that says so, in the words of our own tables."""
    write(root, {
        ".gitattributes": "gen/** linguist-generated\n/lib/*.js linguist-vendored=true\n",
        "gen/a.py": "", "gen/b/c.py": "", "lib/x.js": "", "lib/own/x.js": "", "a.py": "",
    })  # fmt: skip
    assert skipped(root) == {
        ".gitattributes": "hidden",
        "gen/a.py": "generated: .gitattributes:1: gen/** linguist-generated",
        "gen/b/c.py": "generated: .gitattributes:1: gen/** linguist-generated",
        "lib/x.js": "vendored: .gitattributes:2: /lib/*.js linguist-vendored=true",
    }
    assert explain(root, "lib/x.js") == "vendored: .gitattributes:2: /lib/*.js linguist-vendored=true"
    assert "lib/own/x.js" in paths(root)
    assert "lib/x.js" in paths(root, WalkOptions(vendored=True))
    assert "gen/a.py" in paths(root, WalkOptions(include=("gen/",))), "the user's own settings win"


def test_what_is_said_not_to_be(root: Path) -> None:
    """Our own guesses by name and folder are taken back; secrets and rules are not."""
    write(root, {
        ".gitattributes": "a_pb2.py -linguist-generated\ngo.sum linguist-generated=false\n"
        "third_party/ours/** -linguist-vendored\n.env -linguist-generated -linguist-vendored\n"
        "x.log -linguist-generated\n",
        ".gitignore": "x.log\n",
        "a_pb2.py": "", "b_pb2.py": "", "go.sum": "", "third_party/ours/a.py": "",
        "third_party/b.py": "", ".env": "", "x.log": "",
    })  # fmt: skip
    if (root / ".git").exists():
        git(root, "add", "third_party", ".env")
    found = files(root)
    assert {"a_pb2.py", "go.sum", "third_party/ours/a.py"} <= found.keys()
    assert not {"b_pb2.py", "third_party/b.py", ".env", "x.log"} & found.keys()
    assert [found[path].written for path in ("a_pb2.py", "third_party/ours/a.py")] == [True, False]


def test_the_language(root: Path) -> None:
    """As it is written, by GitHub's name of a language; `language_of` knows which of ours that is."""
    write(root, {
        ".gitattributes": "*.h linguist-language=C++\n*.inc linguist-language=php\n"
        "*.x linguist-language=Klingon\n",
        "a.h": "", "a.inc": "", "a.x": "", "b.py": "",
    })  # fmt: skip
    found = files(root)
    assert {path: found[path].language for path in ("a.h", "a.inc", "a.x", "b.py")} == {
        "a.h": "C++", "a.inc": "php", "a.x": "Klingon", "b.py": "",
    }  # fmt: skip
    names = {path: language_of(found[path], b"") for path in ("a.h", "a.inc", "a.x", "b.py")}
    assert names == {"a.h": "cpp", "a.inc": "php", "a.x": "text", "b.py": "python"}
