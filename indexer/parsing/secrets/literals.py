"""Finds the literals of values: in quotes of any kind, split into pieces or lines, in lists, or in YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .values import MAX_VALUE_BYTES, is_placeholder, is_random

Range = tuple[int, int]
"""A half-open range of bytes."""

_QUOTES = (b'"""', b"'''", b'\\"', b"\\'", b'"', b"'", b"`")
_INNER = (b'"', b"'")
_SCHEME = re.compile(rb"(?i:bearer|basic|token|apikey|bot)[ ]+")
_BRACKETED = re.compile(rb"\[(?P<level>=*)\[|(?:%[qQ]?|q{1,2}[ ]?)(?P<open>[({\[<|!])")
"""Matches the opening of Lua's `[[...]]`, Perl's `q{...}` and Ruby's `%q(...)`."""
_CLOSERS = {b"(": b")", b"{": b"}", b"[": b"]", b"<": b">"}
JOINED = (
    re.compile(
        rb"[ \t]{0,40}+(?:(?:\|\||<>|\.\.?|\+\+?|[&~])[ \t]{0,40}+(?:\\?\r?\n[ \t]{0,80}+)?"
        rb"|\\?\r?\n[ \t]{0,80}+(?:(?:\.\.?|\+\+?|[&~])[ \t]{0,40}+)?)(?=[\"'`])"
    ),
    re.compile(rb"[^\s$]{1,400}"),
)
"""Pieces of one value, with an operator, a line end, or both between them: `"a" + "b"`."""
LISTED = re.compile(rb"[ \t]{0,40}+,\s{0,80}+(?=[\"'`])"), re.compile(rb"(?s:.*)")
"""Values of a list."""
_MAX_PIECES = 20
"""At most this number of further pieces of a value, or of further values of a list, is read."""
_MAX_LINES = 100
"""At most this number of items of a list, or of further lines of a text, is read."""
_KEY = rb"[\w-]{0,60}+[\"']?[ \t]{0,8}+:[ \t]{0,8}+"
"""Matches a key, from the core of its name on."""
_ITEM = (
    rb"\r?\n[ \t]{0,80}+-[ ]{1,8}+[\"']?([^\s\"'#]{3,400}+)[\"']?"
    rb"[ \t]{0,40}+(?:[ ]#[^\n]{0,200}+)?(?=\r?\n|\Z)"
)
_LISTS = (
    (re.compile(_KEY + rb"\[([^\[\]{}\n]{3,4000}+)\]"), re.compile(rb"([^\s,\"']{3,400}+)")),
    (re.compile(rb"%s(?:#[^\n]{0,200}+)?((?:%s){1,%d}+)" % (_KEY, _ITEM, _MAX_LINES)), re.compile(_ITEM)),
)
"""A list in brackets, and a list of lines: a pattern for the key with all items, and one for an item."""
_TEXT_LINE = re.compile(rb"[ \t]{0,8}+\r?\n[ \t]{1,80}+([^\s\"'`<>:]{6,400}+)(?=[ \t]{0,8}+(?:\r?\n|\Z))")

_KUBERNETES = re.compile(rb"^kind:[ \t]*[\"']?secret[\"']?[ \t]*\r?$", re.MULTILINE)
_DATA = re.compile(rb"^(?:data|stringdata):[ \t]*\r?\n((?:[ \t]+[^\n]*(?:\n|\Z))+)", re.MULTILINE)
_DATUM = re.compile(rb"^[ \t]+[\w.-]{1,100}+:[ \t]{1,8}+[\"']?([^\s\"'|>#]{4,4000}+)", re.MULTILINE)


def quoted(text: bytes, at: int) -> Range | None:
    """The range of the value in the quotes that open at `at`, without a scheme such as `Bearer`.

    Returns None if no quotes open at `at`. Returns an empty range if the closing quotes are missing.
    """
    quote = next((mark for mark in _QUOTES if text.startswith(mark, at)), None)
    if quote is None:
        return _bracketed(text, at)
    start = at + len(quote)
    end = _closing(text, quote, start)
    if len(quote) == 3:
        return _stripped(text, start, end)
    inner = text[start : start + 1]
    if inner in _INNER and start + 1 < end and text[end - 1 : end] == inner:
        start, end = start + 1, end - 1
    scheme = _SCHEME.match(text, start, max(end, start))
    start = scheme.end() if scheme else start
    return start, max(end, start)


def _closing(text: bytes, quote: bytes, start: int) -> int:
    """The offset of the quote that closes a string. Returns -1 if there is none within MAX_VALUE_BYTES.

    A quote after a backslash does not close the string, unless no other quote follows on its line.
    """
    end = text.find(quote, start, start + MAX_VALUE_BYTES)
    while end > start and len(quote) == 1 and _is_escaped(text, start, end):
        later = text.find(quote, end + 1, start + MAX_VALUE_BYTES)
        if later < 0 or b"\n" in text[end:later]:
            break
        end = later
    return end


def _is_escaped(text: bytes, start: int, end: int) -> bool:
    before = text[start:end]
    return (len(before) - len(before.rstrip(b"\\"))) % 2 == 1


def _bracketed(text: bytes, at: int) -> Range | None:
    match = _BRACKETED.match(text, at)
    if match is None:
        return None
    opener = match["open"]
    closer = b"]" + match["level"] + b"]" if opener is None else _CLOSERS.get(opener, opener)
    return _stripped(text, match.end(), text.find(closer, match.end(), match.end() + MAX_VALUE_BYTES))


def _stripped(text: bytes, start: int, end: int) -> Range:
    """A range without the white space at its ends.

    Returns an empty range if `end` is -1, which means that the closing quote is missing.
    """
    value = text[start : max(end, start)]
    start += len(value) - len(value.lstrip())
    return start, start + len(value.strip())


def following(text: bytes, end: int, form: tuple[re.Pattern[bytes], re.Pattern[bytes]]) -> Iterator[Range]:
    """The values in quotes that follow a value whose quotes close at `end`: the form is JOINED or LISTED."""
    between, value = form
    for _ in range(_MAX_PIECES):
        gap = between.match(text, end + 1)
        found = quoted(text, gap.end()) if gap else None
        if found is None or value.fullmatch(text, *found) is None:
            return
        yield found
        end = found[1]


def listed(text: bytes, place: int) -> Iterator[Range]:
    """The values of a list that belongs to the key whose name has its core at `place`."""
    for whole, item in _LISTS:
        found = whole.match(text, place)
        if found is not None:
            yield from (one.span(1) for one in item.finditer(text, *found.span(1)))


def further_lines(text: bytes, end: int) -> Iterator[Range]:
    """The random lines that follow the first line of a block of text; the first line ends at `end`."""
    for _ in range(_MAX_LINES):
        line = _TEXT_LINE.match(text, end)
        if line is None or not (is_random(line[1], 12) or line[1].endswith(b"=")):
            return
        yield line.span(1)
        end = line.end()


def kubernetes_data(text: bytes, low: bytes) -> Iterator[Range]:
    """The values of Kubernetes' secrets. `low` is `text` in lower case."""
    if b"kind:" not in low or not _KUBERNETES.search(low):
        return
    for data in _DATA.finditer(low):
        for value in _DATUM.finditer(text, *data.span(1)):
            if not is_placeholder(value[1]):
                yield value.span(1)
