"""Handlers from initialize to shutdown: folders, settings, changed files."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from indexer.paths import path_below
from retrieval.host.requests import StatusParams

from .documents import Document
from .files import file_of
from .settings import SECTION, read

if TYPE_CHECKING:
    from .roots import Root
    from .session import Session

log = logging.getLogger(__name__)


def initialize(ls: Session, params: types.InitializeParams) -> None:
    """Store the client's properties and initial settings."""
    ls.documents.encoding = str(ls.workspace.position_encoding)
    ls.client_name = params.client_info.name if params.client_info else ""
    ls.protocol.trace = params.trace or types.TraceValue.Off
    # If the client's process does not exist here, it runs on another machine or in a container. The process
    # must not be watched then.
    ls.parent = params.process_id if is_alive(params.process_id) else None
    _apply_settings(ls, params.initialization_options)


async def initialized(ls: Session, params: types.InitializedParams) -> None:
    """Request the client's settings, register for changes of the settings, then start indexing."""
    await _configure(ls)
    await _register(ls, types.WORKSPACE_DID_CHANGE_CONFIGURATION, {"section": SECTION})
    for root in ls.roots:
        _start_indexing(ls, root)


def shutdown(ls: Session, *_: object) -> None:
    """Log the shutdown. Nothing else has to be done, because the hosts keep the indexes."""
    log.info("shutdown")


async def configured(ls: Session, params: types.DidChangeConfigurationParams) -> None:
    """Request the changed settings. If the client sends no answer, use the settings in the notification."""
    if not await _configure(ls):
        _apply_settings(ls, params.settings)


def folders_changed(ls: Session, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Close the folders that were removed, and start indexing the folders that were added."""
    for folder in params.event.removed:
        root = ls.roots.remove(folder.uri)
        if root is not None:
            ls.indexing.forget(root)
            ls.spawn(root.close())
    for folder in params.event.added:
        added = add(ls, folder.uri)
        if added is not None:
            _start_indexing(ls, added)


def opened(ls: Session, document: Document) -> None:
    """Serve the repository of an opened file if the client has no folder open."""
    if not any(root.names for root in ls.roots):
        root_of(ls, document)


def root_of(ls: Session, document: Document) -> tuple[Root, str] | None:
    """The root of a document, and the path of the document in the root.

    Returns None if the document has no root.

    The path is "" if the index cannot contain the document. A folder that the client has open takes
    precedence over the repository of the file. If the repository is needed and not served yet, this call
    starts to serve it. A file that is neither in an open folder nor in a repository has a root only if a link
    leads from a served folder to the file.
    """
    found = ls.roots.of(document.home)
    if document.real is None:
        return (found[0], "") if found else None
    if found is not None and found[0].names:
        return found
    folders = (folder for folder in document.real.parents if os.path.exists(folder / ".git"))  # noqa: PTH110
    if (top := next(folders, None)) is not None:  # the innermost git repository
        known = len(ls.roots)
        root = ls.roots.add(top, top.as_uri())
        if len(ls.roots) > known:
            _start_indexing(ls, root)
        return root, path_below(root.real, document.real)
    reached = ls.roots.reached(document.path) if document.path else None
    return (reached, "") if reached else None


def saved(ls: Session, params: types.DidSaveTextDocumentParams) -> None:
    """Mark a document as saved, and update the index if the host polls for changes."""
    uri = params.text_document.uri
    ls.documents.saved(uri)
    _refresh_if_unwatched(ls, uri)


def files_changed(ls: Session, params: types.DidChangeWatchedFilesParams) -> None:
    """Update the indexes of changed files whose hosts poll for changes."""
    for one in params.changes:
        _refresh_if_unwatched(ls, one.uri)


def _refresh_if_unwatched(ls: Session, uri: str) -> None:
    """Update the index of a changed file if the host polls for changes.

    Such a host would notice the change only later.
    """
    path = file_of(uri)
    found = ls.roots.of(path) if path else None
    if found is not None and ls.settings.index and not found[0].watched:
        ls.indexing.refresh_soon(found[0])


def folders(params: types.InitializeParams) -> list[str]:
    """The URIs of the folders that a client has open at first.

    Older clients send the URI of a single folder, or only the path of a single folder.
    """
    if params.workspace_folders:
        return [folder.uri for folder in params.workspace_folders]
    if params.root_uri:
        return [params.root_uri]
    path = params.root_path or ""
    return [f"file://{quote(path, errors='surrogatepass')}"] if path.startswith("/") else []


def add(ls: Session, uri: str) -> Root | None:
    """Serve a folder that the client has open. Return the root of the folder.

    If the folder is not on this machine, show an error and return None.
    """
    path = file_of(uri)
    if path is None:
        ls.show_error_once(f"{uri[:200]} is not a folder on this machine, so cornea ignores it")
        return None
    return ls.roots.open(path, uri)


def _start_indexing(ls: Session, root: Root) -> None:
    if ls.settings.index:
        ls.spawn(_index_and_watch(ls, root))


async def _index_and_watch(ls: Session, root: Root) -> None:
    """Index a root. If the host cannot watch the files of the root, have the client watch them."""
    await ls.indexing.refresh(root)
    root.watched = (await root.ask(StatusParams())).watches == "events"
    if not root.watched:
        log.info("%s: the host polls for changes every few seconds", root.folder)
        options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher("**/*")])
        await _register(ls, types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)


async def _configure(ls: Session) -> bool:
    """Request the client's settings and use them. Returns False if the client does not send its settings."""
    workspace = ls.client_capabilities.workspace
    if workspace is None or not workspace.configuration:
        return False
    wanted = types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
    try:
        answers: Any = await ls.workspace_configuration_async(wanted)
    except JsonRpcException as error:
        log.warning("the client did not send its settings: %s", error)
        return False
    _apply_settings(ls, answers[0] if answers else None)
    return True


def _apply_settings(ls: Session, data: Any) -> None:
    """Use the valid settings, and show an error for each invalid setting."""
    ls.settings, wrong = read(data, ls.settings)
    for line in wrong:
        ls.show_error_once(f"{line}; correct it in your editor's settings")


async def _register(ls: Session, method: str, options: Any) -> None:
    """Register for a notification, if the client supports dynamic registration for this notification."""
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
        log.warning("the client did not register %s: %s", method, error)


_CAPABILITIES = {
    "didChangeConfiguration": "did_change_configuration",
    "didChangeWatchedFiles": "did_change_watched_files",
}


def is_alive(process_id: int | None) -> bool:
    """Whether a process with this id runs on this machine."""
    if not process_id or process_id < 0:
        return False
    try:
        os.kill(process_id, 0)
    except PermissionError:
        return True  # The process belongs to another user.
    except (OSError, OverflowError):
        return False
    return True
