"""Walking a root: what is found, what is left out, and why, on real repositories and real file systems."""

from __future__ import annotations

import os
import random
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.errors import UsageError
from indexer.files import WalkOptions, explain, ignored, walk
from indexer.fragment import Skipped, SourceFile
from tests import unprivileged
from tests.repositories import git, isolate, repository, write

ALL = WalkOptions(hidden=True, vendored=True)


@pytest.fixture(autouse=True)
def _isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch, tmp_path / "home")


@pytest.fixture(params=["git", "plain"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A folder to fill, once as a repository with nothing tracked and once without git."""
    place = tmp_path / "root"
    place.mkdir()
    if request.param == "git":
        git(place, "init", "-q")
    return place


def paths(root: Path, options: WalkOptions | None = None) -> list[str]:
    return [item.path for item in walk(root, options) if isinstance(item, SourceFile)]


def skipped(root: Path, options: WalkOptions | None = None) -> dict[str, str]:
    return {item.path: item.reason for item in walk(root, options) if isinstance(item, Skipped)}


def left_out(root: Path, options: WalkOptions | None = None) -> dict[str, str]:
    return {item.path: item.reason for item in ignored(root, options)}


def files_of(root: Path, options: WalkOptions) -> list[SourceFile | Skipped]:
    """All but folders: git does not mention a folder in which all files are ignored, our own walk may."""
    return [item for item in walk(root, options) if not item.path.endswith("/")]


def test_files_come_sorted_with_size_and_time(root: Path) -> None:
    """Every text file below the root, whatever its name, in the order of the paths."""
    write(root, {"b.py": "bb", "a/z.py": "", "a/b/c.txt": "x", "a.py": "", "Makefile": "all:"})
    found = list(walk(root))
    assert [item.path for item in found] == ["Makefile", "a.py", "a/b/c.txt", "a/z.py", "b.py"]
    last = found[-1]
    status = (root / "b.py").stat()
    assert last == SourceFile("b.py", root / "b.py", 2, status.st_mtime_ns)


def test_the_root_may_be_given_in_any_way(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a slash, relative, through a link or `..`: the same files at the same places."""
    write(root, {"sub/a.py": "a"})
    (root.parent / "link").symlink_to(root)
    monkeypatch.chdir(root.parent)
    expected = list(walk(root))
    for way in (Path("root"), Path("link"), root / "sub" / "..", Path("./root/")):
        assert list(walk(way)) == expected
    monkeypatch.chdir(root)
    assert list(walk(Path())) == expected


def test_a_root_that_is_no_folder_says_what_to_do(tmp_path: Path) -> None:
    """A file, nothing, a broken link, a folder below a file."""
    (tmp_path / "f.py").touch()
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("f.py", "missing", "link", "f.py/x"):
        with pytest.raises(UsageError, match="name"):
            list(walk(tmp_path / name))


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
    ],
)
def test_files_left_out_by_name(root: Path, name: str, reason: str) -> None:
    """Not opened at all; a world.map or a lock.py is."""
    write(root, {name: "", "world.map": "", "lock.py": "", "min.js": ""})
    assert skipped(root) == {name: reason}
    assert paths(root) == ["lock.py", "min.js", "world.map"]


def test_large_files(root: Path) -> None:
    """One byte over the limit is too much, and the reason says how large it is."""
    write(root, {"a.py": b"x" * 1_000_000, "b.py": b"x" * 1_000_001})
    assert paths(root) == ["a.py"]
    assert skipped(root) == {"b.py": "larger than 1 MB (1,000,001 bytes)"}
    assert set(skipped(root, WalkOptions(max_file_bytes=500))) == {"a.py", "b.py"}


def test_links_are_never_followed(root: Path, tmp_path: Path) -> None:
    """Inside the root the target is found anyway; outside it is not ours; loops are harmless."""
    write(tmp_path, {"outside/secret.py": ""})
    write(root, {"a/x.py": ""})
    links = {"in.py": "a/x.py", "out.py": "../outside/secret.py", "abs": str(tmp_path / "outside"), "b": "a"}
    links |= {"a/up": "..", "self": "self", "gone": "nowhere", "etc.py": "/etc/hostname", "a/root": str(root)}
    for name, target in links.items():
        (root / name).symlink_to(target)
    assert paths(root) == ["a/x.py"]
    outside = "symlink out of the root"
    expected = {"in.py": "symlink", "out.py": outside, "abs": outside, "b": "symlink", "a/up": "symlink"}
    expected |= {"self": "broken symlink", "gone": "broken symlink", "etc.py": outside, "a/root": "symlink"}
    assert skipped(root) == expected


def test_a_tracked_folder_replaced_by_a_link_is_not_entered(tmp_path: Path) -> None:
    """git still lists the files that were there; through the link they would be somebody else's."""
    root = repository(tmp_path / "r", {"a/x.py": "", "b.py": ""})
    write(tmp_path, {"outside/x.py": "secret"})
    shutil.rmtree(root / "a")
    (root / "a").symlink_to("../outside")
    assert paths(root) == ["b.py"]
    assert skipped(root)["a"] == "symlink out of the root"


def test_pipes_and_sockets_are_never_opened(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening a pipe waits for a writer; ignore files can be pipes too."""
    write(root, {"a.py": "", "sub/b.py": ""})
    os.mkfifo(root / "pipe.py")
    os.mkfifo(root / "sub" / ".corneaignore")
    monkeypatch.chdir(root)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        assert paths(root) == ["a.py", "sub/b.py"]
        # git does not list what is neither a file nor a link.
        reasons = {reason for path, reason in skipped(root).items() if not path.startswith("sub/")}
        assert reasons <= {"not a regular file"}


def test_names_of_every_kind(root: Path) -> None:
    """Spaces, newlines, quotes, emoji and bytes that are not UTF-8; the location is always the real one."""
    names = [
        b"a b.py",
        b"new\nline.py",
        b'qu"ote.py',
        "😀.py".encode(),
        b"\xffx.py",
        b"-n.py",
        b"*.py",
        b"d\xfe/e.py",
    ]
    for name in names:
        place = root / os.fsdecode(name)
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(name)
    found = {item.path: item for item in walk(root) if isinstance(item, SourceFile)}
    assert set(found) == {name.decode("utf-8", "backslashreplace") for name in names}
    assert "\\xffx.py" in found
    for path, item in found.items():
        path.encode()
        assert item.location.read_bytes().decode("utf-8", "backslashreplace") == path


def test_two_names_that_look_the_same(root: Path) -> None:
    """A byte that is no text is shown as an escape, which another name may spell out; one is left out."""
    (root / os.fsdecode(b"\xff.py")).touch()
    (root / "\\xff.py").touch()
    assert paths(root) == ["\\xff.py"]
    assert "looks the same" in skipped(root)["\\xff.py"]


def test_submodules_and_nested_repositories_are_part_of_the_tree(tmp_path: Path) -> None:
    """Each follows its own git: its tracked files win, its rules count, those of the outer one do not."""
    inner = repository(tmp_path / "inner", {"x.py": "", ".gitignore": "*.log\n", "kept.log": ""})
    root = repository(tmp_path / "r", {".gitignore": "x.py\n", "a.py": ""})
    git(root, "submodule", "--quiet", "add", str(inner), "sub/inner")
    repository(root / "nested", {"x.py": "", ".github/y.yml": ""})
    write(root, {"sub/inner/new.log": "", "nested/new.py": ""})
    git(root, "init", "-q", "nested/deeper")
    write(root, {"nested/deeper/z.py": ""})
    assert [p for p in paths(root) if not Path(p).name.startswith(".git")] == [
        *("a.py", "nested/.github/y.yml", "nested/deeper/z.py", "nested/new.py", "nested/x.py"),
        *("sub/inner/kept.log", "sub/inner/x.py"),
    ]  # fmt: skip
    assert left_out(root) == {"sub/inner/new.log": "ignored by .gitignore:1: *.log"}


def test_a_folder_of_repositories(tmp_path: Path) -> None:
    """A root without git that holds checkouts: each of them is asked by its own git."""
    root = tmp_path / "src"
    repository(root / "one", {"a.py": "", "dist/b.py": "", "setup.py": ""})
    repository(root / "two", {".gitignore": "*.log\n"})
    write(root, {"two/c.log": "", "two/d.py": "", "e.py": ""})
    assert paths(root) == ["e.py", "one/a.py", "one/dist/b.py", "one/setup.py", "two/.gitignore", "two/d.py"]


def test_a_submodule_that_is_not_checked_out(tmp_path: Path) -> None:
    """An empty folder is nothing to complain about."""
    inner = repository(tmp_path / "inner", {"x.py": ""})
    root = repository(tmp_path / "r", {"a.py": ""})
    git(root, "submodule", "--quiet", "add", str(inner), "sub")
    git(root, "submodule", "--quiet", "deinit", "-f", "sub")
    assert [path for path in paths(root) if path.endswith(".py")] == ["a.py"]


def test_what_git_lists_but_is_gone_is_not_mentioned(tmp_path: Path) -> None:
    """Deleted and not yet committed, or left out by a sparse checkout."""
    root = repository(tmp_path / "r", {"a.py": "", "b/c.py": ""})
    shutil.rmtree(root / "b")
    assert list(walk(root)) == [item for item in walk(root) if item.path == "a.py"]


def test_without_git_installed_the_same_files_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rules are read by ourselves, and a line says that git was not asked."""
    root = repository(tmp_path / "r", {"a.py": "", ".gitignore": "*.log\n"})
    write(root, {"b.log": "", "c.py": ""})
    monkeypatch.setenv("PATH", str(tmp_path))
    assert paths(root) == ["a.py", "c.py"]
    assert skipped(root) == {".git/": "git is not installed", ".gitignore": "hidden"}


def test_a_repository_of_somebody_else_is_walked_without_git() -> None:
    """git distrusts it; the files are found all the same, by the same rules, with a remark."""
    if os.getuid() != 0:
        pytest.skip("only root can make a folder that belongs to somebody else")
    with unprivileged.folder() as place:
        write(repository(place / "r", {"a.py": "", ".gitignore": "*.log\n"}), {"b.log": ""})
        seen = unprivileged.run(
            "for item in walk(Path(sys.argv[1])): print(item.path, getattr(item, 'reason', ''))",
            place / "r",
            before="import sys; from pathlib import Path; from indexer.files import walk",
        )
    lines = seen.splitlines()
    assert lines[0].startswith(".git/ git distrusts this folder")
    assert lines[1:] == [".gitignore hidden", "a.py "]


@pytest.mark.parametrize("with_git", [True, False])
def test_folders_that_may_not_be_read(with_git: bool) -> None:
    """One locked folder costs its own content only, and is named."""
    with unprivileged.folder() as place:
        root = place / "r"
        write(root, {"a.py": "", "locked/b.py": "", "closed/c.py": ""})
        if with_git:
            git(root, "init", "-q")
        unprivileged.give(root)
        (root / "locked").chmod(0)
        (root / "closed").chmod(0o400)
        seen = unprivileged.run(
            "for item in walk(Path(sys.argv[1])): print(item.path, getattr(item, 'reason', ''))",
            root,
            before="import sys; from pathlib import Path; from indexer.files import walk",
        )
    lines = seen.splitlines()
    assert "a.py " in lines
    assert "locked/ unreadable: Permission denied" in lines
    assert any(line.startswith("closed/") and "Permission denied" in line for line in lines)


def test_too_many_files_are_refused(root: Path) -> None:
    """A home folder by accident: the message says what to do."""
    write(root, {f"{i}.py": "" for i in range(11)})
    assert len(paths(root, WalkOptions(max_files=11))) == 11
    with pytest.raises(UsageError, match="more than 10 files"):
        paths(root, WalkOptions(max_files=10))


def test_files_that_are_no_code_do_not_count(root: Path) -> None:
    """Many pictures and a little code are not too much; the walk goes on until it has seen the code."""
    write(root, {f"a/{i}.png": "" for i in range(30)} | {"b.py": "", "a/z/c.py": ""})
    assert paths(root, WalkOptions(max_files=10)) == ["a/z/c.py", "b.py"]


def test_a_walk_without_git_stops_when_there_is_no_end(tmp_path: Path) -> None:
    """Nobody wants to wait for the whole home folder to be told that it is too large."""
    write(tmp_path / "r", {f"{folder}/{i}.png": "" for folder in "abcde" for i in range(20)})
    with pytest.raises(UsageError, match="more than 10 files"):
        paths(tmp_path / "r", WalkOptions(max_files=10))


def test_a_very_deep_folder(root: Path) -> None:
    """Deeper than a path may be long: what can be reached is found, the rest is a reason, nothing breaks."""
    here = Path.cwd()
    os.chdir(root)
    try:
        for _ in range(60):
            Path("d" * 100).mkdir()
            os.chdir("d" * 100)
            Path("x.py").touch()
    finally:
        os.chdir(here)
    found = list(walk(root))
    assert sum(isinstance(item, SourceFile) for item in found) >= 30
    assert (
        any("too long" in item.reason for item in found if isinstance(item, Skipped))
        or (root / ".git").exists()
    )


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
        ("empty", "no file to index in it"),
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
    (root / "empty").mkdir()
    (root / "pi").symlink_to("sub")
    assert explain(root, path, WalkOptions(exclude=("left.py",))) == expected


def test_random_trees_with_git_and_without(tmp_path: Path) -> None:
    """The same tree gives the same files, and the same reasons for files left out, when .git is gone."""
    rng = random.Random(7)
    names = ["a", "b.py", "c.log", "build", "x y", "é", ".hid", "vendor", "d.min.js", "out"]
    rules = ["*.log", "!c.log", "build/", "/out", "x*", "**/a/b.py", "a/**", "!a/x y", "*", "!*/", "!*.py"]
    for number in range(40):
        root = tmp_path / str(number)
        repository(root)
        for _ in range(30):
            place = root.joinpath(*rng.choices(names, k=rng.randint(1, 4)))
            if not any(p.is_file() for p in (place, *place.parents)) and not place.is_dir():
                place.parent.mkdir(parents=True, exist_ok=True)
                place.touch()
        for folder in [root, *(p for p in root.rglob("*") if p.is_dir() and ".git" not in p.parts)]:
            if rng.random() < 0.4:
                (folder / ".gitignore").write_text("\n".join(rng.choices(rules, k=3)))
        for options in (WalkOptions(), ALL):
            expected = files_of(root, options)
            (root / ".git").rename(tmp_path / "aside")
            assert files_of(root, options) == expected, number
            (tmp_path / "aside").rename(root / ".git")


def test_a_walk_is_quick(tmp_path: Path) -> None:
    """2,500 tracked files well under a second even on a busy machine; the best of three counts."""
    root = repository(tmp_path / "r", {f"d{i % 50}/e{i % 7}/f{i}.py": "x" for i in range(2500)})
    best = 9.0
    for _ in range(3):
        started = time.perf_counter()
        assert len(paths(root)) == 2500
        best = min(best, time.perf_counter() - started)
    assert best < 0.5
