"""What commits say and change, read from histories that imitate whatever git's output is made of."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from indexer.index.commits import Commit, past
from indexer.walk import git_objects, git_patches
from tests.fastimport import Made, build
from tests.repositories import git, isolate, repository, write

HEX = b"0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def _isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch, tmp_path / "home")


def read(root: Path, revision: str = "HEAD") -> list[Commit]:
    """The past of a repository, the oldest first."""
    kept = root.parent / f"{root.name}.kept"
    kept.mkdir(exist_ok=True)
    found = past(root, kept, revision)
    assert found.missing == ""
    return list(found.commits)[::-1]


def test_a_patch_with_the_bytes_of_a_separator(tmp_path: Path) -> None:
    """A text file may hold any control character, and behind its first 8,000 bytes a NUL."""
    text = b"x = 1\n" * 2_000 + b"\x1e\xb3\x00" + b"12\x00\x00\n\x1e" + HEX + b"\x001\x00message\x00\n"
    build(tmp_path / "r", [Made(b"One", {b"a.py": text}), Made(b"Two", {b"a.py": text + b"\x1e\xb3\n"})])
    assert [(one.message, one.paths) for one in read(tmp_path / "r")] == [
        ("One", ("a.py",)),
        ("Two", ("a.py",)),
    ]


def test_messages_are_what_was_written(tmp_path: Path) -> None:
    """Headers, separators, invalid UTF-8, escapes, very long ones, and none at all."""
    said = [
        b"diff --git a/evil.py b/evil.py\n@@ -1 +1 @@ def evil():\n+def evil():",
        b"\x1e" + HEX + b"\x001\x00x\x00".replace(b"\0", b""),
        b"commit " + HEX + b"\n" + HEX + b" commit 5\n" + HEX + b" missing",
        b"\xff\xfe not UTF-8 \x1b[31m %x00 \\0",
        b"",
        b"long " * 200_000,
    ]
    build(tmp_path / "r", [Made(message, {b"a.py": b"%d\n" % i}) for i, message in enumerate(said)])
    found = read(tmp_path / "r")
    assert [one.message for one in found] == [s.decode("utf-8", "replace").strip()[:4000] for s in said]
    assert all((one.paths, one.functions) == (("a.py",), ()) for one in found)


@pytest.mark.parametrize(
    ("encoding", "raw", "text"),
    [
        ("ISO-8859-1", b"gr\xf6\xdfe", "größe"),
        ("koi8-r", "лодка".encode("koi8-r"), "лодка"),
        ("SHIFT_JIS", "検査".encode("shift_jis"), "検査"),
        ("nonsense", "größe".encode(), "größe"),
        ("unicode_escape", b"\\q", "\\q"),
        ("hex", b"zz", "zz"),
        ("../x", b"a", "a"),
    ],
)
def test_messages_in_other_encodings(tmp_path: Path, encoding: str, raw: bytes, text: str) -> None:
    """The commit names its encoding; a name that means nothing, or no text, is UTF-8."""
    build(tmp_path / "r", [Made(raw, {b"a.py": b"x\n"}, encoding=encoding.encode())])
    assert read(tmp_path / "r")[0].message == text


def test_paths_are_what_was_written(tmp_path: Path) -> None:
    """Line breaks, quotes, tabs, backslashes, dashes, ` b/`, and bytes that are no text."""
    names = [b"a\nb", b'q"q', b"t\tt", b"back\\slash", b"-dash", b"x b/y b/z", b" ", b"\xff", b"\\303"]
    names += ["größe".encode(), HEX, b":100644 100644 x", b"a\rb", b"\x7f\x01", b"diff --git a/x b/x"]
    made = [Made(b"All", dict.fromkeys(names, b"1\n"))]
    made += [Made(b"Each", {name: b"2\n"}) for name in names]
    ids = build(tmp_path / "r", made)
    changed = git_patches.hunks(tmp_path / "r", ids)
    listed = git_patches.names(tmp_path / "r", ids)
    assert {one.path for one in changed[ids[0]]} == {one.path for one in listed[ids[0]]} == set(names)
    for name, id in zip(names, ids[1:], strict=True):
        assert [(one.path, one.hunks) for one in changed[id]] == [(name, [(1, 1)])]
        assert [(one.path, one.status, one.old) for one in listed[id]] == [(name, "M", changed[id][0].old)]


def test_lines_that_look_like_headers(tmp_path: Path) -> None:
    """A removed `-- a/x` reads `--- a/x`, and so on; which lines changed is told rightly."""
    lines = [
        b"-- a/evil.py",
        b"++ b/evil.py",
        b"diff --git a/evil.py b/evil.py",
        b"@@ -1 +1 @@ def f():",
        HEX,
    ]
    before = b"\n".join([b"first", *lines, b"last\r"])
    made = [Made(b"One", {b"a.txt": before}), Made(b"Two", {b"a.txt": b"first\nlast\r"})]
    ids = build(tmp_path / "r", made)
    changed = git_patches.hunks(tmp_path / "r", ids)
    assert [(one.path, one.hunks) for one in changed[ids[0]]] == [(b"a.txt", [(0, 0)])]
    assert [(one.path, one.hunks) for one in changed[ids[1]]] == [(b"a.txt", [(2, 5)])]
    assert all(one.functions == () for one in read(tmp_path / "r"))


def test_changes_without_lines(tmp_path: Path) -> None:
    """Binary files, modes, links, submodules, renames, empty files, nothing, and a file that is deleted."""
    made = [
        Made(b"all", {b"bin": b"\0\1", b"run": b"x\n", b"link": (b"run", b"120000"), b"empty": b""}),
        Made(b"bin", {b"bin": b"\0\2"}),
        Made(b"mode", {b"run": (b"x\n", b"100755")}),
        Made(b"link", {b"link": (b"bin", b"120000")}),
        Made(b"module", {b"sub": (HEX, b"160000")}),
        Made(b"module", {b"sub": (HEX[::-1], b"160000")}),
        Made(b"type", {b"link": b"a file now\n"}),
        Made(b"rename", {b"run": None, b"ran": (b"x\n", b"100755")}),
        Made(b"nothing"),
        Made(b"gone", {b"empty": None}),
    ]
    build(tmp_path / "r", made)
    found = read(tmp_path / "r")
    assert [one.message for one in found] == [one.message.decode() for one in made]
    assert [set(one.paths) for one in found] == [{path.decode() for path in one.files} for one in made]


def test_dates_that_no_clock_shows(tmp_path: Path) -> None:
    """Far in the future, at odd zones, before 1970, or no number: the commit is there all the same."""
    made = [Made(b"far", {b"a": b"1"}, when=b"99999999999999 +9999")]
    (id,) = build(tmp_path / "r", made)
    tree = git(tmp_path / "r", "rev-parse", "HEAD^{tree}").strip()
    for when, time in [
        (b"-86400 +0000", -86_400),
        (b"1" * 40 + b" +0000", 2**63 - 1),
        (b"never", 0),
        (b"", 0),
    ]:
        raw = b"tree %s\nparent %s\nauthor A <a> %s\ncommitter A <a> %s\n\nx\n" % (
            tree,
            id.encode(),
            when,
            when,
        )
        one = git_objects.commit("0" * 40, raw)
        assert (one.time, one.parents, one.message()) == (time, (id,), "x")
        write(tmp_path, {"raw": raw})
        place = str(tmp_path / "raw")
        made_id = (
            git(tmp_path / "r", "hash-object", "-t", "commit", "-w", "--literally", place).decode().strip()
        )
        assert [c.time for c in read(tmp_path / "r", made_id)][-1] == time
    assert read(tmp_path / "r", id)[0].time == 99_999_999_999_999


def test_merges_tags_and_a_detached_head(tmp_path: Path) -> None:
    """A merge of many tells nothing of its own, wherever HEAD is."""
    root = repository(tmp_path / "r", {"a.py": "a\n"})
    for name in ("one", "two", "three"):
        git(root, "checkout", "-q", "-b", name, "main")
        git(write(root, {f"{name}.py": "x\n"}), "add", "-A")
        git(root, "commit", "-qm", name)
    git(root, "merge", "-q", "-m", "Octopus", "one", "two")
    git(root, "tag", "-a", "v1", "-m", "tag")
    git(root, "checkout", "-q", "--detach", "v1")
    assert {one.message for one in read(root)} == {"Begin", "one", "two", "three"}
    merge = git(root, "rev-parse", "HEAD").decode().strip()
    assert git_patches.hunks(root, [merge]) == {merge: []}
    assert {one.message for one in read(root, "v1")} == {"Begin", "one", "two", "three"}


def test_the_longer_object_ids(tmp_path: Path) -> None:
    """A repository of SHA-256 is read like any other."""
    ids = build(tmp_path / "r", [Made(b"One", {b"a.py": b"def f():\n    pass\n"})], "--object-format=sha256")
    assert len(ids[0]) == 64
    assert [(one.message, one.functions) for one in read(tmp_path / "r")] == [("One", (("a.py", "f"),))]


def test_a_replaced_commit(tmp_path: Path) -> None:
    """`git replace` shows another commit in the place of one; git decides, and it is read."""
    ids = build(tmp_path / "r", [Made(b"One", {b"a": b"1"}), Made(b"Two", {b"a": b"2"}), Made(b"Three")])
    git(tmp_path / "r", "replace", ids[1], ids[2])
    assert [one.message for one in read(tmp_path / "r", ids[1])][-1] == "Three"


def _damage(root: Path, name: str) -> None:
    place = root / "objects" / name[:2] / name[2:]
    place.chmod(0o644)
    place.write_bytes(b"garbage")


def _loose(root: Path) -> None:
    """Give every object a file of its own."""
    for pack in [*root.glob("objects/pack/*.pack")]:
        content = pack.read_bytes()
        for path in root.glob("objects/pack/*"):
            path.chmod(0o644)
            path.unlink()
        subprocess.run(["git", "-C", root, "unpack-objects", "-q"], input=content, check=True)


def test_damaged_objects_cost_what_is_in_them(tmp_path: Path) -> None:
    """A content that cannot be read costs a commit its functions, a folder its paths, a commit the past."""
    body = b"def f%d():\n    return %d\n"
    made = [Made(b"%d" % i, {b"f%d.py" % j: body % (j, i * 10 + j) for j in (1, 2)}) for i in range(6)]
    ids = build(tmp_path / "r", made)
    root = tmp_path / "r"
    _loose(root)
    _damage(root, git(root, "rev-parse", f"{ids[3]}:f1.py").decode().strip())
    found = read(root)
    assert [one.message for one in found] == list("012345")
    assert [one.paths for one in found] == [("f1.py", "f2.py")] * 6
    assert [bool(one.functions) for one in found] == [True, True, True, False, False, True]
    _damage(root, git(root, "rev-parse", f"{ids[1]}^{{tree}}").decode().strip())
    (tmp_path / "r.kept" / "commits.sqlite3").unlink()
    assert [bool(one.paths) for one in read(root)] == [True, False, False, True, True, True]
    _damage(root, ids[2])
    (tmp_path / "r.kept" / "commits.sqlite3").unlink()
    seen = past(root, tmp_path / "r.kept")
    assert [one.message for one in seen.commits] == ["5", "4"]
    assert seen.missing.startswith("the history ends after 2 commits (git failed: ")


def test_a_partial_clone(tmp_path: Path) -> None:
    """What was not fetched is not there: messages and paths, or messages alone."""
    made = [Made(b"%d" % i, {b"a.py": b"def f():\n    return %d\n" % i}) for i in range(12)]
    build(tmp_path / "r", made)
    git(tmp_path / "r", "config", "uploadpack.allowFilter", "true")
    for filter, paths in [("blob:none", ("a.py",)), ("tree:0", ())]:
        place = str(tmp_path / filter.partition(":")[0])
        git(tmp_path, "clone", "-q", "--bare", f"--filter={filter}", (tmp_path / "r").as_uri(), place)
        found = read(Path(place))
        assert [one.message for one in found] == [str(i) for i in range(12)]
        assert {(one.paths, one.functions) for one in found} == {(paths, ())}


def test_a_line_without_end(tmp_path: Path) -> None:
    """A file of one line of many megabytes is not held in memory, and what comes after it is read."""
    ids = build(tmp_path / "r", [Made(b"One", {b"a.js": b"x" * 5_000_000, b"b.js": b"function f() {}\n"})])
    found = git_patches.hunks(tmp_path / "r", ids)[ids[0]]
    assert [(one.path, one.lines) for one in found] == [(b"a.js", []), (b"b.js", [b"function f() {}"])]


def test_a_folder_with_an_odd_name(tmp_path: Path) -> None:
    """Paths are relative to the folder that is asked about, whatever it is called."""
    name = "sub\n x "
    root = repository(tmp_path / "r", {f"{name}/a.py": "x\n", "b.py": "x\n"})
    assert [one.paths for one in past(root / name, tmp_path).commits] == [("a.py",)]
