"""Parses a prefix joined with a continuation. A correct continuation closes what the prefix opened.

The prefix is parsed once. Each join is parsed incrementally, from the tree of the prefix (Wagner & Graham,
1998). If the prefix begins with a member of a class, a made-up class around the join lets the member parse.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tree_sitter import Node, Parser, Tree

from indexer.parsing import profiles
from indexer.parsing.languages import BY_NAME, parser
from indexer.parsing.masks import sanitized
from indexer.parsing.parse import unparsable_reason

from .query import CursorPrefix

_MEMBER = re.compile(
    r"\s*(?:@\w+(?:\([^)\n]*\))?\s+)*(?:(?:public|protected|private|internal|static|final|abstract|override|"
    r"async|readonly|virtual|sealed|synchronized|get|set|export|default)\s+)*[*#]?(?:[\w$<>\[\],.?&]+\s+)*[\w$]+\s*(?:<[^(]*>)?\("
)
_PROPERTY = re.compile(r"\s*[\w$'\"]+\s*:\s*(?:async\s*)?(?:function|\()")
_FREE = re.compile(
    r"\s*(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:function\b|const\b|let\b|var\b|if\b|for\b|while\b|switch\b|return\b|"
    r"module\b|exports\b|class\b|new\b|describe\b|it\b|\(|\$)"
)
_MAX_NODES = 2_000
"""Maximum number of nodes that are examined in a tree with errors."""


@dataclass(frozen=True, slots=True)
class JoinParse:
    """Statistics of a join's tree.

    `errors` and `missing` are the numbers of ERROR and MISSING nodes, `broken` is the share of bytes in ERROR
    nodes, and `items` the number of top-level items.
    """

    errors: int
    missing: int
    broken: float
    items: int

    @property
    def wrong(self) -> int:
        """The number of ERROR and MISSING nodes."""
        return self.errors + self.missing

    @property
    def clean(self) -> bool:
        """Whether the join parses without errors."""
        return not self.wrong

    @property
    def order(self) -> tuple[int, float, int]:
        """A key that sorts the best join first."""
        return self.wrong, self.broken, self.items


class Joiner:
    """Parses the joins of one prefix with several texts."""

    def __init__(self, prefix: CursorPrefix) -> None:
        language = BY_NAME.get(prefix.language)
        self._parser: Parser | None = None
        if language is None or language.textual or not prefix.text.strip():
            return
        before, behind = _frame(prefix)
        self._after = behind.encode()
        self._before = before.encode()
        self._language = language
        self._start = self._bytes(before + prefix.text)
        if unparsable_reason(self._start) is not None:
            return
        self._parser = parser(language)
        self._tree: Tree = self._parser.parse(self._start)

    @property
    def usable(self) -> bool:
        """Whether joins can be parsed: there is a grammar, and the prefix is not blank and can be parsed."""
        return self._parser is not None

    def _bytes(self, text: str) -> bytes:
        return sanitized(text.encode("utf-8", "replace"), self._language)

    def parse(self, text: str) -> JoinParse:
        """Parse the prefix joined with a text."""
        assert self._parser is not None
        added = self._bytes(text) + self._after
        whole = self._start + added
        old = self._tree.copy()
        at, end = len(self._start), len(whole)
        # The columns need not be exact: it is enough that a later byte has a later point (row, column).
        last = self._tree.root_node.end_point
        old.edit(at, at, end, last, last, (last.row + added.count(b"\n"), 0))
        return _read(self._parser.parse(whole, old).root_node, len(self._before), end - len(self._after))


def _frame(prefix: CursorPrefix) -> tuple[str, str]:
    """Returns the code to put before and after a join, so that the member of a class parses."""
    text, language = prefix.text, prefix.language
    if language == "php":
        member = re.match(r"\s*(?:(?:abstract|final|public|protected|private|static)\s+)+function", text)
        return ("<?php class A {\n", "\n}\n") if member else ("<?php\n", "\n")
    if language in ("java", "csharp"):
        return "class A {\n", "\n}\n"
    if profiles.of(language).family == "ecma" and not _FREE.match(text):
        if _PROPERTY.match(text):
            return "x = {\n", "\n}\n"
        if _MEMBER.match(text):
            return "class A {\n", "\n}\n"
    return "", "\n"


def _read(root: Node, start: int, end: int) -> JoinParse:
    items = _items(root, start, end)
    if not root.has_error:
        return JoinParse(0, 0, 0.0, items)
    errors = missing = lost = seen = 0
    stack = [root]
    while stack and seen < _MAX_NODES:
        for child in stack.pop().children:
            seen += 1
            if child.is_missing:
                missing += 1
            elif child.type == "ERROR":
                errors += 1
                lost += child.end_byte - child.start_byte
            elif child.has_error:
                stack.append(child)
    if root.type == "ERROR":
        errors, lost = errors + 1, root.end_byte - root.start_byte
    return JoinParse(errors, missing, lost / max(1, end - start), items)


def _items(root: Node, start: int, end: int) -> int:
    """The number of top-level items in the joined text, inside the class that is put around the text."""
    node = root
    while node.start_byte < start and node.named_child_count:
        inner = next((c for c in reversed(node.named_children) if c.start_byte < end <= c.end_byte + 3), None)
        if inner is None:
            break
        node = inner
    return sum(start <= child.start_byte < end for child in node.named_children)
