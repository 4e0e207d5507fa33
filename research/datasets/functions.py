"""Extracts the functions of a tree, each without its documentation, to make data sets and questions."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tree_sitter import Node

from indexer.analysis.roles import is_example, is_test
from indexer.fragment import SourceFile
from indexer.parsing.definitions import Definition
from indexer.parsing.docs import leading_string
from indexer.parsing.extents import Surroundings
from indexer.parsing.languages import detect
from indexer.parsing.parse import Parsed, parse, unparsable_reason
from indexer.parsing.profiles import LanguageProfile
from indexer.parsing.source import Source, read
from indexer.walk.walk import WalkOptions, walk

_HEAD = 4096
_STRING = re.compile(rb"[rRuUbBfF]{0,2}(\"\"\"|'''|\"|')")
_DEPTH, _WIDTH = 3, 4
"""Maximum depth and number of siblings in the search for a body."""
_BODIES = frozenset({"function_body", "block", "body_statement", "do_block", "compound_statement"})

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method: its qualified name, its code without documentation, and its docstring.

    The first `head` characters of the code are its signature. `head` is 0 if the grammar does not say where
    the signature ends.
    """

    path: str
    language: str
    symbol: str
    text: str
    docstring: str
    head: int = 0

    @property
    def name(self) -> str:
        """The last part of the qualified name."""
        return self.symbol.rsplit(".", 1)[-1]


def sources(tree: Path) -> Iterator[tuple[Source, LanguageProfile]]:
    """The files of a tree that have a grammar, without vendored, generated, minified and huge files."""
    for file in walk(tree, WalkOptions()):
        if not isinstance(file, SourceFile):
            continue
        source = read(file)
        if not isinstance(source, Source):
            continue
        language = detect(file.path, source.text[:_HEAD])
        if language is not None and not language.textual and unparsable_reason(source.text) is None:
            yield source, language


def in_tree(tree: Path) -> Iterator[Function]:
    """All functions of a tree except those in tests and examples, in file order."""
    for source, language in sources(tree):
        if not is_test(source.file.path) and not is_example(source.file.path):
            yield from in_text(source.file.path, source.text, language)


def in_text(path: str, text: bytes, language: LanguageProfile) -> Iterator[Function]:
    """The outermost functions of one file. Raises OutOfTime if parsing takes too long."""
    parsed = parse(text, language)
    yield from of(path, language, parsed, documentation(parsed, language))


def of(
    path: str, language: LanguageProfile, parsed: Parsed, documented: Sequence[Range]
) -> Iterator[Function]:
    """The outermost functions of one file. `documented` are the ranges of all documentation in the file."""
    text = parsed.lines.text
    for one in outermost(parsed):
        start = parsed.lines.start(one.nodes[0].start_byte)
        apart = [(a - start, b - start) for a, b in _between(documented, start, one.end)]
        code = without(text[start : one.end], apart).decode("utf-8", "replace")
        body = _body(one.nodes[0], _DEPTH)
        head = without(text[start : body.start_byte], apart).decode("utf-8", "replace") if body else ""
        yield Function(path, language.name, one.name, code, one.docstring, len(head))


def outermost(parsed: Parsed) -> Iterator[Definition]:
    """The functions and methods of one file that are not inside another function, in order."""
    return (one for one in parsed.symbols if one.kind != "class" and not _nested(one))


def documentation(parsed: Parsed, language: LanguageProfile) -> list[Range]:
    """Byte ranges of the doc comments and docstrings of all functions, in order, without overlap."""
    known: dict[int, Surroundings] = {}
    found: set[Range] = set()
    for one in parsed.symbols:
        if one.kind != "class" and one.docstring:
            for node in one.nodes:
                root = _root(node)
                if root.id not in known:
                    known[root.id] = Surroundings(parsed.lines, root, language)
                above = known[root.id].above(node.start_byte)[1]
                found.update(_whole_lines(span, parsed) for span in above)
                inner = _inner(node, parsed.lines.text)
                found.update([_whole_lines(inner, parsed)] if inner else ())
    disjoint: list[Range] = []
    for start, end in sorted(found):
        if not disjoint or start >= disjoint[-1][1]:
            disjoint.append((start, end))
    return disjoint


def _between(ranges: Sequence[Range], start: int, end: int) -> Sequence[Range]:
    """The ranges that may overlap the text from `start` to `end`. `ranges` are sorted and disjoint."""
    first = bisect_left(ranges, (start, 0))
    return ranges[max(first - 1, 0) : bisect_left(ranges, (end, 0))]


def _body(node: Node, depth: int) -> Node | None:
    """The body of a definition. `node` is the definition, or a declaration, export or template around it."""
    body = node.child_by_field_name("body")
    if body is None:  # Kotlin's grammar names no field
        body = next((child for child in reversed(node.named_children) if child.type in _BODIES), None)
    if body is not None or depth == 0:
        return body
    named = (node.child_by_field_name(name) for name in ("definition", "declaration", "value"))
    inner = [child for child in named if child is not None] or node.named_children[:_WIDTH]
    return next((body for child in inner if (body := _body(child, depth - 1)) is not None), None)


def without(text: bytes, ranges: Sequence[Range]) -> bytes:
    """The text without these sorted ranges. Parts of ranges outside the text are ignored."""
    kept, at = [], 0
    for start, end in ranges:
        if end > at and start < len(text):
            kept.append(text[at : max(start, at)])
            at = max(at, end)
    return b"".join([*kept, text[at:]])


def order(seed: int, *words: str) -> bytes:
    """A pseudo-random sort key, which is the same on every machine."""
    return hashlib.blake2b("\0".join((str(seed), *words)).encode("utf-8", "replace"), digest_size=8).digest()


def cut(text: str, seed: int) -> tuple[str, str] | None:
    """A function, split at white space at 55 to 75 % of its length.

    Returns None if there is no white space in this part.
    """
    share = 0.55 + 0.20 * int.from_bytes(order(seed, "cut", text)[:4], "big") / 2**32
    ends = [match.end() for match in re.finditer(r"\s+", text)]
    at = bisect_left(ends, len(text) * share)
    if at == len(ends) or ends[at] > 0.75 * len(text):
        at -= 1
    if at < 0 or ends[at] < 0.55 * len(text) or not text[ends[at] :].strip():
        return None
    return text[: ends[at]].rstrip(), text[ends[at] :].rstrip()


def normalised(text: str) -> str:
    """A hash of the text without white space. Duplicates have equal hashes."""
    return hashlib.blake2b("".join(text.split()).encode("utf-8", "replace"), digest_size=16).hexdigest()


def _nested(one: Definition) -> bool:
    """Whether the definition is inside another function."""
    outer = one.parent
    while outer is not None and outer.kind == "class":
        outer = outer.parent
    return outer is not None


def _root(node: Node) -> Node:
    while node.parent is not None:
        node = node.parent
    return node


def _inner(node: Node, text: bytes) -> Range | None:
    """The range of the docstring in a function's body. Returns None if the body holds nothing else."""
    function = node.child_by_field_name("definition") or node
    body = function.child_by_field_name("body")
    if body is None or body.named_child_count < 2 or not leading_string(text, body.start_byte):
        return None
    opening = _STRING.match(text, body.start_byte)
    if opening is None:
        return None
    end = text.find(opening[1], opening.end())
    return (body.start_byte, end + len(opening[1])) if end >= 0 else None


def _whole_lines(span: Range, parsed: Parsed) -> Range:
    """The range, extended to whole lines if these lines hold nothing else."""
    lines = parsed.lines
    start, end = span
    if lines.opens(start) and not lines.text[end : lines.end(end - 1)].strip():
        return lines.start(start), lines.end(end - 1)
    return span
