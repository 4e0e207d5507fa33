"""`workspace/symbol`: a search, by name or in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from indexer.errors import CorneaError, UsageError

from . import results

if TYPE_CHECKING:
    from .roots import Root
    from .server import Server


async def answer(ls: Server, params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol] | None:
    """The best fragments of all roots; root by root where the client takes partial results."""
    if not params.query.strip():
        return []
    return await ls.latest.run("symbols", lambda: _answer(ls, params))


async def _answer(ls: Server, params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol]:
    token = params.partial_result_token
    found: list[types.WorkspaceSymbol] = []
    for root in ls.roots:
        part = await _of(ls, root, params.query)
        if token is None:
            found += part
        elif part:
            ls.progress(types.ProgressParams(token, part))
    return found


async def _of(ls: Server, root: Root, query: str) -> list[types.WorkspaceSymbol]:
    limit = ls.settings.search_limit
    asked = {"query": query, "limit": limit, "per_file": limit, "documents": ls.unsaved(root)}
    try:
        answer = await root.ask("search", asked)
    except UsageError:
        return []  # no word in it yet
    except CorneaError as error:
        ls.complain(str(error))
        return []
    return [results.symbol(root, row) for row in answer["hits"]]
