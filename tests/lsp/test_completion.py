"""The completion list, from a real server process."""

from __future__ import annotations

import re

from lsprotocol import types

from lsp.completion import _as_snippet, _below, _with_line_ends
from lsp.documents import Document, lines_of

from .conftest import TYPED, EditorWindow
from .test_inline import END, LINE, NEXT


def test_items_at_the_end_with_their_origin(window: EditorWindow) -> None:
    """A suggestion sorts behind what a language's own server has, and says where it comes from."""
    ed = window.editor
    uri = ed.open("src/item.py")
    (item, *_) = window(ed.complete(uri, LINE, END))
    assert item.label.startswith('self.log.info("found %s", key)')
    assert item.sort_text is not None
    assert item.sort_text > "\uffff"
    assert isinstance(item.text_edit, types.TextEdit)
    assert item.text_edit.new_text.startswith("\n" + NEXT)
    assert item.documentation is None
    assert all(isinstance(value, str) for value in ed.plain(item.data).values())  # Neovim loses fractions
    full = window(ed.client.completion_item_resolve_async(item))
    assert isinstance(full.documentation, types.MarkupContent)
    assert "```python" in full.documentation.value
    assert re.search(r", confidence \d+%$", full.documentation.value)
    path = str(item.detail).partition(":")[0]
    assert path in ("src/order.py", "src/user.py")
    assert f"({ed.uri(path)}#L13)" in full.documentation.value


def test_a_word_that_is_typed_is_part_of_the_item(window: EditorWindow) -> None:
    """The item replaces the word before the cursor, so that every client's filter lets it pass."""
    ed = window.editor
    uri = ed.open("src/word.py", TYPED.rstrip() + "\n        sel")
    (item, *_) = window(ed.complete(uri, LINE + 1, 11))
    assert isinstance(item.text_edit, types.TextEdit)
    assert item.text_edit.range == types.Range(types.Position(LINE + 1, 8), types.Position(LINE + 1, 11))
    assert item.text_edit.new_text.startswith('self.log.info("found')
    assert str(item.filter_text).startswith("self.log")
    assert item.label.startswith("self.log")


def test_a_few_items(window: EditorWindow) -> None:
    """Never a page of them."""
    ed = window.editor
    uri = ed.open("src/item.py")
    assert 1 <= len(window(ed.complete(uri, LINE, END))) <= 3


def test_nothing_in_a_comment(window: EditorWindow) -> None:
    """Words that are typed in a comment are prose."""
    ed = window.editor
    uri = ed.open("src/prose2.py", TYPED.rstrip() + "  # found")
    assert window(ed.complete(uri, LINE, END + 9)) == []


def test_what_neovim_is_sent() -> None:
    """It takes several lines only from a snippet, indents them itself, and has the label in the buffer."""
    assert _below("a {\n        b\n\n            c\n    d", "        ") == "a {\nb\n\n    c"
    edit = types.TextEdit(types.Range(types.Position(0, 0), types.Position(0, 0)), 'f"${a}\\n"\nb')
    item = _as_snippet(types.CompletionItem('f"${a}\\n" …', text_edit=edit))
    assert item.text_edit == types.TextEdit(edit.range, 'f"\\${a\\}\\\\n"\nb')
    assert item.label == 'f"${a}\\n"'


def test_line_ends_are_left_to_clients_that_know_them(window: EditorWindow) -> None:
    """Items have LF, also in a document with CRLF; Helix inserts what it gets."""
    ed = window.editor
    uri = ed.open("src/windows2.py", TYPED.replace("\n", "\r\n"))
    (item, *_) = window(ed.complete(uri, LINE, END))
    assert isinstance(item.text_edit, types.TextEdit)
    assert item.text_edit.new_text.startswith("\n" + NEXT)
    document = Document("untitled:a", "python", 1, lines_of("a\r\nb\r\n"))
    assert isinstance((own := _with_line_ends(item, document)).text_edit, types.TextEdit)
    assert own.text_edit.new_text.startswith("\r\n" + NEXT.replace("\n", "\r\n"))
