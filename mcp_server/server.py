"""The MCP server: lists the tools, and passes calls to the functions that answer them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mcp_types as types
from mcp.server.lowlevel.server import Server
from mcp.shared.exceptions import MCPError

from indexer.errors import CorneaError, UsageError
from indexer.file_uri import path_of

from .arguments import arguments_of
from .results import ToolResult
from .tool_schemas import input_schema, output_schema
from .tools import INSTRUCTIONS, TOOLS

if TYPE_CHECKING:
    from mcp.server.context import CallNext, HandlerResult, ServerRequestContext

    from .folders import Hosts, ServedFolders

    Context = ServerRequestContext[Any, Any]

log = logging.getLogger(__name__)

_ROOTS_SECONDS = 5.0
_SHOWN = 100
_WARM_SECONDS = 0.2
"""Seconds after the tools were listed at which the hosts are started, so that a first answer comes soon."""


class ToolServer:
    """Answers the clients of one process.

    `folders` are those that the user named. If there are none, they are the client's roots, and without such
    roots `default`, the working directory.
    """

    def __init__(self, version: str, hosts: Hosts, folders: Sequence[Path], default: Path) -> None:
        self._hosts, self._named, self._default = hosts, list(folders), default
        self._folders: ServedFolders | None = None
        self._is_current = False
        self._warming: asyncio.Task[None] | None = None
        self.server: Server[Any] = Server(
            "cornea",
            version=version,
            title="Cornea code search",
            instructions=INSTRUCTIONS,
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
        )
        self.server.middleware = [self._check_state]
        self.server.add_notification_handler(
            "notifications/roots/list_changed", types.NotificationParams, self._roots_changed
        )

    async def close(self) -> None:
        """Disconnect from the hosts."""
        if self._warming is not None:
            self._warming.cancel()
        if self._folders is not None:
            await self._folders.close()

    async def _check_state(self, ctx: Context, call_next: CallNext) -> HandlerResult:
        session = ctx.session
        is_tool = ctx.request_id is not None and ctx.method.startswith("tools/")
        if is_tool and session.client_params is None and session.client_capabilities is None:
            raise MCPError(types.INVALID_PARAMS, "the session is not initialized; send `initialize` first")
        return await call_next(ctx)

    async def _list_tools(
        self, context: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        if self._warming is None:
            self._warming = asyncio.get_running_loop().create_task(self._warm(context))
        return types.ListToolsResult(tools=listed_tools())

    async def _warm(self, context: Context) -> None:
        """Start the hosts, so that they index while the agent still thinks."""
        await asyncio.sleep(_WARM_SECONDS)
        from . import answering

        assert answering  # imported here, so that the first call need not
        try:
            for folder in await self._served(context):
                await folder.host.start()
        except CorneaError as error:
            log.warning("%s", error)
        except MCPError as error:  # the client has left
            log.info("%s", error)

    async def _call_tool(self, context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        began = asyncio.get_running_loop().time()
        from retrieval.typed_json import encode

        from .answering import ANSWERS
        from .asking import Call

        tool = TOOLS.get(params.name)
        if tool is None:
            raise MCPError(
                types.INVALID_PARAMS, f"unknown tool {params.name[:_SHOWN]!r}; there are: {', '.join(TOOLS)}"
            )

        async def report(done: float, total: float | None, message: str) -> None:
            await context.session.report_progress(done, total, message)

        try:
            given = arguments_of(tool.arguments, params.arguments or {})
            found = await ANSWERS[tool.name](Call(began, await self._served(context), report), given)
        except CorneaError as error:
            return _failed(str(error))
        except MCPError:
            raise
        except Exception as error:
            log.exception("this is a bug in cornea")
            return _failed(f"a bug in cornea ({type(error).__name__}); its server's stderr has the details")
        return types.CallToolResult(
            content=[types.TextContent(type="text", text=found.text)],
            structured_content=encode(found.result),
        )

    async def _served(self, context: Context) -> ServedFolders:
        """The served folders. Raises UsageError if there are none that can be served."""
        from .folders import ServedFolders

        if self._folders is None:
            self._folders = ServedFolders(self._hosts)
        if not self._is_current:
            folders = self._named or await self._client_roots(context) or [self._default]
            self._folders.serve(folders)
            self._is_current = True
        return self._folders

    async def _client_roots(self, context: Context) -> list[Path]:
        """The folders that the client has open. Returns [] if it does not say."""
        session = context.session
        capabilities = session.client_capabilities
        if capabilities is None or capabilities.roots is None or not session.can_send_request:
            return []
        try:
            answer = await session.send_request(
                types.ListRootsRequest(), types.ListRootsResult, request_read_timeout_seconds=_ROOTS_SECONDS
            )
        except (MCPError, ValueError) as error:
            log.warning("the client did not list its roots (%s); serving %s", error, self._default)
            return []
        found = []
        for root in answer.roots:
            path = path_of(str(root.uri))
            if path is not None and path.is_dir():
                found.append(path)
            else:
                log.warning("%s: not a folder of this machine; it is not served", str(root.uri)[:_SHOWN])
        if answer.roots and not found:
            raise UsageError("none of the client's roots is a folder of this machine")
        return found

    async def _roots_changed(self, context: Context, params: types.NotificationParams | None) -> None:
        self._is_current = False


def listed_tools() -> list[types.Tool]:
    """The tools as clients see them."""
    return [
        types.Tool(
            name=tool.name,
            title=tool.title,
            description=tool.description,
            input_schema=input_schema(tool.arguments),
            output_schema=output_schema(ToolResult),
            annotations=types.ToolAnnotations(
                read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
            ),
            _meta={"anthropic/alwaysLoad": True},
        )
        for tool in TOOLS.values()
    ]


def _failed(reason: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=reason)], is_error=True)
