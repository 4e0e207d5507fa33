"""From initialize to shutdown: folders, settings, files that change."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from .documents import Document, file_of
from .settings import SECTION, read

if TYPE_CHECKING:
    from .roots import Root
    from .server import Server

log = logging.getLogger(__name__)


def initialize(ls: Server, params: types.InitializeParams) -> None:
    """What the client is and has open."""
    ls.documents.encoding = str(ls.workspace.position_encoding)
    ls.client_name = params.client_info.name if params.client_info else ""
    ls.protocol.trace = params.trace or types.TraceValue.Off
    for folder in _folders(params):
        _add(ls, folder)
    _take(ls, params.initialization_options)


async def initialized(ls: Server, params: types.InitializedParams) -> None:
    """The client listens: ask for its settings and for what it watches, then begin."""
    await _configure(ls)
    await _register(ls, types.WORKSPACE_DID_CHANGE_CONFIGURATION, {"section": SECTION})
    for root in ls.roots:
        _begin(ls, root)


def shutdown(ls: Server, *_: object) -> None:
    """Nothing is lost: what is indexed is in the hands of the helpers."""
    log.info("shutdown")


async def configured(ls: Server, params: types.DidChangeConfigurationParams) -> None:
    """The settings have changed: ask for them, or take those that came along."""
    if not await _configure(ls):
        _take(ls, params.settings)


async def folders_changed(ls: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Folders come and go while the session lasts."""
    for folder in params.event.removed:
        root = await ls.roots.remove(folder.uri)
        if root is not None:
            ls.indexing.forget(root)
    for folder in params.event.added:
        added = _add(ls, folder)
        if added is not None:
            _begin(ls, added)


def opened(ls: Server, document: Document) -> None:
    """A file without a folder: its repository is served."""
    if len(ls.roots) or document.path is None:
        return
    top = next((one for one in document.path.parents if (one / ".git").exists()), None)
    if top is not None:
        _begin(ls, ls.roots.add(top, top.as_uri()))


def saved(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
    """The disk has it now."""
    uri = params.text_document.uri
    ls.documents.saved(uri)
    _touched(ls, uri)


def files_changed(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
    """The client has seen files change."""
    for one in params.changes:
        _touched(ls, one.uri)


def _touched(ls: Server, uri: str) -> None:
    """The helper watches by itself; where it only looks every few seconds, the client's word is sooner."""
    found = ls.root_at(file_of(uri))
    if found is not None and found[1] and ls.settings.index and not found[0].watched:
        ls.indexing.refresh_soon(found[0])


def _folders(params: types.InitializeParams) -> list[types.WorkspaceFolder]:
    if params.workspace_folders:
        return list(params.workspace_folders)
    uri = params.root_uri
    return [types.WorkspaceFolder(uri, uri)] if uri else []


def _add(ls: Server, folder: types.WorkspaceFolder) -> Root | None:
    path = file_of(folder.uri)
    if path is None:
        log.warning("%s is no folder on this machine, and is not served", folder.uri)
        return None
    return ls.roots.add(path, folder.uri)


def _begin(ls: Server, root: Root) -> None:
    if ls.settings.index:
        ls.spawn(_begun(ls, root))


async def _begun(ls: Server, root: Root) -> None:
    """Index a root, and have the client watch it where its helper cannot."""
    await ls.indexing.refresh(root)
    root.watched = (await root.ask("status", {})).get("watches") == "events"
    if not root.watched:
        log.info("%s: files are looked at every few seconds", root.folder)
        options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher("**/*")])
        await _register(ls, types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)


async def _configure(ls: Server) -> bool:
    """Ask the client for its settings; False where it cannot be asked."""
    workspace = ls.client_capabilities.workspace
    if workspace is None or not workspace.configuration:
        return False
    wanted = types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
    try:
        answers: Any = await ls.workspace_configuration_async(wanted)
    except JsonRpcException as error:
        log.warning("the client gives no settings: %s", error)
        return False
    _take(ls, answers[0] if answers else None)
    return True


def _take(ls: Server, data: Any) -> None:
    """Use what is right of the settings, and say what is wrong."""
    ls.settings, wrong = read(data, ls.settings)
    for line in wrong:
        ls.complain(f"{line}; correct it in your editor's settings")


async def _register(ls: Server, method: str, options: Any) -> None:
    """Have the client tell us of something, if it says that it can."""
    workspace = ls.client_capabilities.workspace
    name = method.rpartition("/")[2]
    capability = getattr(workspace, _CAPABILITIES[name], None)
    if capability is None or not capability.dynamic_registration or method in ls.registered:
        return
    ls.registered.add(method)
    registration = types.Registration(f"cornea-{name}", method, options)
    try:
        await ls.client_register_capability_async(types.RegistrationParams([registration]))
    except JsonRpcException as error:
        log.warning("the client does not register %s: %s", method, error)


_CAPABILITIES = {
    "didChangeConfiguration": "did_change_configuration",
    "didChangeWatchedFiles": "did_change_watched_files",
}


def parent_lives(process_id: int | None) -> bool:
    """Whether the process that started us is there; True where it is not known."""
    if not process_id or process_id < 0:
        return True
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
