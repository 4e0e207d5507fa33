"""Finds secrets in blocks of YAML: lists, texts of several lines, and the data of Kubernetes' secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .literals import Range
from .values import is_placeholder, is_random

_LIST = re.compile(rb"[\w-]{0,60}+[\"']?[ \t]{0,8}+:[ \t]{0,8}+(?:#[^\n]{0,200}+)?(?=\r?\n[ \t]{0,80}+-[ ])")
"""Matches a key, from the core of its name on, whose value is a list of lines."""
_ITEM = re.compile(
    rb"\r?\n[ \t]{0,80}+-[ ]{1,8}+[\"']?([^\s\"'#]{3,400}+)[\"']?"
    rb"[ \t]{0,40}+(?:[ ]#[^\n]{0,200}+)?(?=\r?\n|\Z)"
)
_FLOW = re.compile(rb"[\w-]{0,60}+[\"']?[ \t]{0,8}+:[ \t]{0,8}+\[([^\[\]{}\n]{3,4000}+)\]")
"""Matches a key whose value is a list in brackets; the group is the content of the list."""
_FLOW_ITEM = re.compile(rb"[^\s,\"']{3,400}+")
_TEXT_LINE = re.compile(rb"[ \t]{0,8}+\r?\n[ \t]{1,80}+([^\s\"'`<>:]{6,400}+)(?=[ \t]{0,8}+(?:\r?\n|\Z))")
_MAX_LINES = 100
"""At most this number of items of a list, or of further lines of a text, is read."""

_KUBERNETES = re.compile(rb"^kind:[ \t]*[\"']?secret[\"']?[ \t]*\r?$", re.MULTILINE)
_DATA = re.compile(rb"^(?:data|stringdata):[ \t]*\r?\n((?:[ \t]+[^\n]*(?:\n|\Z))+)", re.MULTILINE)
_DATUM = re.compile(rb"^[ \t]+[\w.-]{1,100}+:[ \t]{1,8}+[\"']?([^\s\"'|>#]{4,4000}+)", re.MULTILINE)


def listed(text: bytes, place: int) -> Iterator[Range]:
    """The values of a list that belongs to the key whose name has its core at `place`."""
    flow = _FLOW.match(text, place)
    if flow is not None:
        yield from (item.span() for item in _FLOW_ITEM.finditer(text, *flow.span(1)))
        return
    key = _LIST.match(text, place)
    end = key.end() if key is not None else len(text)
    for _ in range(_MAX_LINES):
        item = _ITEM.match(text, end)
        if item is None:
            return
        yield item.span(1)
        end = item.end()


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
