"""Files of lines that begin with a pattern, as ignore files and attributes files: finds the matching lines.

`pathspec` translates a pattern, this module makes it exact and fast. A void pattern matches nothing. Known
differences from git, all in rare patterns:

- in a set, a backslash stands for itself; elsewhere, a backslash before a slash makes the pattern void
- in git, no set matches `/`; here, `[a/b]` makes a pattern void, and `[!a]` or `[+-9]` may match a slash
- only the named sets in `_NAMED` are known, and a set with two `[` is misread
- `***` is not `**`, and `foo**/bar` is `foo*/bar` as git's manual says; git itself reads `foo*/**/bar`
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Generic, TypeVar

from ..safe_read import read_regular

MAX_BYTES = 1_000_000
"""Size in bytes of the largest file of rules that is read."""
MAX_RULES = 10_000
"""Number of rules that are read from one file."""
MAX_LENGTH = 1024
"""Length in bytes of the longest pattern. Longer patterns are void."""
CACHED = 2_000
"""Number of compiled patterns that are cached."""

_WILD = re.compile(rb"[*?\[\\]")
_NAMED = {b"alnum": b"0-9A-Za-z", b"alpha": b"A-Za-z", b"digit": b"0-9", b"lower": b"a-z", b"upper": b"A-Z",
          b"space": b" \t-\r", b"xdigit": b"0-9A-Fa-f"}  # fmt: skip
_NAMED_SET = re.compile(rb"\[:(" + b"|".join(_NAMED) + rb"):\]")
_LAST_STARS = re.compile(rb"(/\*\*)\Z|/\*\Z")
# pathspec strips these bytes at the end of a pattern. In UTF-8, some letters end with one of these bytes.
_STRIPPED = re.compile(rb"\\?([\t-\r\x1c-\x20\x85\xa0])\Z")
# The expressions that pathspec writes for `*`, for `**/` at the beginning, and for `/**` elsewhere.
_STAR, _LEADING, _FOLDERS = rb"[^/]*", rb"^(?:.+/)?", rb"(?:/.+)?"


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a file of rules. A pattern without a slash matches the last part of a path."""

    source: str
    line: int
    text: str
    pattern: bytes

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.text}"

    @property
    def plain_start(self) -> bytes:
        """The pattern up to its first wildcard, without the slash at its beginning."""
        return _WILD.split(self.pattern.lstrip(b"/"), maxsplit=1)[0]


_R = TypeVar("_R", bound=Rule)


class RuleFile(Generic[_R]):
    """The rules of one file. Of the rules with wildcards, only the first `most_wild` are used."""

    def __init__(self, rules: Sequence[_R], most_wild: int) -> None:
        self.rules = rules
        self._plain: dict[bytes, list[int]] = {}
        self._ends: dict[bytes, list[int]] = {}
        wild: list[int] = []
        for number, pattern in enumerate(rule.pattern for rule in rules):
            if not _WILD.search(pattern):
                key = b"/" + pattern.removeprefix(b"/") if b"/" in pattern else pattern
                self._plain.setdefault(key, []).append(number)
            elif pattern.startswith(b"*.") and b"/" not in pattern and not _WILD.search(pattern[1:]):
                self._ends.setdefault(pattern[1:], []).append(number)
            else:
                wild.append(number)
        self._numbers = wild[:most_wild]

    @cached_property
    def _wild(self) -> list[tuple[int, bool, re.Pattern[bytes]]]:
        """The rules with other wildcards, from the last to the first, and whether each matches names."""
        patterns = ((number, self.rules[number].pattern) for number in reversed(self._numbers))
        found = ((number, b"/" not in pattern, compiled(pattern)) for number, pattern in patterns)
        return [(number, by_name, expression) for number, by_name, expression in found if expression]

    def matching(self, path: bytes) -> Iterator[_R]:
        """The rules that match a path, from the last to the first."""
        name = path.rpartition(b"/")[2]
        found = [*self._plain.get(name, ()), *self._plain.get(b"/" + path, ())]
        dot = name.find(b".") if self._ends else -1
        while dot >= 0:
            found += self._ends.get(name[dot:], ())
            dot = name.find(b".", dot + 1)
        found.sort()
        for number, by_name, expression in self._wild:
            while found and found[-1] > number:
                yield self.rules[found.pop()]
            if expression.fullmatch(name if by_name else path):
                yield self.rules[number]
        for number in reversed(found):
            yield self.rules[number]


def read_rules(location: bytes) -> bytes | None:
    """The content of a file of rules. Returns None if it is missing, a link, too large or unreadable."""
    try:
        data, _ = read_regular(location, MAX_BYTES + 1)
    except OSError:
        return None
    return data if len(data) <= MAX_BYTES else None


@lru_cache(maxsize=CACHED)
def compiled(pattern: bytes) -> re.Pattern[bytes] | None:
    """A regular expression that matches a whole path, or a whole name if `pattern` has no slash.

    Returns None if `pattern` is void. Matching takes linear time for every pattern and path.
    """
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    if len(pattern) > MAX_LENGTH:
        return None
    # Anchor the pattern, and append `?*` to stars at its end, so that the expression matches the whole path
    # and not only a folder in the path.
    line = _LAST_STARS.sub(rb"\1/?*", b"/" + pattern.removeprefix(b"/"))
    line = _STRIPPED.sub(rb"[\1]", _NAMED_SET.sub(lambda found: _NAMED[found[1]], line))
    try:
        expression, _ = GitIgnoreSpecPattern.pattern_to_regex(line)
        with warnings.catch_warnings(action="ignore"):  # Python warns about sets like `[[a]`
            return re.compile(_quick(expression), re.DOTALL) if expression is not None else None
    except (ValueError, re.error):
        return None


def _quick(expression: bytes) -> bytes:
    """The expression, changed so that it does not backtrack.

    In a name, the parts before the last star match as far left as possible and are never retried, because no
    other match would be better. In a path, the same holds for the parts before the last `**`.
    """
    first, *rest = (_leftmost(p.split(_STAR), _STAR, b"[^/]*?") for p in expression.split(_FOLDERS))
    if rest and first.startswith(_LEADING):
        first = b"(?>^(?:.+?/)??" + first.removeprefix(_LEADING) + b"(?=/))"
    return _leftmost((first, *rest), _FOLDERS, b"(?:/.+?)??", b"(?=/)")


def _leftmost(parts: Iterable[bytes], last: bytes, others: bytes, end: bytes = b"") -> bytes:
    first, *rest = parts
    middle = b"".join(b"(?>" + others + part + end + b")" for part in rest[:-1])
    return first + middle + b"".join(last + part for part in rest[-1:])
