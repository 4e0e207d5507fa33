"""Replaces text that is known to confuse a grammar by spaces, before parsing.

All functions keep the length of the text, so that offsets stay valid. Only the parser reads the result.
Fragments are cut from the original text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from . import macros
from .macros import Mask, Range
from .profiles import LanguageProfile

_NOT_LINE_END = re.compile(rb"[^\r\n]")


def blank(text: bytes, ranges: Iterable[Range]) -> bytes:
    """`text`, with a space in the place of each byte in the half-open `ranges`. Line ends stay."""
    parts, position = [], 0
    for start, end in sorted(ranges):
        if end > position:
            first = max(start, position)
            parts += [text[position:first], _NOT_LINE_END.sub(b" ", text[first:end])]
            position = end
    return b"".join([*parts, text[position:]])


def masked(text: bytes, language: LanguageProfile) -> bytes:
    """The text to parse: `text`, with a mask over everything that is known to confuse the grammar."""
    if b"<<<<<<<" in text or b">>>>>>>" in text:
        text = blank(text, _conflicts(text))
    # Patterns that match at the start of a line begin with the preceding line end, which is fast to find. The
    # text must therefore begin with a line end.
    text = b"\n" + sanitized(text, language)
    for mask in _HIDDEN.get(language.name, ()):
        text = blank(text, mask(text) if callable(mask) else _spans(mask, text))
    rewrite = _REWRITTEN.get(language.name)
    return (rewrite(text) if rewrite else text)[1:]


def _spans(pattern: re.Pattern[bytes], text: bytes) -> list[Range]:
    """The range of the last group of each match. Of a pattern without groups, the ranges of its matches."""
    return [match.span(match.lastindex or 0) for match in pattern.finditer(text)]


_CONFLICT_MARKER = re.compile(rb"^(?:(<{7})|(\|{7})|(={7})|(>{7}))(?: [^\n]*|\r?)$\n?", re.MULTILINE)


def _conflicts(text: bytes) -> Iterator[Range]:
    """The ranges of the markers of merge conflicts, and of all sides of a conflict except the first side."""
    opened, dropped = False, -1
    for marker in _CONFLICT_MARKER.finditer(text):
        opens, base, separator, closes = marker.groups()
        if opens:
            opened, dropped = True, -1
            yield marker.span()
        elif closes:
            yield (dropped if opened and dropped >= 0 else marker.start()), marker.end()
            opened, dropped = False, -1
        elif opened and (base or separator) and dropped < 0:
            dropped = marker.start()


# Bash's scanner looks up the character after a brace in a table of 256 entries. It crashes if the character
# is not in the table.
_ASCII = bytes(range(128)) + b"_" * 128


def sanitized(text: bytes, language: LanguageProfile) -> bytes:
    """The text, with `_` in the place of each byte that could crash the parser of the language."""
    return text if language.name != "bash" or text.isascii() else text.translate(_ASCII)


# Matches macros around items: `cfg_net! { fn ... }`, `cfg_if! { if #[cfg(unix)] { ... } else { ... } }`,
# `bitflags! { struct ... }`.
_RUST_MACRO = re.compile(
    rb"\n[ \t]*((?:\w+::)*(?!macro_rules)\w+!)[ \t]*\{[ \t]*(?://[^\n]*)?\r?\n"
    rb"(?=\s*(?:(?://[^\n]*\n|\#!?\[[^\n]*\n)\s*)*(?:pub\b|(?:unsafe |async |const |extern )*fn\b"
    rb"|struct\b|enum\b|impl\b|mod\b"
    rb"|static\b|const\b|trait\b|type\b|use\b|if[ \t]+\#\[cfg))"
)
_RUST_BRANCH = re.compile(
    rb"((?:else[ \t]+)?if[ \t]+\#\[cfg[^\n]*\])(?=[ \t]*\{)|\}[ \t]*(else[ \t])[ \t]*(?=\{)"
)
_RUST_NOT_RUST = re.compile(rb"\bstruct[ \t]+\w+([ \t]*:[ \t]*[\w:]+)(?=[ \t]*\{)|\bstatic([ \t]+ref)\b")


def _rust_macros(text: bytes) -> bytes:
    """Turn macros that contain items into modules, so that the items are found."""
    if b"!" not in text or not _RUST_MACRO.search(text):
        return text
    text = _RUST_BRANCH.sub(_as_module, _RUST_MACRO.sub(_as_module, text))
    return blank(text, _spans(_RUST_NOT_RUST, text))


def _as_module(match: re.Match[bytes]) -> bytes:
    """The match, with its last group replaced by a module's head of the same length."""
    start, end = match.span(match.lastindex or 0)
    head = b"mod " + b"a" * (end - start - 4)
    return match[0][: start - match.start()] + head + match[0][end - match.start() :]


# Text between dollar quotes is in another language. The grammar takes long to recover from errors there.
_SQL_BODY = re.compile(rb"\$(\w*)\$((?:.*?(?=\$\1\$)|.*\Z))", re.DOTALL)
_SQL_PROCEDURAL = re.compile(rb"\b(?:BEGIN|DECLARE)\b", re.IGNORECASE)


def _sql_bodies(text: bytes) -> list[Range]:
    return [body.span(2) for body in _SQL_BODY.finditer(text) if _SQL_PROCEDURAL.search(body[2])]


# Kotlin's grammar takes an annotation on a line of its own and the class below it for a single expression.
_KOTLIN_ANNOTATION = re.compile(
    rb"^[ \t]*@[\w.:]+(?:<[^<>\n]*>)?(?:\((?:[^()\"]|\"(?:[^\"\\\n]|\\.)*\"|\([^()]*\))*\))?[ \t]*\r?$",
    re.MULTILINE,
)


def hidden_annotations(text: bytes, language: LanguageProfile) -> list[Range]:
    """The ranges of annotations that stand on lines of their own, in Kotlin. Empty for other languages."""
    return _spans(_KOTLIN_ANNOTATION, text) if language.name == "kotlin" and b"@" in text else []


# Kotlin's grammar requires a separator between the last member of a class and a closing brace on one line.
_KOTLIN_CLASS_LINE = re.compile(
    rb"^[ \t]*(?:\w+[ \t]+)*?(?:class|interface|object)\b[^\n{]*\{[^\n]*[^\s{][ \t]\}[^\n]*$", re.MULTILINE
)
_KOTLIN_LAST = re.compile(rb"\"(?:\\.|[^\"\\\n])*\"|(?<=[^\s{;,])(?<!->)([ \t])(?=[ \t]*\})")


def _kotlin_members(text: bytes) -> bytes:
    """Put a semicolon after the last member of one-line classes."""

    def separated(line: re.Match[bytes]) -> bytes:
        return _KOTLIN_LAST.sub(lambda found: b";" if found[1] else found[0], line[0])

    return _KOTLIN_CLASS_LINE.sub(separated, text)


# A schema that PostgreSQL fills in when it installs an extension: `CREATE TABLE @extschema@.config`.
_SQL_EXTENSION_SCHEMA = re.compile(rb"@\w+@\.")

_HIDDEN: dict[str, tuple[Mask, ...]] = {
    "c": macros.OF_C,
    "cpp": macros.OF_CPP,
    "kotlin": (_KOTLIN_ANNOTATION,),
    "sql": (_sql_bodies, _SQL_EXTENSION_SCHEMA),
}
"""For each language, what finds the ranges to blank. The masks are applied one after the other."""
_REWRITTEN: dict[str, Callable[[bytes], bytes]] = {"kotlin": _kotlin_members, "rust": _rust_macros}


# Conditional compilation.

_DIRECTIVE = re.compile(
    rb"^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|elifdef|elifndef|elseif|else|endif)\b((?:[^\\\n]|\\\r?\n|\\.)*)$",
    re.MULTILINE,
)
_NEVER = re.compile(rb"[ \t(]*(?:0|false)[ \t)]*(?:/[/*].*)?\r?$")


def branches(text: bytes, *, first: bool) -> tuple[bytes, list[Range]]:
    """The text with one branch of each `#if` and no directives, and the byte ranges of the other branches.

    If `first` is true, the first branch of each `#if` stays; otherwise, the last branch stays. A branch with
    a condition like `#if 0` stays only if the `#if` has no other branch.
    """
    directives = list(_DIRECTIVE.finditer(text))
    dropped: list[Range] = []
    stack: list[list[re.Match[bytes]]] = []  # for each open `#if`, its directives so far
    for match in directives:
        if match[1].startswith(b"if"):
            stack.append([match])
        elif stack:
            stack[-1].append(match)
            if match[1] == b"endif":
                dropped += _others(stack.pop(), first=first)
    dropped.sort()
    return blank(text, [*(match.span() for match in directives), *dropped]), dropped


def _others(directives: list[re.Match[bytes]], *, first: bool) -> list[Range]:
    """The ranges of the branches of an `#if` apart from the branch that stays."""
    every = [(match.end(), after.start()) for match, after in pairwise(directives)]
    possible = [
        branch
        for branch, match in zip(every, directives, strict=False)
        if match[1] == b"else" or _NEVER.match(match[2]) is None
    ]
    kept = (possible or every)[0 if first else -1]
    return [branch for branch in every if branch != kept]
