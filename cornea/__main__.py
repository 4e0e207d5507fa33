"""The entry point, which `cornea_code` calls. It handles Ctrl-C even while the program is being imported."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # not imported from `typing`: the import path may have another module of that name
if TYPE_CHECKING:
    from typing import NoReturn


def main() -> NoReturn:
    """Run the command that the program's arguments name, and exit."""
    try:
        if sys.argv[1:2] == ["hook"] and len(sys.argv) == 3 and sys.argv[2][:1] != "-":
            # An agent waits for its hook, so without options the command line is not loaded.
            from .hook.run import run as run_hook

            code = run_hook(sys.argv[2])
        else:
            from .cli import run

            code = run(sys.argv[1:])
    except KeyboardInterrupt:  # raised during imports, before any work was done
        from .codes import INTERRUPTED

        sys.stderr.write("cornea: interrupted\n")
        code = INTERRUPTED
    if sys.stderr is not None:  # it was closed, and the hook has not replaced it
        sys.stderr.flush()
    # All output is written and all files are closed, so the interpreter's own shutdown would only cost time.
    os._exit(code)


if __name__ == "__main__":  # python -m cornea
    import cornea_code

    cornea_code.main()
