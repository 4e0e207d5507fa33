"""Linked work trees (`git worktree add`): other states of the same files, which would all be found twice.

Nothing is asked of git: the `.git` file of a linked work tree names its folder below the repository's own.
"""

# Names are bytes here, which pathlib does not take.
# ruff: noqa: PTH118, PTH120

from __future__ import annotations

import os

from .safe_read import read_regular

_MOST = 8_192
"""Bytes of a `.git` file that are read: a path."""
_SAYS = b"gitdir: "
_WORK_TREES = b"worktrees"


class WorkTrees:
    """Which folders below a root are work trees of a repository whose files are in the root anyway."""

    def __init__(self, root: bytes) -> None:
        self._root = root
        self._own = _repository_of(root)

    def reason(self, folder: bytes) -> str | None:
        """Why `folder` (absolute, below the root) is left out, or None if it is no such work tree."""
        directory = _named_in(folder)
        repository = _linked(directory) if directory is not None else None
        if repository is None:
            return None
        if repository == self._own:
            return "linked work tree of this repository"
        main, name = os.path.split(repository)
        inside = main.startswith(self._root.rstrip(b"/") + b"/") and main != folder
        if name != b".git" or not inside or not _has_files(repository):
            return None
        shown = os.path.relpath(main, self._root).decode("utf-8", "backslashreplace")
        return f"linked work tree of the repository {shown}/"


def _repository_of(root: bytes) -> bytes | None:
    """The git directory of the repository that the root is in, if the root has files of it: a repository
    without a work tree of its own has linked ones alone.
    """
    folder = root
    while not os.path.lexists(os.path.join(folder, b".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    directory = _named_in(folder)
    if directory is not None and (linked := _linked(directory)) is not None:
        return linked
    own = os.path.realpath(directory if directory is not None else os.path.join(folder, b".git"))
    return own if _has_files(own) else None


def _named_in(folder: bytes) -> bytes | None:
    """The git directory that a folder's `.git` file names; None without such a file."""
    try:
        data, _ = read_regular(os.path.join(folder, b".git"), _MOST)
    except OSError:
        return None
    if not data.startswith(_SAYS):
        return None
    name = data.removeprefix(_SAYS).partition(b"\n")[0].rstrip(b"\r")
    return os.path.join(folder, name) if name and b"\0" not in name else None


def _linked(directory: bytes) -> bytes | None:
    """The repository of a linked work tree, by its git directory (REPOSITORY/worktrees/NAME); else None."""
    above = os.path.dirname(os.path.realpath(directory))
    return os.path.dirname(above) if os.path.basename(above) == _WORK_TREES else None  # noqa: PTH119


def _has_files(repository: bytes) -> bool:
    """Whether a repository has a work tree of its own: only with one has it an index."""
    return os.path.lexists(os.path.join(repository, b"index"))
