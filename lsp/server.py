"""The language server: registers a handler for each method. The handlers send requests to hosts."""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from . import actions, calls, commands, completion, hover, inline, life, outline, symbols
from .protocol import Protocol
from .roots import Connect
from .session import Session

FEATURES = (
    (types.INITIALIZE, life.initialize, None),
    (types.INITIALIZED, life.initialized, None),
    (types.TEXT_DOCUMENT_DID_SAVE, life.saved, None),
    (types.WORKSPACE_DID_CHANGE_CONFIGURATION, life.configured, None),
    (types.WORKSPACE_DID_CHANGE_WATCHED_FILES, life.files_changed, None),
    (types.TEXT_DOCUMENT_INLINE_COMPLETION, inline.answer, types.InlineCompletionOptions()),
    (types.TEXT_DOCUMENT_COMPLETION, completion.answer, types.CompletionOptions(resolve_provider=True)),
    (types.COMPLETION_ITEM_RESOLVE, completion.resolve, None),
    (types.WORKSPACE_SYMBOL, symbols.answer, types.WorkspaceSymbolOptions(work_done_progress=False)),
    (types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, outline.answer, types.DocumentSymbolOptions(label="Cornea")),
    (types.TEXT_DOCUMENT_DEFINITION, calls.definition, None),
    (types.TEXT_DOCUMENT_REFERENCES, calls.references, None),
    (types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY, calls.prepare, None),
    (types.CALL_HIERARCHY_INCOMING_CALLS, calls.incoming, None),
    (types.CALL_HIERARCHY_OUTGOING_CALLS, calls.outgoing, None),
    (types.TEXT_DOCUMENT_HOVER, hover.answer, None),
    (types.TEXT_DOCUMENT_CODE_ACTION, actions.answer, types.CodeActionOptions(resolve_provider=False)),
)
"""The supported methods, each with a handler and options. pygls advertises some methods only with options."""


class CorneaServer(Session):
    """A session with all features and commands registered."""

    protocol: Protocol

    def __init__(self, version: str, connect: Connect) -> None:
        super().__init__(version, connect, Protocol)
        for method, handler, options in FEATURES:
            self.feature(method, options)(handler)
        for name, command in commands.COMMANDS.items():
            self.command(name)(self._bound(command))

    def _bound(self, command: commands.Command) -> commands.Command:
        """A function that runs a command with this server as the first argument.

        pygls gets this function instead of the command, because pygls could not resolve the names in the
        annotations of the command.
        """

        async def run(*arguments: Any) -> Any:
            return await command(self, *arguments)

        return run
