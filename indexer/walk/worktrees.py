"""Recognises linked work trees (`git worktree add`), because all their files would be found twice.

Works without git: the `.git` file of a linked work tree names a folder in the repository's git directory.
"""

# Names are bytes in this module, and pathlib does not accept bytes.
# ruff: noqa: PTH118, PTH120

from __future__ import annotations

import os
import re

from ..paths import show
from ..safe_read import read_regular
from ..skip_reason import SkipKind, SkipReason

_MAX_BYTES = 8_192
"""Number of bytes that are read of a `.git` file."""
_LINK = re.compile(rb"gitdir: ([^\0]+?)\r?\n*")


class WorkTrees:
    """Recognises folders below a root that are linked work trees of a repository around or below the root."""

    def __init__(self, root: bytes) -> None:
        self._root = root
        self._own = _repository_of(root)

    def reason(self, folder: bytes) -> SkipReason | None:
        """Why `folder` is left out. Returns None if `folder` is not such a work tree.

        `folder` is an absolute path below the root.
        """
        directory = git_directory(folder)
        repository = _repository_of_linked(directory) if directory is not None else None
        if repository is None:
            return None
        if repository == self._own:
            return SkipReason(SkipKind.WORK_TREE, "this repository")
        main, name = os.path.split(repository)
        inside = main.startswith(self._root.rstrip(b"/") + b"/") and main != folder
        if name != b".git" or not inside or not _has_files(repository):
            return None
        shown = show(os.path.relpath(main, self._root))
        return SkipReason(SkipKind.WORK_TREE, f"the repository {shown}/")


def is_top(folder: bytes) -> bool:
    """Whether a folder is the top of a work tree."""
    return os.path.lexists(os.path.join(folder, b".git"))


def top_around(folder: bytes) -> bytes | None:
    """The top of the work tree that contains or is `folder`. Returns None if there is no work tree."""
    while not is_top(folder):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder


def _repository_of(root: bytes) -> bytes | None:
    """The git directory of the repository around the root.

    Returns None if there is no repository, or if the repository has no work tree besides linked work trees.
    """
    folder = top_around(root)
    if folder is None:
        return None
    directory = git_directory(folder)
    linked = _repository_of_linked(directory) if directory is not None else None
    own = os.path.realpath(directory or os.path.join(folder, b".git"))
    return linked or (own if _has_files(own) else None)


def git_directory(folder: bytes) -> bytes | None:
    """The git directory that a folder's `.git` file names. Returns None if there is no such file."""
    try:
        data, _ = read_regular(os.path.join(folder, b".git"), _MAX_BYTES)
    except OSError:
        return None
    named = _LINK.fullmatch(data)
    return os.path.join(folder, named[1]) if named is not None else None


def _repository_of_linked(directory: bytes) -> bytes | None:
    """The repository's git directory, given the git directory of a linked work tree.

    The latter is REPOSITORY/worktrees/NAME. Returns None for any other git directory.
    """
    above = os.path.dirname(os.path.realpath(directory))
    return os.path.dirname(above) if os.path.basename(above) == b"worktrees" else None  # noqa: PTH119


def _has_files(repository: bytes) -> bool:
    """Whether a repository has a work tree that is not linked. Only such a repository has an index file."""
    return os.path.lexists(os.path.join(repository, b"index"))
