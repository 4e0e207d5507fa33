"""How the client's editor indents a document: what `FormattingOptions` say, which completion does not get.

The client is asked for the setting `cornea.indentation` of the document, and answers `{tabSize,
insertSpaces}`, or null if it knows nothing of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from .documents import Document

if TYPE_CHECKING:
    from .session import Session

log = logging.getLogger(__name__)

SECTION = "cornea.indentation"
WIDEST = 16
_SECONDS = 2.0
"""A client that has not answered by then is not asked again."""


async def asked(ls: Session, document: Document) -> dict[str, Any]:
    """The parameters `tabs` and `width` of a question about a document; none where its own lines tell, or the
    client does not.
    """
    from retrieval.continuation.indentation import IndentStyle

    workspace = ls.client_capabilities.workspace
    if workspace is None or not workspace.configuration or not ls.tells_indentation:
        return {}
    if IndentStyle.found(document.text) is not None:
        return {}
    item = types.ConfigurationItem(scope_uri=document.uri, section=SECTION)
    try:
        answers: Any = await asyncio.wait_for(
            ls.workspace_configuration_async(types.ConfigurationParams([item])), _SECONDS
        )
    except (JsonRpcException, TimeoutError) as error:
        log.warning("the client does not say how it indents: %s", error or "no answer")
        ls.tells_indentation = False
        return {}
    return read(answers[0] if answers else None)


def read(options: Any) -> dict[str, Any]:
    """A client's `FormattingOptions` as parameters; none if they are not what they should be."""
    if not isinstance(options, Mapping):
        return {}
    size, spaces = options.get("tabSize"), options.get("insertSpaces")
    if not isinstance(spaces, bool) or type(size) is not int or not 1 <= size <= WIDEST:
        return {}
    return {"tabs": not spaces, "width": size}
