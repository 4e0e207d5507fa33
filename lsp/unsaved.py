"""The texts of unsaved documents, which requests to a host contain."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from indexer.paths import path_below
from retrieval.host.documents import MAX_CUT_BYTES
from retrieval.host.frames import MAX_REQUEST

from .documents import UNTITLED, Document

if TYPE_CHECKING:
    from .roots import Root
    from .session import Session

ROOM = MAX_REQUEST - 500_000
"""Bytes of a request that texts may take; the rest is for the other parameters."""

_LARGE = "its text of {size:.1f} MB is too large (the limit is {room:.1f} MB) and is left out"
_UNCUT = f"its text has more than {MAX_CUT_BYTES / 1e6} MB; changes in it can be found once it is saved"
_NO_ROOM = "the unsaved documents have more than {room:.1f} MB in all; this one is left out until it is saved"


def texts(ls: Session, root: Root) -> dict[str, str]:
    """The texts of the unsaved documents in a root, by path; the first root has those without a file.

    The most recently changed come first. A document that does not fit is left out, and the user is warned.
    """
    found: dict[str, str] = {}
    room = ROOM
    for document in ls.documents.unsaved():
        path = _path(document, root, is_first=root is ls.roots.first)
        if not path or path in found or not fits(ls, document):
            continue
        if document.size + len(path) > room:
            ls.warn_left_out(document, _NO_ROOM.format(room=ROOM / 1e6))
            continue
        room -= document.size + len(path)
        found[path] = document.text
        if document.size > MAX_CUT_BYTES and len(found[path].encode()) > MAX_CUT_BYTES:
            ls.warn_left_out(document, _UNCUT)
    return found


def fits(ls: Session, document: Document) -> bool:
    """Whether a request has room for a document's text. Warns the user if not."""
    if document.size <= ROOM:
        return True
    ls.warn_left_out(document, _LARGE.format(size=document.size / 1e6, room=ROOM / 1e6))
    return False


def _path(document: Document, root: Root, *, is_first: bool) -> str:
    """The path that stands for a document in a root; "" if it does not belong to the root."""
    if document.real is not None:
        return path_below(root.real, document.real)
    if not is_first or not document.uri.startswith(UNTITLED):
        return ""
    # Quoted, because anything may follow the scheme: ".." would lead out of the root and fail the request.
    return UNTITLED + quote(document.uri.removeprefix(UNTITLED), safe="", errors="surrogatepass")
