"""Emacs with eglot, in batch mode."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.waiting import LIMIT

from .conftest import EDITORS, indexed, tool

DRIVE = Path(__file__).parent / "drive.el"


@pytest.fixture(scope="module")
def driven(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What is printed while a person works."""
    command = [*tool("emacs"), "--batch", "-L", str(EDITORS / "emacs")]
    known = subprocess.run([*command, "-f", "package-initialize", "-l", "eglot"], capture_output=True)
    if known.returncode:
        pytest.skip("this Emacs has no eglot")
    with pytest.MonkeyPatch.context() as patch, indexed(tmp_path_factory.mktemp("emacs"), patch) as work:
        done = subprocess.run(
            [*command, "-f", "package-initialize", "-l", str(DRIVE)],
            cwd=work.folder, env=work.environment({"LANG": "C.UTF-8"}), capture_output=True, timeout=LIMIT,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        yield done.stdout.decode()


def test_completion_symbols_and_a_command(driven: str) -> None:
    """What eglot makes of the server: an item of several lines, xref's list, a list of places."""
    assert 'completion: ("self.log.info' in driven
    accepted = driven.partition("accepted: ")[2].partition("symbols:")[0]
    assert '\n        self.log.info(\\"found %s\\", key)\n        self.log.debug' in accepted, accepted
    assert "        return found\n" in accepted
    assert "find_order" in driven.partition("symbols:")[2].partition("\n")[0]
    assert "issue in: fundamental-mode" in driven or "issue in: markdown-mode" in driven
    assert "order.py:8: OrderStore.find_order" in driven.partition("issue in:")[2]


def test_what_is_wrong_is_said(driven: str) -> None:
    """In a line that says what to do, and not as eglot's error."""
    assert "without: cornea: no server: M-x eglot in a file of the repository first" in driven
    assert "empty: cornea: nothing to search for" in driven
    assert "no file: cornea: this buffer has no file" in driven
