"""Emacs with eglot, in batch mode."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ..e2e.cli import Cli
from .conftest import EDITORS, tool

DRIVE = Path(__file__).parent / "drive.el"


def test_completion_symbols_and_a_command(work: Cli) -> None:
    """What eglot makes of the server: an item of several lines, xref's list, a list of places."""
    command = [*tool("emacs"), "--batch", "-L", str(EDITORS / "emacs")]
    known = subprocess.run([*command, "-f", "package-initialize", "-l", "eglot"], capture_output=True)
    if known.returncode:
        pytest.skip("this Emacs has no eglot")
    done = subprocess.run(
        [*command, "-f", "package-initialize", "-l", str(DRIVE)],
        cwd=work.folder, env=work.environment({"LANG": "C.UTF-8"}), capture_output=True, timeout=100,
    )  # fmt: skip
    out, err = done.stdout.decode(), done.stderr.decode()
    assert done.returncode == 0, err
    assert 'completion: ("self.log.info' in out, out + err
    accepted = out.partition("accepted: ")[2].partition("symbols:")[0]
    assert '\n        self.log.info(\\"found %s\\", key)\n        self.log.debug' in accepted, accepted
    assert "        return found\n" in accepted
    assert "find_order" in out.partition("symbols:")[2].partition("\n")[0]
    assert "order.py:8: OrderStore.find_order" in out
