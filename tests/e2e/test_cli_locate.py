"""`cornea locate` from outside: what is printed, in which form, and how it ends with every kind of input."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.support.waiting import processor_time_below

from ..repositories import git, isolate, repository, write
from .cli import FILES, Cli, Done

ISSUE = "Expired sessions still name their user\n\n`Session.expire` should end the session.\n"
TRACE = """Traceback (most recent call last):
  File "/srv/shop/src/auth.py", line 8, in hash_password
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)
ValueError: memory limit exceeded
"""


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """A repository of two commits and its index; the newer commit renames a function."""
    place = tmp_path_factory.mktemp("yard")
    with pytest.MonkeyPatch.context() as patch:
        isolate(patch, place / "user")
        root = repository(place / "yard", FILES)
        write(root, {"src/auth.py": FILES["src/auth.py"].replace("expire", "finish")})
        git(root, "commit", "-qam", "Sessions finish instead of expiring, which confused people")
        git(place, "clone", "-q", "--bare", "yard", "bare.git")
        git(place, "clone", "-q", "--depth=1", root.as_uri(), "shallow")
        cli = Cli(place / "home", root)
        assert cli("index").code == 0
    return cli


def _soon() -> AbstractContextManager[None]:
    """Input that has no end for who reads it badly; what is right takes a tenth of this."""
    return processor_time_below(10.0)


def _first(done: Done) -> str:
    assert done.code == 0, done.err
    return str(json.loads(done.out)["results"][0].get("symbol", ""))


def test_text_file_and_stdin(yard: Cli) -> None:
    """The same answer whichever way the issue comes."""
    (yard.folder.parent / "issue.md").write_text(ISSUE)
    one = yard("locate", yard.folder.parent / "issue.md", "--json")
    assert (
        one.out
        == yard("locate", "-", "--json", stdin=ISSUE).out
        == yard("locate", "--text", ISSUE, "--json").out
    )
    answer = json.loads(one.out)
    assert answer["query"] == "Expired sessions still name their user"
    assert answer["results"][0]["symbol"] == "Session.finish"


def test_forms(yard: Cli) -> None:
    """Text, JSON lines, places for an editor, a list for an issue; files instead of functions."""
    asked = ("locate", "--text", "RetryDelay waits too long between attempts", "-n", "1")
    assert yard(*asked).out.startswith("net/retry.go:3-6  RetryDelay  (")
    assert yard(*asked, "--format", "vimgrep").out == "net/retry.go:3:1:RetryDelay\n"
    assert yard(*asked, "--format", "markdown").out == "1. `net/retry.go:3-6` `RetryDelay`\n"
    assert json.loads(yard(*asked, "--format", "jsonl").out)["symbol"] == "RetryDelay"
    files = json.loads(yard(*asked, "--level", "file", "--json").out)["results"]
    assert [row.keys() for row in files] == [{"path", "score", "source"}]
    assert files[0]["path"] == "net/retry.go"
    assert yard(*asked, "--level", "file", "--format", "vimgrep").out == "net/retry.go:1:1:\n"


def test_explain(yard: Cli) -> None:
    """The frame, the mention, the commit."""
    said = yard("locate", "--text", TRACE, "--explain").out
    assert "  stack trace: auth.py:8, where the error was raised" in said.splitlines()
    named = yard("locate", "--text", "`verify_password` is slow", "--explain", "-n", "1").out.splitlines()[1]
    assert named == "  the issue names verify_password (in backticks, in the title)"
    why = json.loads(
        yard("locate", "--text", "Sessions finish, which confused people", "--json", "--explain").out
    )
    assert any("Sessions finish instead" in reason for reason in why["results"][0]["why"])


def test_explained_files(yard: Cli) -> None:
    """A file's reasons are its likeliest functions, each with its weightiest reason; in every form."""
    asked = ("locate", "--level", "file", "-n", "1", "--explain", "--text", "`verify_password` is slow")
    path, first, *_ = yard(*asked).out.splitlines()
    assert path.startswith("src/auth.py  (")
    assert first.startswith("  verify_password (")
    reason = first.partition("): ")[2]
    assert reason == "the issue names verify_password (in backticks, in the title)"
    (row,) = json.loads(yard(*asked, "--json").out)["results"]
    assert row["why"][0] == first.strip()
    assert yard(*asked, "--format", "markdown").out.startswith("1. `src/auth.py`: verify_password (")


def test_of_a_commit(yard: Cli) -> None:
    """An older commit's functions, of a bare clone too; the work tree's index stays as it is."""
    asked = ("locate", "--text", "`expire` or `finish` of a session does not end it", "--json")
    assert _first(yard(*asked, "--rev", "HEAD~1")) == "Session.expire"
    bare = ("-C", yard.folder.parent / "bare.git")
    assert _first(yard(*bare, *asked, "--rev", "HEAD~1")) == "Session.expire"
    assert _first(yard(*bare, *asked, "--rev", "HEAD")) == "Session.finish"
    assert _first(yard(*asked, "--no-refresh")) == "Session.finish"
    without = yard(*bare, *asked)
    assert (without.code, "name a commit: --rev HEAD" in without.err) == (2, True)


def test_batch(yard: Cli) -> None:
    """A line each, bad ones in their place."""
    lines = [
        {"id": 1, "text": "RetryDelay is wrong"},
        {"id": "empty", "text": "  "},
        {"id": 3},
        {"text": "no id"},
        {"id": 4, "text": "verify_password fails"},
    ]
    done = yard("locate", "--batch", "-", "-n", "2", stdin="\n".join(map(json.dumps, lines)) + "\nnot json\n")
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 2
    assert [row["id"] for row in rows] == [1, "empty", 3, None, 4, None]
    assert rows[0]["results"][0].keys() == {"path", "start_line", "end_line", "symbol", "score", "source"}
    assert rows[4]["results"][0]["symbol"] == "verify_password"
    assert ["error" in row for row in rows] == [False, True, True, True, False, True]


@pytest.mark.parametrize(
    ("issue", "code", "said"),
    [
        ("", 2, "the issue has no words; describe"),
        ("\n \t\n", 2, "the issue has no words"),
        ("![screenshot](https://host.org/user/a.png)", 2, "the issue has no words"),
        ("https://host.org/user/a.png", 2, "the issue has no words"),
        ("会话过期后仍然显示用户", 0, "no word of the issue is in the code"),
        ("Сессия не завершается: Session.finish() ничего не делает", 0, ""),
        (TRACE, 0, ""),
        ("Slow\n" + "retry delay attempt\n" * 50_000, 0, ""),
    ],
)
def test_hard_issues(yard: Cli, issue: str, code: int, said: str) -> None:
    """An answer, or an error of one line that says what to do."""
    with _soon():
        done = yard("locate", "-", "--no-refresh", stdin=issue)
    assert done.code == code, done.err
    assert said in done.err
    assert len(done.err.splitlines()) <= 1
    assert bool(done.out) == (code == 0)


def test_what_is_no_issue(yard: Cli, tmp_path: Path) -> None:
    """Binary files, other encodings, folders, missing files, unknown commits: an error each."""
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    (tmp_path / "latin.txt").write_bytes("Schlüssel fehlt".encode("latin-1"))
    for args, said in (
        ((tmp_path / "a.png",), "binary, not text"),
        ((tmp_path / "latin.txt",), "not UTF-8 (byte 4)"),
        ((tmp_path,), "is a directory"),
        ((tmp_path / "none.md",), "no such file or directory; name a file with the text of the issue"),
        (
            ("Crash when the config is empty",),
            "no such file or directory; to pass the text of the issue itself, use --text",
        ),
        (
            ("Crash\n" + "empty config " * 400,),
            "...: file name too long; to pass the text of the issue itself, use --text",
        ),
        (("--text", "x", "--rev", "nowhere"), "no commit 'nowhere'"),
        (("--text", "x", "--rev", "--all"), "no commit '--all'"),
        ((), "missing ISSUE"),
        (("a.md", "--text", "x"), "--text and a file are two issues"),
        (("--text", "x", "--json", "--format", "vimgrep"), "--json contradicts"),
        (("--batch", "-", "--format", "markdown"), "--batch prints JSON lines"),
    ):
        with _soon():
            done = yard("locate", *args)
        assert (done.code, done.out) == (2, ""), args
        assert said in done.err, done.err
    with _soon():
        done = yard("locate", "-", stdin="\x89PNG\r\n\0")
    assert (done.code, done.out) == (2, "")
    assert "stdin: binary, not text" in done.err


def test_missing_history(yard: Cli, tmp_path: Path) -> None:
    """Without git, and in a shallow clone, the answer says what it was made without."""
    plain = Cli(tmp_path / "home", write(tmp_path / "plain", FILES))
    done = plain("locate", "--text", "RetryDelay is wrong", "--json")
    assert json.loads(done.out)["missing"] == ["no git history"]
    assert "cornea: missing: no git history" in done.err.splitlines()
    shallow = Cli(tmp_path / "home", yard.folder.parent / "shallow")
    assert shallow("index").code == 0
    with _soon():
        found = json.loads(shallow("locate", "--text", "RetryDelay is wrong", "--json").out)
    assert found["missing"] == ["a shallow clone: its history ends after 1 commits"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_issues_in_other_encodings(yard: Cli, tmp_path: Path, encoding: str) -> None:
    """As shells and editors of Windows write them: a file, and a batch of lines."""
    (tmp_path / "issue.txt").write_bytes(TRACE.replace("\n", "\r\n").encode(encoding))
    done = yard("locate", "--no-refresh", "--json", tmp_path / "issue.txt")
    assert _first(done) == "hash_password"
    rows = [json.dumps({"id": n, "text": TRACE}) for n in range(3)]
    (tmp_path / "batch.jsonl").write_bytes("\r\n".join(rows).encode(encoding))
    done = yard("locate", "--no-refresh", "--batch", tmp_path / "batch.jsonl")
    assert done.code == 0, done.err
    assert [json.loads(line)["id"] for line in done.out.splitlines()] == [0, 1, 2]


def test_the_end_of_a_long_log_counts(yard: Cli, tmp_path: Path) -> None:
    """It has the error; what was not read is said, to people and to programs."""
    log = tmp_path / "app.log"
    log.write_text("It fails\n" + "12:00:01 INFO nothing to see\n" * 30_000 + TRACE)
    done = yard("locate", "--no-refresh", "--json", log)
    assert _first(done) == "hash_password"
    assert "were not read" in done.err
    assert any("were not read" in line for line in json.loads(done.out)["missing"])
