"""Parses regular expressions in the syntax of ripgrep, which is that of Rust's regex crate.

A pattern is applied to one line without its end. What RE2 cannot do, or would do differently, is refused with
a UsageError that names it and says what to do instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from indexer.errors import UsageError

from . import codepoints as cp
from .classes import Case, ClassParser, Flags
from .codepoints import CodePoints
from .syntax import (
    MAX_DEPTH,
    MAX_PATTERN_CHARS,
    Assertion,
    Chars,
    Choice,
    Look,
    Node,
    Repeat,
    Sequence,
    depth,
    sequence,
)

_UNSUPPORTED_GROUPS = {
    "?=": "look-ahead (?=...)",
    "?!": "negative look-ahead (?!...)",
    "?<=": "look-behind (?<=...)",
    "?<!": "negative look-behind (?<!...)",
    "?>": "atomic groups (?>...)",
    "?P=": "back-references (?P=name)",
    "?P>": "recursion (?P>name)",
    "?&": "recursion (?&name)",
    "?|": "branch resets (?|...)",
    "?(": "conditions (?(...)...)",
    "?#": "comments (?#...)",
}
_ADVICE = {
    "look": "leave it out and filter the lines afterwards, or match the text around as well",
    "back": "write the repeated text out",
}
_GROUP_NAME = re.compile(r"[^\W\d][\w.\[\]]*")
_FLAGS = "imsUuxR"
_FLAGS_ONLY = Sequence()
"""Stands for flags in a pattern, which cannot be repeated."""
_COUNTS = re.compile(r"\{\s*(\d+)\s*(,?)\s*(\d*)\s*\}")
_WORD_LOOKS = {
    "{start}": Look.WORD_START,
    "{end}": Look.WORD_END,
    "{start-half}": Look.NO_WORD_BEFORE,
    "{end-half}": Look.NO_WORD_AFTER,
}
_NO_LINE_END = "a line end (\\n) cannot match, because each line is searched by itself; leave it out"


@dataclass(slots=True)
class _OpenGroup:
    """A group that is being parsed: the alternatives before, the parts of this one, the flags around it."""

    outer: Flags
    choices: list[Node] = field(default_factory=list)
    parts: list[Node] = field(default_factory=list)

    def node(self) -> Node:
        last = sequence(self.parts)
        return Choice((*self.choices, last)) if self.choices else last


def parse(pattern: str, *, ignore_case: bool = False) -> tuple[Node, Case]:
    """The parts of a pattern, and what --smart-case needs.

    Raises UsageError for a pattern that is not supported.
    """
    if len(pattern) > MAX_PATTERN_CHARS:
        raise refused(pattern, 0, f"longer than {MAX_PATTERN_CHARS:,} characters; split it over several -e")
    parser = _Parser(pattern, Flags(ignore_case=ignore_case))
    node = parser.parse()
    if depth(node) > MAX_DEPTH:
        raise refused(pattern, 0, f"it is nested more than {MAX_DEPTH} deep; make it flatter")
    return node, parser.case


def literal(text: str, *, ignore_case: bool = False) -> tuple[Node, Case]:
    """A text as a pattern that matches only this text. Raises UsageError for a text with a line end."""
    if "\n" in text:
        raise UsageError(f"pattern {shown(text)}: {_NO_LINE_END}")
    if len(text) > MAX_PATTERN_CHARS:
        raise refused(text, 0, f"longer than {MAX_PATTERN_CHARS:,} characters; split it over several -e")
    case, parts = Case(), list[Node]()
    for char in text:
        case.note(ord(char))
        points: CodePoints = ((ord(char), ord(char)),)
        parts.append(Chars(cp.with_other_case(points) if ignore_case else points))
    return sequence(parts), case


def shown(pattern: str) -> str:
    """A pattern in a message."""
    return repr(pattern if len(pattern) <= 60 else f"{pattern[:57]}...")


def refused(pattern: str, place: int, why: str) -> UsageError:
    """The error for a pattern, with the place in it."""
    where = f" (at character {place + 1})" if place else ""
    return UsageError(f"pattern {shown(pattern)}{where}: {why}")


class _Parser(ClassParser):
    """Parses one pattern, without recursion, so that deep nesting costs nothing."""

    def __init__(self, pattern: str, flags: Flags) -> None:
        self.pattern, self.at, self.flags = pattern, 0, flags
        self.case = Case()
        self._names: set[str] = set()
        self._groups = [_OpenGroup(flags)]

    def parse(self) -> Node:
        pattern = self.pattern
        while self.at < len(pattern):
            char = pattern[self.at]
            if self.flags.verbose and self.skip_space():
                continue
            if char == "(":
                self._open()
            elif char == ")":
                if len(self._groups) == 1:
                    raise self.error("unopened group; write \\) for a parenthesis")
                self.at += 1
                self._push(self._close())
            elif char == "|":
                self.at += 1
                group = self._groups[-1]
                group.choices.append(sequence(group.parts))
                group.parts = []
            elif char in "*+?{":
                self._repeat(char)
            else:
                self._push(self._atom(char))
        if len(self._groups) > 1:
            raise self.error("unclosed group; write \\( for a parenthesis")
        return self._groups[0].node()

    def skip_space(self) -> bool:
        """Skip white space and a comment of a verbose pattern. Returns whether there was any."""
        start = self.at
        while self.at < len(self.pattern):
            char = self.pattern[self.at]
            if cp.contains(cp.SPACES, ord(char)):
                self.at += 1
            elif char == "#":
                end = self.pattern.find("\n", self.at)
                self.at = len(self.pattern) if end < 0 else end + 1
            else:
                break
        return self.at > start

    def error(self, why: str, place: int | None = None) -> UsageError:
        return refused(self.pattern, self.at if place is None else place, why)

    def _push(self, node: Node) -> None:
        self._groups[-1].parts.append(node)

    def _open(self) -> None:
        rest = self.pattern[self.at + 1 : self.at + 5]
        for start, name in _UNSUPPORTED_GROUPS.items():
            if rest.startswith(start):
                advice = next((text for key, text in _ADVICE.items() if key in name), "leave it out")
                raise self.error(f"{name}: not supported; {advice}")
        if len(self._groups) > MAX_DEPTH:
            raise self.error(f"groups are nested more than {MAX_DEPTH} deep; make the pattern flatter")
        self.at += 1
        group = _OpenGroup(self.flags)
        if rest.startswith(("?P<", "?<")):
            self.at += 3 if rest[1] == "P" else 2
            self._name()
        elif rest.startswith("?"):
            self.at += 1
            ends = self._set_flags()
            if ends:  # the flags hold up to the end of the enclosing group
                self._push(_FLAGS_ONLY)
                return
        self._groups.append(group)

    def _name(self) -> None:
        found = _GROUP_NAME.match(self.pattern, self.at)
        end = found.end() if found else self.at
        if found is None or self.pattern[end : end + 1] != ">":
            raise self.error("a group's name consists of letters, digits and underscores: (?<name>...)")
        if found[0] in self._names:
            raise self.error(f"two groups have the name {found[0]!r}; rename one of them")
        self._names.add(found[0])
        self.at = end + 1

    def _set_flags(self) -> bool:
        """Read flags up to `)` or `:`. Returns whether they ended with `)`."""
        values, on, seen = dict[str, bool](), True, ""
        while True:
            char = self.pattern[self.at : self.at + 1]
            if char == "":
                raise self.error("unclosed group; write \\( for a parenthesis")
            if char in ":)" and not (seen.endswith("-") or (char == ")" and not seen)):
                break
            if char == "-" and on:
                on = False
            elif char in _FLAGS and char not in values:
                values[char] = on
            else:
                raise self.error(f"unknown group (?{seen}{char}; use (?:...) or flags such as (?i)")
            seen += char
            self.at += 1
        if values.get("R"):
            raise self.error("the flag R (CRLF) is not supported; write \\r?$ for the end of a line")
        now = self.flags
        self.flags = Flags(
            values.get("i", now.ignore_case),
            values.get("U", now.swap_greed),
            values.get("u", now.unicode),
            values.get("x", now.verbose),
        )
        self.at += 1
        return char == ")"

    def _close(self) -> Node:
        group = self._groups.pop()
        self.flags = group.outer
        node = group.node()
        return Sequence() if node is _FLAGS_ONLY else node

    def _repeat(self, char: str) -> None:
        parts, start = self._groups[-1].parts, self.at
        if not parts or parts[-1] is _FLAGS_ONLY:
            raise self.error(f"nothing to repeat before {char}; write \\{char} for the character itself")
        if char == "{":
            least, most = self._counts()
        else:
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[char]
            self.at += 1
        greedy = not self.flags.swap_greed
        if self.flags.verbose:
            self.skip_space()
        if self.pattern[self.at : self.at + 1] == "?":
            greedy = not greedy
            self.at += 1
        if most is not None and least > most:
            raise self.error(f"the counts of {self.pattern[start : self.at]} are in the wrong order", start)
        part = parts.pop()
        parts.append(Repeat(part, least, most, greedy))

    def _counts(self) -> tuple[int, int | None]:
        found = _COUNTS.match(self.pattern, self.at)
        if found is None:
            raise self.error("not a repetition such as {2} or {2,5}; write \\{ for a brace")
        if len(found[1]) > 9 or len(found[3]) > 9:
            raise self.error("a repetition counts too far; RE2 counts to 1,000 at most")
        self.at = found.end()
        least = int(found[1])
        return least, least if not found[2] else int(found[3]) if found[3] else None

    def _atom(self, char: str) -> Node:
        if char == "[":
            return Chars(self._without_line_end(self.bracketed()))
        if char == "\\":
            return self._escape()
        self.at += 1
        if char == ".":
            if not self.flags.unicode:
                raise self.error("(?-u) with . would match parts of characters; leave (?-u) out")
            return Chars(cp.difference(cp.EVERY, cp.LINE_FEED))
        if char == "^":
            return Assertion(Look.START)
        if char == "$":
            return Assertion(Look.END)
        return self._literal(ord(char))

    def _literal(self, point: int) -> Node:
        if point == 10:
            raise self.error(_NO_LINE_END)
        self.case.note(point)
        return Chars(self.folded(((point, point),)))

    def folded(self, points: CodePoints) -> CodePoints:
        """A set as the flags want it, in both cases or not."""
        return cp.with_other_case(points, unicode=self.flags.unicode) if self.flags.ignore_case else points

    def _without_line_end(self, points: CodePoints) -> CodePoints:
        if points == cp.LINE_FEED:
            raise self.error(_NO_LINE_END)
        return cp.difference(points, cp.LINE_FEED) if points and points[0][0] <= 10 else points

    def _escape(self) -> Node:
        start, char = self.at, self.pattern[self.at + 1 : self.at + 2]
        if char in ("A", "z"):
            self.at += 2
            return Assertion(Look.START if char == "A" else Look.END)
        if char and char in "bB<>":
            return Assertion(self._word_look(char))
        points = self.class_escape()
        if points is not None:
            return Chars(self._without_line_end(points))
        return self._literal(self.escaped_character(start))

    def _word_look(self, char: str) -> Look:
        self.at += 2
        if char == "b" and self.pattern[self.at : self.at + 1] == "{":
            for text, look in _WORD_LOOKS.items():
                if self.pattern.startswith(text, self.at):
                    self.at += len(text)
                    return self._unicode_look(look)
            if not _COUNTS.match(self.pattern, self.at):
                raise self.error(
                    "unknown assertion; one of: " + ", ".join("\\b" + name for name in _WORD_LOOKS)
                )
        if char in "<>":
            return self._unicode_look(Look.WORD_START if char == "<" else Look.WORD_END)
        if self.flags.unicode:
            return Look.WORD_BOUNDARY if char == "b" else Look.NO_WORD_BOUNDARY
        return Look.ASCII_WORD_BOUNDARY if char == "b" else Look.NO_ASCII_WORD_BOUNDARY

    def _unicode_look(self, look: Look) -> Look:
        if not self.flags.unicode:
            raise self.error("this assertion is not supported under (?-u); use \\b, or leave (?-u) out")
        return look
