"""What is left out by rule: ignore files, our own tables, and the user's settings."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from indexer.walk.walk import WalkOptions, explain
from tests.repositories import repository, write

from .walks import ALL, left_out, paths, skipped


def test_ignore_rules_at_every_level(root: Path) -> None:
    """Nested files, negation, the user's own file and .git/info/exclude, with or without git."""
    write(root, {".gitignore": "*.log\n/out/\n", "a/.gitignore": "!keep.log\n*.tmp\n"})
    write(
        root, {"x.log": "", "out/y.py": "", "a/keep.log": "", "a/b/z.tmp": "", "a/b/c.py": "", "d.mine": ""}
    )
    write(root.parent / "home", {".config/git/ignore": "*.mine\n"})
    assert paths(root) == ["a/b/c.py", "a/keep.log"]
    assert skipped(root) == {".gitignore": "hidden", "a/.gitignore": "hidden"}
    reasons = left_out(root)
    assert set(reasons) == {"a/b/z.tmp", "d.mine", "out/", "x.log"}
    assert reasons["a/b/z.tmp"] == "ignored by a/.gitignore:2: *.tmp"
    assert reasons["out/"] == "ignored by .gitignore:2: /out/"
    assert reasons["d.mine"].endswith("/.config/git/ignore:1: *.mine")


def test_tracked_files_win_over_ignore_rules(tmp_path: Path) -> None:
    """What somebody added on purpose is part of the project: ignored, hidden or built."""
    files = {
        ".gitignore": "*.log\ndist/\n",
        "kept.log": "",
        "dist/x.py": "",
        ".github/ci.yml": "",
        "setup.py": "",
    }
    root = repository(tmp_path / "r", files)
    write(root, {"new.log": "", "dist/y.py": "", ".github/new.yml": "", ".env": "", ".idea/x.xml": ""})
    assert paths(root) == [
        ".github/ci.yml",
        ".github/new.yml",
        ".gitignore",
        "dist/x.py",
        "kept.log",
        "setup.py",
    ]
    assert skipped(root) == {".env": "hidden", ".idea/": "hidden"}
    assert set(left_out(root)) == {"dist/y.py", "new.log"}


def test_a_root_inside_a_repository_keeps_the_rules_above_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Indexing one package of a repository: its .gitignore still counts, with git and without."""
    top = repository(tmp_path / "r", {".gitignore": "*.log\n/pkg/gen/\n"})
    write(top, {"pkg/a.py": "", "pkg/b.log": "", "pkg/gen/c.py": "", "pkg/sub/gen/d.py": "", "other.py": ""})
    (top / ".git" / "info" / "exclude").write_text("/pkg/sub/secret.py\n")
    write(top, {"pkg/sub/secret.py": ""})
    expected = ["a.py", "sub/gen/d.py"]
    assert paths(top / "pkg") == expected
    monkeypatch.setenv("PATH", str(tmp_path))
    assert paths(top / "pkg") == expected


def test_a_root_that_the_repository_around_it_ignores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People keep their home folder in git and ignore everything: their projects can still be indexed."""
    home = repository(tmp_path / "r", {".gitignore": "*\n"})
    write(home, {"project/a.py": "", "project/.gitignore": "*.log\n", "project/b.log": ""})
    assert paths(home / "project") == ["a.py"]
    monkeypatch.setenv("PATH", str(tmp_path))
    assert paths(home / "project") == ["a.py"]


def test_corneaignore_applies_always(tmp_path: Path, root: Path) -> None:
    """The tool's own ignore file: in any folder, also for tracked files, and it may take things back."""
    files = {
        ".corneaignore": "*.gen.py\nbig/\n",
        "a.gen.py": "",
        "big/x.py": "",
        "sub/.corneaignore": "!b.gen.py\n",
    }
    write(root, files | {"sub/b.gen.py": "", "sub/c.gen.py": "", "d.py": ""})
    expected = ["d.py", "sub/b.gen.py"]
    assert paths(root) == expected
    assert left_out(root)["a.gen.py"] == "ignored by .corneaignore:1: *.gen.py"
    assert left_out(root)["big/"] == "ignored by .corneaignore:2: big/"
    tracked = repository(tmp_path / "tracked", files | {"sub/b.gen.py": "", "sub/c.gen.py": "", "d.py": ""})
    assert [path for path in paths(tracked) if path.endswith(".py")] == expected


def test_corneaignore_takes_back_what_our_tables_leave_out(root: Path) -> None:
    """A line with `!` is the word of whoever works here: hidden, vendored and generated files come back."""
    write(
        root,
        {"third_party/a.py": "", ".hidden/b.py": "", "x.min.js": "", "third_party/node_modules/c.js": ""},
    )
    write(root, {".corneaignore": "!third_party/\n!.hidden/\n!*.min.js\n"})
    assert paths(root) == [".hidden/b.py", "third_party/a.py", "x.min.js"]


def test_include_and_exclude(root: Path) -> None:
    """`include` overrules every rule but `exclude`, also git's; `exclude` overrules all."""
    write(root, {".gitignore": "gen/\n*.out\n", "gen/api/a.py": "", "gen/b.py": "", "c.out": "", "d.py": ""})
    write(
        root,
        {"third_party/lib/e.py": "", "third_party/f.py": "", ".hidden/g.py": "", "node_modules/h.js": ""},
    )
    assert paths(root) == ["d.py"]
    options = WalkOptions(include=("gen/api/", "third_party/lib", ".hidden/*.py", "*.out"), exclude=("c.*",))
    assert paths(root, options) == [".hidden/g.py", "d.py", "gen/api/a.py", "third_party/lib/e.py"]
    assert left_out(root, options)["c.out"] == "left out by index.exclude:1: c.*"
    assert paths(root, WalkOptions(exclude=("*", "!d.py"))) == ["d.py"]
    assert paths(root, WalkOptions(include=("third_party/*", "!f.py"))) == ["d.py", "third_party/lib/e.py"]


def test_hidden_and_vendored_on_request(root: Path) -> None:
    """Two switches; the repository's own .git never."""
    write(root, {".a/b.py": "", ".c.py": "", "node_modules/d.js": "", "e.py": ""})
    assert paths(root) == ["e.py"]
    assert paths(root, WalkOptions(hidden=True)) == [".a/b.py", ".c.py", "e.py"]
    assert paths(root, ALL) == [".a/b.py", ".c.py", "e.py", "node_modules/d.js"]


@pytest.mark.parametrize(
    ("files", "kept", "reason"),
    [
        (["node_modules/x/a.js"], [], "vendored: npm packages"),
        (["pkg/bower_components/a.js"], [], "vendored: Bower packages"),
        (["env/pyvenv.cfg", "env/lib/a.py"], [], "vendored: Python virtual environment"),
        (["lib/site-packages/a.py"], [], "vendored: installed Python packages"),
        (["Third_Party/a.c"], [], "vendored: third-party code"),
        (["vendor/modules.txt", "vendor/a.go"], [], "vendored: vendored Go modules"),
        (["vendor/autoload.php", "vendor/a.php"], [], "vendored: Composer packages"),
        (["shop/vendor/model.py"], ["shop/vendor/model.py"], ""),
        (["Pods/Manifest.lock", "Pods/a.m"], [], "vendored: CocoaPods"),
        (["views/Pods/list.tsx"], ["views/Pods/list.tsx"], ""),
        (["__pycache__/a.txt"], [], "vendored: Python bytecode"),
        (["target/CACHEDIR.TAG", "target/a.rs"], [], "vendored: cache"),
        (["Cargo.toml", "target/a.rs"], ["Cargo.toml"], "vendored: build output"),
        (["setup.py", "build/lib/a.py"], ["setup.py"], "vendored: build output"),
        (["pip/operations/build/wheel.py"], ["pip/operations/build/wheel.py"], ""),
    ],
)
def test_vendored_folders(root: Path, files: list[str], kept: list[str], reason: str) -> None:
    """Other people's code and build output are one line each in the list of what was left out."""
    write(root, dict.fromkeys(files, ""))
    assert paths(root) == kept
    assert list(skipped(root).values()) == ([reason] if reason else [])


def test_tracked_folders_are_vendored_only_if_nobody_writes_such_names(tmp_path: Path) -> None:
    """Checked in `dist` is somebody's code; checked in `node_modules` is still npm's."""
    files = [
        "package.json",
        "dist/a.js",
        "node_modules/b.js",
        "third_party/c.py",
        "vendor/d.go",
        "src/build/e.py",
    ]
    root = repository(tmp_path / "r", dict.fromkeys(files, ""))
    assert paths(root) == ["dist/a.js", "package.json", "src/build/e.py", "vendor/d.go"]
    assert set(skipped(root)) == {"node_modules/", "third_party/"}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a.PNG", "binary: image (.png)"),
        ("a.pyc", "binary: compiled (.pyc)"),
        ("a.min.js", "generated: minified"),
        ("a.js.map", "generated: source map"),
        ("go.sum", "generated: lock file"),
        ("a_pb2.py", "generated: protobuf"),
        ("#a.py#", "editor's copy: auto-save file"),
        ("a.py~", "editor's copy: backup"),
        ("a.py.~3~", "editor's copy: backup"),
    ],
)
def test_files_left_out_by_name(root: Path, name: str, reason: str) -> None:
    """Not opened at all; a world.map or a lock.py is."""
    write(root, {name: "", "world.map": "", "lock.py": "", "min.js": ""})
    assert skipped(root) == {name: reason}
    assert paths(root) == ["lock.py", "min.js", "world.map"]


def test_editors_copies(root: Path) -> None:
    """Hidden ones too, where hidden files are asked for; a name that only has such a sign stays."""
    write(root, {".a.py.swp": "", ".#b.py": "", ".c.py~": "", ".d.swift": "", "#e.py": "", "~": "", "##": ""})
    assert paths(root, WalkOptions(hidden=True)) == ["##", "#e.py", ".d.swift", "~"]
    assert skipped(root, WalkOptions(hidden=True)) == {
        ".a.py.swp": "editor's copy: swap file",
        ".#b.py": "editor's copy: auto-save file",
        ".c.py~": "editor's copy: backup",
    }


def test_large_files(root: Path) -> None:
    """One byte over the limit is too much, and the reason says how large it is."""
    write(root, {"a.py": b"x" * 1_000_000, "b.py": b"x" * 1_000_001})
    assert paths(root) == ["a.py"]
    assert skipped(root) == {"b.py": "larger than 1 MB (1,000,001 bytes)"}
    assert set(skipped(root, WalkOptions(max_file_bytes=500))) == {"a.py", "b.py"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.py", "eligible"),
        ("x.log", "ignored by .gitignore:1: *.log"),
        ("out/deep/b.py", "out/: ignored by .gitignore:2: out/"),
        ("out/", "ignored by .gitignore:2: out/"),
        ("node_modules/m/i.js", "node_modules/: vendored: npm packages"),
        (".env", "hidden"),
        ("left.py", "left out by index.exclude:1: left.py"),
        ("own.py", "ignored by .corneaignore:1: own.py"),
        ("p.png", "binary: image (.png)"),
        ("sub", "a folder with 2 eligible files"),
        ("empty", "a folder with no file to index"),
        ("pictures", "a folder with no file to index (1 left out)"),
        ("pipe.py", "not a regular file"),
        ("missing.py", "no such file"),
        ("./sub/../a.py", "eligible"),
        ("pip.py", "eligible"),
    ],
)
def test_explain_says_why(root: Path, path: str, expected: str) -> None:
    """`--why PATH`: one line with the rule and where it stands."""
    files = [
        "a.py",
        "x.log",
        "out/deep/b.py",
        "node_modules/m/i.js",
        ".env",
        "left.py",
        "own.py",
        "p.png",
        "sub/a.py",
    ]
    write(root, dict.fromkeys([*files, "sub/b.py", "pip.py"], ""))
    write(root, {".gitignore": "*.log\nout/\n", ".corneaignore": "own.py\n"})
    write(root, {"pictures/p.png": ""})
    (root / "empty").mkdir()
    os.mkfifo(root / "pipe.py")
    (root / "pi").symlink_to("sub")
    assert explain(root, path, WalkOptions(exclude=("left.py",))) == expected


def test_explain_names_the_rule_below_a_folder_in_which_all_is_ignored(tmp_path: Path) -> None:
    """Git lists that folder too, but no rule is about it."""
    root = repository(tmp_path / "r", {"a.py": "", ".gitignore": "sub/build/\n"})
    write(root, {"sub/build/made.py": ""})
    assert explain(root, "sub/build/made.py") == "sub/build/: ignored by .gitignore:1: sub/build/"


def test_explain_knows_git_s_own(tmp_path: Path) -> None:
    """Neither git nor a walk lists them."""
    root = repository(tmp_path / "r", {"a.py": ""})
    for path in (".git", ".git/config"):
        assert explain(root, path) == "git's own; never indexed"
    assert explain(root, ".git/nothing") == "no such file"
