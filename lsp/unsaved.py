"""Collects the texts of unsaved documents for a request to a host."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from indexer.paths import path_below
from retrieval.host.frames import MAX_REQUEST
from retrieval.host.requests import MAX_CUT_BYTES

from .documents import UNTITLED, Document

if TYPE_CHECKING:
    from .roots import Root
    from .session import Session

ROOM = MAX_REQUEST - 500_000
"""The number of bytes that texts may take in a request. The other parameters need the rest."""

_LARGE = "its text of {size:.1f} MB is too large (the limit is {room:.1f} MB) and is left out"
_UNCUT = f"its text has more than {MAX_CUT_BYTES / 1e6} MB; changes in it can be found once it is saved"
_NO_ROOM = "the unsaved documents have more than {room:.1f} MB in all; this one is left out until it is saved"


def texts(ls: Session, root: Root) -> dict[str, str]:
    """The texts of the unsaved documents in a root, by path. Documents without a file are in the first root.

    The most recently changed documents come first. A document that does not fit into a request is left out,
    and the user is warned.
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
    """Whether a request has room for the text of a document. Warns the user if there is no room."""
    if document.size <= ROOM:
        return True
    ls.warn_left_out(document, _LARGE.format(size=document.size / 1e6, room=ROOM / 1e6))
    return False


def _path(document: Document, root: Root, *, is_first: bool) -> str:
    """The path that stands for a document in a root. Returns "" if the document is not in the root."""
    if document.real is not None:
        return path_below(root.real, document.real)
    if not is_first or not document.uri.startswith(UNTITLED):
        return ""
    # The path is quoted because anything may follow the scheme. With "..", the path would lead out of the
    # root, and the request would fail.
    return UNTITLED + quote(document.uri.removeprefix(UNTITLED), safe="", errors="surrogatepass")
