"""Isolates syntax errors, so that an error affects only the definition around it.

The error recovery of a grammar can lose the rest of a file, or the class around the error. A text whose tree
has errors is therefore divided by its indentation (`indentation.py`) into units, which are definitions and
statements. Units about which the tree is right (`soundness.py`) are kept. The other units are parsed again in
groups. A group without an error is kept, and a group with an error is divided. A single unit that still has
an error is opened: the first and the last lines of the unit are parsed without its body (as a skeleton),
which gives the definition itself. The body is divided into units again, and each of these units is parsed
between the lines of the skeleton, as if it were the only member.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tree_sitter import Node, Tree

from .budgeted_parser import BudgetedParser
from .indentation import LineIndentation, LineRange
from .lines import Lines
from .profiles import LanguageProfile
from .soundness import first_error, has_sound_head, stretches

# A block with more than this number of units is data, and is not parsed again.
MAX_UNITS = 4_000
# Broken definitions are opened down to this depth of nesting.
MAX_OPENED = 6
# The bytes that are parsed again are limited to MAX_EFFORT times the length of the text, or to MIN_EFFORT if
# that is more. Units that exceed the limit stay broken.
MAX_EFFORT = 6
MIN_EFFORT = 100_000

# The types of nodes whose members may have the same indentation as the node itself.
_NOT_INDENTED = ("namespace_definition", "linkage_specification")
_DECLARATORS = ("pointer_declarator", "reference_declarator", "parenthesized_declarator")


@dataclass(frozen=True, slots=True)
class Part:
    """A tree of some lines of a text, and the byte range of the definitions that are kept from the tree.

    A definition is kept if it starts in the half-open range from `start` to `end`. A definition that reaches
    beyond `reach` is cut there. `skeleton` says that the tree has only the first and last lines of one
    definition; in the text, this definition ends at `reach`. `broken` says that the part has errors.
    """

    tree: Tree
    start: int
    end: int
    reach: int
    skeleton: bool = False
    broken: bool = False


@dataclass(frozen=True, slots=True)
class _Context:
    """The first and last lines of the definitions around a unit, in file order."""

    before: tuple[LineRange, ...] = ()
    after: tuple[LineRange, ...] = ()


class Isolation:
    """Parses one text in parts."""

    def __init__(
        self,
        parser: BudgetedParser,
        lines: Lines,
        whole: Tree,
        language: LanguageProfile,
        wanted: Sequence[tuple[int, int]] | None = None,
    ) -> None:
        """If `wanted` is given, the parts need to cover only these half-open byte ranges, given in order."""
        self._parser = parser
        self._lines = lines
        self._whole = whole
        self._text = lines.text
        self._indentation = LineIndentation(lines, whole, language)
        self._language = language
        opening = lines.text.find(b"<?") if language.name == "php" else -1  # where PHP code begins
        self._preamble = ((lines.at(opening), lines.at(opening) + 1),) if opening >= 0 else ()
        self._effort = max(MIN_EFFORT, MAX_EFFORT * len(self._text))
        self._wanted = wanted

    def parts(self) -> Iterator[Part]:
        """The parts of the text. Together, they cover all lines that are wanted. Raises OutOfTime."""
        block, root = (0, len(self._lines)), self._whole.root_node
        yield from self._parts_of_block(block, _Context(self._preamble), 0, self._whole, root)

    def _parts_of_block(
        self, block: LineRange, context: _Context, depth: int, tree: Tree, node: Node | None
    ) -> Iterator[Part]:
        """The parts of a block of lines: the sound stretches of `tree`, and the other lines parsed again.

        `node` is the node of `tree` whose children are in these lines. It is None if there is no such node.
        """
        known = (
            stretches(node, *block, self._language.attached) if node is not None and not node.is_error else []
        )
        if not known:
            yield from self._reparse(block, context, depth, tree, None)
        for one in known:
            if one.sound:
                yield self._part(tree, one.first, one.end)
            else:
                yield from self._reparse((one.first, one.end), context, depth, tree, one.node)

    def _reparse(
        self, block: LineRange, context: _Context, depth: int, tree: Tree, node: Node | None
    ) -> Iterator[Part]:
        """The parts of a block of lines in which `tree` has errors.

        `node` is the node of `tree` that contains all these errors. It is None if no such node is known.
        """
        if not self._is_wanted(block):
            return
        units = self._indentation.units(*block)
        if len(units) > MAX_UNITS:
            yield self._part(self._whole, *block, broken=True)
        elif len(units) == 1 and node is not None:
            yield from self._open_unit(units[0], context, depth, tree, node)
        elif node is not None and node.type in _NOT_INDENTED:
            yield from self._open_unit(block, context, depth, tree, node)
        elif units:
            yield from self._parts(units, context, depth)

    def _parts(self, units: list[LineRange], context: _Context, depth: int) -> Iterator[Part]:
        """The parts of units for which there is no sound tree."""
        first, end = units[0][0], units[-1][1]
        if not self._is_wanted((first, end)):
            return
        if self._effort <= 0:
            yield self._part(self._whole, first, end, broken=True)
            return
        if len(units) > 1:
            sound = self._parser.parse_lines_if_sound(self._ranges(context, (first, end)), self._lines)
            if sound is not None:
                yield self._part(sound, first, end)
                return
            # The first unit is a group by itself, because it often has the only error, which has spoiled the
            # tree of the units after it.
            size = math.isqrt(len(units))
            for group in (units[:1], *(units[at : at + size] for at in range(1, len(units), size))):
                yield from self._parts(group, context, depth)
            return
        outermost = _Context(self._preamble)
        for around in (context, outermost) if context != outermost else (context,):
            tree = self._tree(around, (first, end))
            if not tree.root_node.has_error:
                yield self._part(tree, first, end)
                return
        yield from self._open_unit((first, end), context, depth, tree)

    def _open_unit(
        self, unit: LineRange, context: _Context, depth: int, tree: Tree, node: Node | None = None
    ) -> Iterator[Part]:
        """The parts of a unit with an error. Yields one broken part if the unit cannot be opened.

        `tree` contains the unit. `node` is the node of the unit in `tree`, or None if it is not known.
        """
        first, end = unit
        body, tail = self._indentation.body(first, end)
        if node is not None and node.type in _NOT_INDENTED and (block := node.child_by_field_name("body")):
            body, tail = block.start_point.row + 1, block.end_point.row
        if depth >= MAX_OPENED or body == first or not self._indentation.units(body, tail):
            yield self._part(tree, first, end, broken=True)
            return
        if (function := self._function(tree, unit, (body, tail))) is not None:
            yield Part(tree, self._lines.starts[first], function, self._lines.starts[end], broken=True)
            return
        head, foot = (first, body), ((tail, tail + 1),) if tail < end else ()
        inner = _Context((*context.before, head), (*foot, *context.after))
        starts = self._lines.starts
        reach = starts[tail + 1 if foot else end]
        around = self._block(node or tree.root_node, body, tail)
        broken = False
        if node is not None and around is not None and foot and self._encloses(node, around, body, tail):
            yield Part(tree, starts[first], starts[body], reach)
        else:
            skeleton = self._tree(inner)
            broken = skeleton.root_node.has_error
            yield Part(skeleton, starts[first], starts[body], reach, skeleton=True, broken=broken)
            around = None if broken else around
        yield from self._parts_of_block((body, tail), context if broken else inner, depth + 1, tree, around)
        if foot and (rest := self._indentation.units(tail + 1, end)):
            yield from self._parts(rest, context, depth)

    def _is_wanted(self, block: LineRange) -> bool:
        if self._wanted is None:
            return True
        first, end = self._lines.starts[block[0]], self._lines.starts[block[1]]
        return any(start < end and first < stop for start, stop in self._wanted)

    def _function(self, tree: Tree, unit: LineRange, inside: LineRange) -> int | None:
        """The byte at which a function's body begins, if `unit` is a function with errors only in its body.

        Returns None for any other unit. Returns None for all units in languages whose functions may contain
        definitions.
        """
        functions, starts = self._language.functions, self._lines.starts
        if not functions:
            return None
        node = tree.root_node.descendant_for_byte_range(starts[inside[0]], max(starts[inside[1]] - 1, 0))
        while node is not None and node.type not in functions and node.start_byte > starts[unit[0]]:
            node = node.parent
        if node is None or node.type not in functions:
            return None
        body = node if node.type == "compound_statement" else node.child_by_field_name("body")
        if body is None or _holds_functions(body):
            return None
        fits = starts[unit[0]] <= node.start_byte and node.end_byte <= starts[unit[1]]
        return body.start_byte if fits and has_sound_head(node, self._text) else None

    def _encloses(self, node: Node, block: Node, body: int, tail: int) -> bool:
        """Whether `node` has no error above its body, and ends on the line `tail` without a missing token.

        The body has the lines [body, tail). `block` is the node of the body, and must begin above the line
        `body`.
        """
        last: Node | None = node
        while last is not None and not last.is_missing:
            if last.end_point.row != tail:
                return False
            last = last.children[-1] if last.children else None
        fits = last is None and block.start_point.row < body
        return fits and first_error(node) >= self._lines.starts[body]

    def _block(self, node: Node, body: int, tail: int) -> Node | None:
        """The innermost node in `node` that is a body and contains the lines [body, tail).

        Returns None if there is no such node.
        """
        start, end = self._lines.starts[body], self._lines.starts[tail]
        content = self._text[start:end]
        end -= len(content) - len(content.rstrip())
        start += len(content) - len(content.lstrip())
        block = node if node.type in self._language.bodies else None
        while node.has_error and not node.is_error:
            inner = next((one for one in node.children if one.end_byte >= end), None)
            if inner is None or inner.start_byte > start:
                return block
            node = inner
            block = node if node.type in self._language.bodies else block
        return block

    def _tree(self, context: _Context, *units: LineRange) -> Tree:
        return self._parser.parse_lines(self._ranges(context, *units), self._lines)

    def _ranges(self, context: _Context, *units: LineRange) -> list[LineRange]:
        """The line ranges of units inside `context`, without overlaps, for the parser.

        Subtracts the bytes in these ranges from the remaining effort.
        """
        starts, disjoint, position = self._lines.starts, [], 0
        for first, end in (*context.before, *units, *context.after):
            if max(first, position) < end:
                disjoint.append((max(first, position), end))
                position = end
        self._effort -= sum(starts[end] - starts[first] for first, end in disjoint)
        return disjoint

    def _part(self, tree: Tree, first: int, end: int, *, broken: bool = False) -> Part:
        """The part for a line range of a tree."""
        start, stop = self._lines.starts[first], self._lines.starts[end]
        return Part(tree, start, stop, stop, broken=broken)


def _holds_functions(body: Node) -> bool:
    """Whether the body of a function is really the body of a class or namespace.

    The grammar takes a class or namespace with an unknown macro in its head for a function.
    """
    outer = body.parent
    declarator = outer.child_by_field_name("declarator") if outer is not None else None
    while declarator is not None and declarator.type in _DECLARATORS:
        declarator = declarator.child_by_field_name("declarator") or next(
            iter(declarator.named_children), None
        )
    if declarator is not None and declarator.type != "function_declarator":
        return True
    return any(child.type in ("function_definition", "class_specifier") for child in body.children)
