"""The texts that only the editor has, as a question takes them along to a host."""

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
"""Bytes of a request that texts may take; the rest is for the question."""

_LARGE = "its text of {size:.1f} MB is too large to be looked at ({room:.1f} MB are not), so it is left out"
_UNCUT = f"a text of more than {MAX_CUT_BYTES / 1e6} MB: what was typed into it is found once it is saved"
_MANY = "the texts that are not saved are more than {room:.1f} MB; what it has is left out until it is saved"


def texts(ls: Session, root: Root) -> dict[str, str]:
    """The texts below a root that the disk does not have, by path; the first root has those without a file.

    Those that changed last come first; one that finds no room is left out, and the person told.
    """
    found: dict[str, str] = {}
    room = ROOM
    for document in ls.documents.unsaved():
        path = _path(document, root, is_first=root is ls.roots.first)
        if not path or path in found or not fits(ls, document):
            continue
        if document.size + len(path) > room:
            ls.leave_out(document, _MANY.format(room=ROOM / 1e6))
            continue
        room -= document.size + len(path)
        found[path] = document.text
        if document.size > MAX_CUT_BYTES and len(found[path].encode()) > MAX_CUT_BYTES:
            ls.leave_out(document, _UNCUT)
    return found


def fits(ls: Session, document: Document) -> bool:
    """Whether a request has room for a document's text; the person is told where it has not."""
    if document.size <= ROOM:
        return True
    ls.leave_out(document, _LARGE.format(size=document.size / 1e6, room=ROOM / 1e6))
    return False


def _path(document: Document, root: Root, *, is_first: bool) -> str:
    """The path that stands for a document in a root; "" where it is none of its."""
    if document.real is not None:
        return path_below(root.real, document.real)
    if not is_first or not document.uri.startswith(UNTITLED):
        return ""
    # Anything may follow the scheme: ".." would lead out of the root, and fail the whole request.
    return UNTITLED + quote(document.uri.removeprefix(UNTITLED), safe="", errors="surrogatepass")
