"""Runs code as a user who may not do everything, so that tests of permissions mean something under root too.

    with unprivileged.folder() as place:
        (place / "secret").write_text("x")
        (place / "secret").chmod(0)
        seen = unprivileged.run("import sys; print(open(sys.argv[1]).read())", place / "secret")

The code runs in a process of its own. For an ordinary user that is all; root gives up its rights first.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.waiting import LIMIT

NOBODY = 65534
_PROJECT = Path(__file__).parent.parent
_DROP = f"""
import os
if os.getuid() == 0:
    os.setgroups([])
    os.setgid({NOBODY})
    os.setuid({NOBODY})
"""


def run(code: str, *args: str | Path, before: str = "", timeout: float = LIMIT) -> str:
    """What `code` prints; `args` are in its sys.argv. Fails the test with the traceback if it does.

    `before` runs with all rights: it imports what may lie where only this user can read.
    """
    program = "\n".join((textwrap.dedent(before), _DROP, textwrap.dedent(code)))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent", "PYTHONPATH": str(_PROJECT)}
    environment |= {
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, *args],
        env=environment, capture_output=True, text=True, timeout=timeout, cwd="/",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def folder() -> Iterator[Path]:
    """A new folder that every user can reach; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory(dir=_reachable(), ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name).resolve()
        _open_up(Path(name))


def give(place: Path) -> None:
    """Make `place` and all in it the unprivileged user's own."""
    if os.getuid() == 0:
        for path in (place, *place.rglob("*")):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


def _open_up(place: Path) -> None:
    """Let an ordinary user delete what the test has locked."""
    for folder_, names, _ in os.walk(place):
        for name in names:
            inner = Path(folder_, name)
            if not inner.is_symlink():
                inner.chmod(0o700)


def _reachable() -> str | None:
    """The usual place for temporary files if others can get there, else /tmp."""
    usual = Path(tempfile.gettempdir()).resolve()
    return None if all(p.stat().st_mode & 0o001 for p in (usual, *usual.parents)) else "/tmp"
