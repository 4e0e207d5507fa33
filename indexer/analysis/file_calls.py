"""What a file says about calls: its definitions, the calls in them, and what names in it stand for.

One pass of a query over the syntax tree finds all of it. Languages without a query have calls that are found
by a rule for all languages: a name before a parenthesis. Nothing here knows other files; `retrieval/calls/`
follows the names from file to file.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ..parsing.expressions import BUILT_IN, UNKNOWN, path_of, type_of
from ..parsing.languages import BY_NAME, calls_query, language_of
from ..parsing.source import Source
from ..parsing.split import SplitResult, split_file
from . import package_files
from .outline import symbols_of
from .use_trees import uses

if TYPE_CHECKING:
    from tree_sitter import Node

    from ..fragment import Symbol
    from ..parsing.definitions import Definition as ParsedDefinition
    from ..parsing.profiles import LanguageProfile

MODULE = -1
"""The number of the definition of code that is outside of every definition."""
ALL = "*"
"""The imported name of an import of all names."""
NAMESPACE = "namespace:"
"""The first part of a fact that names a namespace, which is left out of the names of definitions."""
MAX_CALLS = 20_000
"""Largest number of calls of a file that are kept. Files with more are tables or generated code."""

_DEEPEST = 2_000
"""Nodes that are deeper in the tree are not searched, as for definitions."""
_LINE = 240
"""Characters of a line that are kept."""
_CALLED = re.compile(rb"([A-Za-z_\x80-\xff$][\w\x80-\xff$]*[!?]?)[ \t]*\(")
_BEFORE = re.compile(rb"([\w\x80-\xff$@]+)\s*(?:\?\.|->|::|\.)\s*$")
_NAME = re.compile(r"[^\W\d][\w$]*[!?]?|\$[\w$]+")
_MODIFIERS = re.compile(
    r"(?:.*\.|\s*(?:(?:async|static|get|set|public|private|protected|override|\*)\s*)*[\"'#\[]?)"
)
_DEFINING = frozenset({"function", "method", "class", "type", "macro"})


class FileDefinition(NamedTuple):
    """A function, method, class, type or macro of a file. `declared` says that it has no body here, and
    `member` that it belongs to a class or an object, which may have no name.

    `start` and `end` are its first and last line, `line` and `column` the place of its name; all count from
    1, columns in code points.
    """

    symbol: str
    kind: str
    start: int
    end: int
    line: int
    column: int
    declared: bool = False
    member: bool = False


class CallSite(NamedTuple):
    """A call: the called name, the path of the expression before it ("" if there is none), and its place.

    `owner` is the number of the innermost definition around it, or MODULE.
    """

    name: str
    receiver: str
    line: int
    column: int
    owner: int


class Import(NamedTuple):
    """`local` stands for `imported` of `module`; for the module itself if `imported` is "".

    If `imported` is ALL, all names of the module do.
    """

    local: str
    module: str
    imported: str
    owner: int = MODULE


class Binding(NamedTuple):
    """A name, and the path of what it stands for.

    `owner` is the function or the class in which it does, and `scope` the definition in which the path is
    read.
    """

    owner: int
    name: str
    value: str
    scope: int


class FileCalls(NamedTuple):
    """The calls of one file. `lines` has the text of each line with a call or a definition.

    `bases` are the base classes of definitions, `returns` what their functions return, and `facts` what a
    package's own file says (`package_files.py`).
    """

    path: str
    language: str
    digest: str
    definitions: list[FileDefinition]
    calls: list[CallSite]
    imports: list[Import]
    bases: list[tuple[int, str]]
    bindings: list[Binding]
    returns: list[tuple[int, str]]
    lines: dict[int, str]
    facts: dict[str, str]


def file_calls(source: Source) -> FileCalls:
    """What a file says about calls."""
    path = source.file.path
    language = language_of(source.file, source.text)
    found = FileCalls(
        path, language, source.digest, [], [], [], [], [], [], {}, package_files.facts(path, source.text)
    )
    if grammar := BY_NAME.get(language):
        result = split_file(source.text, grammar)
        _CallsReader(source, found, result, grammar).read()
        for script in result.scripts:
            _CallsReader(
                source, found, script.result, BY_NAME[script.language], script.start, script.line
            ).read()
    return found


class _CallsReader:
    """Reads one text, a file or a script in a page that begins at `byte` and `line`, into `found`."""

    def __init__(
        self,
        source: Source,
        found: FileCalls,
        result: SplitResult,
        language: LanguageProfile,
        byte: int = 0,
        line: int = 0,
    ) -> None:
        self._found, self._language, self._line = found, language, line
        self._first = len(found.definitions)
        self._parsed = result.parsed
        self._text = source.text[byte:] if byte else source.text
        if self._parsed is None:
            return
        self._text = self._parsed.lines.text
        self._starts = [0, *(match.end() for match in re.finditer(rb"\n", self._text))]
        rows = symbols_of(source, result, language, byte, line)
        self._read_definitions(source, rows, byte)

    def _read_definitions(self, source: Source, rows: list[Symbol], byte: int) -> None:
        assert self._parsed is not None
        spans: list[tuple[int, int, int]] = []
        by_name: dict[str, list[ParsedDefinition]] = {}
        for one in self._parsed.symbols:
            by_name.setdefault(one.name, []).append(one)
        shift = source.mark + byte
        for row in rows:
            if row.kind not in _DEFINING:
                continue
            place = (row.name_span or row.span).start_byte - shift if not source.marks else -1
            first = row.span.start_line
            own = next((one for one in by_name.get(row.name, ()) if self._line_of(one.start) == first), None)
            line, column = self._place(place) if place >= 0 else (first, 1)
            member = "." in row.name or self._is_member(line, column)
            number = len(self._found.definitions)
            self._found.definitions.append(
                FileDefinition(
                    row.name, row.kind, first, row.span.end_line, line, column, own is None, member
                )
            )
            self._keep_line(line)
            if own is not None:  # without what is before it in its first line
                ends = [node.end_byte for node in own.nodes[:-1]] + [own.end]
                starts = (max(node.start_byte, own.start) for node in own.nodes)
                spans += [(start, end, number) for start, end in zip(starts, ends, strict=True)]
        self._events = _flattened(spans)
        self._event_starts = [start for start, _ in self._events]
        self._names = {(one.line, one.column) for one in self._found.definitions[self._first :]}

    def _is_member(self, line: int, column: int) -> bool:
        """Whether nothing but modifiers is before a name, in a language in which an object may have
        functions."""
        if self._language.family != "ecma":
            return False
        start = self._starts[line - 1 - self._line]
        before = self._text[start:].split(b"\n", 1)[0].decode("utf-8", "replace")[: column - 1]
        return _MODIFIERS.fullmatch(before) is not None

    def _line_of(self, byte: int) -> int:
        return bisect_right(self._starts, byte) + self._line

    def _place(self, byte: int) -> tuple[int, int]:
        """The line and column of a byte."""
        row = bisect_right(self._starts, byte) - 1
        column = len(self._text[self._starts[row] : byte].decode("utf-8", "replace")) + 1
        return row + 1 + self._line, column

    def _keep_line(self, line: int) -> None:
        row = line - 1 - self._line
        if line not in self._found.lines and 0 <= row < len(self._starts):
            end = self._text.find(b"\n", self._starts[row])
            text = self._text[self._starts[row] : end if end >= 0 else len(self._text)]
            self._found.lines[line] = text.decode("utf-8", "replace").rstrip()[:_LINE]

    def _owner(self, byte: int) -> int:
        """The innermost definition around a byte."""
        at = bisect_right(self._event_starts, byte) - 1
        return self._events[at][1] if at >= 0 else MODULE

    def read(self) -> None:
        """Read what the tree holds."""
        if self._parsed is None:
            return
        compiled = calls_query(self._language)
        if compiled is None:
            self._read_words()
            return
        from tree_sitter import QueryCursor

        cursor = QueryCursor(compiled.query)
        cursor.set_max_start_depth(_DEEPEST)
        alone: list[Node] = []
        variables: set[tuple[int, str]] = set()
        first = len(self._found.calls)
        for pattern, captures in cursor.matches(self._parsed.tree.root_node):
            nodes = {name: found[0] for name, found in captures.items() if found}
            if "alone" in nodes:
                alone.append(nodes["alone"])
            elif "assigned" in nodes:
                node = nodes["assigned"]
                variables.add((self._owner(node.start_byte), self._of(node)))
            else:
                self._read_match(nodes, compiled.settings[pattern])
        if alone:
            self._read_alone(alone, variables, first)

    def _read_alone(self, alone: list[Node], variables: set[tuple[int, str]], first: int) -> None:
        """Take names for calls, unless they are variables, names of definitions, or calls from `first` on.

        A variable of a block counts in the whole method around it.
        """
        known = self._names | {(call.line, call.column) for call in self._found.calls[first:]}
        for node in alone:
            if self._place(node.start_byte) in known:
                continue
            if (self._owner(node.start_byte), self._of(node)) not in variables:
                self._read_call({"name": node})

    def _read_match(self, nodes: dict[str, Node], fixed: dict[str, str | None]) -> None:
        found = self._found
        if "require" in nodes and self._of(nodes["require"]) != "require":
            return
        if "module" in nodes:
            found.imports.append(self._import(nodes, fixed))
        elif "use" in nodes:
            owner = self._owner(nodes["use"].start_byte)
            found.imports.extend(Import(*one, owner) for one in uses(self._of(nodes["use"])))
        elif "namespace" in nodes:
            found.facts[NAMESPACE + self._of(nodes["namespace"])] = ""
        elif "name" in nodes:
            self._read_call(nodes)
        elif "base" in nodes:
            owner, path = self._owner(nodes["base"].start_byte), path_of(_bare(self._of(nodes["base"])))
            if owner != MODULE and path not in (UNKNOWN, BUILT_IN):
                found.bases.append((owner, path))
        elif "returns" in nodes or "returned" in nodes:
            self._read_returned(nodes)
        else:
            self._read_binding(nodes, fixed)

    def _import(self, nodes: dict[str, Node], fixed: dict[str, str | None]) -> Import:
        module = self._of(nodes["module"]).strip("\"'`<>")
        imported = self._of(nodes["imported"]) if "imported" in nodes else fixed.get("imported") or ""
        imported = imported.strip("\"'")
        local = self._of(nodes["local"]) if "local" in nodes else imported
        return Import(local, module, imported, self._owner(nodes["module"].start_byte))

    def _read_call(self, nodes: dict[str, Node]) -> None:
        node, receiver = nodes["name"], ""
        text = self._of(node)
        if text in self._language.parents and self._language.constructors:  # super(...)
            self._add(self._language.constructors[0], text, node.start_byte)
            return
        if "object" in nodes:
            receiver = path_of(self._of(nodes["object"]))
        elif not _NAME.fullmatch(text):  # a qualified or generic name
            path = path_of(_bare(text).replace("::", "."))
            receiver, _, text = path.rpartition(".")
        if (
            len(self._found.calls) >= MAX_CALLS
            or not _NAME.fullmatch(text)
            or text in self._language.keywords
        ):
            return
        end = node.end_byte
        if not self._text[node.start_byte : end].endswith(text.encode()):
            end = (
                node.start_byte
                + max(self._text[node.start_byte : end].rfind(text.encode()), 0)
                + len(text.encode())
            )
        self._add(text, receiver, end - len(text.encode()))

    def _add(self, name: str, receiver: str, byte: int) -> None:
        line, column = self._place(byte)
        self._keep_line(line)
        self._found.calls.append(CallSite(name, receiver, line, column, self._owner(byte)))

    def _read_returned(self, nodes: dict[str, Node]) -> None:
        node = nodes.get("returns") or nodes["returned"]
        owner, text = self._owner(node.start_byte), self._of(node)
        value = type_of(text) if "returns" in nodes else path_of(text)
        if owner != MODULE and value not in (UNKNOWN, BUILT_IN):
            self._found.returns.append((owner, value))

    def _read_binding(self, nodes: dict[str, Node], fixed: dict[str, str | None]) -> None:
        node = nodes.get("type") or nodes.get("value")
        if node is None:
            return
        named = nodes.get("variable") or nodes.get("field")
        name = path_of(self._of(named)) if named is not None else fixed.get("variable") or ""
        value = type_of(self._of(node)) if "type" in nodes else path_of(self._of(node))
        if name in ("", UNKNOWN, BUILT_IN) or "(" in name or value in (UNKNOWN, name):
            return
        owner = scope = self._owner(named.start_byte) if named is not None else MODULE
        if "field" in nodes and owner != MODULE:
            owner = self._class_of(owner)
        first, _, rest = name.partition(".")
        if rest and first in self._language.receivers:
            owner, name = self._class_of(owner), rest
        if "." not in name:
            self._found.bindings.append(Binding(owner, name, value, scope))

    def _class_of(self, owner: int) -> int:
        """The class around a definition, or the definition itself."""
        if owner == MODULE or self._found.definitions[owner].kind in ("class", "type"):
            return owner
        symbol = self._found.definitions[owner].symbol
        while symbol := symbol.rpartition(".")[0]:
            for number in range(owner - 1, self._first - 1, -1):
                one = self._found.definitions[number]
                if one.symbol == symbol and one.kind in ("class", "type"):
                    return number
        return owner

    def _read_words(self) -> None:
        """Take each name before a parenthesis for a call, outside of comments, strings and heads of
        definitions."""
        assert self._parsed is not None
        root = self._parsed.tree.root_node
        for match in _CALLED.finditer(self._text):
            name = match[1].decode("utf-8", "replace")
            if name in self._language.keywords or self._place(match.start()) in self._names:
                continue
            node = root.descendant_for_byte_range(match.start(), match.end(1))
            if node is None or any(word in node.type for word in ("comment", "string", "text")):
                continue
            before = _BEFORE.search(self._text, max(0, match.start() - 80), match.start())
            receiver = before[1].decode("utf-8", "replace") if before else ""
            self._add(name, receiver, match.start())

    def _of(self, node: Node) -> str:
        return self._text[node.start_byte : node.end_byte].decode("utf-8", "replace")


def _bare(text: str) -> str:
    """A name without its type arguments."""
    return re.sub(r"<.*>|\[.*\]", "", text, flags=re.DOTALL)


def _flattened(spans: list[tuple[int, int, int]]) -> list[tuple[int, int]]:
    """From nested ranges, the points at which the innermost range changes: (start, number)."""
    events: list[tuple[int, int]] = []
    open_ranges: list[tuple[int, int]] = []

    def close(until: int) -> Iterator[tuple[int, int]]:
        while open_ranges and open_ranges[-1][0] <= until:
            end, _ = open_ranges.pop()
            yield end, open_ranges[-1][1] if open_ranges else MODULE

    for start, end, number in sorted(spans, key=lambda one: (one[0], -one[1])):
        events.extend(close(start))
        events.append((start, number))
        open_ranges.append((end, number))
    events.extend(close(1 << 62))
    return events
