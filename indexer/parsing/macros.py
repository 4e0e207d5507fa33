"""Finds the macros of C and C++ where the grammar expects a type, a name or a declaration."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

Range = tuple[int, int]
Mask = re.Pattern[bytes] | Callable[[bytes], Iterable[Range]]
"""Finds half-open byte ranges to blank, in a text that begins with a line end.

Of each match of a pattern, its last group that took part is blanked, or the whole match if it has no groups.
"""

_CAPITALS = rb"[A-Z_][A-Z0-9_]+"
_CODE = rb"/\*[^*]*+(?:\*(?!/)[^*]*+)*+\*/|[^();\"'/]++|/|\"(?:\\.|[^\"\\\n])*+\"|'(?:\\.|[^'\\\n])++'"
# Matches a macro around an initial value, with up to three levels of brackets inside:
# `EXTERN int count INIT(= 0);`. Its parts to blank, `INIT(` and `)`, are the groups.
_INITIAL = re.compile(
    rb"\b([A-Z_][A-Z0-9_]++[ \t]*+\()\s*+=(?!=)"
    rb"(?:"
    + _CODE
    + rb"|\((?:"
    + _CODE
    + rb"|\((?:"
    + _CODE
    + rb"|\((?:"
    + _CODE
    + rb")*+\))*+\))*+\))*+(\))"
)
# Matches a macro before a typed variable: `EXTERN char_u *name;`, `MOD_API int (*start)(void);`.
_FRONT = re.compile(
    rb"\n[ \t]*+([A-Z_][A-Z0-9_]++)[ \t]++"
    rb"(?:(?:const|volatile|static|struct|union|enum|unsigned|signed|long|short)\s++)*"
    rb"(?!(?:const|volatile|static|register)\b)[A-Za-z_]\w*+(?:[ \t]*+\*[ \t*]*+|[ \t]++)"
    rb"(?:[A-Za-z_]\w*+[ \t]*+(?:[;=\[,]|[A-Z_][A-Z0-9_]*+[ \t]*+\(\s*=)|\(\s*\*)"
)
# Matches macros after a function pointer: `void (*stop)(int) MOD_ATTR;`.
_POINTER_TAIL = re.compile(
    rb"\(\s*\*+\s*\w+\s*\)\s*\((?:[^();{}]|\([^();{}]*\))*\)\s+"
    rb"((?:" + _CAPITALS + rb"(?:[ \t]*\([^();{}]*\))?\s*)+);"
)
# Matches a macro after a parameter's name: `int argc UNUSED`.
_PARAMETER_TAIL = re.compile(
    rb"[(,]\s*+(?:(?:const|volatile|struct|union|enum|unsigned|signed|register)[ \t]++)*"
    rb"(?!(?:return|case)\b)[A-Za-z_]\w*+(?:[ \t]*+\*[ \t*]*+|[ \t]++)(?!(?:const|long|int|short|char)\b)"
    rb"[a-z_]\w*+(?:[ \t]*+\[\w*+\])?[ \t]++([A-Z_][A-Z0-9_]++)(?=\s*[,)])"
)
_WORD = rb"[A-Za-z_]\w*"
# Matches the end of a line and the indentation of the next line. A line that ends with a backslash, as in a
# long `#define`, is not matched.
_LINE_START = rb"\n(?<!\\\n)(?<!\\\r\n)[ \t]*+"
# Matches macros between the keyword and the name: `class GRID_API Tile`, `struct alignas(8) PACKED(4) Node`.
_CLASS_MACROS = re.compile(
    rb"\b(?:class|struct|union|enum(?:[ \t]+(?:class|struct))?)[ \t]+"
    rb"((?:(?:" + _CAPITALS + rb"|\w+_(?:EXPORT|API|export|api))\b(?:[ \t]*\([^()\n;{}]*\))?\s+)+)"
    rb"(?=" + _WORD + rb"(?:::\w+)*(?:<[^;{}\n]*>)?\s*(?:final\s*)?[:{])"
)
# Matches Qt's access labels.
_QT_LABELS = re.compile(
    rb"\n[ \t]*(?:(?:public|protected|private)[ \t]+(slots|Q_SLOTS)(?=[ \t]*:(?!:))"
    rb"|((?:signals|Q_SIGNALS|slots|Q_SLOTS)[ \t]*:(?!:)))"
)
# Matches a macro on a line of its own, with or without arguments.
_MACRO_LINE = re.compile(
    _LINE_START + rb"(" + _CAPITALS + rb"(?:[ \t]*\((?:[^();{}\n]|\([^();{}\n]*\))*\))?)[ \t]*\r?$",
    re.MULTILINE,
)
_BEFORE_MACRO = (b"", b";", b"{", b"}", b":", b"/")
_AFTER_MACRO = re.compile(rb"\s*(?:\Z|//|/\*|\#|~?[A-Za-z_])")
_AFTER_LAST_MACRO = re.compile(rb"\s*(?:\Z|//|/\*|\#|~?[A-Za-z_]|\})")
# Matches a macro with a string argument before a block, as in test frameworks: `TEST_CASE("adds") {`. The
# grammar takes such a macro for a call that lacks a semicolon.
_BLOCK_MACRO = re.compile(
    _LINE_START + rb"([A-Z]\w*[ \t]*\((?=[^(){}]*\")(?:[^();{}\"]|\"(?:\\.|[^\"\\\n])*\"|\([^();{}\n]*\))*\))"
    rb"(?=\s*\{)"
)
# `_HEAD` (below) matches words before a function's name at the start of a line: qualifiers, macros, the type.
# The lookahead in `_NO_HEAD` rejects other lines early, which saves most of the time.
_NO_HEAD = (
    rb"(?!(?:return|if|else|for|while|switch|case|goto|delete|throw|do|typedef|using|new|template|namespace"
    rb"|public|private|protected|default)\b)(?=[\w\s*&:<,>~.\[\]]{3,500}+[^(\n;]{0,3}\()"
)
_NO_NAME = (
    rb"(?!(?:noexcept|throw|requires|alignas|const|volatile|override|final|__attribute__|__declspec)\b)"
)
_HEAD_WORD = _WORD + rb"(?:::\w+)*(?:<[^<>;(){}\n]*>)?(?:::\w+)*(?:[ \t]*\([^();{}\n]*\))?[\s*&]+"
_NAME = rb"(~?" + _WORD + rb"(?:::~?\w+)*|\w+(?:::\w+)*::operator\b[^(\n]{1,3})[ \t]*\("
_HEAD = re.compile(
    _LINE_START + rb"[ \t]*+" + _NO_HEAD + rb"((?:" + _HEAD_WORD + rb"){2,7})" + _NO_NAME + _NAME
)
_TOKEN = re.compile(_WORD + rb"(?:::\w+)*(?:<[^<>;(){}\n]*>)?(?:::\w+)*(?:[ \t]*(\()([^();{}\n]*)\))?")
_QUALIFIERS = frozenset(
    b"static inline extern const volatile constexpr consteval constinit virtual explicit friend register "
    b"restrict mutable thread_local signed unsigned long short struct class union enum typename auto "
    b"_Noreturn __inline __inline__ __restrict __extension__ __attribute__ __declspec alignas".split()
)
_TYPES = frozenset(b"void int char float double bool _Bool wchar_t signed unsigned long short auto".split())
_TAGS = frozenset(b"struct class union enum typename".split())
_STATEMENTS = frozenset(
    b"return else case goto throw new delete typedef using if while for switch do sizeof operator template "
    b"namespace co_return co_await co_yield default public private protected requires concept import export "
    b"module asm and or not catch try static_assert decltype".split()
)
# Matches a macro before a parameter's type: `CONST char *name`, `IN DWORD size`.
_PARAMETER_MACRO = re.compile(
    rb"[(,]\s*([A-Z_][A-Z0-9_]+)(?=\s+(?:const\s+|struct\s+|unsigned\s+|signed\s+)*"
    rb"(?!(?:const|volatile)\b)\w+[\s*&]+\w+\s*[,)\[=])"
)

# Matches a calling convention in a pointer to a function: `typedef DWORD (WINAPI *Query)(HANDLE)`.
_POINTER_HEAD = re.compile(rb"\(\s*+([A-Z_][A-Z0-9_]++)\s++\*\s*+\w++\s*+\)\s*+\(")

_ARGUMENTS = rb"(?:[ \t]*\((?:[^(){};]|\([^(){};]*\))*\))"
_ANNOTATION = rb"[A-Z_]*(?:ACQUIRE|ATTR|EXCLUDE|GUARD|LOCK|RELEASE|REQUIRE|THREAD|UNUSED|WARN)[A-Z0-9_]*"
"""An annotation: the name of a macro that describes the function or variable before the macro."""
# Matches macros after the parameters of a function: `void wait(int s) const LOCKS_EXCLUDED(mu_) {`. A macro
# on a line of its own counts only if it is an annotation. Another macro may begin the next definition.
_FUNCTION_TAIL = re.compile(
    rb"\)(?:\s*(?:const|noexcept|override|final|volatile|&&?))*+"
    rb"((?>(?:[ \t]+" + _CAPITALS + rb"|\s+" + _ANNOTATION + rb")\b" + _ARGUMENTS + rb"?)++)"
    rb"(?=\s*(?:[{;=]|:(?!:)|override\b|final\b))"
)
# The next two patterns match a macro after the name of a variable or field, and the text before the macro:
# `int count_ GUARDED_BY(mu_);`.
_VARIABLE_TAIL = re.compile(rb"[\w\]]\s+(" + _ANNOTATION + _ARGUMENTS + rb")(?=\s*[;={])")
_VARIABLE = re.compile(
    rb"\n[ \t]*+(?!(?:return|else|case|goto|throw|delete|using|typedef|new)\b)[\w:<>,*& \t]+[ \t*&>]"
    rb"(?!(?:bool|char|const|double|float|int|long|short|signed|unsigned|void)\b)"
    rb"[A-Za-z_]\w*(?:\[[^\]\n]*\])*\Z"
)
_MAX_VARIABLE_BYTES = 200
# Matches attributes of GCC and Clang. The grammar does not accept them everywhere that compilers do.
_ATTRIBUTE = re.compile(rb"__attribute(?:__)?[ \t]*\(\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\)")


def _macro_lines(text: bytes) -> Iterator[Range]:
    """Macros on a line of their own, without semicolon, where a declaration or a statement may stand."""
    for match in _MACRO_LINE.finditer(text):
        before = _last_significant(text, match.start())
        after = _AFTER_LAST_MACRO if before in {b";", b"}"} else _AFTER_MACRO
        if before in _BEFORE_MACRO and after.match(text, match.end()):
            yield match.span(1)


def _last_significant(text: bytes, position: int) -> bytes:
    """The last byte of code before `position`.

    Returns b"" if a directive or the start of the text comes before `position`. Returns b"/" if a block
    comment comes before `position`.
    """
    while True:
        tail = text[max(0, position - 4096) : position]
        head = tail.rstrip()
        if not head:
            return b""
        start = head.rfind(b"\n") + 1
        while start and head[:start].rstrip(b"\r\n").endswith(b"\\"):  # This line continues the line above.
            start = head.rfind(b"\n", 0, start - 1) + 1
        line = head[start:]
        stripped = line.lstrip()
        if stripped.startswith(b"//"):
            position -= len(tail) - len(head) + len(line)
            continue
        if stripped.startswith(b"#"):
            return b""
        code = line.partition(b"//")[0].rstrip() if b"://" not in line else line
        return code[-1:] or line[-1:]


def _head_macros(text: bytes) -> Iterator[Range]:
    """Macros before a function's name: `GRID_API status_t open(`, `int __init start(`."""
    for head in _HEAD.finditer(text):
        tokens = list(_TOKEN.finditer(text, *head.span(1)))
        words = [token[0].partition(b"(")[0].strip() for token in tokens]
        if not _STATEMENTS.isdisjoint(words) or head[2] in _STATEMENTS:
            continue
        unknown = [
            token
            for token, word, before in zip(tokens, words, [b"", *words], strict=False)
            if word not in _QUALIFIERS and word not in _TYPES and before not in _TAGS
        ]
        typed = not _TYPES.isdisjoint(words) or not _TAGS.isdisjoint(words)
        for token in unknown if typed else unknown[:-1]:
            yield token.span()


def _variable_tails(text: bytes) -> Iterator[Range]:
    """Annotations after the name of a variable or field."""
    for match in _VARIABLE_TAIL.finditer(text):
        end = match.start() + 1
        line = text.rfind(b"\n", max(0, end - _MAX_VARIABLE_BYTES), end)
        if line >= 0 and _VARIABLE.match(text, line, end):
            yield match.span(1)


def _initials(text: bytes) -> Iterator[Range]:
    for match in _INITIAL.finditer(text):
        yield from (match.span(1), match.span(2))


OF_C: tuple[Mask, ...] = (
    _ATTRIBUTE, _CLASS_MACROS, _BLOCK_MACRO, _macro_lines, _POINTER_TAIL, _PARAMETER_TAIL, _FUNCTION_TAIL,
    _FRONT, _POINTER_HEAD, _variable_tails, _initials, _head_macros, _PARAMETER_MACRO,
)  # fmt: skip
OF_CPP = (*OF_C[:2], _QT_LABELS, *OF_C[2:])
"""The masks for C and C++, in the order in which they are applied.

Each gets the text in which the ranges that those before it have found are blank.
"""
