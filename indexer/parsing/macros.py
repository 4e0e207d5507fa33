"""Finds C macros around variables and parameters; the grammar takes them for types, names or calls."""

from __future__ import annotations

import re
from collections.abc import Iterator

Range = tuple[int, int]

_CAPITALS = rb"[A-Z_][A-Z0-9_]+"
# A macro around an initial value: `EXTERN int count INIT(= 0);`.
_INITIAL = re.compile(rb"\(\s*=[^=]")
_MACRO_END = re.compile(rb"\b[A-Z_][A-Z0-9_]+[ \t]*\Z")
_MAX_MACRO_BYTES = 64
_BRACKET = re.compile(rb"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])+'|([(){};])")
# A macro before a typed variable: `EXTERN char_u *name;`, `MOD_API int (*start)(void);`.
_FRONT = re.compile(
    rb"\n[ \t]*+([A-Z_][A-Z0-9_]++)[ \t]++"
    rb"(?:(?:const|volatile|static|struct|union|enum|unsigned|signed|long|short)\s++)*"
    rb"(?!(?:const|volatile|static|register)\b)[A-Za-z_]\w*+(?:[ \t]*+\*[ \t*]*+|[ \t]++)"
    rb"(?:[A-Za-z_]\w*+[ \t]*+(?:[;=\[,]|[A-Z_][A-Z0-9_]*+[ \t]*+\(\s*=)|\(\s*\*)"
)
# Macros after a function pointer: `void (*stop)(int) MOD_ATTR;`.
_POINTER_TAIL = re.compile(
    rb"\(\s*\*+\s*\w+\s*\)\s*\((?:[^();{}]|\([^();{}]*\))*\)\s+"
    rb"((?:" + _CAPITALS + rb"(?:[ \t]*\([^();{}]*\))?\s*)+);"
)
# A macro after a parameter's name: `int argc UNUSED`.
_PARAMETER_TAIL = re.compile(
    rb"[(,]\s*+(?:(?:const|volatile|struct|union|enum|unsigned|signed|register)[ \t]++)*"
    rb"(?!(?:return|case)\b)[A-Za-z_]\w*+(?:[ \t]*+\*[ \t*]*+|[ \t]++)(?!(?:const|long|int|short|char)\b)"
    rb"[a-z_]\w*+(?:[ \t]*+\[\w*+\])?[ \t]++([A-Z_][A-Z0-9_]++)(?=\s*[,)])"
)


def around_declarations(text: bytes) -> list[Range]:
    """The half-open byte ranges of these macros, in order; of `INIT(= 0)`, those of `INIT(` and `)`.

    The text must begin with a line end.
    """
    found = [
        match.span(1) for one in (_FRONT, _POINTER_TAIL, _PARAMETER_TAIL) for match in one.finditer(text)
    ]
    return sorted([*found, *_initials(text)])


def _initials(text: bytes) -> Iterator[Range]:
    for match in _INITIAL.finditer(text):
        inside = match.start() + 1
        macro = _MACRO_END.search(text, max(0, inside - 1 - _MAX_MACRO_BYTES), inside - 1)
        closing = _closing(text, inside) if macro is not None else None
        if macro is not None and closing is not None:
            yield macro.start(), inside
            yield closing, closing + 1


def _closing(text: bytes, start: int) -> int | None:
    """The position of the bracket that closes the one before `start`; None if a semicolon comes first."""
    depth = 1
    for token in _BRACKET.finditer(text, start):
        depth += (token[1] == b"(") - (token[1] == b")")
        if depth == 0:
            return token.start()
        if token[1] == b";":
            return None
    return None
