"""Folders to serve. Their hosts end with the tests."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import pytest

from tests.support.waiting import LIMIT

from ..e2e.cli import Cli
from ..repositories import write
from .editor import Editor, editor

T = TypeVar("T")

STORE = '''class {Name}Store:
    """Keeps {name}s in a table, newest last."""

    def __init__(self, table, log):
        self.table = table
        self.log = log

    def find_{name}(self, key):
        """The {name} of a key."""
        if key not in self.table:
            raise KeyError(f"no {name} {{key}}")
        found = self.table[key]
        self.log.info("found %s", key)
        self.log.debug("the table has %d", len(self.table))
        return found
'''
TYPED = '''class ItemStore:
    def find_item(self, key):
        """The item of a key."""
        if key not in self.table:
            raise KeyError(f"no item {key}")
        found = self.table[key]

'''
ISSUE = """# find_order fails

`find_order` raises KeyError for an order that was just written.
"""
FILES = {
    "src/user.py": STORE.format(name="user", Name="User"),
    "src/order.py": STORE.format(name="order", Name="Order"),
    "src/item.py": TYPED,
    "ISSUE.md": ISSUE,
}


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Cli]:
    """A folder of a test's own, with a home of its own."""
    cli = Cli(tmp_path / "home", write(tmp_path / "stores", FILES))
    yield cli
    if cli.folder.exists():
        cli("host", "stop")


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cli]:
    """A folder that is indexed once, for tests that only ask."""
    place = tmp_path_factory.mktemp("served")
    cli = Cli(place / "home", write(place / "stores", FILES))
    assert cli("index").code == 0
    yield cli
    cli("host", "stop")


class EditorWindow:
    """An editor that stays open for many tests: a server takes a second to start."""

    def __init__(self, opening: AbstractAsyncContextManager[Editor]) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._opening = opening
        self.editor: Editor = self(opening.__aenter__())

    def __call__(self, work: Coroutine[Any, Any, T]) -> T:
        """What something that an editor does comes to."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(LIMIT)

    def close(self) -> None:
        self(self._opening.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="session")
def window(stores: Cli) -> Iterator[EditorWindow]:
    """An editor on the folder that is indexed once."""
    opened = EditorWindow(editor(stores))
    opened(opened.editor.ready())
    yield opened
    opened.close()
