"""Which part of a root a question is answered from: the folder that one is in, or the whole of it."""

from __future__ import annotations

import os
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .context import Context, working_folder
from .presentation import output


@dataclass(frozen=True, slots=True)
class SearchScope:
    """A folder of a root as the index writes it, relative to the root; "" is the whole root."""

    root: Path
    folder: str = ""

    @classmethod
    def of(cls, context: Context, *, whole: bool) -> SearchScope:
        """The working directory inside the context's root; all of the root for `whole`."""
        here = Path(os.path.realpath(working_folder()))
        if whole or here == context.root or not here.is_relative_to(context.root):
            return cls(context.root)
        from .places import relative

        return cls(context.root, relative(here, context))

    def tell(self) -> None:
        """Say on stderr that a part is searched, and how to search all."""
        if self.folder:
            output.say(f"searching in {self.folder}/ only; --all searches the whole of {self.root}")

    @property
    def as_json(self) -> dict[str, str]:
        """What is added to an answer in JSON: nothing where the whole root was searched."""
        return {"scope": self.folder} if self.folder else {}


def emptied_in(found: Mapping[str, Any]) -> Sequence[str]:
    """The filters that an answer says to leave nothing; none while the index is not whole."""
    return () if found.get("indexing") else found.get("emptied", ())


def why_empty(scope: SearchScope, emptied: Container[str], context: Context) -> str:
    """Why nothing of the folder is indexed, where that is what leaves nothing to find; else ""."""
    if "folder" not in emptied:
        return ""
    from . import survey

    return survey.why(context, scope.folder) if scope.folder else survey.NO_FILES


def say_nothing(
    scope: SearchScope, emptied: Sequence[str], named: Mapping[str, str], reason: str = ""
) -> None:
    """Say that nothing was found, and which filters leave nothing to find.

    `emptied` are their names, as `retrieval.filtering.emptying_filters` gives them; `named` is how they were
    written.
    `reason` says why nothing of the folder is indexed.
    """
    where = f" in {scope.folder}/" if scope.folder else ""
    if "folder" in emptied:
        output.say(f"nothing found: nothing{where} is indexed" + (f" ({reason})" if reason else ""))
        return
    filters = [named[name] for name in emptied]
    what = " and ".join(part for part in (", ".join(filters[:-1]), *filters[-1:]) if part)
    verb = "leave" if len(filters) > 1 else "leaves"
    output.say("nothing found" + (f": {what} {verb} nothing{where}" if filters else where))
