"""Reads `.gitattributes` files: which files are generated or vendored, and their language and encoding.

The rules are those of git: the nearest attributes file wins; within one attributes file, the last matching
line wins; a nested repository does not inherit the attributes of the repository around it. Only an attributes
file at the top of a repository may define macros. The attributes files of the user and of the system are
ignored, so that an index depends only on the repository.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from ..paths import show
from . import git
from .patterns import MAX_RULES, Rule, RuleFile, read_rules
from .worktrees import is_top, top_around

ATTRIBUTES = b".gitattributes"
_MAX_LINE = 2_048
"""Length in bytes of the longest line that is read. git ignores longer lines, too."""
_MAX_WILD = 500
"""Number of rules with wildcards that are used from one attributes file."""
_MAX_DEPTH = 8
"""Depth to which macros may be nested."""

GENERATED, VENDORED = "linguist-generated", "linguist-vendored"
_LANGUAGE, _ENCODING = "linguist-language", "working-tree-encoding"
_KNOWN = (GENERATED, VENDORED, _LANGUAGE, _ENCODING)

_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"(.*)', re.DOTALL)

AttributeValue = str | bool | None
"""An attribute's value; True if it is set, False if it is unset, None if it is unspecified (`!name`)."""
ReadFile = Callable[[bytes], bytes | None]
"""Returns the content of the file at an absolute path, or None for a missing or too large file."""


@dataclass(frozen=True, slots=True)
class AttributeRule(Rule):
    """One line of an attributes file that sets attributes of _KNOWN."""

    states: Mapping[str, AttributeValue]


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


NOTHING = Attributes()


@dataclass(frozen=True, slots=True)
class _Chain:
    """The attributes files that apply in a folder, nearest first, and the repository's `macros`.

    `files` are (cut, rules): without its first `cut` bytes, a path is relative to the file's folder.
    """

    files: tuple[tuple[int, RuleFile[AttributeRule]], ...] = ()
    macros: Mapping[str, Mapping[str, AttributeValue]] = field(default_factory=dict)

    def matching(self, path: bytes) -> Iterator[AttributeRule]:
        """The rules that match a path, the strongest first."""
        return (rule for cut, rules in self.files for rule in rules.matching(path[cut:]))


class AttributeTree:
    """The attributes of the files below `root`, an absolute path without a slash at its end.

    `is_top` tells whether a folder is the top of a nested repository. `top` is the root, or the folder above
    the root at which its repository begins.
    """

    def __init__(
        self, read: ReadFile, is_top: Callable[[bytes], bool], root: bytes = b"", top: bytes = b""
    ) -> None:
        self._read, self._is_top = read, is_top
        self._base = root + b"/"
        self.has_unvendored = False
        """Whether an attributes file that was read so far says that some files are not vendored."""
        self._folders = {top: self._own(_Chain(), top, top=True)}
        self._chain(root)

    def of(self, path: bytes) -> Attributes:
        """The attributes of the file at `path`, relative to the root."""
        path = self._base + path
        chain = self._chain(path.rpartition(b"/")[0])
        if not chain.files:
            return NOTHING
        rules: dict[str, AttributeRule] = {}
        for rule in chain.matching(path):
            for name in rule.states:
                rules.setdefault(name, rule)
            if len(rules) == len(_KNOWN):
                break
        states = {name: rule.states[name] for name, rule in rules.items()}
        return Attributes(
            generated=_truth(states.get(GENERATED)),
            vendored=_truth(states.get(VENDORED)),
            language=_text(states.get(_LANGUAGE)),
            encoding=_text(states.get(_ENCODING)),
            rules=rules,
        )

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
        for name in (ATTRIBUTES, b".git/info/attributes") if top else (ATTRIBUTES,):
            place = folder + b"/" + name
            if (data := self._read(place)) is not None:
                rules, macros = parse(data, show(place.removeprefix(self._base)), chain.macros, top=top)
                file = RuleFile(rules, _MAX_WILD)
                chain = _Chain(((len(folder) + 1, file), *chain.files) if rules else chain.files, macros)
                self.has_unvendored |= any(rule.states.get(VENDORED) in (False, "false") for rule in rules)
        return chain


def tree_on_disk(root: bytes) -> AttributeTree:
    """The attributes of the files below a folder on disk, which may be inside a repository."""
    top = top_around(root) or root
    return AttributeTree(read_rules, is_top, root.rstrip(b"/"), top.rstrip(b"/"))


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
        if states and len(rules) < MAX_RULES:
            rules.append(AttributeRule(source, number, shown, pattern, states))
    return rules, known


def _divided(text: bytes) -> tuple[bytes, bytes]:
    """The pattern of a line, and the rest of the line."""
    if (quoted := _QUOTED.fullmatch(text)) is not None:
        return git.unescaped(quoted[1]), quoted[2]
    pattern, *rest = text.split(None, 1)
    return pattern, rest[0] if rest else b""


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


def _truth(state: AttributeValue) -> bool | None:
    return state.lower() != "false" if isinstance(state, str) else state


def _text(state: AttributeValue) -> str:
    return state if isinstance(state, str) else ""
