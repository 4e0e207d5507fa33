"""Ghost text, from a real server process."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from lsprotocol import types

from ..e2e.cli import Cli
from ..repositories import write
from .conftest import TYPED, EditorWindow
from .editor import editor

LINE, END = 5, 31
"""The end of the last line that was typed in TYPED."""
NEXT = '        self.log.info("found %s", key)\n        self.log.debug("the table has %d", len(self.table))\n'


def test_ghost_text_where_code_is_typed(window: EditorWindow) -> None:
    """One suggestion, to be put at the cursor, in the buffer's indentation."""
    ed = window.editor
    assert ed.answer.capabilities.inline_completion_provider
    uri = ed.open("src/item.py")
    (item,) = window(ed.ghost(uri, LINE, END, invoked=False))
    assert item.insert_text == "\n" + NEXT + "        return found"
    at = types.Position(LINE, END)
    assert item.range == types.Range(at, at)


def test_unsaved_text_is_continued(window: EditorWindow) -> None:
    """What was typed counts, the disk does not."""
    ed = window.editor
    uri = ed.open("src/new.py", "class PetStore:\n    pass\n")
    ed.type(uri, 2, 0, TYPED.replace("item", "pet").replace("Item", "Pet"))
    (item,) = window(ed.ghost(uri, 2 + LINE, END, invoked=False))
    assert str(item.insert_text).startswith("\n" + NEXT)


def test_nothing_in_comments_and_strings_unless_invoked(window: EditorWindow) -> None:
    """Nobody wants code in prose; a user who invokes it may have it in a string."""
    ed = window.editor
    uri = ed.open("src/prose.py", TYPED.rstrip() + "  # found\n" + TYPED.rstrip()[:-4] + '["the')
    assert window(ed.ghost(uri, LINE, END + 9, invoked=False)) == []
    text = TYPED.rstrip() + '\n        self.log.info("found'
    uri = ed.open("src/text.py", text)
    assert window(ed.ghost(uri, LINE + 1, len('        self.log.info("found'), invoked=False)) == []
    (item, *_) = window(ed.ghost(uri, LINE + 1, len('        self.log.info("found'), invoked=True))
    assert str(item.insert_text).startswith(' %s", key)')


def test_what_the_list_has_selected_is_part_of_the_text(window: EditorWindow) -> None:
    """With an item of the completion list selected, ghost text goes on behind it, in the same range."""
    ed = window.editor
    uri = ed.open("src/selected.py", TYPED.rstrip().removesuffix(" self.table[key]"))
    where = types.Range(types.Position(LINE, 8), types.Position(LINE, 15))
    chosen = types.SelectedCompletionInfo(where, "found = self.table[key]")
    (item,) = window(ed.ghost(uri, LINE, 15, invoked=False, chosen=chosen))
    assert str(item.insert_text).startswith("found = self.table[key]\n" + NEXT)
    assert item.range == where


def test_the_latest_request_wins(window: EditorWindow) -> None:
    """Of many that come at once only the last is answered; the others are empty, and soon."""
    ed = window.editor
    uri = ed.open("src/item.py")

    async def storm() -> list[int]:
        asked = [ed.ghost(uri, LINE, END, invoked=False) for _ in range(20)]
        return [len(one) for one in await asyncio.gather(*asked)]

    assert window(storm()) == [0] * 19 + [1]


def test_who_types_before_the_helper_is_there(stores: Cli) -> None:
    """The last letter's request waits for it: nobody asks again who has stopped typing."""

    async def scenario() -> None:
        stores("host", "stop")
        async with editor(stores) as ed:
            uri = ed.open("src/item.py")
            (item,) = await ed.ghost(uri, LINE, END, invoked=False)
            assert str(item.insert_text).startswith("\n" + NEXT)

    asyncio.run(scenario())


def test_nothing_where_the_document_is_not_open(window: EditorWindow) -> None:
    """A request out of order is no error."""
    assert window(window.editor.ghost(window.editor.uri("src/order.py"), 0, 0)) == []


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_are_left_to_the_client(window: EditorWindow, end: str) -> None:
    """Clients write the document's own; an editor whose buffers have none would show "\\r" as a character."""
    ed = window.editor
    uri = ed.open("src/windows.py", TYPED.replace("\n", end))
    (item,) = window(ed.ghost(uri, LINE, END, invoked=False))
    assert item.insert_text == "\n" + NEXT + "        return found"


@pytest.mark.parametrize(
    ("options", "unit"),
    [
        ({"tabSize": 2, "insertSpaces": True}, "  "),
        ({"tabSize": 8, "insertSpaces": False}, "\t"),
        ({"tabSize": "wide"}, "    "),
        (None, "    "),
    ],
)
def test_a_file_without_indentation(stores: Cli, options: Any, unit: str) -> None:
    """It is indented as the editor does, else as the file is that the code comes from."""

    async def scenario() -> None:
        async with editor(stores) as ed:
            if options is not None:
                ed.client.set_configuration(options, section="cornea.indentation")
            head = '"""The order of a key."""\nif key not in self.table:'
            uri = ed.open("src/bare.py", head + "\n")
            (item, *_) = await ed.ghost(uri, 1, len("if key not in self.table:"))
            lines = str(item.insert_text).strip("\n").split("\n")
            indents = {line[: len(line) - len(line.lstrip())] for line in lines}
            assert unit in indents
            assert all(indent.replace(unit, "") == "" for indent in indents)

    asyncio.run(scenario())


def test_secrets_of_other_files_are_no_ghost_text(own: Cli) -> None:
    """A suggestion ends before the line of a secret: neither its value nor stars are typed for anybody."""
    value = "q7Rz81LmXv5TgB2nKd93WsYpEa64HcJu"
    begin = "def connect_to_mail(host, port):\n    client = MailClient(host, port)\n"
    rest = "    client.timeout = self.seconds_to_wait\n    client.retries = self.retries_allowed\n"
    secret = f'    client.password = "{value}"\n    return client.opened()\n'
    (own.folder / "src" / "mail.py").write_text(begin + rest + secret)

    async def story() -> None:
        async with editor(own) as ed:
            await ed.ready()
            typed = begin.replace("to_mail", "to_post").rstrip()
            uri = ed.open("src/post.py", typed)
            (item, *_) = await ed.ghost(uri, 1, len(typed.split("\n")[1]), invoked=True)
            assert "client.timeout = self.seconds_to_wait" in str(item.insert_text)
            assert "password" not in str(item.insert_text)
            uri = ed.open("src/post2.py", typed + "\n" + rest.rstrip())
            found = await ed.ghost(uri, 3, len(rest.rstrip().split("\n")[1]), invoked=True)
            assert not any(
                value[:12] in str(one.insert_text) or "***" in str(one.insert_text) for one in found
            )

    asyncio.run(story())


COUNTER = """<script setup lang="ts">
const props = defineProps<{ NAME: string }>()

/** Loads the NAME. */
async function loadNAME(key: string) {
  const answer = await fetch(`/api/NAME/${key}`)
  if (!answer.ok) {
    throw new Error(`no NAME ${key}`)
  }
  const found = await answer.json()
  emit('loaded', found)
  return found
}
</script>

<template>
  <p>{{ props.NAME }} isn't here</p>
</template>
"""


def test_scripts_of_components_are_continued(own: Cli) -> None:
    """Quotes in its markup do not make its script a string."""
    write(own.folder, {"web/User.vue": COUNTER.replace("NAME", "user")})
    page = "<template>\n  <p>It isn't here</p>\n</template>\n\n"
    typed, mark, _ = COUNTER.replace("NAME", "order").partition("  emit(")
    assert mark

    async def story() -> None:
        async with editor(own) as ed:
            await ed.ready()
            text = page + typed.rstrip()
            uri = ed.open("web/Order.vue", text + "\n\n}\n</script>\n")
            line = text.count("\n")
            (item, *_) = await ed.ghost(uri, line, len(text.rpartition("\n")[2]), invoked=False)
            assert str(item.insert_text) == "\n  emit('loaded', found)\n  return found"

    asyncio.run(story())
