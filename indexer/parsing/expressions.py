"""Reduces expressions and types to paths of names, in one notation for all languages.

A path is a list of names with dots between them; `()` behind a name is a call or the making of an object:
`self.app.connection().channel`. A path that begins with `:` stands for a value of that type. Arguments and
indexes are left out. What is no such path becomes UNKNOWN or, if its type is one of the language's own,
BUILT_IN.
"""

from __future__ import annotations

import re

UNKNOWN = "?"
"""An expression that is not followed."""
BUILT_IN = "'"
"""A literal: no definition of a repository has its methods."""
TYPED = ":"
"""The sign before a path that is a type."""

_LONGEST = 400
_PATH = re.compile(r"[\w$@]+(?:\(\))?(?:\.[\w$@#]+(?:\(\))?)*")
_LITERAL = re.compile(r"""[bBrRfFuU]{0,2}["'`]|\d|\[|(?:true|false|null|nil|None|True|False|undefined)\b""")
_LEADS = re.compile(
    r"(?:await|new|co_await|&mut|mut|const|final|static|readonly|struct|class|dyn|impl|ref|out|typeof|unsigned)\b\s*|[&*!]+"
)
_JOINTS = re.compile(r"\s*(?:\?\.|!\.|->|::|\.)\s*|\\")
_SPACE = re.compile(r"\s+")
_GENERICS = re.compile(r"<[^<>()]*>")
_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_WRAPPERS = re.compile(
    r"(?:[\w.:]*[.:])?(?:Optional|Awaitable|Coroutine|Annotated|Final|ClassVar|Promise|Option|Box|Arc|Rc|RefCell|"
    r"Mutex|RwLock|Result|Pin|Cow|shared_ptr|unique_ptr|weak_ptr|Ref|Readonly|Partial|Required)[\[<](.*)[\]>]"
)
_NOTHING = frozenset({"None", "null", "undefined", "nil", "void", "()"})


def path_of(text: str) -> str:
    """The path of an expression. Returns UNKNOWN or BUILT_IN if it has none."""
    text = text.strip()[: _LONGEST + 1]
    if len(text) > _LONGEST:
        return UNKNOWN
    while True:
        lead = _LEADS.match(text)
        if lead and lead.end() < len(text):
            text = text[lead.end() :].lstrip()
        elif text.startswith("(") and _closing(text, 0) == len(text) - 1:
            text = _without_cast(text[1:-1].strip())
        else:
            break
    if text.startswith("(") and (end := _closing(text, 0)) > 0:  # what is in parentheses has a member
        inner = path_of(text[1:end])
        if inner in (UNKNOWN, BUILT_IN):
            return inner
        text = inner + text[end + 1 :]
    if _LITERAL.match(text):
        return BUILT_IN if _closing_literal(text) else UNKNOWN
    text = _JOINTS.sub(".", _GENERICS.sub("", _emptied(text)))
    text = _SPACE.sub("", text).removeprefix(".").removesuffix("?").removesuffix("!")
    return text if _PATH.fullmatch(text) else UNKNOWN


def type_of(text: str) -> str:
    """The path of a type, with TYPED before it. Returns UNKNOWN if it names no class."""
    text = text.strip().strip("\"'").rstrip("&* ")
    for _ in range(4):
        parts = [part.strip() for part in _alternatives(text) if part.strip() not in _NOTHING]
        if len(parts) != 1:
            return UNKNOWN
        text = parts[0]
        wrapped = _WRAPPERS.fullmatch(text.lstrip("&* "))
        if wrapped is None:
            break
        text = _first(wrapped[1])
    if "=>" in text or text.startswith(("func", "{", "(", "fn(")):
        return UNKNOWN
    if text.startswith(("[", "map[", "chan ")) or text.endswith("[]"):
        return BUILT_IN
    text = text.split("<", 1)[0].split("[", 1)[0]
    if text.startswith("&"):
        text = re.sub(r"^&\s*(?:'\w+\s+)?", "", text)
    found = path_of(text)
    return found if found in (UNKNOWN, BUILT_IN) or "(" in found else TYPED + found


def _emptied(text: str) -> str:
    """The text without arguments: `a(b, c)` becomes `a()`, and so does `a{b}`. An index ends the path."""
    kept, at = [], 0
    while at < len(text):
        char = text[at]
        if char in _CLOSERS:
            end = _closing(text, at)
            if end < 0 or char == "[":
                return UNKNOWN
            kept.append("()")
            at = end
        else:
            kept.append(char)
        at += 1
    return "".join(kept)


def _closing(text: str, start: int) -> int:
    """The place of the bracket that closes the one at `start`, or -1. Brackets in strings do not count."""
    expected, at = [_CLOSERS[text[start]]], start + 1
    while at < len(text):
        char = text[at]
        if char in _CLOSERS:
            expected.append(_CLOSERS[char])
        elif char == expected[-1]:
            expected.pop()
            if not expected:
                return at
        elif char in "\"'`":
            end = text.find(char, at + 1)
            while end > 0 and text[end - 1] == "\\":
                end = text.find(char, end + 1)
            at = end if end > 0 else at
        at += 1
    return -1


def _without_cast(text: str) -> str:
    """What is left of `x as T`."""
    return re.split(r"\s+as\s+", text, maxsplit=1)[0]


def _closing_literal(text: str) -> bool:
    """Whether a text that begins with a literal is one."""
    if text[0] == "[":
        return _closing(text, 0) == len(text) - 1
    return not re.search(r"[\w\])]\s*(?:\.|->)\s*\w+\s*\($", text)


def _alternatives(text: str) -> list[str]:
    """The parts of a union type."""
    parts, depth, start = [], 0, 0
    for at, char in enumerate(text):
        depth += (char in "[(<{") - (char in "])>}")
        if char == "|" and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]


def _first(text: str) -> str:
    """The first of several type arguments."""
    depth = 0
    for at, char in enumerate(text):
        depth += (char in "[(<{") - (char in "])>}")
        if char == "," and depth == 0:
            return text[:at].strip()
    return text.strip()
