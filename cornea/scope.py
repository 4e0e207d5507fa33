"""The part of a root that is searched: the working directory, or the whole root."""

from __future__ import annotations

import os
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .context import Context, working_folder
from .presentation import output

if TYPE_CHECKING:
    from msgspec import UnsetType

    from retrieval.host.answers import HitsAnswer, LocationsAnswer


@dataclass(frozen=True, slots=True)
class SearchScope:
    """The folder to search, as a path in the index of `root`. The folder "" is the whole root."""

    root: Path
    folder: str = ""

    @classmethod
    def of(cls, context: Context, *, whole: bool) -> SearchScope:
        """The scope of a command: the working directory if it is inside the root, else the whole root.

        With `whole`, the scope is always the whole root.
        """
        here = Path(os.path.realpath(working_folder()))
        if whole or here == context.root or not here.is_relative_to(context.root):
            return cls(context.root)
        from .places import relative

        return cls(context.root, relative(here, context))

    def announce(self) -> None:
        """If only a folder is searched, print which folder, and how to search the whole root."""
        for line in self.notes:
            output.say(line)

    @property
    def notes(self) -> tuple[str, ...]:
        """If only a folder is searched, a line that says which folder, and how to search the whole root."""
        return (f"searching only {self.folder}/; --all searches all of {self.root}",) if self.folder else ()

    @property
    def shown(self) -> str | UnsetType:
        """The folder for an answer in JSON, which has no scope if it is the whole root."""
        from msgspec import UNSET

        return self.folder or UNSET


def emptied_in(found: HitsAnswer | LocationsAnswer) -> Sequence[str]:
    """The names of the filters that matched nothing, according to an answer.

    Returns no names while the index is incomplete, because a file that is not indexed yet may match.
    """
    return () if found.indexing else found.emptied


def why_empty(scope: SearchScope, emptied: Container[str], context: Context) -> str:
    """Why nothing in the searched folder is indexed. Returns "" if nothing was found for another reason."""
    if "folder" not in emptied:
        return ""
    from . import survey

    return survey.why(context, scope.folder) if scope.folder else survey.NO_FILES


def say_nothing(
    scope: SearchScope, emptied: Sequence[str], named: Mapping[str, str], reason: str = ""
) -> None:
    """Print that nothing was found, and which filters matched nothing (see `nothing_found`)."""
    output.say(nothing_found(scope, emptied, named, reason))


def nothing_found(
    scope: SearchScope, emptied: Sequence[str], named: Mapping[str, str], reason: str = ""
) -> str:
    """A line which says that nothing was found, and which filters matched nothing.

    `emptied` has the names of these filters as `retrieval.filtering.emptying_filters` returns them. `named`
    maps such a name to the filter as the user typed it. `reason` says why nothing in the folder is indexed.
    """
    where = f" in {scope.folder}/" if scope.folder else ""
    if "folder" in emptied:
        return f"nothing found: nothing{where} is indexed" + (f" ({reason})" if reason else "")
    filters = [named[name] for name in emptied]
    what = " and ".join(part for part in (", ".join(filters[:-1]), *filters[-1:]) if part)
    verb = "match" if len(filters) > 1 else "matches"
    return "nothing found" + (f": {what} {verb} nothing{where}" if filters else where)
