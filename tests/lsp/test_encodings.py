"""Ghost text behind an emoji, in the encoding that the client speaks."""

from __future__ import annotations

import asyncio

import pytest

from ..e2e.cli import Cli
from .conftest import TYPED
from .editor import editor
from .test_inline import NEXT

BEFORE = '        found, face = self.table[key], "😀é"'


@pytest.mark.parametrize(("encoding", "character"), [("utf-8", 46), ("utf-16", 43), ("utf-32", 42)])
def test_a_change_and_a_cursor_behind_an_emoji(stores: Cli, encoding: str, character: int) -> None:
    """What is typed behind the emoji lands there, and the suggestion is put where the cursor is."""

    async def scenario() -> None:
        wanted = {"general": {"positionEncodings": [encoding]}}
        async with editor(stores, capabilities=wanted) as ed:
            assert ed.answer.capabilities.position_encoding == encoding
            await ed.ready()
            text = TYPED.rstrip().replace("        found = self.table[key]", BEFORE[:-1])
            uri = ed.open("src/face.py", text)
            ed.type(uri, 5, character, '"')
            (item,) = await ed.ghost(uri, 5, character + 1)
            assert str(item.insert_text).startswith("\n" + NEXT)
            assert item.range is not None
            assert item.range.start.character == character + 1

    asyncio.run(scenario())
