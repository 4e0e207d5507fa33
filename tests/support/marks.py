"""The marks that tests get by themselves: by their folder, and by the names that they use.

- `waits`: for something that happens elsewhere: an event, another thread, a process that goes on.
- `processes`: it starts Python, or works on a whole index, which does: that takes seconds.
- `editors`, `reliability`: all tests of these folders.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

FOLDERS = ("editors", "reliability")
WAITING = {"Popen", "Thread", "Timer", "FolderWatch", "sleep", "until", "until_in_loop"}
STARTING = {"Index", "WorkerPool", "executable"}
SERVERS = ("tests.indexer.store.double", "tests.retrieval.chat")
"""Servers in a thread of the test's own process; their threads are nothing to wait for."""


def marks(item: pytest.Item) -> Iterator[str]:
    """The marks of a test, besides those that its module gives it."""
    folder = item.nodeid.split("/")[1]
    if folder in FOLDERS:
        yield folder
    names = _names_of_test(item)
    if names & WAITING:
        yield "waits"
    if names & STARTING:
        yield "processes"


def _names_of_test(item: pytest.Item) -> set[str]:
    """What a test and its fixtures name, and the helpers of ours that they call."""
    assert isinstance(item, pytest.Function)
    fixtures = [one for several in item._fixtureinfo.name2fixturedefs.values() for one in several]
    waiting: list[Any] = [item.function, *(one.func for one in fixtures)]
    names: set[str] = set()
    seen: set[Any] = set()
    while waiting:
        thing = waiting.pop()
        if thing not in seen:
            seen.add(thing)
            found, called = _names(thing)
            names |= found
            waiting += called
    return names


@functools.cache
def _names(thing: Any) -> tuple[frozenset[str], tuple[Any, ...]]:
    """What a function of ours names, and what of these are functions and classes; of a class, its methods."""
    thing = inspect.unwrap(thing)
    thing = thing.hypothesis.inner_test if hasattr(thing, "hypothesis") else thing
    if not thing.__module__.startswith("tests.") or thing.__module__ in SERVERS:
        return frozenset(), ()
    if isinstance(thing, type):
        members = [getattr(member, "fget", member) for member in vars(thing).values()]
        return frozenset(), _callable(members)
    names = frozenset(_names_in(thing.__code__))
    return names, _callable(_named(names, thing.__globals__))


def _callable(things: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(thing for thing in things if isinstance(thing, type | FunctionType))


def _named(names: frozenset[str], scope: dict[str, Any]) -> Iterator[Any]:
    """What names mean in a module, those of a module that it imports as a whole, too."""
    for name in names & scope.keys():
        found = scope[name]
        yield found
        if isinstance(found, ModuleType) and found.__name__.startswith("tests."):
            yield from (vars(found)[inner] for inner in names & vars(found).keys())


def _names_in(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names_in(constant)
