"""The language of .gitignore files, decided exactly as git decides it (dir.c and wildmatch.c).

A pattern is translated to a regular expression over bytes, as git matches bytes. Groups are atomic wherever
the leftmost match is as good as any other, so that no pattern of a hostile repository makes matching slow.
Paths are relative to the folder of the ignore file, without a trailing slash. Whoever walks asks about each
folder before what is in it: a folder left out is not entered, so nothing inside it can be taken back.

One known difference: to git, `**` before an escaped slash (`\\/`) is not what it is before a plain one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from .regular import read_regular

MAX_BYTES = 1_000_000
"""An ignore file larger than this is not read."""
MAX_RULES = 10_000
"""Rules that count in one file..."""
MAX_WILD = 2_000
"""...and how many of them may have wildcards in names, and in paths."""
MAX_PATTERN = 4096
"""Longer patterns match nothing: no path is longer."""

_WILD = re.compile(rb"[*?\[\\]")
_SLASH, _ANY, _NEVER = b"/", b"[^/]", b"(?!)"
_FOLDERS = rb"(?:[^/]*/)*"
_CLASSES: dict[bytes, bytes] = {
    b"alnum": rb"[0-9A-Za-z]", b"alpha": rb"[A-Za-z]", b"blank": rb"[ \t]", b"cntrl": rb"[\x00-\x1f\x7f]",
    b"digit": rb"[0-9]", b"graph": rb"[!-~]", b"lower": rb"[a-z]", b"print": rb"[ -~]",
    b"punct": rb"[!-/:-@\[-`{-~]", b"space": rb"[ \t-\r]", b"upper": rb"[A-Z]", b"xdigit": rb"[0-9A-Fa-f]",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of an ignore file. `keeps` is a line with `!`: what it matches is not left out."""

    source: str
    line: int
    text: str
    keeps: bool
    folders_only: bool
    by_name: bool
    """Without a slash: matched against the last part of the path, at any depth."""
    pattern: bytes

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.text}"


class _Table:
    """The rules of one ignore file that may match a file (or a folder), compiled; the last match wins."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.literal_names: dict[bytes, int] = {}
        self.literal_paths: dict[bytes, int] = {}
        names: list[int] = []
        paths: list[int] = []
        for index, rule in enumerate(rules):
            if _WILD.search(rule.pattern):
                (names if rule.by_name else paths).append(index)
            elif rule.by_name:
                self.literal_names[rule.pattern] = index
            else:
                self.literal_paths[rule.pattern.removeprefix(b"/")] = index
        self.names, self.paths = _alternatives(rules, names), _alternatives(rules, paths)

    def match(self, path: bytes) -> int:
        """The index of the last rule that matches, or -1."""
        name = path.rpartition(b"/")[2]
        best = max(self.literal_names.get(name, -1), self.literal_paths.get(path, -1))
        for (expression, order), text in ((self.names, name), (self.paths, path)):
            found = expression.match(text) if expression else None
            if found is not None and found.lastindex is not None:
                best = max(best, order[found.lastindex - 1])
        return best


def _alternatives(rules: Sequence[Rule], indexes: list[int]) -> tuple[re.Pattern[bytes] | None, list[int]]:
    """One expression whose first group that matches is the last rule that does."""
    order = indexes[:MAX_WILD][::-1]
    if not order:
        return None, order
    translated = (_translate(rules[i].pattern, by_name=rules[i].by_name) for i in order)
    return re.compile(b"(?s:" + b"|".join(b"(" + t + b")" for t in translated) + rb")\Z"), order


class Rules:
    """The lines of one ignore file."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)

    @cached_property
    def _for_files(self) -> tuple[_Table, list[Rule]]:
        rules = [rule for rule in self.rules if not rule.folders_only]
        return _Table(rules), rules

    @cached_property
    def _for_folders(self) -> tuple[_Table, list[Rule]]:
        return _Table(self.rules), list(self.rules)

    def match(self, path: bytes, is_folder: bool) -> Rule | None:
        """The last rule that matches `path`, or None."""
        table, rules = self._for_folders if is_folder else self._for_files
        index = table.match(path)
        return rules[index] if index >= 0 else None

    def may_reach_into(self, folder: bytes) -> bool:
        """Whether some rule could match below `folder`; judged by the part before its first wildcard."""
        inside = folder + b"/"
        for rule in self.rules:
            prefix = _WILD.split(rule.pattern.lstrip(b"/"), maxsplit=1)[0]
            if rule.by_name or (prefix + b"/").startswith(inside) or inside.startswith(prefix):
                return True
        return False


@dataclass(frozen=True, slots=True)
class Chain:
    """The ignore files in force in a folder, the nearest last: each with what turns a walk's path into its
    own.
    """

    files: tuple[tuple[int, bytes, Rules], ...] = ()

    def add(self, rules: Rules | None, cut: int = 0, prefix: bytes = b"") -> Chain:
        """With `rules` nearest, for paths without their first `cut` bytes and with `prefix` before them."""
        return Chain((*self.files, (cut, prefix, rules))) if rules is not None and rules.rules else self

    def moved(self, cut: int, prefix: bytes) -> Chain:
        """The same rules for paths that lack `prefix`, and begin with `cut` bytes that these rules do not
        know.
        """
        return Chain(tuple((cut, lead + prefix[old:], rules) for old, lead, rules in self.files))

    def match(self, path: bytes, is_folder: bool) -> Rule | None:
        """The rule that decides about `path`: the last one of the nearest file that has one."""
        for cut, prefix, rules in reversed(self.files):
            rule = rules.match(prefix + path[cut:], is_folder)
            if rule is not None:
                return rule
        return None


def load(location: bytes, source: str) -> Rules | None:
    """The rules of the ignore file at `location`; None if there is none, or it is a link, huge or
    unreadable.
    """
    try:
        data, _ = read_regular(location, MAX_BYTES + 1)
    except OSError:
        return None
    return parse(data, source) if len(data) <= MAX_BYTES else None


def from_globs(globs: Iterable[str], source: str) -> Rules:
    """Rules from a list of patterns in a configuration."""
    return parse(b"\n".join(os.fsencode(glob) for glob in globs), source)


def parse(data: bytes, source: str) -> Rules:
    """The rules of an ignore file's content."""
    rules: list[Rule] = []
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if len(rules) == MAX_RULES:
            break
        rule = _rule(line.removesuffix(b"\r").partition(b"\0")[0], source, number)
        if rule is not None:
            rules.append(rule)
    return Rules(rules)


def show(raw: bytes) -> str:
    """A path or pattern as text; bytes that are not UTF-8 appear as `\\xNN`."""
    return raw.decode("utf-8", "backslashreplace")


def _rule(line: bytes, source: str, number: int) -> Rule | None:
    if line.startswith(b"#"):
        return None
    pattern = _trim(line)
    if not pattern:
        return None
    text = show(pattern)
    keeps = pattern.startswith(b"!")
    pattern = pattern.removeprefix(b"!")
    folders_only = pattern.endswith(b"/")
    pattern = pattern.removesuffix(b"/")
    return Rule(source, number, text, keeps, folders_only, b"/" not in pattern, pattern)


def _trim(line: bytes) -> bytes:
    """Without trailing spaces, except those after a backslash."""
    bare = line.rstrip(b" ")
    if bare == line:
        return line
    backslashes = len(bare) - len(bare.rstrip(b"\\"))
    return bare + b" " if backslashes % 2 else bare


def _translate(pattern: bytes, *, by_name: bool) -> bytes:
    if len(pattern) > MAX_PATTERN:
        return _NEVER
    tokens = _tokens(pattern if by_name else pattern.removeprefix(b"/"))
    if tokens is None:
        return _NEVER
    if by_name:
        return _segment(tokens)
    groups: list[list[bytes]] = [[]]
    index = 0
    while index < len(tokens):
        if _is_any_depth(tokens, index):
            groups.append([])
            index += 1  # its slash belongs to it
        else:
            groups[-1].append(tokens[index])
        index += 1
    if len(tokens) > 0 and _is_any_depth(tokens, len(tokens) - 1):
        tail, middle = b".*", groups[1:-1]
    else:
        tail, middle = (_FOLDERS + _path(groups[-1]), groups[1:-1]) if len(groups) > 1 else (b"", [])
    return _path(groups[0]) + b"".join(b"(?>" + _FOLDERS + b"?" + _path(g) + b")" for g in middle) + tail


def _is_any_depth(tokens: list[bytes], index: int) -> bool:
    """Whether this is a `**` between slashes. git also takes one that ends a pattern's literal beginning for
    it.
    """
    if not tokens[index].startswith(b"**"):
        return False
    before = tokens[:index]
    opens = not before or before[-1] == _SLASH or all(t == _SLASH or _is_literal(t) for t in before)
    return opens and tokens[index + 1 : index + 2] in ([], [_SLASH])


def _is_literal(token: bytes) -> bool:
    return len(token) == 4 and token.startswith(b"\\x")


def _path(tokens: list[bytes]) -> bytes:
    parts: list[list[bytes]] = [[]]
    for token in tokens:
        if token == _SLASH:
            parts.append([])
        else:
            parts[-1].append(token)
    return _SLASH.join(_segment(part) for part in parts)


def _segment(tokens: list[bytes]) -> bytes:
    """One part of a path: what stands between stars is found leftmost, what stands after the last ends it."""
    chunks = [b""]
    for token in tokens:
        if token.startswith(b"*"):
            chunks.append(b"")
        else:
            chunks[-1] += token
    if len(chunks) == 1:
        return chunks[0]
    middle = b"".join(b"(?>[^/]*?" + chunk + b")" for chunk in chunks[1:-1] if chunk)
    return chunks[0] + middle + b"[^/]*" + chunks[-1]


def _tokens(pattern: bytes) -> list[bytes] | None:
    """Slashes, runs of stars, and expressions for one byte; None for a pattern that can never match."""
    tokens = []
    index = 0
    while index < len(pattern):
        char = pattern[index : index + 1]
        end = index + 1
        if char == b"*":
            while pattern[end : end + 1] == b"*":
                end += 1
            tokens.append(pattern[index:end])
        elif char == b"?":
            tokens.append(_ANY)
        elif char == b"[":
            found = _bracket(pattern, end)
            if found is None:
                return None
            expression, end = found
            tokens.append(expression)
        else:
            escaped = char == b"\\"
            char, end = (pattern[end : end + 1], end + 1) if escaped else (char, end)
            if not char:
                return None
            tokens.append(
                _SLASH if char == _SLASH else (b"(?:\\x%02x)" if escaped else b"\\x%02x") % ord(char)
            )
        index = end
    return tokens


def _bracket(pattern: bytes, index: int) -> tuple[bytes, int] | None:
    """The set that starts after `[`, as an expression, and where it ends; None if it is not closed."""
    negated = pattern[index : index + 1] in (b"!", b"^")
    index += negated
    members: set[int] = set()
    previous = -1
    first = True
    while first or pattern[index : index + 1] != b"]":
        first = False
        char = pattern[index : index + 1]
        if char == b"[" and pattern[index + 1 : index + 2] == b":":
            close = pattern.find(b"]", index + 2)
            if close < 0:
                return None
            if pattern[close - 1 : close] == b":" and close - 1 >= index + 2:
                named = _CLASSES.get(pattern[index + 2 : close - 1])
                if named is None:
                    return None
                members.update(b for b in range(256) if re.match(named, bytes([b])))
                index, previous = close + 1, -1
                continue
        ranged = char == b"-" and previous > 0 and pattern[index + 1 : index + 2] not in (b"", b"]")
        index += ranged
        if pattern[index : index + 1] == b"\\":
            index += 1
        if index >= len(pattern):
            return None
        members.update(range(previous if ranged else pattern[index], pattern[index] + 1))
        previous = -1 if ranged else pattern[index]
        index += 1
    members = (set(range(256)) - members if negated else members) - {ord("/")}
    expression = b"[" + b"".join(b"\\x%02x" % b for b in sorted(members)) + b"]" if members else _NEVER
    return expression, index + 1
