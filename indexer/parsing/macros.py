"""Finds C macros around functions, variables and parameters; the grammar takes them for names and calls."""

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

_ARGUMENTS = rb"(?:[ \t]*\((?:[^(){};]|\([^(){};]*\))*\))"
_ANNOTATION = rb"[A-Z_]*(?:ACQUIRE|ATTR|EXCLUDE|GUARD|LOCK|RELEASE|REQUIRE|THREAD|UNUSED|WARN)[A-Z0-9_]*"
"""A macro that describes the function or variable before it."""
# Macros after the parameters of a function: `void wait(int s) const LOCKS_EXCLUDED(mu_) {`. On a line of its
# own, a macro counts only if it is an annotation, because another macro may begin the next definition.
_FUNCTION_TAIL = re.compile(
    rb"\)(?:\s*(?:const|noexcept|override|final|volatile|&&?))*+"
    rb"((?:(?:[ \t]+" + _CAPITALS + rb"|\s+" + _ANNOTATION + rb")\b" + _ARGUMENTS + rb"?)+)"
    rb"(?=\s*(?:[{;=]|override\b|final\b))"
)
# A macro after the name of a variable or field, and what stands before it: `int count_ GUARDED_BY(mu_);`.
_VARIABLE_TAIL = re.compile(rb"[\w\]]\s+(" + _ANNOTATION + _ARGUMENTS + rb")(?=\s*[;={])")
_VARIABLE = re.compile(
    rb"\n[ \t]*+(?!(?:return|else|case|goto|throw|delete|using|typedef|new)\b)[\w:<>,*& \t]+[ \t*&>]"
    rb"(?!(?:bool|char|const|double|float|int|long|short|signed|unsigned|void)\b)"
    rb"[A-Za-z_]\w*(?:\[[^\]\n]*\])*\Z"
)
_MAX_VARIABLE_BYTES = 200


def around_declarations(text: bytes) -> list[Range]:
    """The half-open byte ranges of these macros, in order; of `INIT(= 0)`, those of `INIT(` and `)`.

    The text must begin with a line end.
    """
    found = [
        match.span(1)
        for one in (_FRONT, _POINTER_TAIL, _PARAMETER_TAIL, _FUNCTION_TAIL)
        for match in one.finditer(text)
    ]
    return sorted([*found, *_variable_tails(text), *_initials(text)])


def _variable_tails(text: bytes) -> Iterator[Range]:
    for match in _VARIABLE_TAIL.finditer(text):
        end = match.start() + 1
        line = text.rfind(b"\n", max(0, end - _MAX_VARIABLE_BYTES), end)
        if line >= 0 and _VARIABLE.match(text, line, end):
            yield match.span(1)


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
