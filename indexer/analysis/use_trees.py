"""Reads the trees of Rust's `use` declarations: `a::{b, c as d, e::*}`."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SPACE = re.compile(r"\s+")
_DEEPEST = 8


def uses(tree: str) -> Iterator[tuple[str, str, str]]:
    """Each imported name, as (local name, module, name in the module); the last is "*" for all names."""
    yield from _read(_SPACE.sub(" ", tree).strip(), "", 0)


def _read(tree: str, above: str, depth: int) -> Iterator[tuple[str, str, str]]:
    if depth > _DEEPEST:
        return
    tree = tree.strip()
    brace = tree.find("{")
    if brace >= 0:
        prefix = _joined(above, tree[:brace])
        for part in _parts(tree[brace + 1 : tree.rfind("}")]):
            yield from _read(part, prefix, depth + 1)
        return
    tree, _, alias = (part.strip() for part in tree.partition(" as "))
    path = _joined(above, tree)
    module, _, name = path.rpartition("::")
    if name == "self":
        module, _, name = module.rpartition("::")
    if name:
        yield ("*" if name == "*" else alias or name), module, name


def _joined(above: str, path: str) -> str:
    path = path.strip().strip(":").strip()
    return f"{above}::{path}" if above and path else above or path


def _parts(text: str) -> Iterator[str]:
    depth, start = 0, 0
    for at, char in enumerate(text):
        depth += (char == "{") - (char == "}")
        if char == "," and depth == 0:
            yield text[start:at]
            start = at + 1
    if text[start:].strip():
        yield text[start:]
