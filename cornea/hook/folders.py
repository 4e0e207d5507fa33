"""Cornea's folders, as `cornea.context` finds them, but without its imports: a hook must be fast."""

from __future__ import annotations

import os
import sys


def home_folder() -> str:
    """The folder of all indexes."""
    return _own() or _of_platform("XDG_CACHE_HOME", "~/.cache", "user_cache_dir")


def user_folder() -> str:
    """The folder of the user's `config.toml`."""
    return _own() or _of_platform("XDG_CONFIG_HOME", "~/.config", "user_config_dir")


def _own() -> str:
    own = os.environ.get("CORNEA_HOME", "")
    return os.path.abspath(os.path.expanduser(own)) if own else ""


def _of_platform(variable: str, usual: str, function: str) -> str:
    """On Linux, the folder that `variable` names, or else `usual`. Elsewhere, platformdirs says it."""
    if sys.platform == "linux":
        named = os.environ.get(variable, "")
        return os.path.join(named if named.startswith("/") else os.path.expanduser(usual), "cornea")
    import platformdirs

    return str(getattr(platformdirs, function)("cornea"))
