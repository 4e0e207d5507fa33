"""`workspace/symbol`: a search by name or by a description."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lsprotocol import types

from indexer.errors import CorneaError, UsageError
from retrieval.host.answers import HitsAnswer
from retrieval.host.requests import SearchParams
from retrieval.result import Hit

from . import results
from .asking import ask_all, without_nested

if TYPE_CHECKING:
    from .roots import Root
    from .session import Session


async def answer(ls: Session, params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol] | None:
    """The best fragments of all roots. Returns None if the client has sent a newer request.

    A client that accepts partial results gets the fragments root by root.
    """
    if not params.query.strip():
        return []
    return await ls.latest.run("symbols", lambda: _answer(ls, params))


async def _answer(ls: Session, params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol]:
    token, limit = params.partial_result_token, ls.settings.search_limit
    found: dict[Root, list[types.WorkspaceSymbol]] = {}

    def on_answer(root: Root, answer: HitsAnswer) -> None:
        rows = merge_pieces(list(without_nested(ls, root, answer.hits)))
        found[root] = [results.symbol(root, row) for row in rows]
        if token is not None and found[root]:
            ls.progress(types.ProgressParams(token, found.pop(root)))

    # A part of a name is requested with each key, and nothing defines most of these.
    wanted = SearchParams(query=params.query, limit=limit, per_file=limit, check_names=False)
    try:
        answers = await ask_all(ls, lambda _: wanted, on_answer)
    except UsageError as error:
        if not any(root.connected for root in ls.roots):
            ls.show_error_once(str(error))
        return []  # For example, the query contains no word yet.
    except CorneaError as error:
        ls.show_error_once(str(error))
        return []
    return [one for root, _ in answers for one in found.get(root, ())]


def merge_pieces(rows: Sequence[Hit]) -> list[Hit]:
    """The rows, with all pieces of a function merged into one row, which has the rank of the best piece.

    A piece that does not begin a function belongs to the nearest function with the same name that begins
    above the piece.
    """
    parts: dict[tuple[str, str, int], list[Hit]] = {}
    heads: dict[tuple[str, str], int] = {}
    for row in sorted(rows, key=lambda row: (row.path, row.start_line)):
        key = (row.path, row.symbol)
        if not row.symbol or key not in heads or _begins(row):
            heads[key] = row.start_line
        parts.setdefault((*key, heads[key]), []).append(row)
    found = {id(row): pieces for pieces in parts.values() for row in pieces}
    return [
        replace(pieces[0], end_line=pieces[-1].end_line)
        for pieces in {id(found[id(row)]): found[id(row)] for row in rows}.values()
    ]


def _begins(row: Hit) -> bool:
    """Whether a piece contains the beginning of its function.

    If so, one of the least indented lines of the piece contains the name of the function.
    """
    lines = [line for line in row.text.expandtabs().split("\n") if line.strip()]
    outermost = min((len(line) - len(line.lstrip()) for line in lines), default=0)
    name = re.compile(rf"(?<!\w){re.escape(row.symbol.rpartition('.')[2])}(?!\w)")
    return any(name.search(line) for line in lines if not line[: outermost + 1].isspace())
