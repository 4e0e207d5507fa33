"""One question to all roots: each answers for itself, and one that cannot answer does not stop the others."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from indexer.errors import CorneaError, UsageError

from .roots import Closed, Message, Root

if TYPE_CHECKING:
    from .session import Session

log = logging.getLogger(__name__)

AnswerHandler = Callable[[Root, Message], None]


def served(ls: Session) -> list[Root]:
    """All roots, innermost first. Raises UsageError where no folder is open."""
    roots = list(ls.roots)
    if not roots:
        raise UsageError("no folder is open; open one, or a file of a git repository")
    return roots


async def ask_all(
    ls: Session, method: str, asked: Callable[[Root], Message], heard: AnswerHandler | None = None
) -> list[tuple[Root, Message]]:
    """The answers of all roots, innermost first; `heard` takes each as soon as it is there.

    The error of a root that fails is told once, as long as another one answers. Raises CorneaError where none
    does, and UsageError where no folder is open.
    """
    roots = served(ls)

    async def answer(root: Root) -> Message:
        found = await root.ask(method, asked(root))
        for remark in found.get("remarks", ()):
            log.warning("%s: %s", root.folder, remark)
        if heard is not None:
            heard(root, found)
        return found

    answers = await asyncio.gather(*map(answer, roots), return_exceptions=True)
    good: list[tuple[Root, Message]] = []
    bad: list[tuple[Root, CorneaError]] = []
    for root, result in zip(roots, answers, strict=True):
        if isinstance(result, CorneaError):
            bad.append((root, result))
        elif isinstance(result, BaseException):
            raise result
        else:
            good.append((root, result))
    if not good:
        raise _of_all([error for _, error in bad])
    for root, error in bad:
        if not isinstance(error, Closed):
            ls.show_error_once(str(error), root)
    return good


def owned(ls: Session, root: Root, rows: Iterable[Message]) -> Iterator[Message]:
    """The rows of an answer without those of files in a root within this one, which answers for them."""
    within = [one for one in ls.roots if root.real in one.real.parents and not one.failed]
    for row in rows:
        place = root.real / row["path"]
        if not any(place.is_relative_to(one.real) for one in within):
            yield row


def _of_all(errors: list[CorneaError]) -> CorneaError:
    """One error for all, with what each says once."""
    said = list(dict.fromkeys(map(str, errors)))
    return errors[0] if len(said) == 1 else type(errors[0])("; ".join(said))
