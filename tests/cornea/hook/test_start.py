"""A hook delays its agent, so it imports little."""

from __future__ import annotations

import subprocess
import sys

from tests.e2e.cli import SOURCES
from tests.support.waiting import LIMIT

HEAVY = {"click", "msgspec", "numpy", "rich", "dataclasses", "pathlib", "asyncio", "logging", "platformdirs",
         "indexer.config", "retrieval.host.client", "concurrent.futures", "inspect"}  # fmt: skip


def test_no_heavy_import() -> None:
    """Neither for a silent event nor for one that asks a host."""
    program = (
        "import sys; sys.argv = ['cornea', 'hook', 'claude']\n"
        "import cornea.__main__, cornea.hook.run as run\n"
        "import cornea.hook.asking, cornea.hook.matches, cornea.hook.text\n"
        "assert run.run('claude') == 0\n"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {SOURCES!r})\n{program}"],
        input=b"{}", capture_output=True, timeout=LIMIT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert HEAVY & set(done.stdout.decode().split()) == set()
