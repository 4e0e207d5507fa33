"""Paths of agents: relative to the served folders, and never out of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.errors import UsageError
from mcp_server.folders import EventHandler, HostClient, ServedFolders

from ..repositories import write


class FixedRoots:
    """Finds roots among given ones, and connects to none."""

    def __init__(self, *roots: Path) -> None:
        self._roots = roots

    def root_of(self, folder: Path) -> Path:
        return next((root for root in self._roots if folder.is_relative_to(root)), folder)

    def is_indexed(self, root: Path) -> bool:
        return True

    async def connect(self, root: Path, on_event: EventHandler) -> HostClient:
        raise AssertionError("no host is needed for paths")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    real = Path(os.path.realpath(tmp_path))
    write(real, {"a/src/x.py": "", "a/own.py": "", "b/src/x.py": "", "b/y.py": "", "secret.txt": ""})
    (real / "a" / "out").symlink_to(real / "secret.txt")
    (real / "a" / "in").symlink_to(real / "a" / "src")
    return real


def _served(place: Path, *names: str, roots: tuple[str, ...] = ()) -> ServedFolders:
    folders = ServedFolders(FixedRoots(*(place / one for one in roots)))
    folders.serve([place / name for name in names])
    return folders


def test_one_folder(place: Path) -> None:
    """Relative or absolute, with a line or without, through links; the path need not exist."""
    folders = _served(place, "a")
    for text in ("src/x.py:7", "./src/x.py:7", f"{place}/a/src/x.py:7", "in/x.py:7", "src/../src/x.py:7-9"):
        assert folders.find(text)[1:] == ("src/x.py", 7), text
    assert folders.find(".")[1:] == ("", 0)
    assert folders.find("src/new.py")[1:] == ("src/new.py", 0)
    assert next(iter(folders)).shown("src/x.py") == "src/x.py"


@pytest.mark.parametrize(
    "text",
    [
        "../secret.txt",
        "/etc/passwd",
        "out",
        "src/../../b/y.py",
        "a\0b",
        "",
        " ",
        "../a2",
        "~/x/../../../../..",
    ],
)
def test_paths_that_lead_out(place: Path, text: str) -> None:
    with pytest.raises(UsageError):
        _served(place, "a").find(text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text() | st.lists(st.sampled_from(["..", ".", "src", "out", "/", "a:1", "\ud800"])).map("/".join))
def test_any_text_is_a_path_inside_or_refused(place: Path, text: str) -> None:
    folders = _served(place, "a")
    try:
        found = folders.find(text)
    except UsageError:
        return
    assert Path(os.path.realpath(place / "a" / found.path)).is_relative_to(place / "a")


def test_several_folders(place: Path) -> None:
    """Paths begin with the folder's name; a path without a name means the folder that has such a file."""
    folders = _served(place, "a", "b")
    first, second = folders
    assert (first.shown("own.py"), second.shown("y.py")) == ("a/own.py", "b/y.py")
    assert folders.find("b/src/x.py:3") == (second, "src/x.py", 3)
    assert folders.find("y.py") == (second, "y.py", 0)
    with pytest.raises(UsageError, match="outside of the served folders"):
        folders.find("../secret.txt")


def test_a_folder_inside_a_root(place: Path) -> None:
    """The host's paths are those of its root, the agent's those of the folder, and nothing else is served."""
    folders = _served(place, "a/src", roots=("a",))
    (folder,) = folders
    assert (folder.scope, folder.shown("src/x.py")) == ("src", "x.py")
    assert folders.find("x.py:1") == (folder, "src/x.py", 1)
    assert folders.find(".") == (folder, "src", 0)
    with pytest.raises(UsageError):
        folders.find("../own.py")


def test_nested_and_repeated_folders(place: Path) -> None:
    """A folder is served once; one inside another is, too, only if it has an index of its own."""
    assert len(_served(place, "a", "a", "a/src", roots=("a",))) == 1
    assert len(_served(place, "a", "a/src", roots=("a/src", "a"))) == 2


def test_names_of_folders_with_the_same_end(place: Path) -> None:
    shown = [one.shown("x.py") for one in _served(place, "a/src", "b/src")]
    assert shown == ["a/src/x.py", "b/src/x.py"]


def test_a_folder_that_cannot_be_served_changes_nothing(place: Path) -> None:
    class Refusing(FixedRoots):
        def root_of(self, folder: Path) -> Path:
            if folder.name == "b":
                raise UsageError("too wide")
            return folder

    folders = ServedFolders(Refusing())
    folders.serve([place / "a"])
    with pytest.raises(UsageError):
        folders.serve([place / "a", place / "b"])
    served: list[Any] = list(folders)
    assert [one.folder for one in served] == [place / "a"]
