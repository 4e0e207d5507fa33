"""Replaces text that is known to confuse a grammar by spaces, before parsing.

All functions keep the length of the text, so that offsets stay valid. Only the parser reads the result.
Fragments are cut from the original text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from . import macros
from .macros import Range
from .profiles import LanguageProfile

_NOT_LINE_END = re.compile(rb"[^\r\n]")


def blank(text: bytes, ranges: list[Range]) -> bytes:
    """`text`, with a space in the place of each byte in the half-open `ranges`. Line ends stay."""
    parts, position = [], 0
    for start, end in ranges:
        if end > position:
            first = max(start, position)
            parts += [text[position:first], _NOT_LINE_END.sub(b" ", text[first:end])]
            position = end
    return b"".join([*parts, text[position:]])


def masked(text: bytes, language: LanguageProfile) -> bytes:
    """The text to parse: `text`, with a mask over everything that is known to confuse the grammar."""
    if b"<<<<<<<" in text or b">>>>>>>" in text:
        text = blank(text, list(_conflicts(text)))
    text = sanitized(blank(text, hidden_annotations(text, language)), language)
    find, rewrite = _HIDDEN.get(language.name, ()), _REWRITTEN.get(language.name)
    if not find and rewrite is None:
        return text
    # Patterns that match at the start of a line begin with the preceding line end, which is fast to find. The
    # text must therefore begin with a line end.
    text = b"\n" + text
    for ranges in find:
        text = blank(text, ranges(text))
    return (rewrite(text) if rewrite else text)[1:]


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
    text = _RUST_MACRO.sub(lambda macro: _as_module(macro, 1), text)
    text = _RUST_BRANCH.sub(lambda branch: _as_module(branch, 1 if branch[1] else 2), text)
    return blank(text, [match.span(1 if match[1] else 2) for match in _RUST_NOT_RUST.finditer(text)])


def _as_module(match: re.Match[bytes], group: int) -> bytes:
    """The match, with a group replaced by a module's head of the same length."""
    start, end = match.span(group)
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
    if language.name != "kotlin" or b"@" not in text:
        return []
    return [match.span() for match in _KOTLIN_ANNOTATION.finditer(text)]


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


def _sql_schemas(text: bytes) -> list[Range]:
    return [schema.span() for schema in _SQL_EXTENSION_SCHEMA.finditer(text)]


_HIDDEN: dict[str, tuple[Callable[[bytes], list[Range]], ...]] = {
    "c": macros.OF_C,
    "cpp": macros.OF_CPP,
    "sql": (_sql_bodies, _sql_schemas),
}
"""For each language, the functions that find the ranges to blank. They are called one after the other."""
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
    directives: list[Range] = []
    dropped: list[Range] = []
    # For each open `#if`, a list of its branches. A branch is a tuple: the start, the end, and whether the
    # condition of the branch can be true.
    stack: list[list[tuple[int, int, bool]]] = []
    for match in _DIRECTIVE.finditer(text):
        word = match[1]
        directives.append(match.span())
        if word.startswith(b"if"):
            stack.append([(match.end(), -1, _NEVER.match(match[2]) is None)])
        elif stack:
            start, _, holds = stack[-1][-1]
            stack[-1][-1] = (start, match.start(), holds)
            if word == b"endif":
                dropped += _others(stack.pop(), first=first)
            else:
                stack[-1].append((match.end(), -1, word == b"else" or _NEVER.match(match[2]) is None))
    dropped.sort()
    return blank(text, sorted([*directives, *dropped])), dropped


def _others(group: list[tuple[int, int, bool]], *, first: bool) -> list[Range]:
    possible = [branch for branch in group if branch[2]] or group
    kept = possible[0 if first else -1]
    return [(start, end) for start, end, holds in group if (start, end, holds) != kept]
