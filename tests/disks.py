"""A small disk of one's own, for tests that fill it: a file system of memory in a namespace."""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.indexes import PROJECT
from tests.support.waiting import LIMIT


def run_on_disk(
    disk: Path, megabytes: int, program: str, *arguments: Path, timeout: float = LIMIT
) -> list[str]:
    """The lines that a program prints where `disk` is such a file system; skips where none can be made.

    The program must succeed; its `sys.argv` has the arguments.
    """
    disk.mkdir()
    unshare = shutil.which("unshare")
    mount = f"mount -t tmpfs -o size={megabytes}m cornea-test '{disk}'"
    if unshare is None or subprocess.run([unshare, "-rm", "sh", "-c", mount], capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a file system in a namespace of one's own")
    code = "import subprocess, sys\nsubprocess.run(sys.argv[1], shell=True, check=True)\ndel sys.argv[1]\n"
    python = [unshare, "-rm", sys.executable, "-W", "error", "-c", code + textwrap.dedent(program)]
    process = subprocess.Popen(
        [*python, mount, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
    )
    with process:
        out, err = process.communicate(timeout=timeout)
    assert process.returncode == 0, out + err
    return out.splitlines()
