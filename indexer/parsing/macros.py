"""Finds the macros of C and C++ where the grammar expects a type, a name or a declaration.

Each function returns half-open byte ranges in a text that begins with a line end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Range = tuple[int, int]

_CAPITALS = rb"[A-Z_][A-Z0-9_]+"
# Matches a part of a macro around an initial value: `EXTERN int count INIT(= 0);`.
_INITIAL = re.compile(rb"\(\s*=[^=]")
_MACRO_END = re.compile(rb"\b[A-Z_][A-Z0-9_]+[ \t]*\Z")
_MAX_MACRO_BYTES = 64
_BRACKET = re.compile(rb"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])+'|([(){};])")
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
    rb"(?:class|struct|union|enum(?:[ \t]+(?:class|struct))?)[ \t]+"
    rb"((?:(?:" + _CAPITALS + rb"|\w+_(?:EXPORT|API|export|api))\b(?:[ \t]*\([^()\n;{}]*\))?\s+)+)"
    rb"(?=" + _WORD + rb"(?:::\w+)*(?:<[^;{}\n]*>)?\s*(?:final\s*)?[:{])"
)
# Matches Qt's access labels.
_QT_LABELS = re.compile(
    rb"\n[ \t]*(?:(?:public|protected|private)[ \t]+(slots|Q_SLOTS)|(signals|Q_SIGNALS|slots|Q_SLOTS))[ \t]*"
    rb"(:)(?!:)"
)
# Matches a macro on a line of its own, with or without arguments.
_MACRO_LINE = re.compile(
    _LINE_START + rb"(" + _CAPITALS + rb"(?:[ \t]*\((?:[^();{}\n]|\([^();{}\n]*\))*\))?)[ \t]*\r?$",
    re.MULTILINE,
)
_BEFORE_MACRO = (b"", b";", b"{", b"}", b":", b"/")
_AFTER_MACRO = re.compile(rb"\s*(?:\Z|//|/\*|\#|~?[A-Za-z_])")
_AFTER_LAST_MACRO = re.compile(rb"\s*(?:\Z|//|/\*|\#|~?[A-Za-z_]|\})")
# Matches a macro with a string argument before a block, as in test frameworks: `TEST_CASE("adds") {`.
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
    rb"((?:(?:[ \t]+" + _CAPITALS + rb"|\s+" + _ANNOTATION + rb")\b" + _ARGUMENTS + rb"?)+)"
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
_ATTRIBUTE = re.compile(rb"\b__attribute(?:__)?[ \t]*\(\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\)")


def _attributes(text: bytes) -> list[Range]:
    if b"__attribute" not in text:
        return []
    return [match.span() for match in _ATTRIBUTE.finditer(text)]


def _class_macros(text: bytes) -> list[Range]:
    found = _CLASS_MACROS.finditer(text)
    return [match.span(1) for match in found if not _is_word(text[match.start() - 1])]


def _is_word(byte: int) -> bool:
    return byte == 95 or chr(byte).isalnum()


def _qt_labels(text: bytes) -> list[Range]:
    return [
        match.span(1) if match[1] else (match.start(2), match.end(3)) for match in _QT_LABELS.finditer(text)
    ]


def _macro_lines(text: bytes) -> list[Range]:
    """Macros on a line of their own, without semicolon, where a declaration or a statement may stand."""
    ranges = []
    for match in _MACRO_LINE.finditer(text):
        before = _last_significant(text, match.start())
        after = _AFTER_LAST_MACRO if before in {b";", b"}"} else _AFTER_MACRO
        if before in _BEFORE_MACRO and after.match(text, match.end()):
            ranges.append(match.span(1))
    return ranges


def _block_macros(text: bytes) -> list[Range]:
    """Macros before a block. The grammar takes such macros for calls that lack a semicolon."""
    return [match.span(1) for match in _BLOCK_MACRO.finditer(text)]


def _parameter_macros(text: bytes) -> list[Range]:
    return [match.span(1) for match in _PARAMETER_MACRO.finditer(text)]


def _last_significant(text: bytes, position: int) -> bytes:
    """The last byte of code before `position`.

    Returns b"" if a directive or the start of the text comes before `position`. Returns b"/" if a block
    comment comes before `position`.
    """
    while True:
        head = text[:position].rstrip() if position < 4096 else text[position - 4096 : position].rstrip()
        if not head:
            return b""
        start = head.rfind(b"\n") + 1
        while start and head[:start].rstrip(b"\r\n").endswith(b"\\"):  # This line continues the line above.
            start = head.rfind(b"\n", 0, start - 1) + 1
        line = head[start:]
        stripped = line.lstrip()
        if stripped.startswith(b"//"):
            position -= (len(text[max(0, position - 4096) : position]) - len(head)) + len(line)
            continue
        if stripped.startswith(b"#"):
            return b""
        code = line.partition(b"//")[0].rstrip() if b"://" not in line else line
        return code[-1:] or line[-1:]


def _head_macros(text: bytes) -> list[Range]:
    """Macros before a function's name: `GRID_API status_t open(`, `int __init start(`."""
    return [found for head in _HEAD.finditer(text) for found in _extra_words(head)]


def _extra_words(head: re.Match[bytes]) -> list[Range]:
    tokens = list(_TOKEN.finditer(head[1]))
    words = [token[0].partition(b"(")[0].strip() for token in tokens]
    if not _STATEMENTS.isdisjoint(words) or head[2] in _STATEMENTS:
        return []
    unknown = [
        index
        for index, word in enumerate(words)
        if word not in _QUALIFIERS and word not in _TYPES and (index == 0 or words[index - 1] not in _TAGS)
    ]
    typed = not _TYPES.isdisjoint(words) or not _TAGS.isdisjoint(words)
    extra = unknown if typed else unknown[:-1]
    start = head.start(1)
    return [
        (start + tokens[index].start(), start + tokens[index].end())
        for index in extra
        if words[index].isupper() or typed or len(unknown) > 1
    ]


def _around_declarations(text: bytes) -> list[Range]:
    """Macros around variables and parameters, in order.

    A macro around an initial value, such as `INIT(= 0)`, has two ranges: `INIT(` and `)`.
    """
    found = [
        match.span(1)
        for one in (_FRONT, _POINTER_TAIL, _PARAMETER_TAIL, _FUNCTION_TAIL, _POINTER_HEAD)
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
    """The position of the bracket that closes the bracket before `start`.

    Returns None if a semicolon comes first, or if nothing closes the bracket.
    """
    depth = 1
    for token in _BRACKET.finditer(text, start):
        depth += (token[1] == b"(") - (token[1] == b")")
        if depth == 0:
            return token.start()
        if token[1] == b";":
            return None
    return None


OF_C = (
    _attributes, _class_macros, _block_macros, _macro_lines, _around_declarations, _head_macros,
    _parameter_macros,
)  # fmt: skip
OF_CPP = (*OF_C[:2], _qt_labels, *OF_C[2:])
"""The functions for C and C++, in the order of their calls.

Each function gets the text in which the ranges that the functions before it have found are blank.
"""
