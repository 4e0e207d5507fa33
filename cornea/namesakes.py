"""Detects other distributions called `cornea`: an older install of this program, or an unrelated package.

Such a distribution installs its files in the folder of this program's files, so each program may run with
files of the other program. Every command runs this check. So the check only lists folders, and reads metadata
only if it finds such a distribution.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

_OURS = ("indexer/__init__.py", "_editable_impl_cornea.pth", "__editable__.cornea-")
"""Beginnings of lines that only the RECORD of this program's distributions has."""
_TOOLS = {"pipx_metadata.json": "pipx uninstall", "uv-receipt.toml": "uv tool uninstall"}


def remarks() -> Iterator[str]:
    """A line for each other distribution called `cornea`, with the command that removes it."""
    for folder in dict.fromkeys(path for path in sys.path if path.endswith("-packages")):
        for found in _metadata(folder):
            yield _environment_line(found)
    yield from _tool_lines()


def _metadata(folder: str) -> list[Path]:
    """The metadata folders of distributions called `cornea` in a site-packages folder."""
    try:
        with os.scandir(folder) as entries:
            return [Path(entry.path) for entry in entries if _is_namesake(entry.name)]
    except OSError:
        return []


def _is_namesake(name: str) -> bool:
    return name.startswith("cornea-") and name.endswith((".dist-info", ".egg-info"))


def _environment_line(found: Path) -> str:
    """The line about a distribution in this program's environment.

    Uninstalling such a distribution also removes files of this program, so the line says to install it again.
    """
    import shlex

    name = found.stem.replace("-", " ", 1)
    remedy = f"run: {shlex.quote(sys.executable)} -m pip uninstall cornea, then install cornea-code again"
    if _is_ours(found):
        return f"{found.parent} also has an older install of Cornea ({name}); {remedy}"
    return f"{found.parent} also has an unrelated package of the same name ({name}); {remedy}"


def _is_ours(found: Path) -> bool:
    try:
        record = (found / "RECORD").read_text("utf-8", "replace")
    except OSError:
        return False
    return any(line.startswith(_OURS) for line in record.splitlines())


def _tool_lines() -> Iterator[str]:
    """The line about an environment called `cornea`, which pipx or uv keeps beside this one."""
    for mark, remove in _TOOLS.items():
        if os.path.exists(os.path.join(sys.prefix, mark)):  # noqa: PTH110, PTH118 - at every start
            older = Path(sys.prefix).with_name("cornea")
            inside = (one for folder in older.glob("lib/*/site-packages") for one in _metadata(str(folder)))
            if older != Path(sys.prefix) and any(map(_is_ours, inside)):
                yield f"{older} is an older install of Cornea; run: {remove} cornea"
