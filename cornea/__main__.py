"""The command: Ctrl-C is heard from the first import on. `cornea_code` calls it."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # of `typing`, which might still be somebody else's
if TYPE_CHECKING:
    from typing import NoReturn


def main() -> NoReturn:
    """Run the command that the arguments name."""
    try:
        from .cli import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # while libraries were imported: nothing was begun
        from .codes import INTERRUPTED

        sys.stderr.write("cornea: interrupted\n")
        code = INTERRUPTED
    sys.stderr.flush()
    # All is written and closed: taking the interpreter apart would only be waited for.
    os._exit(code)


if __name__ == "__main__":  # python -m cornea
    import cornea_code

    cornea_code.main()
