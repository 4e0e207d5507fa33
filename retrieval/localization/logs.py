"""Restores stack traces in an issue's text that terminals, trackers and log systems have altered.

Escape sequences are always removed. Any other alteration is undone only if more frames of stack traces can be
read afterwards. Text without a stack trace therefore stays as it is.
"""

from __future__ import annotations

import html
import json
import re
import textwrap
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby, islice, pairwise
from typing import Any

from . import frames
from .markdown import FENCES

_ENDS = re.compile(r"(?<!\r)\r++\n|\r")
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]"  # colours and cursor movements
    r"|\x1b\][^\x07\x1b]{0,4000}(?:\x07|\x1b\\)"  # links and window titles
    r"|\x1b[PX^_][^\x1b]{0,4000}\x1b\\|\x1b[ -/]{0,4}[0-~]|.\x08"
)
_LONGEST = 1_500
"""Frames are looked for only in lines with at most this number of characters."""
_NUMBERED = re.compile(r":\d|line \d|\.pyx? in ")
"""Matches text that every frame contains and most other lines do not contain."""
_PLACES = 6
"""Maximum number of offsets in a line at which a frame is looked for."""
_START = re.compile(
    r"""File ["~/\w]|(?<!\w)at (?=\S)|(?<!\w)from (?=[\w./~-]{1,300}\.rb:)|thread '"""
    r"|(?<![\w./~@+-])[\w./~@+-]{1,300}\.(?:go|rb|pyx?|rs)(?::\d| in )"
)


def cleaned(text: str) -> str:
    """The text with restored stack traces and with "\\n" as the line end. It is never longer than `text`."""
    lines = _ESCAPES.sub("", _ENDS.sub("\n", text)).split("\n")
    lines = _of_json(lines)
    of_strings = partial(_unescaped, paired=True)
    for undo in (of_strings, _unescaped, _without_markup, _without_colors, _without_quoting):
        lines = _where_it_helps(lines, undo)
    return "\n".join(_unwrapped(_without_prefixes(lines)))


def _traced(lines: Iterable[str]) -> int:
    """The number of lines that contain a frame, with or without text before it."""
    return sum(_place(line) is not None for line in lines)


def _better(after: Sequence[str], before: Sequence[str]) -> bool:
    """Whether more frames can be read in `after` than in `before`.

    If both have the same number of lines with frames, `after` is better if more of its frames can be read
    without removing text before them.
    """
    gained = _traced(after) - _traced(before)
    return gained > 0 or (gained == 0 and len(frames.frames(after)) > len(frames.frames(before)))


def _place(line: str) -> int | None:
    """Returns the offset of a frame in a line. Returns None if the line contains no frame."""
    if len(line) > _LONGEST or not _NUMBERED.search(line):
        return None
    places = (match.start() for match in islice(_START.finditer(line), _PLACES))
    return next((place for place in places if frames.is_frame(line[place:])), None)


# JSON objects, one per line


_SAID = frozenset(
    "message msg log error err exception exc_info exc_text stack stack_trace stacktrace trace traceback "
    "backtrace detail details event body text textpayload reason".split()
)
_FRAME_NAMES = (("filename", "file", "path", "abs_path"), ("lineno", "line"), ("name", "function", "method"))
_DEEPEST = 8


def _of_json(lines: Sequence[str]) -> list[str]:
    """The lines. JSON objects are replaced by the messages in them if more frames can be read afterwards."""
    found: list[str] = []
    for is_object, run in groupby(((line, _object(line)) for line in lines), lambda one: bool(one[1])):
        pairs = list(run)
        before = [line for line, _ in pairs]
        after = [said for _, value in pairs for said in _said(value)] if is_object else before
        found += after if after is before or _better(after, before) else before
    return found


def _object(line: str) -> dict[str, Any] | None:
    start = line.find("{")
    if start < 0 or not line.rstrip().endswith("}"):
        return None
    try:
        value = json.loads(line[start:])
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _said(value: Any, name: str = "", depth: int = 0) -> Iterator[str]:
    """The lines of the messages and stack traces in a JSON value.

    An object with path, line and function is a frame; it becomes a line in Python's format.
    """
    if isinstance(value, str):
        inner = _object(value) if value.startswith("{") and depth < _DEEPEST else None
        if inner:
            yield from _said(inner, name, depth + 1)
        elif "\n" in value or name.lower() in _SAID:
            yield from _ESCAPES.sub("", _ENDS.sub("\n", value)).rstrip("\n").split("\n")
    elif isinstance(value, dict) and depth < _DEEPEST:
        path, number, function = (
            next((value[key] for key in keys if key in value), None) for keys in _FRAME_NAMES
        )
        if isinstance(path, str) and isinstance(number, int) and isinstance(function, str):
            yield f'  File "{path}", line {number}, in {function}'
            return
        for key, inner in value.items():
            yield from _said(inner, str(key), depth + 1)
    elif isinstance(value, list) and depth < _DEEPEST:
        for inner in value:
            yield from _said(inner, name, depth + 1)


# Escapes, markup and quoting


_TAGS = re.compile(r"</?(?:p|pre|code|span|div|font|tt|b|i|li)\b[^<>]{0,200}>", re.IGNORECASE)
_BREAK = re.compile(r"<br ?/?>\n?", re.IGNORECASE)
_STRING = re.compile(r"\"((?:[^\"\\\n]|\\.)*+)\"|'((?:[^'\\\n]|\\.)*+)'")
_UNICODE = re.compile(r"\\u([0-9a-fA-F]{4})")
_COLOR = re.compile(r"(?:\\x1b|\\033|\\e|\\u001b|\^\[|␛)?\[(?:\d{1,3}(?:;\d{1,3}){0,8})?[mK]")
_QUOTES = 3
_QUOTED = re.compile(r"(?:> ?){1,9}")
_TYPED = str.maketrans(
    {"\xa0": " ", "\u202f": " ", "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'",
     "\u200b": "", "\u200c": "", "\u200d": "", "\u2060": "", "\ufeff": ""}
)  # fmt: skip


def _where_it_helps(lines: Sequence[str], undo: Callable[[str], str]) -> list[str]:
    """The lines. `undo` is applied to each paragraph in which more frames can be read afterwards."""
    found: list[str] = []
    for _, run in groupby(lines, lambda line: bool(line.strip())):
        before = list(run)
        after = undo("\n".join(before)).split("\n")
        found += after if after != before and _better(after, before) else before
    return found


def _unescaped(text: str, *, paired: bool = False) -> str:
    """The text with escaped line ends and other escapes undone, up to _QUOTES levels of strings in strings.

    With `paired`, quoted strings that contain escaped line ends are put on their own lines first.
    """
    for _ in range(_QUOTES):
        if "\\n" not in text:
            break
        text = _unescaped_once(_STRING.sub(_on_its_own, text) if paired else text)
    return text


def _on_its_own(string: re.Match[str]) -> str:
    inside = string[1] or string[2] or ""
    return f"\n{inside}\n" if "\\n" in inside else string[0]


def _unescaped_once(text: str) -> str:
    text = text.replace("\\\\", "\\").replace("\\r\\n", "\n").replace("\\n", "\n").replace("\\t", "\t")
    text = _UNICODE.sub(lambda found: chr(int(found[1], 16)), text)
    return text.replace('\\"', '"').replace("\\'", "'")


def _without_markup(text: str) -> str:
    """The text without HTML tags and entities, and with plain instead of typographic spaces and quotes."""
    for _ in range(2):
        text = html.unescape(text) if "&" in text else text
    return _TAGS.sub("", _BREAK.sub("\n", text)).translate(_TYPED)


def _without_colors(text: str) -> str:
    """The text without the codes of terminal colours whose escape character is missing or spelled out."""
    return _COLOR.sub("", text)


def _without_quoting(text: str) -> str:
    """The text without the quote marks of mails. Wrapped frames are joined, since mails often wrap lines."""
    return "\n".join(_unwrapped([_QUOTED.sub("", line) for line in text.split("\n")]))


# Prefixes of lines


_MARKS_A_LOG = re.compile(
    r"\d{1,2}:\d{2}|[|\]}):>│┃║»]$|^E$|^<\d{1,3}>"
    r"|\b(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERR(?:OR)?|FATAL|CRITICAL|SEVERE|stdout|stderr)\b"
)
_LIST_OR_TABLE = re.compile(r"(?:[-*+|]|\(?\d{1,3}[.):]|[-*+] .*)$")
_DIGITS = re.compile(r"\d+")
_SPACES = re.compile(r"(?:\\ )+")
"""Matches escaped spaces."""
_MOST_KINDS = 20
_APART = 20
"""Maximum distance, in lines, between two consecutive lines of one log."""


def _without_prefixes(lines: Sequence[str]) -> list[str]:
    """The lines. The lines of a log that contains frames lose their prefixes and are put together."""
    fences = [number for number, line in enumerate(lines) if line.lstrip().startswith(FENCES)]
    placed: dict[int, list[str]] = {}
    taken: set[int] = set()
    for pattern, with_frames in _kinds(lines):
        matches = ((n, pattern.match(line)) for n, line in enumerate(lines) if n not in taken)
        ends = {n: match.end() for n, match in matches if match}
        for stretch in _stretches(ends, fences):
            if len(stretch) > 1 and not with_frames.isdisjoint(stretch):
                text = "\n".join(lines[n][ends[n] :] for n in stretch)
                placed[stretch[0]] = textwrap.dedent(text).split("\n")
                taken.update(stretch)
    found: list[str] = []
    for number, line in enumerate(lines):
        found += placed.get(number, () if number in taken else (line,))
    return found


def _kinds(lines: Sequence[str]) -> list[tuple[re.Pattern[str], set[int]]]:
    """The patterns of the prefixes before frames, most frequent first.

    Each comes with the numbers of the lines on which such a prefix is before a frame.
    """
    kinds: dict[str, set[int]] = {}
    for number, line in enumerate(lines):
        place = _place(line)
        if place is None or frames.is_frame(line):
            continue
        prefix = line[:place].rstrip()
        if _MARKS_A_LOG.search(prefix) and not _LIST_OR_TABLE.match(prefix.lstrip()):
            kinds.setdefault(_pattern(prefix), set()).add(number)
    best = sorted(kinds.items(), key=lambda item: -len(item[1]))[:_MOST_KINDS]
    return [(re.compile(pattern), numbers) for pattern, numbers in best]


def _pattern(prefix: str) -> str:
    """A pattern that matches the prefix with any numbers, and at most one space or tab after the prefix."""
    return _DIGITS.sub(r"\\d+", _SPACES.sub(" +", re.escape(prefix))) + r"[ \t]?"


def _stretches(numbers: Iterable[int], fences: Sequence[int]) -> list[list[int]]:
    """The line numbers in groups. Within a group, there are no large gaps and no Markdown fences."""
    found: list[list[int]] = []
    for number in numbers:
        last = found[-1][-1] if found else number
        fenced = bisect_left(fences, number) > bisect_left(fences, last)
        if not found or number - last > _APART or fenced:
            found.append([])
        found[-1].append(number)
    return found


# Wrapped lines


_NARROWEST = 60
"""Lines are treated as wrapped only if they were wrapped at this column or later."""
_BEGINS = re.compile(r"\s*(?:(?:File|at|from)\b|[/~.\w-]*/)")


def _unwrapped(lines: Sequence[str]) -> list[str]:
    """The lines. Each frame that is wrapped over two or three lines is joined to one line."""
    found: list[str] = []
    number = 0
    while number < len(lines):
        count, whole = _whole(lines[number : number + 3])
        found.append(whole)
        number += count
    return found


def _whole(lines: Sequence[str]) -> tuple[int, str]:
    """Returns how many of the first lines are one wrapped frame, and the joined frame.

    Returns 1 and the first line if the first lines are not a wrapped frame. No line of a wrapped frame is a
    frame by itself.
    """
    first = lines[0]
    if sum(map(len, lines[:2])) < _NARROWEST or not _BEGINS.match(first) or frames.is_frame(first):
        return 1, first
    for count in range(2, len(lines) + 1):
        part = lines[:count]
        if not part[-1].strip() or frames.is_frame(part[-1]):
            break
        words = [part[0].rstrip(), *map(str.strip, part[1:])]
        for space, whole in (("", "".join(part)), (" ", " ".join(words))):
            if _was_cut(part, space) and frames.is_frame(whole):
                return count, whole
    return 1, first


def _was_cut(lines: Sequence[str], space: str) -> bool:
    """Whether each line may have had no room for the next character or, if `space` is " ", the next word."""
    widths = (len(a) + (len(b.split(maxsplit=1)[0]) if space else 1) for a, b in pairwise(lines))
    return all(width >= _NARROWEST for width in widths)
