"""The name of a root's index folder. It imports little, because a hook of an agent must start fast."""

from __future__ import annotations

import hashlib
import os
import re

INDEXES = "indexes"
"""The folder of all index folders, in the home folder of Cornea."""


def folder_name(root: str) -> str:
    """The name of the index folder of the root with this real path: its name and a hash of the path."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", os.path.basename(root))[:40].strip(".-") or "root"
    return f"{name}-{path_digest(root)}"


def path_digest(root: str) -> str:
    return hashlib.blake2b(os.fsencode(root), digest_size=6).hexdigest()
