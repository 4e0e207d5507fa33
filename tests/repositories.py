"""Small repositories for tests, made with the real git, apart from the configuration of whoever runs them."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest


def isolate(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """No configuration, identity or ignore file of the user or machine; `home` is an empty home folder."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    home.mkdir(exist_ok=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(home / ".gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (home / ".gitconfig").write_text(
        "[user]\nname = A\nemail = a@example.org\n[init]\ndefaultBranch = main\n"
        '[protocol "file"]\nallow = always\n[commit]\ngpgSign = false\n'
    )


def git(folder: Path, *args: str | bytes) -> bytes:
    """What `git ARGS` prints in `folder`; fails the test if git does."""
    done = subprocess.run(["git", "-C", folder, *args], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Files by path, with their folders."""
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def repository(folder: Path, files: Mapping[str, str | bytes] | None = None) -> Path:
    """A repository in `folder` with `files` committed, ignored ones too."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q")
    if files:
        write(folder, files)
        git(folder, "add", "-f", "--", *files)
        git(folder, "commit", "-qm", "Begin")
    return folder


def fake_git(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> None:
    """From now on `git` is a shell script; in it $GIT is the real one."""
    real = shutil.which("git")
    assert real is not None
    folder.mkdir(exist_ok=True)
    program = folder / "git"
    program.write_text(f"#!/bin/sh\nGIT={shlex.quote(real)}\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


DISTRUSTFUL = 'GIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec "$GIT" "$@"'
"""A git to which every repository belongs to another user."""
