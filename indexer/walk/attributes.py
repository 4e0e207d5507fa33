"""Reads `.gitattributes` files: which files are generated or vendored, and their language and encoding.

The rules are those of git: the nearest attributes file wins; within one attributes file, the last matching
line wins; a nested repository does not inherit the attributes of the repository around it. Only an attributes
file at the top of a repository may define macros. The attributes files of the user and of the system are
ignored, so that an index depends only on the repository.
"""

# Names are bytes in this module, and pathlib does not accept bytes.
# ruff: noqa: PTH118, PTH120

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from ..paths import show
from ..safe_read import read_regular
from .patterns import compiled
from .worktrees import is_top, top_around

ATTRIBUTES = b".gitattributes"
MAX_BYTES = 1_000_000
"""Size in bytes of the largest attributes file that is read."""
_MAX_LINE = 2_048
"""Length in bytes of the longest line that is read. git ignores longer lines, too."""
_MAX_RULES = 10_000
"""Number of rules that are read from one attributes file."""
_MAX_WILD = 500
"""Number of rules with wildcards that are used from one attributes file."""
_MAX_DEPTH = 8
"""Depth to which macros may be nested."""

_GENERATED, _VENDORED = "linguist-generated", "linguist-vendored"
_LANGUAGE, _ENCODING = "linguist-language", "working-tree-encoding"
_KNOWN = (_GENERATED, _VENDORED, _LANGUAGE, _ENCODING)

_WILD = re.compile(rb"[*?\[\\]")
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"(.*)', re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"b": b"\b", b"f": b"\f", b"v": b"\v", b"a": b"\a"}

AttributeValue = str | bool | None
"""An attribute's value; True if it is set, False if it is unset, None if it is unspecified (`!name`)."""
ReadFile = Callable[[bytes], bytes | None]
"""Returns the content of the file at a path relative to the root, or None for a missing or too large file."""


@dataclass(frozen=True, slots=True)
class AttributeRule:
    """One line of an attributes file that sets attributes of _KNOWN."""

    source: str
    line: int
    text: str
    pattern: bytes
    states: Mapping[str, AttributeValue]

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class Attributes:
    """The attributes of one file. An unspecified attribute is None or "".

    `rules` maps an attribute's name to the line that sets it.
    """

    generated: bool | None = None
    vendored: bool | None = None
    language: str = ""
    encoding: str = ""
    rules: Mapping[str, AttributeRule] = field(default_factory=dict)

    @property
    def generated_by(self) -> str:
        """The line that sets `generated`, as text. Returns "" if no line sets it."""
        return str(self.rules.get(_GENERATED, ""))

    @property
    def vendored_by(self) -> str:
        """The line that sets `vendored`, as text. Returns "" if no line sets it."""
        return str(self.rules.get(_VENDORED, ""))


NOTHING = Attributes()


class _File:
    """The compiled rules of one attributes file."""

    def __init__(self, rules: list[AttributeRule]) -> None:
        self.rules = rules
        self._plain: dict[bytes, list[int]] = {}
        self._ends: dict[bytes, list[int]] = {}
        self._wild: list[tuple[int, bool, re.Pattern[bytes]]] = []
        for number, rule in enumerate(rules):
            self._add(number, rule.pattern)

    def _add(self, number: int, pattern: bytes) -> None:
        if not _WILD.search(pattern):
            self._plain.setdefault(pattern, []).append(number)
        elif pattern.startswith(b"*.") and not _WILD.search(pattern[1:]) and b"/" not in pattern:
            self._ends.setdefault(pattern[1:], []).append(number)
        elif len(self._wild) < _MAX_WILD and (expression := compiled(pattern)) is not None:
            self._wild.append((number, b"/" not in pattern, expression))

    def matching(self, path: bytes) -> Iterator[AttributeRule]:
        """The rules that match a path, from the last to the first."""
        name = path.rpartition(b"/")[2]
        found = {*self._plain.get(name, ()), *self._plain.get(b"/" + path, ())}
        if b"/" in path:
            found.update(self._plain.get(path, ()))
        dot = name.find(b".")
        while dot >= 0:
            found.update(self._ends.get(name[dot:], ()))
            dot = name.find(b".", dot + 1)
        found.update(n for n, by_name, e in self._wild if e.fullmatch(name if by_name else path))
        return (self.rules[number] for number in sorted(found, reverse=True))


@dataclass(frozen=True, slots=True)
class _Chain:
    """The attributes files that apply in a folder, nearest first, and the repository's `macros`.

    `files` are (cut, prefix, rules): a path becomes relative to the attributes file if its first `cut` bytes
    are replaced by `prefix`.
    """

    files: tuple[tuple[int, bytes, _File], ...] = ()
    macros: Mapping[str, Mapping[str, AttributeValue]] = field(default_factory=dict)


class AttributeTree:
    """The attributes of the files below a root.

    `is_top` tells whether a folder is the top of a nested repository. `above` has the attributes files of the
    folders from the repository's top down to the parent of the root. Each item has a path for messages, the
    path from the file's folder to the root, and the file's content.
    """

    def __init__(
        self,
        read: ReadFile,
        is_top: Callable[[bytes], bool],
        above: list[tuple[str, bytes, bytes]] | None = None,
    ) -> None:
        self._read, self._is_top = read, is_top
        self.has_unvendored = False
        """Whether an attributes file that was read so far says that some files are not vendored."""
        chain = _Chain()
        for number, (source, way, data) in enumerate(above or ()):
            chain = _added(chain, data, source, 0, way, top=number == 0)
        self._folders = {b"": self._own(chain, b"", top=not above)}

    def of(self, path: bytes) -> Attributes:
        """The attributes of the file at `path`."""
        chain = self._chain(path.rpartition(b"/")[0])
        if not chain.files:
            return NOTHING
        states: dict[str, AttributeValue] = {}
        rules: dict[str, AttributeRule] = {}
        for cut, prefix, file in chain.files:
            for rule in file.matching(prefix + path[cut:]):
                for name, state in rule.states.items():
                    if name not in states:
                        states[name], rules[name] = state, rule
            if len(states) == len(_KNOWN):
                break
        return _attributes(states, rules) if states else NOTHING

    def _chain(self, folder: bytes) -> _Chain:
        unknown = []
        while folder not in self._folders:
            unknown.append(folder)
            folder = folder.rpartition(b"/")[0]
        chain = self._folders[folder]
        for one in reversed(unknown):
            top = self._is_top(one)
            chain = self._folders[one] = self._own(_Chain() if top else chain, one, top=top)
        return chain

    def _own(self, chain: _Chain, folder: bytes, *, top: bool) -> _Chain:
        """The chain with the attributes file of `folder`, and at a `top` also with `.git/info/attributes`."""
        lead = folder + b"/" if folder else b""
        data = self._read(lead + ATTRIBUTES)
        if data is not None:
            chain = _added(chain, data, show(lead + ATTRIBUTES), len(lead), b"", top=top)
        if top and (data := self._read(lead + b".git/info/attributes")) is not None:
            chain = _added(chain, data, show(lead) + ".git/info/attributes", len(lead), b"", top=True)
        self.has_unvendored = self.has_unvendored or _has_unvendored(chain)
        return chain


def tree_on_disk(root: bytes) -> AttributeTree:
    """The attributes of the files below a folder on disk, which may be inside a repository."""

    def read(path: bytes) -> bytes | None:
        return _read(b"%s/%s" % (root, path))

    return AttributeTree(read, lambda folder: is_top(b"%s/%s" % (root, folder)), _above(root))


def _above(root: bytes) -> list[tuple[str, bytes, bytes]]:
    """The attributes files of the folders above `root`, from the repository's top down.

    Returns an empty list if `root` is the top of a repository or is in no repository.
    """
    folder, top = root, top_around(root)
    found: list[tuple[str, bytes, bytes]] = []
    while top is not None and folder != top:
        folder = os.path.dirname(folder)
        place = os.path.join(folder, ATTRIBUTES)
        found.append((show(place), os.path.relpath(root, folder) + b"/", _read(place) or b""))
    return found[::-1]


def _read(place: bytes) -> bytes | None:
    try:
        data, _ = read_regular(place, MAX_BYTES + 1)
    except OSError:
        return None
    return data if len(data) <= MAX_BYTES else None


def _has_unvendored(chain: _Chain) -> bool:
    return any(rule.states.get(_VENDORED) in (False, "false") for *_, f in chain.files for rule in f.rules)


def _added(chain: _Chain, data: bytes, source: str, cut: int, prefix: bytes, *, top: bool) -> _Chain:
    """The chain with one more attributes file, as the nearest."""
    rules, macros = parse(data, source, chain.macros, top=top)
    files = ((cut, prefix, _File(rules)), *chain.files) if rules else chain.files
    return _Chain(files, macros)


def parse(
    data: bytes, source: str, macros: Mapping[str, Mapping[str, AttributeValue]], *, top: bool
) -> tuple[list[AttributeRule], dict[str, Mapping[str, AttributeValue]]]:
    """The rules of an attributes file, and all macros. A file at the `top` may add to `macros`."""
    lines = []
    known = dict(macros)
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        text = line.strip(b" \t\r")
        if not text or text.startswith(b"#") or len(text) > _MAX_LINE:
            continue
        pattern, rest = _divided(text)
        if pattern.startswith(b"[attr]"):
            if top:
                known[show(pattern[6:])] = _states(rest)
        elif pattern and not pattern.startswith(b"!") and not pattern.endswith(b"/"):
            lines.append((number, show(text), pattern, rest))
    rules: list[AttributeRule] = []
    for number, shown, pattern, rest in lines:
        states = _of_interest(_states(rest), known)
        if states and len(rules) < _MAX_RULES:
            rules.append(AttributeRule(source, number, shown, pattern, states))
    return rules, known


def _divided(text: bytes) -> tuple[bytes, bytes]:
    """The pattern of a line, and the rest of the line."""
    if (quoted := _QUOTED.fullmatch(text)) is not None:
        return _ESCAPE.sub(_unescaped, quoted[1]), quoted[2]
    pattern, *rest = text.split(None, 1)
    return pattern, rest[0] if rest else b""


def _unescaped(found: re.Match[bytes]) -> bytes:
    digits = found[1]
    if len(digits) == 3:
        return bytes([int(digits, 8) & 0xFF])
    return _ESCAPED.get(digits, digits)


def _states(text: bytes) -> dict[str, AttributeValue]:
    """The attributes that a line sets, and their values, in order."""
    found: dict[str, AttributeValue] = {}
    for word in text.decode("utf-8", "replace").split():
        name, equals, value = word.partition("=")
        state: AttributeValue = value if equals else True
        if word.startswith(("-", "!")):
            name, state = word[1:], (False if word.startswith("-") else None)
        found.pop(name, None)
        found[name] = state
    return found


def _of_interest(
    states: Mapping[str, AttributeValue], macros: Mapping[str, Mapping[str, AttributeValue]], depth: int = 0
) -> dict[str, AttributeValue]:
    """The attributes of _KNOWN in `states`, after macros are expanded."""
    found: dict[str, AttributeValue] = {}
    for name, state in states.items():
        if name in _KNOWN:
            found[name] = state
        elif state is True and name in macros and depth < _MAX_DEPTH:
            found.update(_of_interest(macros[name], macros, depth + 1))
    return found


def _attributes(states: Mapping[str, AttributeValue], rules: Mapping[str, AttributeRule]) -> Attributes:
    return Attributes(
        generated=_truth(states.get(_GENERATED)),
        vendored=_truth(states.get(_VENDORED)),
        language=_value(states.get(_LANGUAGE)),
        encoding=_value(states.get(_ENCODING)),
        rules=rules,
    )


def _truth(state: AttributeValue) -> bool | None:
    return state.lower() != "false" if isinstance(state, str) else state


def _value(state: AttributeValue) -> str:
    return state if isinstance(state, str) else ""
