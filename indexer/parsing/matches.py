"""Runs the query of a language on a tree. This finds the definitions, but not how they are nested."""

from __future__ import annotations

from dataclasses import dataclass

from tree_sitter import Node, QueryCursor

from ..fragment import KINDS, Kind
from .docs import leading_string, uncommented
from .extents import Surroundings
from .languages import pattern_settings, query
from .names import declarator_name, is_method_name, plain, receiver_type, text_of, without_namespaces

# A node that matches in several roles gets the role that comes first here.
_ROLES = (
    "definition.class",
    "definition.method",
    "definition.function",
    "signature",
    "owner",
    "scope",
    "namespace",
)
_RANKS = {role: rank for rank, role in enumerate(_ROLES)}
_KINDS: dict[str, Kind] = {f"definition.{kind}": kind for kind in KINDS}

# A match with one of these captures replaces an earlier match of the same node.
_EXTRAS = frozenset({"receiver", "doc"})
_ANONYMOUS_CLASSES = frozenset({"class_body", "template_body", "anonymous_class", "object_literal"})

# Nodes that are deeper in the tree are not searched. They belong to long chains of calls and operators, for
# which a query takes quadratic time.
_MAX_TREE_DEPTH = 2_000

Captures = dict[str, list[Node]]


@dataclass(slots=True, eq=False)
class QueryMatch:
    """One match of the query.

    `role` is the name of the main capture. A `definition` is a class, method or function. A `signature` is
    the head of a function without a body, which is added to the function below. An `owner` only qualifies the
    names of the definitions inside it. A `scope` is an anonymous function or object. `arity` is the number of
    parameters, which tells functions of the same name apart. `head` is the byte at which the definition
    itself starts, below its comment.
    """

    role: str
    start: int
    end: int
    node: Node
    name: str = ""
    docstring: str = ""
    arity: int = 0
    head: int = -1

    def __post_init__(self) -> None:
        if self.head < 0:
            self.head = self.node.start_byte

    @property
    def kind(self) -> Kind | None:
        """The kind of the definition. None if the match is not a definition."""
        return _KINDS.get(self.role)

    @property
    def is_class(self) -> bool:
        """Whether the match is a class or an anonymous class: functions directly inside it are methods."""
        return self.role == "definition.class" or (
            self.role == "scope" and self.node.type in _ANONYMOUS_CLASSES
        )


def matches(around: Surroundings) -> list[QueryMatch]:
    """The matches of the query in a tree, sorted by start. An outer match precedes the matches inside it.

    Each node has at most one match, with the first of its roles in `_ROLES`.
    """
    best: dict[int, QueryMatch] = {}
    namespaces: set[str] = set()
    fixed = pattern_settings(around.language)
    cursor = QueryCursor(query(around.language))
    cursor.set_max_start_depth(_MAX_TREE_DEPTH)
    for pattern, captures in cursor.matches(around.root):
        role = next((role for role in _ROLES if role in captures), "")
        if role == "namespace":
            namespaces.update(text_of(captures[role][0], around.lines.text).split("::"))
            continue
        node = captures[role][0]
        known = best.get(node.id)
        if known is not None and _RANKS[known.role] <= _RANKS[role] and captures.keys().isdisjoint(_EXTRAS):
            continue
        if found := _match(role, captures, fixed[pattern], around):
            best[node.id] = found
    if namespaces:  # A definition outside its class has the namespaces of the file in its name.
        for found in best.values():
            found.name = without_namespaces(found.name, namespaces)
            if found.role == "definition.method" and "." not in found.name:
                found.role = "definition.function"
    return sorted(best.values(), key=lambda found: (found.start, -found.end))


def _match(
    role: str, captures: Captures, fixed: dict[str, str | None], around: Surroundings
) -> QueryMatch | None:
    """One match with its extent, name and documentation.

    Returns None for a block after a macro. Returns None if the match has no name, which happens in code with
    syntax errors.
    """
    node = captures[role][0]
    if role == "scope":
        return QueryMatch(role, node.start_byte, node.end_byte, node)
    if _is_macro_block(node, captures):
        return None
    text, language = around.lines.text, around.language.name
    raw = _raw_name(captures, fixed, text)
    name = plain(raw, language)
    if not name:
        return None
    if role == "owner":
        return QueryMatch(role, node.start_byte, node.end_byte, node, name)
    if role == "definition.function" and is_method_name(raw, language):
        role = "definition.method"
    if "receiver" in captures and (owner := receiver_type(text_of(captures["receiver"][0], text), language)):
        name = f"{owner}.{name}"
        role = "definition.method" if role == "definition.function" else role
    node = around.wrapped(node)
    start, comments = around.above(node.start_byte)
    docstring = "\n".join(filter(None, (uncommented(text[a:b], language) for a, b in comments)))
    if "body" in captures:
        docstring = leading_string(text, captures["body"][0].start_byte) or docstring
    if "doc" in captures:
        docstring = uncommented(text_of(captures["doc"][0], text).encode(), language) or docstring
    end = captures["tail"][0].end_byte if "tail" in captures else node.end_byte
    arity = captures["parameters"][0].named_child_count if "parameters" in captures else 0
    return QueryMatch(role, start, end, node, name, docstring, arity)


def _is_macro_block(node: Node, captures: Captures) -> bool:
    """Whether a match is a block after a macro inside a C function, as in `FOR_EACH(item) {`."""
    declarator = captures["declarator"][0] if "declarator" in captures else None
    return (
        declarator is not None
        and node.parent is not None
        and node.parent.type == "compound_statement"
        and (declarator.type == "parenthesized_declarator" or node.child_by_field_name("type") is None)
    )


def _raw_name(captures: Captures, fixed: dict[str, str | None], text: bytes) -> str:
    if name := fixed.get("name"):
        return name
    if "declarator" in captures:
        return declarator_name(captures["declarator"][0], text)
    return (fixed.get("prefix") or "") + text_of(captures["name"][0], text)
