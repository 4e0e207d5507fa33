"""The rules of ignore files, for use without git.

Paths are bytes relative to the folder of the ignore file, without a trailing slash. A walk matches a folder
before it matches the files in the folder. It does not enter an ignored folder, so no rule can re-include a
file in an ignored folder.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from ..paths import show
from ..safe_read import read_regular
from .patterns import compiled

MAX_BYTES = 1_000_000
"""Size in bytes of the largest ignore file that is read."""
MAX_RULES = 10_000
"""Number of rules that are read from one ignore file."""
MAX_WILD = 2_000
"""Number of rules with wildcards that are used from one ignore file."""

_WILD = re.compile(rb"[*?\[\\]")


@dataclass(frozen=True, slots=True)
class IgnoreRule:
    """One line of an ignore file. `keeps` is set for a line with `!`, which re-includes matching paths."""

    source: str
    line: int
    text: str
    keeps: bool
    folders_only: bool
    by_name: bool
    """Whether the pattern has no slash; it then matches the last part of a path, at any depth."""
    pattern: bytes

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.text}"


class Rules:
    """The lines of one ignore file."""

    def __init__(self, rules: tuple[IgnoreRule, ...]) -> None:
        self.rules = rules

    @cached_property
    def _wild(self) -> list[tuple[int, IgnoreRule, re.Pattern[bytes]]]:
        """The rules with wildcards, from the last to the first."""
        wild = [(i, rule) for i, rule in enumerate(self.rules) if _WILD.search(rule.pattern)][:MAX_WILD]
        found = ((i, rule, compiled(rule.pattern)) for i, rule in reversed(wild))
        return [(i, rule, expression) for i, rule, expression in found if expression is not None]

    @cached_property
    def _plain(self) -> dict[tuple[bytes, bool, bool], int]:
        """The index of the last rule for each name or path without wildcards."""
        plain = ((i, rule) for i, rule in enumerate(self.rules) if not _WILD.search(rule.pattern))
        return {(r.pattern.removeprefix(b"/"), r.by_name, r.folders_only): i for i, r in plain}

    def match(self, path: bytes, is_folder: bool) -> IgnoreRule | None:
        """The last rule that matches `path`. Returns None if no rule matches."""
        name = path.rpartition(b"/")[2]
        plain = self._plain
        best = max(plain.get((name, True, False), -1), plain.get((path, False, False), -1))
        if is_folder:
            best = max(best, plain.get((name, True, True), -1), plain.get((path, False, True), -1))
        for index, rule, expression in self._wild:
            if index < best:
                break
            if (is_folder or not rule.folders_only) and expression.fullmatch(name if rule.by_name else path):
                return rule
        return self.rules[best] if best >= 0 else None

    def may_reach_into(self, folder: bytes) -> bool:
        """Whether a rule may match a path below `folder`, judged by the pattern up to its first wildcard."""
        inside = folder + b"/"
        for rule in self.rules:
            prefix = _WILD.split(rule.pattern.lstrip(b"/"), maxsplit=1)[0]
            if rule.by_name or (prefix + b"/").startswith(inside) or inside.startswith(prefix):
                return True
        return False


@dataclass(frozen=True, slots=True)
class Chain:
    """The ignore files that apply in a folder. The nearest file is the last.

    `files` are (cut, prefix, rules): a path of the walk becomes relative to the ignore file if its first
    `cut` bytes are replaced by `prefix`.
    """

    files: tuple[tuple[int, bytes, Rules], ...] = ()

    def add(self, rules: Rules | None, cut: int = 0, prefix: bytes = b"") -> Chain:
        """The chain with one more ignore file as the nearest file, unless the file has no rules."""
        return Chain((*self.files, (cut, prefix, rules))) if rules is not None and rules.rules else self

    def moved(self, cut: int, prefix: bytes) -> Chain:
        """The chain for paths relative to another folder.

        Such a path becomes a path of this chain if its first `cut` bytes are replaced by `prefix`.
        """
        return Chain(tuple((cut, lead + prefix[old:], rules) for old, lead, rules in self.files))

    def match(self, path: bytes, is_folder: bool) -> IgnoreRule | None:
        """The rule that decides about `path`: the last matching rule of the nearest file that has one.

        Returns None if no rule matches.
        """
        for cut, prefix, rules in reversed(self.files):
            rule = rules.match(prefix + path[cut:], is_folder)
            if rule is not None:
                return rule
        return None


def load(location: bytes, source: str) -> Rules | None:
    """The rules of an ignore file. Returns None if the file is missing, a link, too large or unreadable."""
    try:
        data, _ = read_regular(location, MAX_BYTES + 1)
    except OSError:
        return None
    return parse(data, source) if len(data) <= MAX_BYTES else None


def from_globs(globs: Iterable[str], source: str) -> Rules:
    """The rules of patterns from the settings."""
    return parse(b"\n".join(os.fsencode(glob) for glob in globs), source)


def parse(data: bytes, source: str) -> Rules:
    """The rules of an ignore file's content."""
    lines = enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1)
    rules = (_rule(line.removesuffix(b"\r").partition(b"\0")[0], source, number) for number, line in lines)
    return Rules(tuple(islice((rule for rule in rules if rule is not None), MAX_RULES)))


def _rule(line: bytes, source: str, number: int) -> IgnoreRule | None:
    if line.startswith(b"#"):
        return None
    bare = line.rstrip(b" ")
    escaped = (len(bare) - len(bare.rstrip(b"\\"))) % 2 and bare != line  # a space after a backslash counts
    text = bare + b" " if escaped else bare
    pattern = text.removeprefix(b"!")
    folders_only = pattern.endswith(b"/")
    pattern = pattern.removesuffix(b"/")
    if not pattern:
        return None
    return IgnoreRule(
        source, number, show(text), text.startswith(b"!"), folders_only, b"/" not in pattern, pattern
    )
