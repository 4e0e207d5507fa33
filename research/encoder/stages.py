"""Records finished stages of training, so that the next run can skip them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from ..datasets.reading import write_json

FOLDER = "stages"


def key(*parts: Any) -> str:
    """A digest of `parts`: a stage's settings, and the keys of the stages whose files the stage reads."""
    return hashlib.blake2b(repr(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()


def done(out: Path, stage: str, wanted: str) -> bool:
    """Whether the stage was finished with this key."""
    return _read(out, stage).get("key") == wanted


def result(out: Path, stage: str) -> dict[str, Any]:
    """What the stage reported. Returns an empty dictionary if the stage was never finished."""
    found: dict[str, Any] = _read(out, stage).get("result", {})
    return found


def key_of(out: Path, stage: str) -> str:
    """The key with which the stage was finished. Returns "" if the stage was never finished.

    The key becomes a part of the keys of all stages that read the files of this stage.
    """
    return str(_read(out, stage).get("key", ""))


def finish(out: Path, stage: str, wanted: str, report: dict[str, Any]) -> None:
    """Record that the stage is finished. Must be called after the stage has written all other files."""
    write_json(_path(out, stage), {"key": wanted, "result": report})


def _read(out: Path, stage: str) -> dict[str, Any]:
    try:
        found = json.loads(_path(out, stage).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _path(out: Path, stage: str) -> Path:
    return out / FOLDER / f"{stage}.json"
