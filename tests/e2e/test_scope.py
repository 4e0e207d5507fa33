"""In a subfolder: what is answered from, how that is said, and where the files in arguments are looked up."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.waiting import LIMIT

from ..hosts import Site, site
from ..repositories import isolate, repository, write
from .cli import FILES, Cli

MORE = {"src/deep/again.py": FILES["src/auth.py"], "src/notes.txt": "Passwords are hashed.\n"}
ISSUE = "hash_password is slow, and RetryDelay waits too long\n"


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """An indexed repository, and beside it a folder with files for arguments."""
    place = tmp_path_factory.mktemp("yard")
    with pytest.MonkeyPatch.context() as patch:
        isolate(patch, place / "user")
        root = repository(place / "yard", FILES | MORE | {".gitignore": "build/\n"})
        write(root, {"build/made.py": FILES["src/auth.py"]})
        cli = Cli(place / "home", root)
        assert cli("index").code == 0
    write(place, {"issue.md": ISSUE, "questions.jsonl": '{"id": 1, "query": "password"}\n'})
    return cli


NOTHING_TO_SUGGEST = "cornea: nothing to suggest; --all also shows suggestions that are probably wrong\n"


def _in(cli: Cli, folder: str) -> Cli:
    return Cli(cli.home, cli.folder / folder)


def _paths(text: str) -> set[str]:
    return {row["path"] for row in json.loads(text)["results"]}


def _told(cli: Cli, folder: str) -> str:
    return f"cornea: searching only {folder}/; --all searches all of {cli.folder}\n"


def test_a_search_in_a_subfolder_stays_there(yard: Cli) -> None:
    """And says so; the object names the folder. With --all it is the whole, as it is in the root."""
    asked = ("search", "password", "-n", "20", "--json")
    done = _in(yard, "src")(*asked)
    assert (done.code, done.err) == (0, _told(yard, "src"))
    assert json.loads(done.out)["scope"] == "src"
    assert _paths(done.out) == {"src/auth.py", "src/deep/again.py", "src/notes.txt"}
    assert _in(yard, ".")("-C", "src", *asked).out == done.out
    deep = _in(yard, "src/deep")(*asked)
    assert (_paths(deep.out), deep.err) == ({"src/deep/again.py"}, _told(yard, "src/deep"))
    whole, root = _in(yard, "src")(*asked, "--all"), yard(*asked)
    assert (whole.out, whole.err, root.err) == (root.out, "", "")
    assert _paths(root.out) > {"src/auth.py", "tests/test_auth.py"}
    assert "scope" not in json.loads(root.out)


def test_a_folder_is_no_beginning_of_a_name(yard: Cli) -> None:
    """`src/` does not answer for `src2/`; a folder may be named by a link, and hold odd characters."""
    write(
        yard.folder,
        {"src2/twin.py": "def hash_password_twin():\n    return 1\n", "a [b]/ü.py": "ümlaut = 1\n"},
    )
    try:
        assert "src2/twin.py" not in _paths(_in(yard, "src")("search", "hash_password_twin", "--json").out)
        odd = _in(yard, "a [b]")("search", "ümlaut", "--json")
        assert (_paths(odd.out), odd.err.splitlines()[0]) == ({"a [b]/ü.py"}, _told(yard, "a [b]").strip())
        link = yard.folder.parent / "link"
        link.symlink_to(yard.folder / "src2")
        assert _paths(yard("-C", link, "search", "password", "--json").out) == {"src2/twin.py"}
    finally:
        (yard.folder / "src2/twin.py").unlink()
        (yard.folder / "a [b]/ü.py").unlink()


def test_globs_begin_in_the_folder_that_is_searched(yard: Cli) -> None:
    """As ripgrep has it; with --all that is the root."""
    asked = ("search", "password", "--format", "vimgrep")

    def files(*options: str) -> set[str]:
        return {line.split(":")[0] for line in _in(yard, "src")(*asked, *options).out.splitlines()}

    assert files("-g", "deep/") == files("-g", "/deep/**") == {"deep/again.py"}
    assert files("-g", "!deep/") == {"auth.py", "notes.txt"}
    assert files("-g", "src/") == set()
    assert files("-g", "src/deep/", "--all") == {"deep/again.py"}
    assert files("-g", "/tests/", "--all") == {"../tests/test_auth.py"}


def test_similar_and_locate_stay_there_too(yard: Cli) -> None:
    """One rule for all that answers with places; `continue` uses the code of the whole repository."""
    net = _in(yard, "net")
    done = net("similar", "../src/auth.py:6", "--json")
    assert (done.err, _paths(done.out)) == (_told(yard, "net"), {"net/retry.go"})
    assert "src/deep/again.py" in _paths(net("similar", "--all", "../src/auth.py:6", "--json").out)
    found = net("locate", "--text", ISSUE, "--json")
    assert (found.code, found.err.splitlines()[0]) == (0, _told(yard, "net").strip())
    assert (json.loads(found.out)["scope"], _paths(found.out)) == ("net", {"net/retry.go"})
    files = net("locate", "--text", ISSUE, "--json", "--level", "file")
    assert _paths(files.out) == {"net/retry.go"}
    assert "src/auth.py" in _paths(net("locate", "--all", "--text", ISSUE, "--json").out)
    old = net("locate", "--text", ISSUE, "--json", "--rev", "HEAD")
    assert _paths(old.out) == {"net/retry.go"}
    begun = "def hash_password(password: str, salt: bytes) -> bytes:\n"
    continued = net("continue", "-t", "python", "--all", stdin=begun)
    assert (continued.code, continued.err) == (0, "")
    assert "../src/" in continued.out


def test_batches_and_rows_stay_there(yard: Cli) -> None:
    """The folder is said once for all lines, which name it too."""
    lines = '{"id": 1, "query": "password"}\n{"id": 2, "query": "retry delay"}\n'
    done = _in(yard, "net")("search", "--batch", "-", stdin=lines)
    answers = [json.loads(line) for line in done.out.splitlines()]
    assert done.err == _told(yard, "net")
    assert {row["path"] for answer in answers for row in answer["results"]} == {"net/retry.go"}
    assert [answer["scope"] for answer in answers] == ["net", "net"]
    issues = _in(yard, "net")("locate", "--batch", "-", stdin=json.dumps({"id": 1, "text": ISSUE}))
    assert json.loads(issues.out)["scope"] == "net"
    rows = _in(yard, "net")("search", "password", "--format", "jsonl").out.splitlines()
    assert {json.loads(row)["path"] for row in rows} == {"net/retry.go"}


def test_a_folder_of_which_nothing_is_indexed(yard: Cli) -> None:
    """The reason is said: the rule that leaves it out."""
    for asked in (("search", "password"), ("locate", "--text", ISSUE)):
        done = _in(yard, "build")(*asked)
        assert (done.code, done.out) == (1, "")
        last = done.err.splitlines()[-1]
        why = "ignored by .gitignore:1: build/"
        assert last == f"cornea: nothing found: nothing in build/ is indexed ({why})"


EMPTYING = [
    (["-t", "rust,go"], "src", "nothing found: -t rust,go matches nothing in src/"),
    (["-t", "rust"], ".", "nothing found: -t rust matches nothing"),
    (["-g", "*.rs", "-g", "!a b/"], ".", "nothing found: -g '*.rs' -g '!a b/' matches nothing"),
    (["--kind", "class"], "net", "nothing found: --kind class matches nothing in net/"),
    (["--tests"], "net", "nothing found: --tests matches nothing in net/"),
    (["-t", "go", "--tests"], ".", "nothing found: -t go and --tests match nothing"),
    (["-t", "rust", "--tests"], ".", "nothing found: -t rust matches nothing"),
    (["-t", "go", "-g", "*.py", "--no-tests"], ".", "-t go, -g '*.py' and --no-tests match nothing"),
]


@pytest.mark.parametrize(("options", "folder", "said"), EMPTYING, ids=[" ".join(e[0]) for e in EMPTYING])
def test_filters_that_leave_nothing_are_named(yard: Cli, options: list[str], folder: str, said: str) -> None:
    """The one that does it alone, else all of them; once for a batch."""
    done = _in(yard, folder)("search", "password", *options)
    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines()[-1].endswith(said)
    lines = '{"id": 1, "query": "password"}\n{"id": 2, "query": "retry"}\n'
    batch = _in(yard, folder)("search", "--batch", "-", *options, stdin=lines)
    assert (batch.code, batch.err) == (1, done.err)


def test_what_was_not_found_is_no_fault_of_the_filters(yard: Cli) -> None:
    """They leave enough; the folder is named all the same."""
    assert yard("search", '"no such phrase"', "-t", "py").err == "cornea: nothing found\n"
    said = _in(yard, "src")("search", '"no such phrase"').err.splitlines()
    assert said[1:] == ["cornea: nothing found in src/"]


def test_a_root_without_files(tmp_path: Path) -> None:
    """Nothing can be found in it: that is said, with the command that lists what is left out."""
    empty = Cli(tmp_path / "home", repository(tmp_path / "empty", {"data.bin": b"\0"}))
    for command in (("search", "x"), ("locate", "--text", "x")):
        done = empty(*command)
        assert (done.code, done.err.splitlines()[-1]) == (
            1,
            "cornea: nothing found: nothing is indexed (the root has no files to index; "
            "`cornea status --skipped` lists what was skipped)",
        )


@pytest.fixture
def hosted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with site(tmp_path, FILES | MORE, monkeypatch) as made:
        yield made


def test_a_host_stays_there_too(hosted: Site) -> None:
    """It answers as the command itself does, with the reason of an empty answer."""
    with hosted.client() as client:
        client.request("reindex")
        inside = Cli(hosted.cli.home, hosted.cli.folder / "net", hosted.cli.env)
        done = inside("-v", "search", "password", "--json")
        assert "asking the host" in done.err
        assert _paths(done.out) == {"net/retry.go"}
        assert _paths(inside("locate", "--text", ISSUE, "--json").out) == {"net/retry.go"}
        empty = inside("search", "password", "-t", "python")
        assert empty.err.splitlines()[-1] == "cornea: nothing found: -t python matches nothing in net/"


def test_files_beside_the_index_are_where_one_is(yard: Cli) -> None:
    """-C leads to the repository, not to the issue: that is looked up where the command was started."""
    outside = _in(yard, "..")
    done = outside("-C", "yard", "locate", "issue.md", "--json")
    assert (done.code, json.loads(done.out)["query"]) == (0, ISSUE.strip())
    assert outside("-C", "yard", "search", "--batch", "questions.jsonl").code == 0
    write(yard.folder.parent, {"issues.jsonl": json.dumps({"id": 1, "text": ISSUE})})
    assert outside("-C", "yard", "locate", "--batch", "issues.jsonl").code == 0
    whole = yard.folder.parent / "issue.md"
    assert outside("-C", "yard", "locate", whole, "--json").out == done.out
    assert outside("-C", "yard", "-C", "src", "locate", "issue.md").code == 0
    data = outside("-C", "yard", "bench", "beir", "nowhere")
    assert (data.code, f"error: {yard.folder.parent / 'nowhere'}: not a folder" in data.err) == (2, True)


def test_what_is_not_there_is_said_with_its_folder(yard: Cli) -> None:
    """Also that there is one where -C leads, so that nobody wonders."""
    outside, start = _in(yard, ".."), yard.folder.parent
    gone = outside("-C", "yard", "locate", "gone.md")
    assert gone.code == 2
    assert f"gone.md: no such file or directory in {start}, where the command was started; name" in gone.err
    write(yard.folder, {"there.md": ISSUE, "there.jsonl": ""})
    for args in (
        ("locate", "there.md"),
        ("locate", "--batch", "there.jsonl"),
        ("search", "--batch", "there.jsonl"),
    ):
        done = outside("-C", "yard", *args)
        assert (done.code, done.out) == (2, "")
        assert f"the file in the -C folder is {yard.folder / args[-1]}" in done.err
    similar = outside("-C", "yard", "similar", "gone.py:3")
    assert f"gone.py: no such file; neither in {yard.folder} (-C) nor in {start}" in similar.err


def test_places_in_code_are_in_either_folder(yard: Cli) -> None:
    """First in the one that -C names, as git has it, then where one is; a shell completes the latter."""
    outside = _in(yard, "..")
    inner = outside("-C", "yard", "similar", "src/auth.py:6", "--json")
    outer = outside("-C", "yard", "similar", "yard/src/auth.py:6", "--json")
    assert (inner.code, outer.out) == (0, inner.out)
    for place in ("src/auth.py:7", "yard/src/auth.py:7"):
        assert outside("-C", "yard", "continue", "--all", place).code == 0
    assert outside("-C", "yard", "continue", "yard/src/auth.py:7:1").err == NOTHING_TO_SUGGEST
    why = outside("-C", "yard", "status", "--why", "yard/src/auth.py")
    assert (why.code, why.out.startswith("src/auth.py: indexed (python")) == (0, True)
    (yard.folder / "twice").mkdir()
    write(yard.folder.parent, {"twice/a.py": "x = 1\n"})
    write(yard.folder, {"twice/a.py": "def twice():\n    return hash_password\n"})
    assert outside("-C", "yard", "similar", "twice/a.py:2").code == 0


def test_the_folder_one_was_started_in_may_be_gone(yard: Cli, tmp_path: Path) -> None:
    """-C leads out of it; only what is relative to it has an error."""
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f'cd "{gone}" && rmdir "{gone}" && exec "$@"'
    cli = Cli(yard.home, tmp_path)

    def run(*args: str) -> tuple[int, str]:
        command = ["sh", "-c", script, "sh", *cli.command(*args)]
        done = subprocess.run(
            command, cwd=tmp_path, env=cli.environment(), capture_output=True, timeout=LIMIT
        )
        gone.mkdir(exist_ok=True)
        return done.returncode, done.stderr.decode()

    assert run("-C", str(yard.folder), "search", "password") == (0, "")
    code, said = run("-C", str(yard.folder), "locate", "issue.md")
    assert (code, len(said.splitlines())) == (2, 1)
    assert "issue.md: the folder that the command was started in is gone; use an absolute path" in said
    for line in (
        "search x", "search --batch a.jsonl", "similar a.py:1", "continue a.py:1", "locate a.md", "index",
        "index .", "status", "status .", "status --why a", "doctor", "doctor .", "clear", "host status",
        "watch",
    ):  # fmt: skip
        args = line.split()
        code, said = run(*args)
        assert (code, len(said.splitlines())) == (2, 1), (args, said)
        assert "Traceback" not in said
        assert "bug" not in said
        assert "working directory is gone" in said or "a.md" in said or "a.jsonl" in said, (args, said)


def test_folders_that_cannot_be_gone_to(yard: Cli, tmp_path: Path) -> None:
    """One line each, which names the folder and what is wrong with it."""
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "file").write_text("")
    odd = os.fsdecode(b"caf\xe9")
    cli = Cli(yard.home, tmp_path)
    for folder, why in (
        ("loop", "-C loop: too many levels of symbolic links"),
        ("file", "-C file: not a directory"),
        ("", "-C '': empty folder name"),
        ("a" * 300, "file name too long"),
        (odd, "no such file or directory"),
    ):
        for args in (("search", "x"), ("status",), ("index",)):
            done = cli("-C", folder, *args)
            assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1), done.err
            assert why in done.err
    write(tmp_path / odd, {"a.py": "def zymurgy():\n    return 1\n", "sub/b.py": "zymurgy = 2\n"})
    assert cli("-C", odd, "index").code == 0
    inside = cli("-C", odd, "-C", "sub", "search", "zymurgy", "--json")
    assert _paths(inside.out) == {"sub/b.py"}
