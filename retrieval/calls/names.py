"""Finds the definitions of a name, and names that are similar to one that nothing has."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from pathlib import PurePosixPath

from indexer.analysis.file_calls import FileDefinition

from .call_graph import RepositoryCalls
from .entities import Place

_JOINTS = re.compile(r"::|->|[.#/\\]")
_PACKAGES = frozenset({"__init__", "index", "mod", "lib", "main"})
_NEAR = 5
_COMPARED = 2_000
"""Largest number of names that are compared letter by letter."""


def parts_of(name: str) -> list[str]:
    """The parts of a name that may be qualified: `Class.method`, `module::function`, `Class#method`,
    `f()`."""
    return [part for part in _JOINTS.split(name.strip().removesuffix("()")) if part]


def definitions_of(graph: RepositoryCalls, name: str) -> list[Place]:
    """The definitions of a name, in order of path and line.

    The parts before the last one are the end of what encloses the definition: classes, the file, folders. A
    declaration counts only if there is no definition.
    """
    *owners, last = parts_of(name) or [""]
    found = [
        (file, number)
        for file in graph.defining.get(last, ())
        for number in graph.files[file].numbers_of(last)
        if _is_inside(graph, (file, number), owners)
    ]

    def definition(place: Place) -> FileDefinition:
        return graph.files[place[0]].definitions[place[1]]

    found = [one for one in found if not definition(one).declared] or found
    return sorted(found, key=lambda one: (graph.files[one[0]].path, definition(one).start))


def _is_inside(graph: RepositoryCalls, place: Place, owners: list[str]) -> bool:
    if not owners:
        return True
    one = graph.files[place[0]]
    path = PurePosixPath(one.path)
    module = [*path.parts[:-1], path.name.partition(".")[0]]
    above = one.definitions[place[1]].symbol.split(".")[:-1]
    full = [*module, *above]
    without_package = [*(module[:-1] if module[-1] in _PACKAGES else module), *above]
    size = len(owners)
    return owners in (full[-size:], without_package[-size:])


def near_names(graph: RepositoryCalls, name: str) -> list[str]:
    """Names of definitions that are similar to `name`, the most similar first."""
    last = (parts_of(name) or [""])[-1]
    known = [one for one, files in graph.defining.items() if files and not one.startswith("__")]
    folded = last.lower().replace("_", "")
    same = [one for one in known if one.lower().replace("_", "") == folded and one != last]
    close = difflib.get_close_matches(last, _comparable(last, known), _NEAR, 0.7)
    inside = [one for one in known if len(last) > 3 and folded in one.lower().replace("_", "")]
    return list(dict.fromkeys([*same, *close, *sorted(inside, key=len)]))[:_NEAR]


def _comparable(name: str, known: Collection[str]) -> list[str]:
    """The names that have enough in common with `name` to be worth a comparison."""
    pairs = {name[at : at + 2].lower() for at in range(len(name) - 1)}
    scored = [
        (sum(pair in one.lower() for pair in pairs), one)
        for one in known
        if abs(len(one) - len(name)) <= max(2, len(name) // 3)
    ]
    return [one for _, one in sorted(scored, reverse=True)[:_COMPARED]]
