"""Reads and decodes one file. Gives a reason if the file cannot be read or is not hand-written code."""

from __future__ import annotations

import codecs
import errno
import hashlib
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from operator import itemgetter
from typing import TYPE_CHECKING

from ..fragment import Skipped, SourceFile, Span, UnsavedFile, stamp_of, storable
from ..safe_read import read_regular
from ..skip_reason import SkipKind, SkipReason
from ..walk.skip_rules import too_large
from . import encodings
from .generated import generated
from .languages import profile_of

if TYPE_CHECKING:
    from ..walk.revision import Blobs
    from .secrets import Secret

_STRETCH = re.compile(rb".{1,4096}(?![\x80-\xbf])", re.DOTALL)
"""Matches a part of a text in UTF-8 that ends with a character. Converting an offset decodes at most one."""

_PRINTED = bytes(b for b in range(256) if (b >= 32 and b != 127) or b in b"\t\n\v\f\r\x1b\b")
_MAX_CONTROL = 0.1
"""A file with a larger share of control characters than this is binary."""

_FAILURES = {
    errno.ENOENT: SkipKind.VANISHED,
    errno.ENOTDIR: SkipKind.VANISHED,
    errno.ELOOP: SkipKind.SYMLINK,
    errno.ENXIO: SkipKind.NOT_REGULAR,  # a socket
    errno.EINVAL: SkipKind.NOT_REGULAR,
}

_LONE_RETURN = re.compile(r"\r(?!\n)")
_LONE_RETURN_BYTES = re.compile(rb"\r(?!\n)")

_LFS = b"version https://git-lfs.github.com/spec/"
_HEAD = 8192  # the first bytes of a text, which are examined for control characters and keys

_PRIVATE_KEY = re.compile(
    rb"\s{0,99}(?:Bag Attributes[^-]{0,999})?(?:-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?:"
    rb" BLOCK)?-----|PuTTY-User-Key-File-\d)"
)
"""Matches the beginning of a file that contains a private key."""

_MINIFIED_BYTES = 2_000  # a smaller file is never minified
_MINIFIED_LINE = 500
"""A file with more than this number of bytes per line, on average, is minified.

Hand-written code has less than 100 bytes per line.
"""


@dataclass(frozen=True, slots=True)
class Source:
    """The content of a file at the time of reading.

    `data` is the content on disk, with `*` in the place of each character of a secret. `text` is the same
    content in UTF-8, without a byte order mark, with U+FFFD in the place of invalid bytes, and with LF in the
    place of each lone CR. `redacted` maps each kind of secret to the lines that had secrets of this kind.
    `size`, `mtime_ns` and `stamp` describe the file at the time of reading. `digest` is git's blob id of the
    file, in hex.
    """

    file: SourceFile
    data: bytes
    text: bytes
    encoding: str
    """Python's name of the encoding, for text without a byte order mark."""
    digest: str
    size: int
    mtime_ns: int
    marks: Sequence[tuple[int, int]] = field(default=(), repr=False)
    """The offsets in `text` and in `data` at which each _STRETCH of the text begins, and of the end.

    Empty if no table is needed: if each offset in `data` is that in `text` plus the byte order mark's length.
    """
    stamp: int = 0
    redacted: Mapping[str, Sequence[int]] = field(default_factory=dict)
    mark: int = 0
    """The length of the byte order mark."""
    exact: bytes = field(default=b"", repr=False)
    """`text` with a lone surrogate for each invalid byte, from which offsets on disk can be computed."""
    lone_returns: bool = False
    """Whether the file has lone CRs. Editors end a line at a lone CR."""

    @property
    def lines(self) -> int:
        """The number of lines, which is the same in `text` and in the file."""
        return self.text.count(b"\n") + 1

    def span(self, start_byte: int, end_byte: int, start_line: int, end_line: int) -> Span:
        """The place on disk of the piece of `text` from `start_byte` to `end_byte`."""
        return Span(self._offset(start_byte), self._offset(end_byte), start_line, end_line)

    def slice(self, span: Span) -> str:
        """The text at `span`, with line ends as in `text`."""
        text = self._decoded(span.start_byte, span.end_byte)
        return _LONE_RETURN.sub("\n", text) if self.lone_returns else text

    def as_written(self) -> str:
        """The whole text, with the same line ends as on disk."""
        return self._decoded(self.mark, len(self.data))

    def _decoded(self, start: int, end: int) -> str:
        return encodings.whole(encodings.decoded(self.data[start:end], self.encoding))

    def _offset(self, place: int) -> int:
        if not self.marks:
            return place + self.mark
        while 0 < place < len(self.exact) and self.exact[place] & 0xC0 == 0x80:  # inside a character
            place -= 1
        start, offset = self.marks[bisect_right(self.marks, place, key=itemgetter(0)) - 1]
        return offset + _width(self.exact[start:place], self.encoding)


@dataclass(frozen=True, slots=True)
class Raw:
    """The bytes of a file, the digest of these bytes, and the times of the file when it was read."""

    file: SourceFile
    data: bytes
    digest: str
    mtime_ns: int
    stamp: int


def read(file: SourceFile, max_bytes: int = 1_000_000) -> Source | Skipped:
    """The content of `file`. Returns Skipped with a reason if the file is not indexed.

    An error of the file system is not raised, but is returned as such a reason.
    """
    raw = load(file, max_bytes)
    return raw if isinstance(raw, Skipped) else source_of(raw)


def source_of(raw: Raw) -> Source | Skipped:
    """The content of a file whose bytes were read. Returns Skipped with a reason if it is not indexed."""
    file = raw.file
    reason: SkipReason | None
    if raw.data.startswith(_LFS):
        reason = SkipReason(SkipKind.LFS)
    elif b"\0" in raw.data and not encodings.is_wide(raw.data, file.encoding):
        reason = SkipReason(SkipKind.BINARY)
    else:
        source = decode(raw)
        reason = refuse_text(file.path, source.text, written=file.written)
        if reason is None:
            return source
    return Skipped(file.path, reason, raw.digest)


def load(file: SourceFile, max_bytes: int, git: Blobs | None = None) -> Raw | Skipped:
    """The bytes of `file`, not checked yet. Returns Skipped with a reason if they cannot be read.

    `git` reads the files of commits. By default, this is a reader that the whole process shares.
    """
    digest, mtime_ns, stamp = file.blob, file.mtime_ns, file.stamp
    try:
        if isinstance(file, UnsavedFile):
            # With a byte order mark, because the content is UTF-8 even if it declares another encoding.
            data, size = codecs.BOM_UTF8 + file.content, len(file.content)
        elif file.blob:
            from ..walk.revision import blobs

            found = (git or blobs(file.location)).read(file.blob)
            if found is None:
                return Skipped(file.path, SkipReason(SkipKind.MISSING))
            data, size = found, len(found)
        else:
            data, status = read_regular(file.location, max_bytes + 1)
            size = max(len(data), status.st_size)
            mtime_ns, stamp = storable(status.st_mtime_ns), stamp_of(status)
    except OSError as error:
        kind = _FAILURES.get(error.errno or 0)
        why = SkipReason(kind) if kind else SkipReason(SkipKind.UNREADABLE, error.strerror or str(error))
        return Skipped(file.path, why)
    reason = too_large(size, max_bytes)
    return Skipped(file.path, reason) if reason else Raw(file, data, digest or _digest(data), mtime_ns, stamp)


def decode(raw: Raw, *, is_free_of_secrets: bool = False) -> Source:
    """The source of a text file, with secrets redacted.

    With `is_free_of_secrets`, the caller knows that a search in these bytes has found none.
    """
    data = raw.data
    encoding, mark = encodings.identify(data, raw.file.encoding)
    given = data[mark:]
    plain = encoding == "utf-8" and encodings.is_utf8(given)
    if not plain:
        given = encodings.decoded(given, encoding).encode("utf-8", "surrogatepass")
    lone = given.count(b"\r") != given.count(b"\r\n")
    exact = _LONE_RETURN_BYTES.sub(b"\n", given) if lone else given  # LF is as long as CR in every encoding
    text = exact if plain else _shown(exact)
    marks = () if plain else _marks(exact, encoding, mark)
    redacted: Mapping[str, Sequence[int]] = {}
    secrets: Sequence[Secret] = ()
    if not is_free_of_secrets:
        from .secrets import lines_of, redact, star  # This import is slow, because it compiles many patterns.

        hidden, secrets = redact(text, raw.file.path)
    if secrets:
        redacted = lines_of(text, secrets)
        exact = hidden if plain else star(exact, hidden, encoding)
        text = exact if plain else _shown(exact)
        written = _with_ends_of(given, exact) if lone else exact
        data = data[:mark] + encodings.encoded(written.decode("utf-8", "surrogatepass"), encoding)
    return Source(
        raw.file, data, text, encoding, raw.digest, len(raw.data), raw.mtime_ns, marks, raw.stamp, redacted,
        mark, exact, lone,
    )  # fmt: skip


def _shown(exact: bytes) -> bytes:
    """A text with U+FFFD in the place of each lone surrogate."""
    return encodings.whole(exact.decode("utf-8", "surrogatepass")).encode()


def _with_ends_of(given: bytes, hidden: bytes) -> bytes:
    """The redacted text `hidden`, with the line ends of the original text `given`.

    Redaction never adds or removes a line end.
    """
    lines = re.split(rb"\r\n|\r|\n", hidden)
    ends = [*re.findall(rb"\r\n|\r|\n", given), b""]
    return b"".join(part for pair in zip(lines, ends, strict=True) for part in pair)


def digest_of(file: SourceFile) -> str:
    """The digest of a commit's file, or of the current file on disk.

    Returns "" if the file cannot be read, or if its size is no longer `file.size`.
    """
    if file.blob:
        return file.blob
    raw = load(file, file.size)
    return raw.digest if isinstance(raw, Raw) and len(raw.data) == file.size else ""


def _digest(data: bytes) -> str:
    """Git's blob id of this content."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _marks(text: bytes, encoding: str, start: int) -> list[tuple[int, int]]:
    stretches = _STRETCH.findall(text)
    offsets = accumulate((_width(one, encoding) for one in stretches), initial=start)
    return list(zip(accumulate(map(len, stretches), initial=0), offsets, strict=True))


def _width(text: bytes, encoding: str) -> int:
    """The length of `text` in `encoding`."""
    return len(encodings.encoded(text.decode("utf-8", "surrogatepass"), encoding))


def refuse_text(path: str, text: bytes, *, written: bool = False) -> SkipReason | None:
    """The reason why a file with this text is not hand-written code. Returns None for hand-written code.

    With `written`, the file is known to be hand-written, and may look generated or minified.
    """
    head = text[:_HEAD]
    if len(head.translate(None, _PRINTED)) > len(head) * _MAX_CONTROL or b"\0" in text:
        return SkipReason(SkipKind.BINARY)
    if _PRIVATE_KEY.match(head):
        return SkipReason(SkipKind.KEY, "a private key")
    if written:
        return None
    header = generated(text, path)
    return SkipReason(SkipKind.GENERATED, header) if header else _minified(path, text)


def _minified(path: str, text: bytes) -> SkipReason | None:
    if len(text) < _MINIFIED_BYTES or not profile_of(path).minified:
        return None
    long = len(text) > _MINIFIED_LINE * (text.count(b"\n") + 1)
    return SkipReason(SkipKind.MINIFIED) if long else None
