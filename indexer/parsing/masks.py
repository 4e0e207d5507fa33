"""Blanks text that is known to confuse a grammar, before parsing.

All functions keep the length of the text, so that offsets stay valid. Only the parser sees the result;
fragments are cut from the original.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from .grammars import Language
from .macros import Range, around_declarations

_NOT_LINE_END = re.compile(rb"[^\r\n]")


def blank(text: bytes, ranges: list[Range]) -> bytes:
    """`text` with a space for each byte in the half-open `ranges`, except line ends."""
    parts, position = [], 0
    for start, end in ranges:
        if end > position:
            first = max(start, position)
            parts += [text[position:first], _NOT_LINE_END.sub(b" ", text[first:end])]
            position = end
    return b"".join([*parts, text[position:]])


def masked(text: bytes, language: Language) -> bytes:
    """The text to parse: `text` with everything masked that confuses the grammar."""
    if b"<<<<<<<" in text or b">>>>>>>" in text:
        text = blank(text, list(_conflicts(text)))
    text = sanitized(blank(text, hidden_annotations(text, language)), language)
    masks = _MASKS.get(language.name)
    if masks is None:
        return text
    # Patterns of lines begin with the line end before them, which is fast to find.
    text = b"\n" + text
    for mask in masks:
        text = mask(text)
    return text[1:]


_CONFLICT_MARKER = re.compile(rb"^(?:(<{7})|(\|{7})|(={7})|(>{7}))(?: [^\n]*|\r?)$\n?", re.MULTILINE)


def _conflicts(text: bytes) -> Iterator[Range]:
    """The ranges of merge conflict markers, and of all but the first side of each conflict."""
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


# C and C++: macros where the grammar expects a type, a name or a declaration.

_WORD = rb"[A-Za-z_]\w*"
# The end of a line and the indentation of the next, unless a backslash continues it, as in a long `#define`.
_LINE_START = rb"\n(?<!\\\n)(?<!\\\r\n)[ \t]*+"
_CAPITALS = rb"[A-Z_][A-Z0-9_]+"
# `class GRID_API Tile`, `struct alignas(8) PACKED(4) Node`: macros between the keyword and the name.
_CLASS_MACROS = re.compile(
    rb"(?:class|struct|union|enum(?:[ \t]+(?:class|struct))?)[ \t]+"
    rb"((?:(?:" + _CAPITALS + rb"|\w+_(?:EXPORT|API|export|api))\b(?:[ \t]*\([^()\n;{}]*\))?\s+)+)"
    rb"(?=" + _WORD + rb"(?:::\w+)*(?:<[^;{}\n]*>)?\s*(?:final\s*)?[:{])"
)
# Qt's access labels.
_QT_LABELS = re.compile(
    rb"\n[ \t]*(?:(?:public|protected|private)[ \t]+(slots|Q_SLOTS)|(signals|Q_SIGNALS|slots|Q_SLOTS))[ \t]*"
    rb"(:)(?!:)"
)
# A macro alone on its line, with or without arguments.
_MACRO_LINE = re.compile(
    _LINE_START + rb"(" + _CAPITALS + rb"(?:[ \t]*\((?:[^();{}\n]|\([^();{}\n]*\))*\))?)[ \t]*\r?$",
    re.MULTILINE,
)
_BEFORE_MACRO = (b"", b";", b"{", b"}", b":", b"/")
_AFTER_MACRO = re.compile(rb"\s*(?:\Z|//|/\*|\#|~?[A-Za-z_])")
_AFTER_LAST_MACRO = re.compile(rb"\s*(?:\Z|//|/\*|\#|~?[A-Za-z_]|\})")
# A macro with a string argument before a block, as in test frameworks: `TEST_CASE("adds") {`.
_BLOCK_MACRO = re.compile(
    _LINE_START + rb"([A-Z]\w*[ \t]*\((?=[^(){}]*\")(?:[^();{}\"]|\"(?:\\.|[^\"\\\n])*\"|\([^();{}\n]*\))*\))"
    rb"(?=\s*\{)"
)
# Words before a function's name at the start of a line: qualifiers, macros, the type. The lookahead rejects
# other lines early, which saves most of the time.
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


# A macro before a parameter's type: `CONST char *name`, `IN DWORD size`.
_PARAMETER_MACRO = re.compile(
    rb"[(,]\s*([A-Z_][A-Z0-9_]+)(?=\s+(?:const\s+|struct\s+|unsigned\s+|signed\s+)*\w+[\s*&]+\w+\s*[,)\[=])"
)


def _parameter_macros(text: bytes) -> bytes:
    return blank(text, [match.span(1) for match in _PARAMETER_MACRO.finditer(text)])


def _declaration_macros(text: bytes) -> bytes:
    return blank(text, around_declarations(text))


def _class_macros(text: bytes) -> bytes:
    found = _CLASS_MACROS.finditer(text)
    return blank(text, [match.span(1) for match in found if not _is_word(text[match.start() - 1])])


def _is_word(byte: int) -> bool:
    return byte == 95 or chr(byte).isalnum()


def _qt_labels(text: bytes) -> bytes:
    ranges = [
        match.span(1) if match[1] else (match.start(2), match.end(3)) for match in _QT_LABELS.finditer(text)
    ]
    return blank(text, ranges)


def _macro_lines(text: bytes) -> bytes:
    """Blank macros that stand alone, without a semicolon, where a declaration or a statement may stand."""
    ranges = []
    for match in _MACRO_LINE.finditer(text):
        before = _last_significant(text, match.start())
        after = _AFTER_LAST_MACRO if before in {b";", b"}"} else _AFTER_MACRO
        if before in _BEFORE_MACRO and after.match(text, match.end()):
            ranges.append(match.span(1))
    return blank(text, ranges)


def _block_macros(text: bytes) -> bytes:
    """Blank macros before a block; the grammar takes them for calls that lack a semicolon."""
    return blank(text, [match.span(1) for match in _BLOCK_MACRO.finditer(text)])


def _last_significant(text: bytes, position: int) -> bytes:
    """The last byte of code before `position`, b"" after a directive or at the start of the text.

    After a block comment, it is b"/".
    """
    while True:
        head = text[:position].rstrip() if position < 4096 else text[position - 4096 : position].rstrip()
        if not head:
            return b""
        start = head.rfind(b"\n") + 1
        while start and head[:start].rstrip(b"\r\n").endswith(b"\\"):  # the line above continues here
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


def _head_macros(text: bytes) -> bytes:
    """Blank macros before a function's name: `GRID_API status_t open(`, `int __init start(`."""
    ranges: list[Range] = []
    for head in _HEAD.finditer(text):
        ranges += _extra_words(head)
    return blank(text, ranges)


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


# Other languages.

# Bash's scanner looks up the character after a brace in a table of 256 entries, and crashes on others.
_ASCII = bytes(range(128)) + b"_" * 128


def sanitized(text: bytes, language: Language) -> bytes:
    """The text without characters that would crash the language's parser; its length stays the same."""
    return text if language.name != "bash" or text.isascii() else text.translate(_ASCII)


# Macros around items: `cfg_net! { fn ... }`, `cfg_if! { if #[cfg(unix)] { ... } else { ... } }`,
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


# Text between dollar quotes is in another language; the grammar takes long to recover from its errors.
_SQL_BODY = re.compile(rb"\$(\w*)\$((?:.*?(?=\$\1\$)|.*\Z))", re.DOTALL)
_SQL_PROCEDURAL = re.compile(rb"\b(?:BEGIN|DECLARE)\b", re.IGNORECASE)


def _sql_bodies(text: bytes) -> bytes:
    return blank(text, [body.span(2) for body in _SQL_BODY.finditer(text) if _SQL_PROCEDURAL.search(body[2])])


# The grammar takes an annotation on its own line and the class below it for one expression.
_KOTLIN_ANNOTATION = re.compile(
    rb"^[ \t]*@[\w.:]+(?:<[^<>\n]*>)?(?:\((?:[^()\"]|\"(?:[^\"\\\n]|\\.)*\"|\([^()]*\))*\))?[ \t]*\r?$",
    re.MULTILINE,
)


def hidden_annotations(text: bytes, language: Language) -> list[Range]:
    """The ranges of annotations on their own lines, for languages whose grammar must not see them."""
    if language.name != "kotlin" or b"@" not in text:
        return []
    return [match.span() for match in _KOTLIN_ANNOTATION.finditer(text)]


# The grammar requires a separator between the last member of a class and a closing brace on its line.
_KOTLIN_CLASS_LINE = re.compile(
    rb"^[ \t]*(?:\w+[ \t]+)*?(?:class|interface|object)\b[^\n{]*\{[^\n]*[^\s{][ \t]\}[^\n]*$", re.MULTILINE
)
_KOTLIN_LAST = re.compile(rb"\"(?:\\.|[^\"\\\n])*\"|(?<=[^\s{;,])(?<!->)([ \t])(?=[ \t]*\})")


def _kotlin_members(text: bytes) -> bytes:
    """Put a semicolon after the last member of one-line classes."""

    def separated(line: re.Match[bytes]) -> bytes:
        return _KOTLIN_LAST.sub(lambda found: b";" if found[1] else found[0], line[0])

    return _KOTLIN_CLASS_LINE.sub(separated, text)


_MASKS: dict[str, tuple[Callable[[bytes], bytes], ...]] = {
    "c": (
        _class_macros,
        _block_macros,
        _macro_lines,
        _declaration_macros,
        _head_macros,
        _parameter_macros,
    ),
    "cpp": (
        _class_macros,
        _qt_labels,
        _block_macros,
        _macro_lines,
        _declaration_macros,
        _head_macros,
        _parameter_macros,
    ),
    "kotlin": (_kotlin_members,),
    "sql": (_sql_bodies,),
    "rust": (_rust_macros,),
}


_CODE_LINE = re.compile(rb"^([ \t]*)([^ \t\r\n#][^\n]*)", re.MULTILINE)
_OPENS_LINE = b"{[(,:=&|+-*/<>?\\"
_LONG_QUOTES = (b'"""', b"'''")


def stray_lines(text: bytes) -> list[Range]:
    """The ranges of Python lines that open no block but stand between two deeper lines, which is an error."""
    lines = [(len(one[1].expandtabs()), one) for one in _CODE_LINE.finditer(text)]
    return [
        line.span(2)
        for (before, _), (own, line), (after, _) in zip(lines, lines[1:], lines[2:], strict=False)
        if before > own < after
        and (line[2].rstrip()[-1:] not in _OPENS_LINE or line[2].startswith(b"======="))
        and not any(quote in line[2] for quote in _LONG_QUOTES)
    ]


# Conditional compilation.

_CONDITIONAL = frozenset({"c", "cpp", "csharp"})
_DIRECTIVE = re.compile(
    rb"^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|elifdef|elifndef|else|endif)\b((?:[^\\\n]|\\\r?\n|\\.)*)$",
    re.MULTILINE,
)
_NEVER = re.compile(rb"[ \t(]*(?:0|false)[ \t)]*(?:/[/*].*)?\r?$")


def has_branches(text: bytes, language: Language) -> bool:
    """Whether the text has conditional compilation that `branches` can resolve."""
    return language.name in _CONDITIONAL and _DIRECTIVE.search(text) is not None


def branches(text: bytes, *, first: bool) -> tuple[bytes, list[Range]]:
    """The text with one branch of each `#if` and no directives, and the byte ranges of the other branches.

    With `first`, the first branch stays, else the last. One under `#if 0` stays only if there is no other.
    """
    directives: list[Range] = []
    dropped: list[Range] = []
    # For each open `#if`, its branches: the start, the end, and whether the condition can be true.
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
