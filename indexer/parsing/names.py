"""Turns the nodes that a query captured into plain, dotted names."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from tree_sitter import Node

from . import profiles

MAX_NAME = 200
"""A name that is not an identifier is cut to this number of characters."""

_GENERICS = re.compile(r"<[^<>]*>|\[[^\[\]]*\]|\{[^{}]*\}")
_ECMA_ROOTS = re.compile(r"^(?:module\.exports|exports|this|self|window|globalThis)\.")
_ECMA_INDEX = re.compile(r"\[\s*(['\"])([^'\"\]]*)\1\s*\]")
_GO_RECEIVER = re.compile(r"\(\s*(?:\w+\s+)?\*?\s*(\w+)")
_RUST_PREFIX = re.compile(r"^(?:[&*\s]|'\w+\s|(?:mut|const|dyn)\s)*")
# Matches a test in one of the common C++ frameworks: TEST_F(Suite, Case).
_TEST_MACRO = re.compile(r"\w*TEST\w*\(\s*(\w+)\s*,\s*(\w+)\s*\)")
_DECLARATORS = ("declarator", "identifier")
_TYPE_NAME = re.compile(r"[^\W\d_a-z]\w*")
# The C grammar can take these words for names in code with syntax errors.
_KEYWORDS = frozenset(
    {"if", "else", "for", "while", "do", "switch", "case", "return", "catch", "try", "sizeof"}
)


def text_of(node: Node, text: bytes) -> str:
    """The text of a node. `node.text` would read the whole source again."""
    return text[node.start_byte : node.end_byte].decode("utf-8", "replace")


def without_generics(name: str) -> str:
    """`Box<List<T>>` -> `Box`."""
    while (shorter := _GENERICS.sub("", name)) != name:
        name = shorter
    return name


def without_namespaces(name: str, namespaces: Collection[str]) -> str:
    """`ns.Foo.bar` -> `Foo.bar`, if `ns` is one of `namespaces`. The last part of the name always stays."""
    while "." in name and name.partition(".")[0] in namespaces:
        name = name.partition(".")[2]
    return name


def receiver_type(text: str, language: str) -> str:
    """The type in the receiver of a definition: `(m *Mux[T])` -> `Mux`.

    Returns "" if the receiver is `self`, which stands for the class around the definition.
    """
    if language == "go":
        match = _GO_RECEIVER.match(text)
        return match[1] if match else ""
    return "" if text == "self" else plain(without_generics(text), language)


def declarator_name(node: Node, text: bytes) -> str:
    """The name inside a C or C++ declarator: `*(*f)(int)` -> `f`."""
    if test := _TEST_MACRO.fullmatch(text_of(node, text)):
        return f"{test[1]}::{test[2]}"
    while node.type != "operator_cast" and (inner := inner_declarator(node)) is not None:
        node = inner
    return text_of(node, text)


def inner_declarator(node: Node) -> Node | None:
    """The declarator or the name inside a C or C++ declarator. Returns None if the node contains neither."""
    inner = node.child_by_field_name("declarator")
    if inner is None and node.type.endswith("declarator"):
        inner = next((one for one in node.named_children if one.type.endswith(_DECLARATORS)), None)
    return inner


def _c(name: str) -> str:
    """`ns::Foo<T>::bar` -> `ns.Foo.bar`. The name of an operator keeps its symbol."""
    if name in _KEYWORDS:
        return ""
    head, operator, symbol = name.partition("operator")
    if operator and (not head or head.endswith("::")) and not symbol[:1].isalnum() and symbol[:1] != "_":
        head = without_generics(head).replace("::", ".")
        return f"{head}operator{_operator(symbol)}"
    return without_generics(name).partition("(")[0].replace("::", ".").strip(". ")


def _operator(symbol: str) -> str:
    tidy = " ".join(symbol.split())
    if tidy.startswith("()"):
        return "()"
    tidy = tidy.partition("(")[0].rstrip()
    return f" {tidy}" if symbol[:1].isspace() and tidy[:1].isalpha() else tidy


def _ecma(name: str) -> str:
    if name in {"module.exports", "exports"}:
        return "exports"
    name = _ECMA_INDEX.sub(r".\2", name)
    return _ECMA_ROOTS.sub("", name).replace(".prototype.", ".").strip("'\"`")


def _rust(name: str) -> str:
    return _RUST_PREFIX.sub("", without_generics(name)).strip().rpartition("::")[2]


def _signature(name: str) -> str:
    """`foo(x::Int) where T` -> `foo`, `factory Foo.x()` -> `Foo.x`, `A{T} <: B` -> `A`."""
    head = without_generics(name.partition("(")[0]).partition("<:")[0]
    words = head.split()
    return words[-1] if words else ""


def _haskell(name: str) -> str:
    """A variable, an operator, or the outermost type of an instance: `(Maybe a)` -> `Maybe`."""
    if " " in name or name.startswith("("):
        match = _TYPE_NAME.search(name)
        return match[0] if match else name
    return name.strip("`")


# The rules of languages in which more must be rewritten than the separators and marks in the profile.
_PLAIN: dict[str, Callable[[str], str]] = {
    "javascript": _ecma,
    "typescript": _ecma,
    "tsx": _ecma,
    "rust": _rust,
    "c": _c,
    "cpp": _c,
    "php": lambda name: name.lstrip("$").replace("$this->", "").replace("->", ".").replace("::", "."),
    "swift": without_generics,
    "dart": _signature,
    "julia": _signature,
    "haskell": _haskell,
    "ocaml": lambda name: "".join(name.strip("()").split()),
    "sql": lambda name: re.sub(r"\s*\.\s*", ".", re.sub(r"[\"`\[\]]|@\w+@\.", "", name)).strip(),
}


def plain(name: str, language: str) -> str:
    """The dotted form of a name in the source. Returns "" if the text cannot be a name."""
    if tidy := _PLAIN.get(language):
        name = tidy(name)
    else:
        profile = profiles.of(language)
        for separator in profile.separators:
            name = name.replace(separator, ".").strip(".")
        for mark in profile.name_marks:
            name = name.replace(mark, "")
    return name if name.isidentifier() else " ".join(name.split())[:MAX_NAME]


def is_method_name(raw: str, language: str) -> bool:
    """Whether the form of a name is that of a method's name: `Foo::bar`, `M:bar`, `Foo.prototype.bar`."""
    mark = profiles.of(language).method_mark
    return bool(mark) and mark in raw
