"""Records finished stages of training, so that the next run can skip them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from ..datasets.reading import write_json

FOLDER = "stages"


def key(*parts: Any) -> str:
    """A digest of everything that a stage's result depends on: settings, and the keys of what it reads."""
    return hashlib.blake2b(repr(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()


def done(out: Path, stage: str, wanted: str) -> bool:
    """Whether the stage was finished with this key."""
    return _read(out, stage).get("key") == wanted


def result(out: Path, stage: str) -> dict[str, Any]:
    """What the stage reported; empty if it was never finished."""
    found: dict[str, Any] = _read(out, stage).get("result", {})
    return found


def key_of(out: Path, stage: str) -> str:
    """The key that the stage was finished with; it is part of the keys of stages that read its files."""
    return str(_read(out, stage).get("key", ""))


def finish(out: Path, stage: str, wanted: str, report: dict[str, Any]) -> None:
    """Record that the stage is finished. Call it after everything else is written."""
    write_json(_path(out, stage), {"key": wanted, "result": report})


def _read(out: Path, stage: str) -> dict[str, Any]:
    try:
        found = json.loads(_path(out, stage).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _path(out: Path, stage: str) -> Path:
    return out / FOLDER / f"{stage}.json"
