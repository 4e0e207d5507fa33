"""The calls of git: right answers, and nothing of a repository's configuration is run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from indexer.walk import git, remotes
from tests import unprivileged
from tests.repositories import git as real_git
from tests.repositories import isolate, repository, write


@pytest.fixture(autouse=True)
def _isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch, tmp_path / "home")


def listed(root: Path) -> git.GitListing:
    found = git.list_files(root)
    assert isinstance(found, git.GitListing), found
    return found


def test_lists_what_is_tracked_and_what_is_not_ignored(tmp_path: Path) -> None:
    """Tracked files, new ones, submodules and repositories inside come back apart; ignored ones do not."""
    inner = repository(tmp_path / "inner", {"x.c": "int x;"})
    root = repository(tmp_path / "r", {"a.py": "a", ".gitignore": "*.log\n", "kept.log": "tracked"})
    real_git(root, "submodule", "--quiet", "add", str(inner), "lib/inner")
    repository(root / "nested", {"n.py": "n"})
    write(root, {"new.py": "n", "b.log": "ignored"})
    found = listed(root)
    assert set(found.tracked) == {b"a.py", b".gitignore", b"kept.log", b".gitmodules"}
    assert found.untracked == (b"new.py",)
    assert (found.submodules, found.nested) == ((b"lib/inner",), (b"nested",))


def test_names_come_back_byte_for_byte(tmp_path: Path) -> None:
    """Spaces, newlines, quotes, tabs, emoji and bytes that are no text at all."""
    names = [
        b"a b",
        b"new\nline",
        b'qu"ote',
        b"tab\tname",
        "😀".encode(),
        b"\xff\xfe",
        b"back\\slash",
        b":(top)x",
    ]
    root = repository(tmp_path / "r")
    for name in names:
        (root / os.fsdecode(name)).touch()
    assert set(listed(root).untracked) == set(names)
    real_git(root, "add", ".")
    assert set(listed(root).tracked) == set(names)


def test_a_conflict_lists_each_file_once(tmp_path: Path) -> None:
    """In the middle of a merge the index holds three versions of a file."""
    root = repository(tmp_path / "r", {"a.py": "1"})
    real_git(root, "checkout", "-qb", "other")
    real_git(write(root, {"a.py": "2"}), "commit", "-qam", "Two")
    real_git(root, "checkout", "-q", "main")
    real_git(write(root, {"a.py": "3"}), "commit", "-qam", "Three")
    with pytest.raises(AssertionError):
        real_git(root, "merge", "other")
    assert listed(root).tracked == (b"a.py",)


def test_a_folder_without_git_is_refused_quietly(tmp_path: Path) -> None:
    """No repository is nothing to tell anybody about."""
    found = git.list_files(tmp_path)
    assert isinstance(found, git.Refusal)
    assert not found.repository
    assert remotes.remote_url(tmp_path) is None


def test_git_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without git on the PATH every call has its quiet answer."""
    root = repository(tmp_path / "r", {"a.py": "a"})
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git.list_files(root) == git.Refusal("git is not installed", False)
    assert git.refusal(root) == git.MISSING
    assert git.list_ignored(root) == ()
    assert git.check_ignore(root, [b"a"]) == {}


def test_a_program_in_the_folder_is_never_taken_for_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative entry of PATH would run what a repository calls git."""
    root = repository(tmp_path / "r")
    proof = tmp_path / "proof"
    for place in (root / "git", root / "bin" / "git"):
        place.parent.mkdir(exist_ok=True)
        place.write_text(f"#!/bin/sh\ntouch {proof}\n")
        place.chmod(0o755)
    monkeypatch.chdir(root)
    monkeypatch.setenv("PATH", f".:bin::{os.environ['PATH']}")
    assert git.refusal(root) is None
    assert not proof.exists()


def test_a_hook_s_environment_does_not_mislead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Called from a hook of another repository, GIT_DIR and the like point there."""
    root = repository(tmp_path / "r", {"a.py": "a"})
    other = repository(tmp_path / "other", {"b.py": "b"})
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    monkeypatch.setenv("GIT_PREFIX", "x/")
    assert git.refusal(root) is None
    assert listed(root).tracked == (b"a.py",)


def test_nothing_that_a_repository_names_is_run(tmp_path: Path) -> None:
    """A cloned or unpacked repository may configure programs everywhere; none of them starts."""
    root = repository(tmp_path / "r", {"a.py": "a", ".gitattributes": "*.py filter=evil diff=evil\n"})
    proof = tmp_path / "proof"
    evil = tmp_path / "evil.sh"
    evil.write_text(f"#!/bin/sh\necho $0 >> {proof}\ncat\n")
    evil.chmod(0o755)
    keys = ["core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass", "diff.external"]
    keys += [
        "gpg.program",
        "diff.evil.command",
        "diff.evil.textconv",
        "filter.evil.clean",
        "filter.evil.smudge",
    ]
    keys += ["credential.helper", "pager.log", "pager.ls-files", "uploadpack.packObjectsHook"]
    for key in keys:
        real_git(root, "config", key, str(evil))
    real_git(root, "config", "log.showSignature", "true")
    (root / ".git" / "hooks").mkdir(exist_ok=True)
    for hook in ("post-index-change", "pre-auto-gc", "post-checkout"):
        (root / ".git" / "hooks" / hook).symlink_to(evil)
    write(root, {"a.py": "changed", "b.py": "b"})
    proof.unlink(missing_ok=True)

    assert set(listed(root).tracked) == {b"a.py", b".gitattributes"}
    git.refusal(root)
    git.list_ignored(root)
    git.check_ignore(root, [b"b.py"])
    for command in (["diff-tree", "--root", "-p", "HEAD"], ["rev-list", "HEAD"]):
        done = git.run(root, *command)
        assert not isinstance(done, git.Refusal)
        assert done.returncode == 0, done.stderr
    assert not proof.exists(), proof.read_text()


def test_only_commands_known_to_be_safe_are_called(tmp_path: Path) -> None:
    """`git diff` and `git status` run the filters of .gitattributes on changed files."""
    for command in ("diff", "status", "fetch", "checkout", "log", "show"):
        with pytest.raises(ValueError, match="not known to be safe"):
            git.run(tmp_path, command)


def test_a_folder_that_looks_like_a_bare_repository_is_none(tmp_path: Path) -> None:
    """Files committed under another name can form a repository with a configuration of its own."""
    root = repository(tmp_path / "r", {"a.py": "a"})
    real_git(root, "init", "-q", "--bare", "fixtures/bare")
    found = git.list_files(root / "fixtures" / "bare")
    assert isinstance(found, git.Refusal)


def test_somebody_else_s_repository_is_refused_with_a_reason() -> None:
    """git distrusts a repository of another owner; the caller learns that there is one, and why."""
    with unprivileged.folder() as place:
        if os.getuid() != 0:
            pytest.skip("only root can make a folder that belongs to somebody else")
        repository(place / "r", {"a.py": "a"})
        seen = unprivileged.run(
            "found = git.list_files(Path(sys.argv[1])); print(found.repository, found.reason)",
            place / "r",
            before="import sys\nfrom pathlib import Path\nfrom indexer.walk import git",
        )
    assert seen.startswith("True git distrusts this folder")


def test_a_git_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network drive may never answer."""
    slow = tmp_path / "slow"
    slow.mkdir()
    (slow / "git").write_text("#!/bin/sh\nexec sleep 60\n")
    (slow / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow}:{os.environ['PATH']}")
    assert git.run(tmp_path, "version", timeout=0.2) == git.Refusal("git did not answer within 0.2 s", True)


def test_a_damaged_index_is_a_reason(tmp_path: Path) -> None:
    """What git says about a broken repository is passed on in one line."""
    root = repository(tmp_path / "r", {"a.py": "a"})
    (root / ".git" / "index").write_bytes(b"garbage" * 10)
    found = git.list_files(root)
    assert isinstance(found, git.Refusal)
    assert found.repository
    assert found.reason.startswith("git failed: ")
    assert "\n" not in found.reason


def test_ignored_files_and_their_rules(tmp_path: Path) -> None:
    """Folders are named as a whole, and each rule by file, line and pattern."""
    root = repository(
        tmp_path / "r", {".gitignore": "# logs\n*.log\nout/\n", "sub/.gitignore": "!keep.log\n"}
    )
    write(root, {"a.log": "", "out/b": "", "out/c": "", "sub/keep.log": "", "sub/d.log": ""})
    assert set(git.list_ignored(root)) == {b"a.log", b"out/", b"sub/d.log"}
    assert git.check_ignore(root, [b"a.log", b"out/", b"sub/keep.log", b"none"]) == {
        b"a.log": ".gitignore:2: *.log",
        b"out/": ".gitignore:3: out/",
        b"sub/keep.log": "sub/.gitignore:1: !keep.log",
    }


def test_the_user_s_ignore_file(tmp_path: Path) -> None:
    """core.excludesFile if it is set, with `~`, else git's default place."""
    home = tmp_path / "home"
    assert git.excludes_file() == home / ".config" / "git" / "ignore"
    real_git(tmp_path, "config", "--global", "core.excludesFile", "~/mine")
    assert git.excludes_file() == home / "mine"


def test_the_remote_is_origin_or_the_first(tmp_path: Path) -> None:
    """`origin` names the repository; without it the first remote by name does."""
    root = repository(tmp_path / "r")
    assert remotes.remote_url(root) is None
    real_git(root, "remote", "add", "up", "https://example.org/up/x.git")
    real_git(root, "remote", "add", "fork", "https://example.org/fork/x.git")
    assert remotes.remote_url(root) == "https://example.org/fork/x.git"
    real_git(root, "remote", "add", "origin", "git@example.org:o/x.git")
    assert remotes.remote_url(root) == "git@example.org:o/x.git"


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/Owner/name",
        "https://github.com/Owner/name.git",
        "https://github.com/Owner/name.git/",
        "https://GitHub.com:443//Owner/name",
        "https://user:t0ken@github.com/Owner/name.git",
        "https://x-access-token:ghp_abc@github.com/Owner/name?access_token=t0ken#frag",
        "https://user:p%40ss@w@github.com/Owner/name",
        "ssh://git@github.com:22/Owner/name.git",
        "git+ssh://git@github.com/Owner/name",
        "git://github.com/Owner/name.git",
        "git@github.com:Owner/name.git",
        "github.com:Owner/name",
        "git@github.com:/Owner/name.git",
        "[git@github.com:22]:Owner/name.git",
        " git@github.com:Owner/name.git\n",
        "HTTPS://github.com./Owner/./name",
    ],
)
def test_every_way_to_write_a_remote_is_one_name(url: str) -> None:
    """Two clones of a repository are the same repository, and credentials never get into an index."""
    assert remotes.normalise_remote(url) == "github.com/Owner/name"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", ""),
        ("/srv/git/x.git", ""),
        ("../x", ""),
        ("./a:b", ""),
        ("file:///srv/git/x.git", ""),
        ("C:/repos/x", ""),
        ("C:\\repos\\x", ""),
        ("ext::sh -c whoami", ""),
        ("https://github.com", ""),
        ("https://", ""),
        ("ssh://[2001:db8::1]:22/o/x.git", "[2001:db8::1]/o/x"),
        ("git@[2001:db8::1]:o/x.git", "[2001:db8::1]/o/x"),
        ("git@ssh.dev.azure.com:v3/org/project/x", "ssh.dev.azure.com/v3/org/project/x"),
        ("https://example.org/a%20b/x.git", "example.org/a b/x"),
        ("host:~user/x.git", "host/~user/x"),
    ],
)
def test_remotes_that_name_nothing_elsewhere_and_odd_ones(url: str, expected: str) -> None:
    """A path on this machine is no name; addresses and odd paths keep what matters."""
    assert remotes.normalise_remote(url) == expected
