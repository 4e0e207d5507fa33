"""Compiles patterns of ignore files: `pathspec` translates a pattern, this module makes it exact and fast.

A void pattern matches nothing. Known differences from git, all in rare patterns:

- in a set, a backslash stands for itself; elsewhere, a backslash before a slash makes the pattern void
- in git, no set matches `/`; here, `[a/b]` makes a pattern void, and `[!a]` or `[+-9]` may match a slash
- only the named sets in `_NAMED` are known, and a set with two `[` is misread
- `***` is not `**`, and `foo**/bar` is `foo*/bar` as git's manual says; git itself reads `foo*/**/bar`
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from functools import lru_cache

MAX_LENGTH = 1024
"""Length in bytes of the longest pattern. Longer patterns are void."""
CACHED = 2_000
"""Number of compiled patterns that are cached."""

_NAMED = {b"alnum": b"0-9A-Za-z", b"alpha": b"A-Za-z", b"digit": b"0-9", b"lower": b"a-z", b"upper": b"A-Z",
          b"space": b" \t-\r", b"xdigit": b"0-9A-Fa-f"}  # fmt: skip
_NAMED_SET = re.compile(rb"\[:(" + b"|".join(_NAMED) + rb"):\]")
_LAST_STARS = re.compile(rb"(/\*\*)\Z|/\*\Z")
# pathspec strips these bytes at the end of a pattern. In UTF-8, some letters end with one of these bytes.
_STRIPPED = re.compile(rb"\\?([\t-\r\x1c-\x20\x85\xa0])\Z")
# The expressions that pathspec writes for `*`, for `**/` at the beginning, and for `/**` elsewhere.
_STAR, _LEADING, _FOLDERS = rb"[^/]*", rb"^(?:.+/)?", rb"(?:/.+)?"


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
