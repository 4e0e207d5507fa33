"""Why files and folders are left out of an index. Code compares kinds; texts are for users."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class SkipKind(Enum):
    """A kind of reason. Its value is the text that users see; `{}` stands for the detail."""

    UNREADABLE = "unreadable: {}"
    VANISHED = "vanished"
    """The file was deleted before it was read. Such a file counts as gone, not as skipped."""
    MISSING = "missing from this clone"
    """The clone, partial or damaged, lacks the content of a commit's file."""
    REFUSED = "{}"
    """git refused the repository, and the detail says why."""
    NOT_REGULAR = "not a regular file"
    FOLDER = "a folder"
    SYMLINK = "symlink"
    BROKEN_SYMLINK = "broken symlink"
    FOREIGN_SYMLINK = "symlink out of the root"
    SAME_NAME = "another file's name looks the same: {}"
    LARGE = "larger than {}"

    EXCLUDED = "left out by {}"
    IGNORED = "ignored by {}"
    LANGUAGE = "language {} is not among [index] languages"
    HIDDEN = "hidden"
    WORK_TREE = "linked work tree of {}"
    VENDORED = "vendored: {}"
    GENERATED = "generated: {}"
    MINIFIED = "minified"
    BINARY = "binary: {}"
    LFS = "Git LFS pointer"
    EDITOR = "editor's copy: {}"
    SECRETS = "holds secrets: {}"
    KEY = "key file: {}"

    FRAGMENTS = "more than {} fragments; name it in .corneaignore, or split it"
    FAILED = "could not be analysed: {}"
    OUT_OF_MEMORY = "could not be analysed: MemoryError: {}"
    SLOW = "took longer than {} s"
    KILLED_PARSER = "killed its parser ({})"
    KILLED_WRITER = "killed the indexing process ({})"
    KILLED_HOST = "killed two hosts on requests for suggestions"
    KILLED_GIT = "git cannot read it"

    @property
    def is_crash(self) -> bool:
        """Whether the file killed or stalled a process. It is tried again when its content changes."""
        return self in (SkipKind.SLOW, SkipKind.KILLED_PARSER, SkipKind.KILLED_WRITER)


@dataclass(frozen=True, slots=True)
class SkipReason:
    """A kind of reason and its detail."""

    kind: SkipKind
    detail: str = ""

    def __str__(self) -> str:
        """The text for users. Without a detail, "..." stands for it in the middle of a text."""
        text = self.kind.value
        if self.detail:
            return text.replace("{}", self.detail)
        return text.removesuffix(": {}").removesuffix(" ({})").replace("{}", "...")

    @property
    def stored(self) -> str:
        """The reason as a manifest and the cache store it."""
        return f"{self.kind.name} {self.detail}"

    @staticmethod
    def from_stored(text: str) -> SkipReason | None:
        """The reason that was stored as `text`; None for an empty text. Raises KeyError for another text."""
        name, _, detail = text.partition(" ")
        return SkipReason(SkipKind[name], detail) if name else None

    @staticmethod
    def of_error(error: Exception) -> SkipReason:
        """The reason for skipping a file that caused an unexpected error."""
        text = " ".join(str(error).split())[:300]
        if isinstance(error, MemoryError):
            return SkipReason(SkipKind.OUT_OF_MEMORY, text)
        return SkipReason(SkipKind.FAILED, f"{type(error).__name__}: {text}".rstrip())
