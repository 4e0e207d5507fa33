"""`python -m cornea`, and the console script: Ctrl-C is heard from the first import on."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from .codes import INTERRUPTED


def main() -> NoReturn:
    """Run the command that the arguments name."""
    try:
        from .cli import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # while libraries were imported: nothing was begun
        sys.stderr.write("cornea: interrupted\n")
        code = INTERRUPTED
    sys.stderr.flush()
    # All is written and closed: taking the interpreter apart would only be waited for.
    os._exit(code)


if __name__ == "__main__":
    main()
