"""The VS Code extension, built and tested from a clean copy."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from ..support.waiting import LIMIT
from .conftest import EDITORS, tool

EXTENSION = EDITORS / "vscode"


def test_it_builds_and_its_tests_pass(tmp_path: Path) -> None:
    """Types are checked on the way."""
    command = tool("npm")
    place = tmp_path / "vscode"
    shutil.copytree(EXTENSION, place, ignore=shutil.ignore_patterns("node_modules", "out"))
    environment = {
        **os.environ,
        "npm_config_cache": os.environ.get("CORNEA_TEST_NPM_CACHE") or str(tmp_path / "cache"),
    }
    options = {"cwd": place, "env": environment, "capture_output": True, "text": True, "timeout": LIMIT}
    fetched = subprocess.run([*command, "install", "--prefer-offline", "--no-audit", "--no-fund"], **options)  # type: ignore[call-overload]
    if fetched.returncode:
        pytest.skip(f"npm cannot fetch what it needs: {fetched.stderr.strip().splitlines()[-1:]}")
    done = subprocess.run([*command, "test"], **options)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# fail 0" in done.stdout
