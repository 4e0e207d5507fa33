"""The rules of ignore files, for use without git.

Paths are bytes relative to the folder of the ignore file, without a trailing slash. A walk matches a folder
before it matches the files in the folder. It does not enter an ignored folder, so no rule can re-include a
file in an ignored folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from ..paths import show
from .patterns import MAX_RULES, Rule, RuleFile, read_rules

MAX_WILD = 2_000
"""Number of rules with wildcards that are used from one ignore file."""


@dataclass(frozen=True, slots=True)
class IgnoreRule(Rule):
    """One line of an ignore file. `keeps` is set for a line with `!`, which re-includes matching paths."""

    keeps: bool
    folders_only: bool


class Rules(RuleFile[IgnoreRule]):
    """The lines of one ignore file."""

    def match(self, path: bytes, is_folder: bool) -> IgnoreRule | None:
        """The last rule that matches `path`. Returns None if no rule matches."""
        return next((self if is_folder else self._of_files).matching(path), None)

    @cached_property
    def _of_files(self) -> RuleFile[IgnoreRule]:
        """The rules that are not only for folders, so that a file is not compared with the others."""
        return RuleFile([rule for rule in self.rules if not rule.folders_only], MAX_WILD)

    def may_reach_into(self, folder: bytes) -> bool:
        """Whether a rule may match a path below `folder`, judged by the pattern up to its first wildcard."""
        inside = folder + b"/"
        for rule in self.rules:
            prefix = rule.plain_start
            if b"/" not in rule.pattern or (prefix + b"/").startswith(inside) or inside.startswith(prefix):
                return True
        return False


@dataclass(frozen=True, slots=True)
class Chain:
    """The ignore files that apply in a folder. The nearest file is the last.

    `files` are (cut, rules): without its first `cut` bytes, a path is relative to the ignore file's folder.
    """

    files: tuple[tuple[int, Rules], ...] = ()

    def add(self, rules: Rules | None, cut: int = 0) -> Chain:
        """The chain with one more ignore file as the nearest file, unless the file has no rules."""
        return Chain((*self.files, (cut, rules))) if rules is not None and rules.rules else self

    def match(self, path: bytes, is_folder: bool) -> IgnoreRule | None:
        """The rule that decides about `path`: the last matching rule of the nearest file that has one.

        Returns None if no rule matches.
        """
        for cut, rules in reversed(self.files):
            rule = rules.match(path[cut:], is_folder)
            if rule is not None:
                return rule
        return None


def load(location: bytes, source: str) -> Rules | None:
    """The rules of an ignore file. Returns None if the file is missing, a link, too large or unreadable."""
    data = read_rules(location)
    return parse(data, source) if data is not None else None


def from_globs(globs: Iterable[str], source: str) -> Rules:
    """The rules of patterns from the settings."""
    return parse(b"\n".join(os.fsencode(glob) for glob in globs), source)


def parse(data: bytes, source: str) -> Rules:
    """The rules of an ignore file's content."""
    lines = enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1)
    rules = (_rule(line.removesuffix(b"\r").partition(b"\0")[0], source, number) for number, line in lines)
    return Rules(tuple(islice((rule for rule in rules if rule is not None), MAX_RULES)), MAX_WILD)


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
    return IgnoreRule(source, number, show(text), pattern, text.startswith(b"!"), folders_only)
