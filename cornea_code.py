"""The console script, which also runs for `python -m cornea`. It sets the import path before other imports.

The names of our packages are common. Python must not import a module in PYTHONPATH or in the working folder
that has the name of one of our packages or libraries. So this module imports only modules that Python has
loaded already.
"""

import os
import sys

HOME = os.path.dirname(os.path.abspath(__file__))
"""The folder of our packages: a clone, or the folder in which libraries are installed."""
_LIBRARIES = ("site-packages", "dist-packages")
_FIRST = b'"""Cornea: local code retrieval.'
"""The beginning of our `cornea/__init__.py`."""


def main() -> None:
    """Set the import path, run the command that the arguments name, and end the process."""
    sys.path[:] = import_path()
    if not _is_whole():
        sys.stderr.write(
            f"cornea: error: {HOME}/cornea is not the package of this program: another distribution called "
            f"cornea was installed over it, or removed; run: '{sys.executable}' -m pip uninstall cornea, "
            f"then install cornea-code again\n"
        )
        sys.exit(2)
    from cornea.__main__ import main as run

    run()


def _is_whole() -> bool:
    """Whether the package `cornea` beside this module is the package of this program."""
    try:
        with open(os.path.join(HOME, "cornea", "__init__.py"), "rb") as file:
            return file.read(len(_FIRST)) == _FIRST
    except OSError:
        return False


def import_path() -> list[str]:
    """The import path without the folder in which Python was started, and with PYTHONPATH at the end.

    HOME comes first, unless it is a folder of libraries, which must come after Python's own modules.
    """
    found = sys.path[0 if sys.flags.safe_path else 1 :]
    foreign = _named() - {HOME}
    if os.path.dirname(os.__file__) in foreign:  # a parent process of this program has set PYTHONPATH
        foreign = set()
    paths = [path for path in found if os.path.abspath(path) not in foreign]
    paths += [path for path in found if path and os.path.abspath(path) in foreign]
    if os.path.basename(HOME) not in _LIBRARIES or HOME not in paths:
        paths = [HOME, *(path for path in paths if path != HOME)]
    return paths


def _named() -> set[str]:
    """The folders that PYTHONPATH names. Returns an empty set if this interpreter ignores PYTHONPATH."""
    named = "" if sys.flags.ignore_environment else os.environ.get("PYTHONPATH", "")
    return {os.path.abspath(path) for path in named.split(os.pathsep) if path}


if __name__ == "__main__":
    main()
