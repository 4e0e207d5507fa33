"""Sends a request to all roots. A root that fails does not stop the others."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from indexer.errors import CorneaError, StoreError, UsageError, of_kind
from retrieval.host.answers import Location, QueryAnswer
from retrieval.host.requests import UpdateParams
from retrieval.result import Hit

from .roots import Closed, Root

if TYPE_CHECKING:
    from .session import Session

log = logging.getLogger(__name__)

Q = TypeVar("Q", bound=QueryAnswer)
R = TypeVar("R", Hit, Location)


def open_roots(ls: Session) -> list[Root]:
    """All roots, innermost first. Raises UsageError if no folder is open."""
    roots = list(ls.roots)
    if not roots:
        raise UsageError("no folder is open; open one, or a file of a git repository")
    return roots


async def ask_all(
    ls: Session,
    params: Callable[[Root], UpdateParams[Q]],
    on_answer: Callable[[Root, Q], None] | None = None,
) -> list[tuple[Root, Q]]:
    """The answers of all roots, innermost first.

    `on_answer` is called with each root and its answer as soon as the answer arrives. If some roots fail, but
    not all, their errors are shown to the user, each of them once. Raises CorneaError if all roots fail.
    Raises UsageError if no folder is open.
    """
    roots = open_roots(ls)

    async def answer(root: Root) -> Q:
        await ls.unsaved.send(root)
        found = await root.ask(params(root))
        for remark in found.remarks:
            log.warning("%s: %s", root.folder, remark)
        if on_answer is not None:
            on_answer(root, found)
        return found

    answers = await asyncio.gather(*map(answer, roots), return_exceptions=True)
    good: list[tuple[Root, Q]] = []
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


def without_nested(ls: Session, root: Root, rows: Iterable[R]) -> Iterator[R]:
    """The rows of an answer, without the rows for files in nested roots.

    The answers of the nested roots contain these rows.
    """
    within = [one for one in ls.roots if root.real in one.real.parents and not one.failed]
    for row in rows:
        place = root.real / row.path
        if not any(place.is_relative_to(one.real) for one in within):
            yield row


def _of_all(errors: list[CorneaError]) -> CorneaError:
    """One error with the distinct messages of all `errors`. It is of the kind of the first error."""
    first, said = errors[0], list(dict.fromkeys(map(str, errors)))
    if len(said) == 1:
        return first
    text = "; ".join(said)  # the constructors of some classes make a text of their own
    return of_kind(first.kind, text, first.fields) or StoreError(text)
