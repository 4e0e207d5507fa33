"""What .gitattributes files say of files: as git reads them, and with no more trouble than their size."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from indexer.walk.attributes import NOTHING, tree_on_disk
from tests.repositories import git, isolate, repository, write

NAMES = ("linguist-generated", "linguist-vendored", "linguist-language", "working-tree-encoding")


@pytest.fixture(autouse=True)
def _isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch, tmp_path / "home")


def of(root: Path, path: str) -> tuple[bool | None, bool | None, str, str]:
    found = tree_on_disk(str(root).encode()).of(path.encode())
    return found.generated, found.vendored, found.language, found.encoding


@pytest.mark.parametrize(
    ("line", "generated"),
    [
        ("linguist-generated", True),
        ("linguist-generated=true", True),
        ("linguist-generated=false", False),
        ("-linguist-generated", False),
        ("!linguist-generated", None),
        ("linguist-generated -linguist-generated", False),
        ("text eol=lf", None),
    ],
)
def test_every_way_to_say_it(tmp_path: Path, line: str, generated: bool | None) -> None:
    """Set, unset, with a value, taken back, or not mentioned."""
    write(tmp_path, {".gitattributes": f"*.py {line}\r\n"})
    assert of(tmp_path, "a/x.py")[0] is generated
    assert of(tmp_path, "a/x.pyi")[0] is None


def test_the_line_that_said_it_is_named(tmp_path: Path) -> None:
    """For status: file, line, and what is written there."""
    write(tmp_path, {"a/.gitattributes": "# ours\n\n*.py linguist-vendored  linguist-language=Python\n"})
    found = tree_on_disk(str(tmp_path).encode()).of(b"a/x.py")
    assert (
        str(found.rules["linguist-vendored"])
        == "a/.gitattributes:3: *.py linguist-vendored  linguist-language=Python"
    )
    assert ("linguist-generated" in found.rules, found.language) == (False, "Python")


def test_macros(tmp_path: Path) -> None:
    """A name for several attributes, defined at the top only; one that names itself ends."""
    write(tmp_path, {
        ".gitattributes": "*.gen made\n[attr]made linguist-generated -diff\n"
        "[attr]loop loop made\n*.loop loop\n",
        "a/.gitattributes": "[attr]made -linguist-generated\n*.x made\n",
    })  # fmt: skip
    assert [of(tmp_path, path)[0] for path in ("b.gen", "a/b.gen", "a/b.x", "b.loop")] == [True] * 4


def test_a_root_inside_of_a_repository(tmp_path: Path) -> None:
    """The files above the root count, the nearest most; git's private file most of all."""
    top = repository(tmp_path / "top", {"x": ""})
    write(top, {
        ".gitattributes": "*.py linguist-generated\n/a/b/*.go linguist-vendored\n",
        "a/.gitattributes": "/b/c/*.py -linguist-generated\n",
    })  # fmt: skip
    assert of(top / "a/b", "x.py")[0] is True
    assert of(top / "a/b", "c/x.py")[0] is False
    assert of(top / "a/b", "x.go")[1] is True
    assert of(top / "a/b", "c/x.go")[1] is None
    write(top, {".git/info/attributes": "x.py -linguist-generated\n"})
    assert of(top, "a/x.py")[0] is False
    assert of(top / "a", "x.py")[0] is False


def test_a_nested_repository_begins_anew(tmp_path: Path) -> None:
    """What is said outside of it is not about its files."""
    root = repository(tmp_path / "r", {".gitattributes": "*.py linguist-generated\n"})
    repository(root / "inner", {".gitattributes": "*.go linguist-generated\n"})
    found = [of(root, p)[0] for p in ("x.py", "inner/x.py", "inner/x.go", "inner/a/x.go")]
    assert found == [
        True,
        None,
        True,
        True,
    ]


def test_the_same_as_git(tmp_path: Path) -> None:
    """For random patterns in several files: what git itself says of each path."""
    chance = random.Random(7)
    parts = [
        "a",
        "b",
        "x.py",
        "y.gen.py",
        "*.py",
        "*",
        "**",
        "?.py",
        "[ab]",
        "x*",
        "a/",
        '"a b"',
        "c d.py",
        "*.gen.*",
    ]
    values = ["", "-", "!"]
    for case in range(12):
        root = repository(tmp_path / str(case))
        for folder in ("", "a/", "a/b/"):
            lines = []
            for _ in range(chance.randrange(8)):
                pattern = "/".join(chance.choices(parts, k=chance.randrange(1, 4)))
                pattern = pattern if '"' not in pattern else '"' + pattern.replace('"', "") + '"'
                pattern = chance.choice(["", "", "/"]) + pattern if not pattern.startswith('"') else pattern
                said = [
                    chance.choice(values) + name for name in chance.sample(NAMES[:2], chance.randrange(1, 3))
                ]
                lines.append(
                    " ".join([pattern, *said, *chance.choices(["linguist-language=Go", "text"], k=1)])
                )
            write(root, {f"{folder}.gitattributes": "\n".join(lines) + "\n"})
        paths = [f"{folder}{name}" for folder in ("", "a/", "b/", "a/b/", "a/b/a/", "a b/")
                 for name in ("x.py", "y.gen.py", "a", "b", "c d.py")]  # fmt: skip
        fields = git(root, "check-attr", "-z", *NAMES[:3], "--", *paths).split(b"\0")[:-1]
        expected: dict[str, list[object]] = {}
        for path, _, value in zip(fields[::3], fields[1::3], fields[2::3], strict=True):
            truth = {b"set": True, b"unset": False, b"unspecified": None}
            expected.setdefault(path.decode(), []).append(truth.get(value, value.decode()))
        found = {path: [g, v, language or None] for path in paths for g, v, language, _ in [of(root, path)]}
        written = {p.relative_to(root): p.read_text() for p in root.rglob(".gitattributes")}
        assert found == expected, written


@pytest.mark.slow
def test_hostile_files(tmp_path: Path) -> None:
    """Endless lines, thousands of patterns, links, folders and garbage: less counts, and nothing hangs."""
    write(tmp_path, {
        ".gitattributes": b"\xff\xfe[attr]\n[attr]\n\"\n\"a\\\n* -" + b"x" * 5_000 + b"\n"
        + b"".join(b"%d*a*b*c*d*e*?f linguist-generated\n" % n for n in range(20_000)),
        "a/.gitattributes": b"*.py linguist-generated" + b" " * 2_000_000,
        "c/.gitattributes/x": b"",
    })  # fmt: skip
    (tmp_path / "b").mkdir()
    (tmp_path / "b/.gitattributes").symlink_to("/dev/zero")
    tree = tree_on_disk(str(tmp_path).encode())
    assert [tree.of(f"{f}/x.py".encode()) for f in "abc"] == [NOTHING] * 3
    assert tree.of(b"7abcdeef").generated is True
    assert all(tree.of(b"%d" % n + b"abcde" * 40) == NOTHING for n in range(200))
    assert tree.of(b"a/" * 5_000 + b"x") == NOTHING
