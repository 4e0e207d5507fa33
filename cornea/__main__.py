"""The entry point that `cornea_code` calls. It handles Ctrl-C from the first import on."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # `typing` may still be another module of that name
if TYPE_CHECKING:
    from typing import NoReturn


def main() -> NoReturn:
    """Run the command that the arguments name."""
    try:
        from .cli import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # during imports, before any work
        from .codes import INTERRUPTED

        sys.stderr.write("cornea: interrupted\n")
        code = INTERRUPTED
    sys.stderr.flush()
    # Everything is written and closed, so the interpreter's own shutdown would only cost time.
    os._exit(code)


if __name__ == "__main__":  # python -m cornea
    import cornea_code

    cornea_code.main()
