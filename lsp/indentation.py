"""Asks the client how the editor indents a document. Completion requests do not contain this information.

The server requests the setting `cornea.indentation` of the document. The client answers with
`FormattingOptions` (`{tabSize, insertSpaces}`), or with null if the client does not know the setting.
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
"""Seconds to wait for the client's answer. After a timeout, the server does not ask this client again."""


async def params_for(ls: Session, document: Document) -> dict[str, Any]:
    """The parameters `tabs` and `width` of a request to a host about a document.

    Returns an empty dictionary if the lines of the document show the indentation, or if the client does not
    answer.
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
        log.warning("the client did not answer how it indents: %s", error or "timeout")
        ls.tells_indentation = False
        return {}
    return read(answers[0] if answers else None)


def read(options: Any) -> dict[str, Any]:
    """The `FormattingOptions` of a client as parameters. Returns an empty dictionary for invalid options."""
    if not isinstance(options, Mapping):
        return {}
    size, spaces = options.get("tabSize"), options.get("insertSpaces")
    if not isinstance(spaces, bool) or type(size) is not int or not 1 <= size <= WIDEST:
        return {}
    return {"tabs": not spaces, "width": size}
