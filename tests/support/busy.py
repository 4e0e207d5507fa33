"""Run a command beside busy processes:  python -m tests.support.busy 8 make test

They have the usual priority, and end with this process, whatever ends it. The exit code is the command's.
"""

from __future__ import annotations

import subprocess
import sys

LOOP = """
import os
parent = os.getppid()
while os.getppid() == parent:
    sum(range(100_000))
"""


def main(count: str, *command: str) -> int:
    """The exit code of a command that runs beside `count` busy processes."""
    loops = [subprocess.Popen([sys.executable, "-c", LOOP]) for _ in range(int(count))]
    try:
        return subprocess.run(command).returncode
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
