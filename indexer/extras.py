"""Imports optional libraries, and finds the shell command that installs an extra's libraries.

The command names the libraries instead of the extra. The libraries come from the installed metadata. So the
command also works if Cornea was installed from a clone or a wheel.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .errors import Unsupported

DISTRIBUTION = "cornea-code"
"""The name of the distribution. The command and the package are called `cornea`."""

_INSTALLED = ("tree_sitter", "qdrant_edge", "numpy", "cornea")
"""Packages beside which the metadata of distributions is looked for."""

_PIPX, _UV = "pipx_metadata.json", "uv-receipt.toml"
"""Names of the files that pipx and `uv tool` write into the environment of a program."""
_GLOBAL_PIPX = Path("/opt/pipx")
_PIPX_USUAL = ("share", ".local")
"""Names of the folders that contain the default PIPX_HOME, ~/.local/share/pipx or ~/.local/pipx."""
_EXTRA = re.compile(r"""\s*;\s*\(?\s*extra\s*==\s*["']([\w.-]+)["']\s*\)?\s*$""")


def require(module: str, extra: str, what: str) -> Any:
    """The module of an optional library, which `what` needs. Raises Unsupported if it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise missing(f"{what} needs {module.partition('.')[0]}, which is not installed", extra) from error


def missing(trouble: str, extra: str) -> Unsupported:
    """The error for a missing library. Its message is `trouble` and the command that installs the extra."""
    return Unsupported(f"{trouble}; run: {install_command(extra)}")


def install_command(extra: str) -> str:
    """The shell command that installs an extra's libraries into the environment of this process."""
    wanted = requirements(extra)
    if not wanted:  # the program runs from a clone and is not installed
        return shlex.join((*_pip(), "-e", f"{Path(__file__).parents[1]}[{extra}]"))
    prefix = Path(sys.prefix)
    if (prefix / _PIPX).is_file():
        return _with_pipx(prefix, wanted)
    if (prefix / _UV).is_file():
        return _with_uv(prefix, wanted)
    return shlex.join((*_pip(), *wanted))


def requirements(extra: str) -> list[str]:
    """The requirements of an extra, as ["qdrant-client<2,>=1.19"]; [] if Cornea is not a distribution."""
    from importlib import metadata  # imported only for the message about a missing library

    try:
        listed = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return []
    return [_EXTRA.sub("", line) for line in listed if (found := _EXTRA.search(line)) and found[1] == extra]


def distributions(*prefixes: str) -> list[str]:
    """The names of the installed metadata folders that begin with `prefixes`. They contain the versions."""
    # importlib.metadata would take much longer to import. Packages may be installed in different folders.
    specs = (importlib.util.find_spec(package) for package in _INSTALLED)
    places = {Path(spec.origin).parents[1] for spec in specs if spec is not None and spec.origin is not None}
    beside = {entry.name for place in places for entry in place.iterdir()}
    return sorted(name for name in beside if name.lower().startswith(prefixes) and name.endswith("-info"))


def _pip() -> tuple[str, ...]:
    """The command of this environment's pip. Returns uv's command if the environment has no pip."""
    if importlib.util.find_spec("pip") is None:
        return ("uv", "pip", "install", "--python", sys.executable)
    return (sys.executable, "-m", "pip", "install")


def _with_pipx(prefix: Path, wanted: Sequence[str]) -> str:
    """The pipx command for the environment `PIPX_HOME/venvs/NAME`."""
    home = prefix.parent.parent
    if home == _GLOBAL_PIPX:
        return shlex.join(("sudo", "pipx", "inject", "--global", prefix.name, *wanted))
    setting = "" if home.parent.name in _PIPX_USUAL else f"PIPX_HOME={shlex.quote(str(home))} "
    return setting + shlex.join(("pipx", "inject", prefix.name, *wanted))


def _with_uv(prefix: Path, wanted: Sequence[str]) -> str:
    """The `uv tool install` command. It repeats the tool's origin and additions, because it replaces both."""
    tool, *others = _receipt(prefix) or [{}]
    place = _place(tool)
    if not tool or (place and not Path(place).exists()):  # the folder or wheel of the installation is gone
        return shlex.join(("uv", "pip", "install", "--python", sys.executable, *wanted))
    words = ["uv", "tool", "install"]
    for entry in others:
        words += ["--with-editable" if "editable" in entry else "--with", _requirement(entry)]
    for one in wanted:
        words += ["--with", one]
    words += [*(["--editable"] if "editable" in tool else []), _requirement(tool)]
    setting = "" if prefix.parents[1].name == "uv" else f"UV_TOOL_DIR={shlex.quote(str(prefix.parent))} "
    return setting + shlex.join(words)


def _receipt(prefix: Path) -> list[dict[str, Any]]:
    """The requirements in uv's receipt of a tool. Returns [] if the receipt cannot be read."""
    import tomllib

    try:
        listed = tomllib.loads((prefix / _UV).read_text("utf-8"))["tool"]["requirements"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [one for one in listed if isinstance(one, dict) and isinstance(one.get("name"), str)]


def _place(entry: Mapping[str, Any]) -> str:
    """The folder or wheel from which a requirement was installed. Returns "" for another origin."""
    return str(entry.get("editable") or entry.get("directory") or entry.get("path") or "")


def _requirement(entry: Mapping[str, Any]) -> str:
    """An entry of a receipt as an argument for uv."""
    extras = f"[{','.join(entry['extras'])}]" if entry.get("extras") else ""
    if place := _place(entry):
        return place + extras
    name = entry["name"] + extras
    if "git" in entry:
        repository, _, revision = str(entry["git"]).partition("?rev=")
        return f"{name} @ git+{repository}" + (f"@{revision}" if revision else "")
    return f"{name} @ {entry['url']}" if "url" in entry else f"{name}{entry.get('specifier', '')}"
