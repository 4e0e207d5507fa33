"""From the nodes that a query captured to a plain, dotted name."""

from __future__ import annotations

import re
from collections.abc import Callable

from tree_sitter import Node

MAX_NAME = 200

_GENERICS = re.compile(r"<[^<>]*>|\[[^\[\]]*\]")
_ECMA_ROOTS = re.compile(r"^(?:module\.exports|exports|this|self|window|globalThis)\.")
_ECMA_INDEX = re.compile(r"\[\s*(['\"])([^'\"\]]*)\1\s*\]")
_RECEIVER = re.compile(r"\(\s*(?:\w+\s+)?\*?\s*(\w+)")
# A broken parse can take these for names.
_KEYWORDS = frozenset(
    {"if", "else", "for", "while", "do", "switch", "case", "return", "catch", "try", "sizeof"}
)


def text_of(node: Node) -> str:
    """The node's source text."""
    return (node.text or b"").decode("utf-8", "replace")


def without_generics(name: str) -> str:
    """`Box<List<T>>` -> `Box`."""
    while True:
        shorter = _GENERICS.sub("", name)
        if shorter == name:
            return name
        name = shorter


def receiver(node: Node) -> str:
    """The type of a Go receiver: `(m *Mux[T])` -> `Mux`."""
    match = _RECEIVER.match(text_of(node))
    return match[1] if match else ""


def declared(node: Node) -> str:
    """The name inside a C or C++ declarator: `*(*f)(int)` -> `f`, `ns::Foo<T>::bar(int)` -> `ns.Foo.bar`."""
    while True:
        inner = node.child_by_field_name("declarator")
        if inner is None and node.type in {
            "reference_declarator",
            "parenthesized_declarator",
            "attributed_declarator",
        }:
            inner = next(
                (child for child in node.named_children if child.type.endswith(("declarator", "identifier"))),
                None,
            )
        if inner is None:
            return text_of(node)
        node = inner


def _ecma(name: str) -> str:
    if name in {"module.exports", "exports"}:
        return "exports"
    name = _ECMA_INDEX.sub(r".\2", name)
    name = _ECMA_ROOTS.sub("", name).replace(".prototype.", ".")
    return name.strip("'\"`")


def _rust(name: str) -> str:
    return without_generics(name).lstrip("&").strip().rpartition("::")[2].removeprefix("dyn ").strip()


_PLAIN: dict[str, Callable[[str], str]] = {
    "javascript": _ecma,
    "typescript": _ecma,
    "tsx": _ecma,
    "rust": _rust,
}


def plain(name: str, language: str) -> str:
    """The dotted form of a name as it stands in the source, or "" for what cannot be one."""
    if tidy := _PLAIN.get(language):
        name = tidy(name)
    if name in _KEYWORDS:
        return ""
    return " ".join(name.split())[:MAX_NAME] if len(name) > MAX_NAME or not name.isidentifier() else name
