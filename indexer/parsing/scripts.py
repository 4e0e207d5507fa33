"""Finds the scripts in pages: the JavaScript and TypeScript of HTML, Vue, Svelte and Astro files.

As in browsers and component compilers, a script ends at the first `</script`, even if a string in the script
contains it. Scripts inside comments of the page do not count. A script of one line stays part of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from . import profiles

_LANGUAGES = {
    **dict.fromkeys("js javascript jsx babel".split(), "javascript"),
    **dict.fromkeys("ts typescript".split(), "typescript"),
    "tsx": "tsx",
}
"""Maps the value of the attribute `lang`, or the end of the value of the attribute `type`, to a language."""

_SCRIPT_TYPES = re.compile(
    r"(?:module|(?:text|application)/(?:x-)?(javascript|ecmascript|jsx|babel|typescript))?"
)
"""The types of scripts that are executed. Templates, data, import maps and shaders have other types."""

_MAX_TAG_BYTES = 1_024
"""An opening tag with more than this number of bytes after `<script` is ignored."""

_MARK = re.compile(rb"<!--|<script(?=[\s/>])", re.IGNORECASE)
_TAG_END = re.compile(rb"""(?:[^>"']++|"[^"]*+"|'[^']*+')*+>""")
_CLOSE = re.compile(rb"</script(?=[\s/>])[^>]*>?", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"""([^\s"'=<>/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
# A script without a closing tag ends before the next part of a component: a template, script or style.
_NEXT_PART = re.compile(rb"^<(?:template|script|style)\b", re.MULTILINE | re.IGNORECASE)
_FRONT_MATTER = re.compile(rb"\s*---[ \t]*\r?\n")
_FENCE = re.compile(rb"^---[ \t]*\r?$", re.MULTILINE)
_BLANK_LINE_REST = re.compile(rb"[ \t]*\r?\n")


@dataclass(frozen=True, slots=True)
class Script:
    """A script in a page. The half-open byte range from `start` to `end` contains the code of the script.

    The range consists of whole lines, except where code stands on the same line as the opening or closing
    tag. The opening tag begins at the byte `opens`. The closing tag ends at the byte `closes`.
    """

    language: str
    opens: int
    start: int
    end: int
    closes: int


def is_page(language: str) -> bool:
    """Whether files of a language may contain scripts in other languages."""
    return bool(profiles.of(language).scripts)


def scripts(text: bytes, page: str) -> list[Script]:
    """The scripts of a UTF-8 text in the language `page`, in file order.

    Returns an empty list if `page` is not a language of pages.
    """
    if not is_page(page):
        return []
    return [
        one
        for one in _found(text, page)
        if text[one.start : one.end].strip() and b"\n" in text[one.opens : one.end].rstrip()
    ]


def between(found: Sequence[Script], end: int) -> list[tuple[int, int]]:
    """The byte ranges before, between and after the scripts of a page of `end` bytes."""
    starts = [0, *(one.end for one in found)]
    return list(zip(starts, [*(one.start for one in found), end], strict=True))


def place_in(text: str, offset: int, language: str) -> tuple[str, int, int]:
    """The language at an offset of a text, and the range of the script around the offset.

    If no script is around the offset, returns `language` and the range of the whole text. Offsets count code
    points.
    """
    if is_page(language):
        data = text.encode("utf-8", "replace")
        place = len(text[:offset].encode("utf-8", "replace"))
        for one in scripts(data, language):
            if one.start <= place <= one.end:
                begin, end = (len(data[:at].decode("utf-8")) for at in (one.start, one.end))
                return one.language, begin, end
    return language, 0, len(text)


def _found(text: bytes, page: str) -> Iterator[Script]:
    position = 0
    fence = _FRONT_MATTER.match(text) if page == "astro" else None
    if fence and (closing := _FENCE.search(text, fence.end())):
        yield Script("typescript", fence.start(), fence.end(), closing.start(), closing.end())
        position = closing.end()
    # If one comment has no end, no later comment has an end either, so the search for ends of comments stops.
    # The same holds for scripts.
    comments = closers = True
    while mark := _MARK.search(text, position):
        position = mark.end()
        if mark[0] == b"<!--":
            end = text.find(b"-->", position) if comments else -1
            comments = end >= 0
            position = end if comments else position
            continue
        tag = _TAG_END.match(text, mark.end(), mark.end() + _MAX_TAG_BYTES)
        if tag is None:
            continue
        position = tag.end()
        attributes = tag[0][:-1]
        if attributes.endswith(b"/"):
            continue
        close = _CLOSE.search(text, position) if closers else None
        closers = close is not None
        part = None if close else _NEXT_PART.search(text, position)
        end = close.start() if close else part.start() if part else len(text)
        closes = close.end() if close else end
        if language := _language(attributes, page):
            yield _trimmed(text, Script(language, mark.start(), position, end, closes))
        position = closes


def _language(attributes: bytes, page: str) -> str | None:
    """The language of a script with these attributes.

    Returns None if the language is unknown, or if the script is not executed.
    """
    said = {
        match[1].decode("utf-8", "replace").lower(): (match[2] or match[3] or match[4] or b"")
        for match in _ATTRIBUTE.finditer(attributes)
    }
    kind = said.get("type", b"").decode("utf-8", "replace").partition(";")[0].strip().lower()
    matched = _SCRIPT_TYPES.fullmatch(kind)
    if matched is None:
        return None
    if name := said.get("lang", b"").decode("utf-8", "replace").strip().lower():
        return _LANGUAGES.get(name)
    return _LANGUAGES.get(matched[1] or "", profiles.of(page).scripts)


def _trimmed(text: bytes, script: Script) -> Script:
    """The script, without the white space after the opening tag and before the closing tag on their lines."""
    start, end = script.start, script.end
    if blank := _BLANK_LINE_REST.match(text, start, end):
        start = blank.end()
    line = text.rfind(b"\n", start, end) + 1 or start
    if not text[line:end].strip():
        end = line
    return Script(script.language, script.opens, start, end, script.closes)
