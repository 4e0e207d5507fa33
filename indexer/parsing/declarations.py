"""Finds declarations, which have a name but no fragment of their own.

Declarations are constants, variables, types, fields, enumerators, macros, and methods without a body. Only
the bodies of classes, namespaces and the like are searched. The bodies of functions are not searched, because
the names in them are local. This makes the search fast, whereas the query for functions and classes reads the
whole tree.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from operator import attrgetter

from tree_sitter import Node, QueryCursor

from ..fragment import DECLARATION_KINDS, DeclarationKind
from .definitions import Declaration, Definition
from .isolation import Part
from .languages import INSIDE, Patterns, Role, patterns
from .lines import Lines
from .names import inner_declarator, plain, text_of
from .parse import Parsed
from .profiles import LanguageProfile
from .tables import tables

# Matches the text after a name to which an import is assigned. Such a name does not count as declared here.
_IMPORTS = re.compile(rb"\s*=\s*(?:await\s+)?(?:require\b|@import\b|import\s*\()")
_MACRO = re.compile(
    rb"^[ \t]*#[ \t]*define[ \t]+([A-Za-z_]\w*)[^\\\n]*(?:\\(?:\r?\n|.)[^\\\n]*)*", re.MULTILINE
)
# Together, the next two patterns match a named function expression that is passed, assigned or returned:
# `app.use(function log(req) {...})`.
_FUNCTION = re.compile(rb"function\s*\*?\s*([A-Za-z_$][\w$]*)")
_HANDED = re.compile(rb"(?:[(,=:?&|]|\breturn)\s*(?:async\s+)?$")
_BEFORE = 24
"""The number of bytes before the word `function` that are searched with `_HANDED`."""
_ROLES: tuple[Role, ...] = (INSIDE, *DECLARATION_KINDS)


def declarations(parsed: Parsed, language: LanguageProfile) -> list[Declaration]:
    """The declarations of a text, apart from functions and classes, in file order.

    A variable that is assigned several times counts once. A variable with the name of a function or class
    does not count.
    """
    known = patterns(language)
    if known is None:
        return []
    around = _Definitions(parsed)
    found = _read(parsed, language, known, around)
    if language.family == "c":
        found += _macros(parsed)
    if language.name == "sql":  # those inside routines are temporary
        found += [one for one in tables(parsed.lines.text) if around.class_at(one.start) is not None]
    if language.family == "ecma":
        found += _function_expressions(parsed, around)
    found.sort(key=attrgetter("start"))
    return list(_without_repetitions(found, parsed.symbols, language.assigned))


def _without_repetitions(
    found: list[Declaration], symbols: list[Definition], assignable: frozenset[str]
) -> Iterator[Declaration]:
    known: dict[str, list[Definition]] = {}
    for symbol in symbols:
        known.setdefault(symbol.name, []).append(symbol)
    assigned: set[str] = set()
    for one in found:
        same = known.get(one.name, ())
        if any(symbol.start <= one.start < symbol.end for symbol in same):
            continue  # This is the function or class itself.
        if one.kind in assignable:
            if one.name in assigned or (same and one.kind != "constant"):
                continue
            assigned.add(one.name)
        yield one


def _read(
    parsed: Parsed, language: LanguageProfile, known: Patterns, around: _Definitions
) -> list[Declaration]:
    """The declarations in all trees of a text, each of them once."""
    lines, found = parsed.lines, dict[int, Declaration]()
    for root, ranges, shared in _roots(parsed):
        broken = bool(parsed.parts) or root.has_error
        for named, scope, kind, whole in _named(root, shared, known, around, lines.text):
            place = named.start_byte
            if not any(start <= place < end for start, end in ranges):
                continue
            within = around.class_at(place) if broken else scope  # a tree with errors may nest wrongly
            if within is None:
                continue
            if broken and kind == "variable" and not within and _is_indented(whole, lines):
                continue  # The variable is probably local to a function that was not parsed.
            if broken and whole.children and whole.children[-1].is_missing:
                continue  # This is the beginning of something that was not parsed.
            if name := _name(named, lines.text, language):
                found[place] = _declaration(name, kind, within, whole)
    return list(found.values())


def _is_indented(node: Node, lines: Lines) -> bool:
    """Whether the top-level statement around a node is indented."""
    while node.parent is not None and node.parent.parent is not None:
        node = node.parent
    return lines.text[lines.start(node.start_byte)] in b" \t"


_Root = tuple[Node, list[tuple[int, int]], bool]


def _roots(parsed: Parsed) -> list[_Root]:
    """For each tree to search: the root, the byte ranges to search, and whether the root's statements count.

    The statements of the root do not count if the root is a class inside a function. Only the body of such a
    class is searched.
    """
    trees: dict[int, _Root] = {}
    end = len(parsed.lines.text)
    for part in parsed.parts or [Part(parsed.tree, 0, end, end)]:
        trees.setdefault(id(part.tree), (part.tree.root_node, [], True))[1].append((part.start, part.end))
    local = [
        (one.nodes[0], [(one.start, one.end)], False)
        for one in parsed.symbols
        if one.kind == "class" and one.parent is not None and one.parent.kind != "class"
    ]
    return [*trees.values(), *local]


_Named = tuple[Node, str, DeclarationKind, Node]


def _named(root: Node, shared: bool, known: Patterns, around: _Definitions, text: bytes) -> Iterator[_Named]:
    """For each name: its node, the class around it, the kind of its declaration, and the declaring node.

    The names in the root's own statements come first, and count only if `shared` is true. The names in the
    bodies inside the root follow.
    """
    cursor = QueryCursor(known.query)
    cursor.set_max_start_depth(1)  # only direct children of a body
    roles, words = known.roles, known.words
    bodies = [(root, "")]
    for body, scope in bodies:  # the loop appends to `bodies`
        for pattern, captures in cursor.matches(body):
            if "word" in captures and not _fits(captures["word"][0], words[pattern], text):
                continue
            role = roles.get(pattern)
            if role is None:
                role = roles[pattern] = next(role for role in _ROLES if role in captures)
            whole = captures[role][0]
            if role == INSIDE:
                within = around.class_at((captures["at"][0] if "at" in captures else whole).start_byte)
                if within is not None and whole.id != body.id:
                    bodies.append((whole, within))
                continue
            if not shared and body is root:
                continue
            if "names" in captures:
                names = captures["names"][0]
                if not _IMPORTS.match(text, names.end_byte):
                    yield from ((name, scope, role, whole) for name in _bound(names))
                continue
            named = captures["name"][0] if "name" in captures else _declared(captures, role, text)
            if named is not None:
                yield named, scope, role, whole


_BOUND_PART = {"pair_pattern": "value", "assignment_pattern": "left", "object_assignment_pattern": "left"}
"""For a node in a pattern of JavaScript, the field that contains the bound names."""


def _bound(pattern: Node) -> Iterator[Node]:
    """The nodes of the names that a destructuring pattern of JavaScript binds, in order."""
    stack = [pattern]
    while stack:
        node = stack.pop()
        if node.type in {"identifier", "shorthand_property_identifier_pattern"}:
            yield node
        elif node.type in _BOUND_PART:
            part = node.child_by_field_name(_BOUND_PART[node.type])
            stack += [part] if part is not None else []
        elif node.type.endswith("pattern"):
            stack += reversed(node.named_children)


def _fits(word: Node, words: tuple[frozenset[str], frozenset[str]], text: bytes) -> bool:
    """Whether a word is one of the words that a pattern allows.

    If the pattern lists no allowed words, whether the word is not one of the words that the pattern excludes.
    """
    among, unwanted = words
    found = text_of(word, text)
    return found in among if among else found not in unwanted


def _name(node: Node, text: bytes, language: LanguageProfile) -> str:
    """The plain name in a node.

    Returns "" if the text of the node is not a name, or if an import is assigned to the name.
    """
    name = text_of(node, text)
    if not name.isidentifier():
        name = plain(name, language.name)
    if name == "_" or name in language.keywords or _IMPORTS.match(text, node.end_byte):
        return ""
    return name


def _declaration(name: str, kind: DeclarationKind, scope: str, whole: Node) -> Declaration:
    if kind == "method" and not scope:
        kind = "function"
    elif kind in {"variable", "field"}:
        if len(name) > 1 and name.isupper():
            kind = "constant"  # by convention
        elif scope:
            kind = "field"
    return Declaration(f"{scope}.{name}" if scope else name, kind, whole.start_byte, whole.end_byte)


class _Definitions:
    """Finds the definition around a byte of a text."""

    def __init__(self, parsed: Parsed) -> None:
        self._symbols = parsed.symbols
        self._starts = [one.start for one in parsed.symbols]

    def innermost(self, place: int) -> Definition | None:
        """The innermost definition around a byte. Returns None if there is none."""
        index = bisect_right(self._starts, place) - 1
        around = self._symbols[index] if index >= 0 else None
        while around is not None and not self._holds(around, place):
            around = around.parent
        return around

    def class_at(self, place: int) -> str | None:
        """The name of the innermost class around a byte. Returns "" if the byte is in no class.

        Returns None if the byte is inside a function.
        """
        around = self.innermost(place)
        if around is None:
            return ""
        return around.name if around.kind == "class" else None

    def _holds(self, one: Definition, place: int) -> bool:
        """Whether a byte is in the definition itself, not in the comment above or the rest of its lines."""
        node = one.nodes[0]
        return node.start_byte < place < min(max(node.end_byte, one.nodes[-1].end_byte), one.end)


def _declared(captures: dict[str, list[Node]], kind: DeclarationKind, text: bytes) -> Node | None:
    """The node of the name in a C declarator. Returns None for functions and `extern` variables."""
    node = captures["declarator"][0]
    here = kind != "variable" or node.type == "init_declarator"
    if not here and text.startswith(b"extern", captures[kind][0].start_byte):
        return None
    function = False
    while not node.type.startswith("structured") and (inner := inner_declarator(node)) is not None:
        if node.type == "function_declarator":
            function = True
        elif node.type == "pointer_declarator":
            function = False  # a pointer to a function
        node = inner
    if function and kind != "type":
        return None
    return node if node.type.endswith("identifier") else None


def _macros(parsed: Parsed) -> Iterator[Declaration]:
    """The macros of C's preprocessor, anywhere in the text except in comments."""
    text, root = parsed.lines.text, parsed.tree.root_node
    before, commented = 0, False
    for match in _MACRO.finditer(text):
        place = match.start()
        opened, closed = text.rfind(b"/*", before, place), text.rfind(b"*/", before, place)
        if opened != closed:  # Both are -1 if neither is found.
            commented = opened > closed
        before = place
        # Only the tree can tell whether `/*` begins a comment or is part of a string.
        commented = commented and _is_comment(root, match.start(1))
        if not commented:
            yield Declaration(match[1].decode(), "macro", place, match.end())


def _is_comment(root: Node, place: int) -> bool:
    node = root.descendant_for_byte_range(place, place + 1)
    return node is not None and node.type == "comment"


def _function_expressions(parsed: Parsed, definitions: _Definitions) -> Iterator[Declaration]:
    """Named function expressions that are not among the functions of the text."""
    text, root = parsed.lines.text, parsed.tree.root_node
    for match in _FUNCTION.finditer(text):
        place, name = match.start(), match[1].decode()
        if _HANDED.search(text, max(0, place - _BEFORE), place) is None:
            continue
        around = definitions.innermost(place)
        if around is not None and around.name.rpartition(".")[2] == name:
            continue
        node = root.descendant_for_byte_range(place, place + 1)
        node = node.parent if node is not None and node.type == "function" else None
        if node is not None and node.type in ("function_expression", "generator_function"):
            if around is not None and around.nodes[-1].end_byte - node.end_byte <= 1:
                around = around.parent  # `around` was the variable that has the function as its value.
            name = f"{around.name}.{name}" if around is not None else name
            yield Declaration(name, "function", node.start_byte, node.end_byte)
