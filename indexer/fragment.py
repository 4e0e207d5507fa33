"""The central types: source files, symbols, fragments and manifest entries."""

from __future__ import annotations

import hashlib
import math
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict, get_args

from .skip_reason import SkipReason

Kind = Literal["function", "method", "class", "block"]
KINDS: tuple[Kind, ...] = get_args(Kind)

DeclarationKind = Literal[
    "constant", "variable", "type", "field", "enumerator", "macro", "function", "method", "class"
]
DECLARATION_KINDS: tuple[DeclarationKind, ...] = get_args(DeclarationKind)
"""Kinds of declarations, which have no fragment of their own. A function or method without a body is a
declaration, and so is a class that is an SQL table which the grammar cannot parse."""

NAMESPACE = uuid.UUID("6f1f2f44-6f9b-5d0c-9a53-0c6e0c0f7a11")


def point_id(*parts: str) -> str:
    """The UUID (version 5) of these parts. The `uuid` module would be too slow to call for every point."""
    digest = bytearray(
        hashlib.sha1(NAMESPACE.bytes + "\0".join(parts).encode(), usedforsecurity=False).digest()
    )
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:32]}"


MAX_INT64 = (1 << 63) - 1
"""The largest signed 64-bit integer, and the largest number in SQLite."""


def storable(number: float) -> int:
    """The signed 64-bit integer that is nearest to a number from the system; 0 for NaN.

    File systems can store times after the year 2262, whose nanoseconds do not fit into 64 bits.
    """
    if math.isnan(number):
        return 0
    return int(min(max(number, -MAX_INT64), MAX_INT64))


def stamp_of(status: os.stat_result) -> int:
    """A number from a file's change time and inode. Programs cannot set either of these freely."""
    return (status.st_ctime_ns ^ status.st_ino) & MAX_INT64


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that may be indexed.

    `path` is relative to the root. It has forward slashes and is valid Unicode: bytes of a name that are not
    UTF-8 appear as `\\xNN`. `location` is the exact path of the file on disk. For a file of a commit, `blob`
    is the id of the content, and `location` is the repository. `stamp` is the result of `stamp_of`.

    `language` and `encoding` come from the repository's attributes, and are "" if they are unspecified.
    `written` is set if the attributes say that the file is not generated.
    """

    path: str
    location: Path
    size: int
    mtime_ns: int
    blob: str = ""
    stamp: int = 0
    language: str = ""
    encoding: str = ""
    written: bool = False

    @property
    def told(self) -> str:
        """The attributes as one string. If the string changes, the same content may give other points."""
        if not (self.language or self.encoding or self.written):
            return ""
        return f"{self.language}\0{self.encoding}\0{'written' if self.written else ''}"


@dataclass(frozen=True, slots=True)
class UnsavedFile(SourceFile):
    """A text that is not on disk, such as an editor's unsaved document, with the path of its file.

    `content` is the text in UTF-8. `location` is not used.
    """

    content: bytes = b""


def cache_name(path: str, told: str) -> str:
    """The name of a file in the cache, which consists of its path and its attributes (`SourceFile.told`)."""
    return f"{path}\0{told}" if told else path


GIT_FOLDER = ".git/"
"""Suffix of the path with which a refusal by git is reported."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file or folder that is left out, and why. A folder's path ends in a slash.

    `digest` is set if a file with this content is always left out for this reason.
    """

    path: str
    why: SkipReason
    digest: str = field(default="", compare=False, repr=False)

    @property
    def reason(self) -> str:
        """The reason as users see it."""
        return str(self.why)


class FragmentPayload(TypedDict):
    """The payload of a stored fragment. Of a script in a page, `language` has the script's and the page's."""

    repo: str
    path: str
    language: str | list[str]
    kind: Kind
    symbol: str
    name: str
    ordinal: int
    start_line: int
    end_line: int
    start_byte: int
    end_byte: int
    text: str
    is_test: bool
    members: NotRequired[list[str]]
    defines: NotRequired[list[str]]


def language_of(payload: Mapping[str, Any] | FragmentPayload) -> str:
    """The language of a stored fragment or file, given its payload.

    A page, and a fragment of a page's script, is stored with a list of languages, so that a filter by any of
    these finds it. The first of the list is the language of the page, or of the script.
    """
    stored = payload.get("language", "")
    return str(stored if isinstance(stored, str) else stored[0])


@dataclass(frozen=True, slots=True)
class Span:
    """A range in a file as it is on disk: half-open in bytes, and inclusive in lines, which count from 1."""

    start_byte: int
    end_byte: int
    start_line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class Symbol:
    """A definition or declaration in a file: its qualified name (`Class.method`), its kind and its range.

    `name_span` is the range of the last part of the name. It is empty if the name is not written.
    """

    name: str
    kind: Kind | DeclarationKind
    span: Span
    name_span: Span | None = None


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a file: one function, one class header, a part of a long function, or a block of other code.

    `symbol` is the qualified name of the definition that the fragment belongs to, or "" at module level.
    `ordinal` counts the fragments with the same (path, kind, symbol) in file order, from 0. `docstring` is
    the doc comment or docstring without its markers. `members` are the names of a class's members; only a
    class header has them. `defines` are the qualified names of the constants, variables, types, fields,
    enumerators and macros that the fragment declares. `text` is the decoded source of `span`. In a fragment
    of a page's script, `language` is the script's language, and `page` is the page's language.
    """

    repo: str
    path: str
    language: str
    kind: Kind
    symbol: str
    ordinal: int
    span: Span
    text: str
    docstring: str = ""
    members: tuple[str, ...] = ()
    defines: tuple[str, ...] = ()
    is_test: bool = False
    page: str = ""

    @property
    def id(self) -> str:
        """The point's id.

        It is the same on every machine for the same (repo, path, kind, symbol, ordinal).
        """
        return point_id(self.repo, self.path, self.kind, self.symbol, str(self.ordinal))

    @property
    def name(self) -> str:
        """The last part of the qualified name."""
        return self.symbol.rsplit(".", 1)[-1]


_SECOND = 1_000_000_000
_RACY_NS = 20_000_000
"""A file that changed less than this many ns before it was read may change again with the same time."""
_RACY_COARSE_NS = 2 * _SECOND
"""Used instead of _RACY_NS for times in whole seconds: the file system may store no finer times."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The manifest's row of a file, as the file was when it was last read.

    `why` says why the file was skipped, and is None if it was indexed. `seen_ns` is a time before the
    reading, or 0 if the file must be read again. `stamp` and `told` are those of the SourceFile. `made` is
    the fingerprint of the code that computed the points (`analysis/cache.py`). `redacted` has the lines of
    secrets by kind in JSON, or "" if there are no secrets. The order of the fields is that of the columns: a
    change of it is a change of the manifest's format.
    """

    path: str
    size: int
    mtime_ns: int
    seen_ns: int
    digest: str
    language: str
    fragments: int
    functions: int
    why: SkipReason | None = None
    stamp: int = 0
    made: str = ""
    redacted: str = ""
    told: str = ""

    @property
    def reason(self) -> str:
        """Why the file was skipped, as users see it; "" if it was indexed."""
        return str(self.why or "")

    def is_current(self, file: SourceFile, now_ns: int) -> bool:
        """Whether the file on disk certainly has not changed since it was read.

        Returns False if the clock was set back since then.
        """
        racy = _RACY_NS if self.mtime_ns % _SECOND else _RACY_COARSE_NS
        same = (self.size, self.mtime_ns, self.stamp) == (file.size, file.mtime_ns, file.stamp)
        return same and self.seen_ns > 0 and self.mtime_ns + racy < self.seen_ns <= now_ns
