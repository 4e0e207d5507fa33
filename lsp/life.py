"""From initialize to shutdown: folders, settings, files that change."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from indexer.index.catalog import find_repository
from indexer.paths import path_below

from .documents import Document
from .files import file_of
from .settings import SECTION, read

if TYPE_CHECKING:
    from .roots import Root
    from .session import Session

log = logging.getLogger(__name__)


def initialize(ls: Session, params: types.InitializeParams) -> None:
    """What the client is and has open."""
    ls.documents.encoding = str(ls.workspace.position_encoding)
    ls.client_name = params.client_info.name if params.client_info else ""
    ls.protocol.trace = params.trace or types.TraceValue.Off
    # One that is not there now is of another machine or container: that it is not there says nothing.
    ls.parent = params.process_id if is_alive(params.process_id) else None
    _take(ls, params.initialization_options)


async def initialized(ls: Session, params: types.InitializedParams) -> None:
    """The client listens: ask for its settings and for what it watches, then begin."""
    await _configure(ls)
    await _register(ls, types.WORKSPACE_DID_CHANGE_CONFIGURATION, {"section": SECTION})
    for root in ls.roots:
        _begin(ls, root)


def shutdown(ls: Session, *_: object) -> None:
    """Nothing is lost: what is indexed is in the hands of the hosts."""
    log.info("shutdown")


async def configured(ls: Session, params: types.DidChangeConfigurationParams) -> None:
    """The settings have changed: ask for them, or take those that came along."""
    if not await _configure(ls):
        _take(ls, params.settings)


def folders_changed(ls: Session, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Folders come and go while the session lasts."""
    for folder in params.event.removed:
        root = ls.roots.remove(folder.uri)
        if root is not None:
            ls.indexing.forget(root)
            ls.spawn(root.close())
    for folder in params.event.added:
        added = add(ls, folder.uri)
        if added is not None:
            _begin(ls, added)


def opened(ls: Session, document: Document) -> None:
    """A file was opened: where the client has no folder open, its repository is served."""
    if not any(root.names for root in ls.roots):
        root_of(ls, document)


def root_of(ls: Session, document: Document) -> tuple[Root, str] | None:
    """The root that a document belongs to, and its path there; "" for one that the index cannot have.

    A folder that the client has open comes before the file's own repository, which is served from now on. A
    file of neither may be reached through a folder, by a link; else it has no root.
    """
    found = ls.roots.of(document.home)
    if document.real is None:
        return (found[0], "") if found else None
    if found is not None and found[0].names:
        return found
    top = find_repository(document.real)
    if top is not None:
        known = len(ls.roots)
        root = ls.roots.add(top, top.as_uri())
        if len(ls.roots) > known:
            _begin(ls, root)
        return root, path_below(root.real, document.real)
    reached = ls.roots.reached(document.path) if document.path else None
    return (reached, "") if reached else None


def saved(ls: Session, params: types.DidSaveTextDocumentParams) -> None:
    """The disk has it now."""
    uri = params.text_document.uri
    ls.documents.saved(uri)
    _touched(ls, uri)


def files_changed(ls: Session, params: types.DidChangeWatchedFilesParams) -> None:
    """The client has seen files change."""
    for one in params.changes:
        _touched(ls, one.uri)


def _touched(ls: Session, uri: str) -> None:
    """The host watches by itself; where it only looks every few seconds, the client's word is sooner."""
    path = file_of(uri)
    found = ls.roots.of(path) if path else None
    if found is not None and ls.settings.index and not found[0].watched:
        ls.indexing.refresh_soon(found[0])


def folders(params: types.InitializeParams) -> list[str]:
    """The URIs of the folders that a client has open at the start; older ones name one, or its path."""
    if params.workspace_folders:
        return [folder.uri for folder in params.workspace_folders]
    if params.root_uri:
        return [params.root_uri]
    path = params.root_path or ""
    return [f"file://{quote(path, errors='surrogatepass')}"] if path.startswith("/") else []


def add(ls: Session, uri: str) -> Root | None:
    """Serve a folder that the client has open; None, and the person told, for one that cannot be."""
    path = file_of(uri)
    if path is None:
        ls.show_error_once(f"{uri[:200]} is no folder on this machine, and is not served")
        return None
    return ls.roots.open(path, uri)


def _begin(ls: Session, root: Root) -> None:
    if ls.settings.index:
        ls.spawn(_begun(ls, root))


async def _begun(ls: Session, root: Root) -> None:
    """Index a root, and have the client watch it where its host cannot."""
    await ls.indexing.refresh(root)
    root.watched = (await root.ask("status", {})).get("watches") == "events"
    if not root.watched:
        log.info("%s: files are looked at every few seconds", root.folder)
        options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher("**/*")])
        await _register(ls, types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)


async def _configure(ls: Session) -> bool:
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


def _take(ls: Session, data: Any) -> None:
    """Use what is right of the settings, and say what is wrong."""
    ls.settings, wrong = read(data, ls.settings)
    for line in wrong:
        ls.show_error_once(f"{line}; correct it in your editor's settings")


async def _register(ls: Session, method: str, options: Any) -> None:
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


def is_alive(process_id: int | None) -> bool:
    """Whether there is such a process on this machine."""
    if not process_id or process_id < 0:
        return False
    try:
        os.kill(process_id, 0)
    except PermissionError:
        return True  # somebody else's
    except (OSError, OverflowError):
        return False
    return True
