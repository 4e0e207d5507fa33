"""Run the command as people do: a process of its own, in a home of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import cornea
from tests.support.schemas import validate_output
from tests.support.waiting import LIMIT

ANSWERED = (0, 1, 2)
"""Exit codes of a command that was not ended by a signal, so that what it printed is whole."""
SOURCES = str(Path(cornea.__file__).parents[1])

AUTH = '''"""Users and their passwords."""

import hashlib


def hash_password(password: str, salt: bytes) -> bytes:
    """Derive the stored digest of a password."""
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)


def verify_password(password: str, salt: bytes, digest: bytes) -> bool:
    """Whether a password is the one whose digest was stored."""
    return hash_password(password, salt) == digest


class Session:
    """A logged-in user."""

    def __init__(self, user: str) -> None:
        self.user = user

    def expire(self) -> None:
        """End the session now."""
        self.user = ""
'''
RETRY = """package net

// RetryDelay is how long to wait before the next attempt.
func RetryDelay(attempt int) int {
	return 100 << attempt
}
"""
TEST_AUTH = """from auth import hash_password


def test_hash_password():
    assert hash_password("a", b"salt") != hash_password("b", b"salt")
"""
FILES = {"src/auth.py": AUTH, "net/retry.go": RETRY, "tests/test_auth.py": TEST_AUTH}


@dataclass(frozen=True)
class Done:
    """How a process ended."""

    code: int
    out: str
    err: str


@dataclass
class Cli:
    """The command, with a home for its indexes and a folder to work in."""

    home: Path
    folder: Path
    env: dict[str, str] = field(default_factory=dict)

    def __call__(
        self, *args: str | os.PathLike[str], stdin: str = "", env: Mapping[str, str] | None = None
    ) -> Done:
        done = subprocess.run(
            self.command(*args),
            cwd=self.folder,
            env=self.environment(env),
            input=stdin.encode(),
            capture_output=True,
            timeout=LIMIT,
        )
        out = done.stdout.decode()
        if done.returncode in ANSWERED:
            validate_output([*map(os.fsdecode, args)], out)
        return Done(done.returncode, out, done.stderr.decode())

    def command(self, *args: str | os.PathLike[str]) -> list[str]:
        return [sys.executable, "-W", "error", "-m", "cornea", *map(os.fspath, args)]

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        kept = {
            key: value for key, value in os.environ.items() if not key.startswith(("CORNEA_", "NO_COLOR"))
        }
        return {**kept, "PYTHONPATH": SOURCES, "CORNEA_HOME": str(self.home), **self.env, **(more or {})}
