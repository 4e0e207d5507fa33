"""Finds the extents of definitions.

The extent of a definition includes the wrappers around it (`export`, `template<>`), the comments and
attributes above it, and the rest of its first and last line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from tree_sitter import Node

from .lines import Lines
from .masks import hidden_annotations
from .profiles import LanguageProfile

# Matches text that may follow a definition on its last line and still belongs to the definition.
_CLOSERS = re.compile(rb"(?:[\s;,)}\]]|end\b|/\*[^*\n]*\*/)*")
# The types of nodes of which one declaration may contain several.
_DECLARATORS = frozenset(
    {
        "variable_declarator",
        "type_spec",
        "type_alias",
        "let_binding",
        "type_binding",
        "module_binding",
        "class_binding",
    }
)
# The number of lines at the top of a file in which a header of the file may begin.
_HEADER_LINES = 3
_LICENCE = re.compile(rb"copyright|licen[cs]e|spdx-|all rights reserved", re.IGNORECASE)


@dataclass(frozen=True)
class Surroundings:
    """What decides the extents of definitions: a text's lines, the root of its tree, and the language."""

    lines: Lines
    root: Node
    language: LanguageProfile

    @cached_property
    def unseen(self) -> frozenset[int]:
        """The lines of annotations that were hidden from the parser."""
        at = self.lines.at
        hidden = hidden_annotations(self.lines.text, self.language)
        return frozenset(line for start, end in hidden for line in range(at(start), at(end - 1) + 1))

    def wrapped(self, node: Node) -> Node:
        """The outermost node that contains the definition `node` and no other definition."""
        if not self.language.wrappers:
            return node
        while (parent := node.parent) is not None and parent.type in self.language.wrappers:
            if parent.start_byte != node.start_byte and _has_siblings(parent, node):
                break
            node = parent
        return node

    def above(self, start: int) -> tuple[int, list[tuple[int, int]]]:
        """The start of the comments and attributes directly above `start`, and the ranges of the comments.

        Returns `start` itself if there are no comments and attributes. Ranges are half-open byte ranges.
        """
        comments: list[tuple[int, int]] = []
        while (span := self._attached_line(start)) is not None:
            first, end, is_comment = span
            if self._is_header(first, end):
                break
            if is_comment:
                comments.append((first, end))
            start = first
        comments.reverse()
        return start, comments

    def _attached_line(self, start: int) -> tuple[int, int, bool] | None:
        """The range of the comment or attribute that ends in the line above, and whether it is a comment.

        Returns None if no comment or attribute ends in the line above.
        """
        line = self.lines.at(start)
        if line == 0 or not self.lines.opens(start):
            return None
        first, end = self._stripped(line - 1)
        if line - 1 in self.unseen:
            return first, end, False
        content = self.lines.text[first:end]
        language = self.language
        if not content or not (content.startswith(language.leads) or content.endswith(language.trails)):
            return None
        node = self._attached_node(end)
        if node is None or not self.lines.opens(node.start_byte):
            return None
        first = node.start_byte
        is_comment = _documents(node, self.lines.text)
        return (self._run(first) if is_comment else first), end, is_comment

    def _attached_node(self, end: int) -> Node | None:
        node = self.root.descendant_for_byte_range(end - 1, end)
        for _ in range(12):
            if node is None or node.type in self.language.attached:
                break
            node = node.parent
        if node is None or node.type not in self.language.attached:
            return None
        # Several attributes on one line count as one.
        while not self.lines.opens(node.start_byte):
            before = node.prev_sibling
            if before is None or before.type not in self.language.attached:
                return None
            node = before
        return node

    def _run(self, first: int) -> int:
        """The start of the consecutive line comments of which the last is at `first`."""
        text = self.lines.text
        if not text.startswith(self.language.remark, first):
            return first
        line = self.lines.at(first)
        while line > 0:
            above, end = self._stripped(line - 1)
            if above == end or not text.startswith(self.language.remark, above):
                break
            first, line = above, line - 1
        return first

    def _stripped(self, line: int) -> tuple[int, int]:
        """The byte range of a line without white space around it."""
        content = self.lines.line(line)
        end = self.lines.starts[line] + len(content.rstrip())
        return end - len(content.strip()), end

    def _is_header(self, first: int, end: int) -> bool:
        if self.lines.at(first) >= _HEADER_LINES:
            return False
        comment = self.lines.text[first:end]
        return comment.startswith(b"#!") or _LICENCE.search(comment) is not None

    def closes(self, start: int, end: int) -> bool:
        """Whether the byte range contains only what may follow a definition on its last line."""
        position = _CLOSERS.match(self.lines.text, start, end).end()  # type: ignore[union-attr]
        return position == end or self.lines.text.startswith(self.language.remark, position, end)


def _documents(node: Node, text: bytes) -> bool:
    """Whether an attached node is documentation: a comment, a string in Julia, or `@doc` in Elixir."""
    if node.type == "unary_operator":
        return text.startswith(b"@doc ", node.start_byte) and text[node.end_byte - 1 : node.end_byte] == b'"'
    return "comment" in node.type or node.type in {"haddock", "string_literal", "marginalia"}


def _has_siblings(parent: Node, node: Node) -> bool:
    """Whether the wrapper `parent` declares more than the definition `node` (`const a = ..., b = ...`)."""
    return (
        node.type in _DECLARATORS and sum(child.type in _DECLARATORS for child in parent.named_children) > 1
    )
