"""The open documents: their lines, and the client's changes to the lines.

This module replaces the documents of pygls. Those also split lines at form feeds and other characters that do
not end lines in the protocol, and they rebuild the whole text at each change.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from lsprotocol import types

from indexer import decoding
from indexer.parsing import encodings
from indexer.paths import real_path

from . import positions
from .files import file_of, notebook_of, read_bytes, read_text

UNTITLED = "untitled:"
"""The URI scheme of documents that were never saved."""

_SHOWN = 80
_MARK = 4
"""Largest byte order mark, in bytes."""
_MAX_BYTES = 8_000_000
"""Largest file whose lines are compared, in bytes; larger ones are not indexed."""
_ENDS = "\r\n"
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_LONE_RETURN = re.compile(r"\r(?!\n)")


def lines_of(text: str) -> list[str]:
    """The lines of a text with their ends; the last one has none, and may be empty."""
    if "\r" not in text:
        *ended, last = text.split("\n")
        return [*(line + "\n" for line in ended), last]
    found: list[str] = _LINE.findall(text)
    if not found or found[-1].endswith(("\n", "\r")):
        found.append("")
    return found


def untitled_uri(path: str) -> str:
    """The URI of a document without a file. `path` is the path that stands for the document."""
    return UNTITLED + unquote(path.removeprefix(UNTITLED), errors="surrogatepass")


@dataclass(slots=True)
class Document:
    """An open document.

    `lines` are the lines with their line ends. `version` is the client's number of this version. `saved` says
    that the file on disk has the same text. `path` is the path of the file as the client spells it. `real` is
    this path with symlinks resolved. `path` and `real` are None if the document has no file.
    """

    uri: str
    language_id: str
    version: int
    lines: list[str]
    encoding: str = positions.UTF16
    saved: bool = True
    path: Path | None = field(init=False)
    real: Path | None = field(init=False)
    _size: int | None = None

    def __post_init__(self) -> None:
        self.path = file_of(self.uri)
        self.real = real_path(self.path) if self.path else None

    @property
    def home(self) -> Path | None:
        """The file that determines the repository: the document's own file or, for a cell, the notebook."""
        return self.path or notebook_of(self.uri)

    @property
    def name(self) -> str:
        """The name of the document in messages."""
        return self.path.name if self.path else self.uri[:_SHOWN]

    @property
    def size(self) -> int:
        """The size of the text in a request to a host, in bytes."""
        if self._size is None:
            self._size = len(json.dumps(self.text))
        return self._size

    @property
    def text(self) -> str:
        """The whole text. A lone "\\r" becomes "\\n", so that the host counts the same lines."""
        text = "".join(self.lines)
        return _LONE_RETURN.sub("\n", text) if "\r" in text else text

    def line(self, number: int) -> str:
        """The line `number` (from 0) without its line end. Returns "" if there is no such line."""
        return self.lines[number].rstrip(_ENDS) if 0 <= number < len(self.lines) else ""

    def place(self, position: types.Position) -> tuple[int, int]:
        """The line and the column of a client's position. Both count from 0; columns count code points.

        A position beyond the end of a line, or of the text, is moved to that end.
        """
        if position.line >= len(self.lines):
            last = len(self.lines) - 1
            return last, len(self.line(last))
        number = max(position.line, 0)
        return number, positions.index(self.line(number), position.character, self.encoding)

    def position(self, line: int, column: int) -> types.Position:
        """The client's position for a line and a column. Both count from 0; columns count code points."""
        return types.Position(line, positions.units(self.line(line)[:column], self.encoding))

    def between(self, wanted: types.Range) -> str:
        """The text of a range."""
        (first, start), (last, end) = self.place(wanted.start), self.place(wanted.end)
        if (first, start) >= (last, end):
            return ""
        if first == last:
            return self.line(first)[start:end]
        return "".join([self.lines[first][start:], *self.lines[first + 1 : last], self.lines[last][:end]])

    def snapshot(self) -> Document:
        """A copy of the document. Later changes of the document do not affect the copy."""
        found = copy(self)
        found.lines = list(self.lines)
        return found

    def replaced(self, wanted: types.Range, text: str) -> Document:
        """A snapshot in which `text` replaces a range."""
        found = self.snapshot()
        found.change(wanted, text)
        return found

    def end_of(self, start: types.Position, text: str) -> tuple[int, int]:
        """The line and the column, from 0, at which a text ends that begins at `start`."""
        line, column = self.place(start)
        lines = lines_of(clean(text))
        return line + len(lines) - 1, (column if len(lines) == 1 else 0) + len(lines[-1])

    def change(self, wanted: types.Range | None, text: str) -> None:
        """Replace a range, or everything, with `text`."""
        text = clean(text)
        self._size = None
        if wanted is None:
            self.lines = lines_of(text)
            return
        (first, start), (last, end) = sorted((self.place(wanted.start), self.place(wanted.end)))
        head, tail = self.lines[first][:start], self.lines[last][end:]
        if first and not head and self.lines[first - 1].endswith("\r"):
            first -= 1  # The new text may begin with a "\n" that joins the "\r" of the line above.
            head = self.lines[first]
        new = lines_of(head + text + tail)
        if last + 1 < len(self.lines):
            # The tail ends with a line end, so `lines_of` adds an empty line, which the next line replaces.
            new.pop()
        self.lines[first : last + 1] = new


class Documents:
    """The open documents by URI."""

    def __init__(self) -> None:
        self.encoding = positions.UTF16
        self._open: dict[str, Document] = {}

    def open(self, item: types.TextDocumentItem) -> Document:
        """Add a document that the client has opened."""
        lines = lines_of(clean(item.text))
        document = Document(item.uri, item.language_id, item.version, lines, self.encoding)
        document.saved = _is_on_disk(document)
        self._open.pop(item.uri, None)
        self._open[item.uri] = document
        return document

    def change(
        self, uri: str, version: int, changes: Iterable[types.TextDocumentContentChangeEvent]
    ) -> Document | None:
        """Apply the client's changes, and return the document. Returns None if the document is not open."""
        document = self._open.get(uri)
        if document is None:
            return None
        for one in changes:
            part = one.range if isinstance(one, types.TextDocumentContentChangePartial) else None
            document.change(part, one.text)
        document.version, document.saved = version, False
        self._open[uri] = self._open.pop(uri)
        return document

    def saved(self, uri: str) -> None:
        """Mark a document as saved."""
        if uri in self._open:
            self._open[uri].saved = True

    def close(self, uri: str) -> None:
        """Remove a document that the client has closed."""
        self._open.pop(uri, None)

    def get(self, uri: str) -> Document | None:
        return self._open.get(uri)

    def unsaved(self) -> list[Document]:
        """The unsaved documents, most recently changed first."""
        return [one for one in reversed(self._open.values()) if not one.saved]

    def uri_at(self, real: Path) -> str | None:
        """The URI under which the file at a real path is open. Returns None if the file is not open."""
        return next((uri for uri, one in reversed(self._open.items()) if one.real == real), None)


def clean(text: str) -> str:
    """The text with U+FFFD in place of lone surrogates, which cannot be encoded. Positions stay the same."""
    return text if text.isascii() else _LONE_SURROGATE.sub("\ufffd", text)


def line_on_disk(document: Document, line: int) -> int:
    """The line (from 1) of the file that best corresponds to a line of the document.

    Lines above the first change keep their numbers; lines below the last one are shifted by the same amount.
    """
    try:
        disk = lines_of(read_text(document.path, _MAX_BYTES)) if document.path else []
    except OSError:
        return line
    return shifted([one.rstrip("\r\n") for one in document.lines], [one.rstrip("\r\n") for one in disk], line)


def shifted(ours: list[str], theirs: list[str], line: int) -> int:
    """The line (from 1) of `theirs` that corresponds to a line of `ours`."""
    short = min(len(ours), len(theirs))
    above = next((n for n in range(short) if ours[n] != theirs[n]), short)
    below = next((n for n in range(short - above) if ours[-1 - n] != theirs[-1 - n]), short - above)
    if line <= above:
        return line
    if line > len(ours) - below:
        return line + len(theirs) - len(ours)
    return max(1, min(line, len(theirs) - below, len(theirs)))


def _is_on_disk(document: Document) -> bool:
    """Whether the file on disk has the text of the document.

    Returns False if the file cannot be read or is not a regular file.
    """
    if document.path is None:
        return False
    text = "".join(document.lines)
    try:
        data = read_bytes(document.path, 4 * len(text) + _MARK)
    except OSError:
        return False
    # An editor may decode a file as UTF-8 even if the file is not valid UTF-8.
    return text in (encodings.text_of(data), decoding.decode_replacing(data))
