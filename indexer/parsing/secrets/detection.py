"""Finds the secrets in a text: by the name of the value, by a known form of the value, or by the context."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .. import profiles
from ..languages import profile_of
from . import contexts
from .literals import JOINED, LISTED, Range, following, further_lines, kubernetes_data, listed, quoted
from .names import CORES, NAMED, Strength, strength
from .scanning import WordPositions, line_before, runs
from .tokens import FORMS, KNOWN, PREFIXED
from .values import (
    is_encoded_text,
    is_hash,
    is_mixed_case,
    is_number,
    is_password,
    is_phrase,
    is_placeholder,
    is_random,
    is_strong,
    is_uuid,
)

_SPACED_SETTINGS = frozenset("conf cnf cfg".split())
"""Extensions of settings in which a space may separate a name from its value."""
_LINE = re.compile(
    rb"[ \t]{0,40}+(?P<name>[\w.-]{1,60}+)[ \t]{1,20}+(?P<value>[^\s\"';{}]{6,100}+)[ \t;]{0,9}+\r?"
)
"""Matches a line that has only a name, a space and a value. Used only for files with these extensions."""
_EXPRESSIONS = profiles.words("expressions")
"""Extensions of files in which an unquoted value is a name or an expression."""
_COMMENT_LEADS = (b"#", b"//", b"*", b"/*", b"--", b";")
"""What lines of comments begin with in most languages: a string or a page may contain another language."""
_VALUE = re.compile(rb"[\"'`\\]|%?[qQ]|\[=*\[|[^\s\"'`<>]{6}")
"""Matches the beginning of a value, with or without quotes."""
_BARE = re.compile(rb"[^\s\"'`<>]{6,400}+")
_QUOTE_MARKS = (b'"', b"'", b"`")
_CHECKSUM = re.compile(rb"(?i)(?:sha\d+|md5)[-=:]\Z|[#/]\Z")
_LITERAL = re.compile(rb"(?<=[\"'`])[A-Za-z0-9]{28,64}+(?=[\"'`])")
"""Matches the whole content of a quoted string."""
_PUBLIC = (b"AAAA", b"MII")
"""Prefixes of public keys and certificates."""
_SPACED = re.compile(
    rb"[ \t]*(?:env|arg|set|setx|setenv|export|declare|local)[ \t]|.{0,200}\blogin[ \t]", re.IGNORECASE
)
"""Matches the beginning of a line in which a space is enough to separate a name from its value."""
_RUN = 16  # length of the shortest run of characters that may contain a token
_AROUND = 40  # bytes before a run in which the token with this run may begin
_REST = re.compile(rb"[A-Za-z0-9._~+/=:-]{0,4000}+")
_BEFORE = 160  # bytes of a line that are examined before an offset, and after it
_DOUBTFUL = 8  # characters of the shortest doubtful value


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that grants access: its kind, and its half-open byte range."""

    kind: str
    start: int
    end: int


def find(text: bytes, path: str = "") -> list[Secret]:
    """The secrets of a UTF-8 text, in file order and without overlap.

    The extension of `path` tells whether the text is code. Takes linear time for any text. Never raises.
    """
    places = WordPositions(text.lower())
    found = [
        *contexts.key_blocks(text),
        *_known(text),
        *contexts.in_addresses(text),
        *contexts.by_rules(text, places),
        *contexts.elsewhere(text, places, path),
        *_named(text, places, path),
        *(("token or key", *value) for value in kubernetes_data(text, places.low)),
    ]
    return _disjoint(found)


def doubtful(text: bytes) -> Iterator[tuple[int, int]]:
    """The ranges of quoted words after the name of a secret, even if they look harmless.

    Placeholders do not count.
    """
    places = WordPositions(text.lower())
    for place in places.of(CORES):
        match = NAMED.match(places.low, place)
        if match is None or match["gap"].strip() in (b",", b"(", b"==", b"!="):
            continue
        value = quoted(text, match.end())
        word = text[slice(*value)] if value else b""
        if value is None or len(word) < _DOUBTFUL or not word.isalnum() or is_placeholder(word):
            continue
        promise = strength(match["core"], places.low[max(0, place - 60) : place], match["tail"])
        if promise in ("password", "secret"):
            yield value


def _known(text: bytes) -> Iterator[contexts.SecretRange]:
    last = 0
    for start, end in runs(text, _RUN):
        if start < last:
            continue
        rest = _REST.match(text, end)
        stop = rest.end() if rest else end
        for match in KNOWN.finditer(text, max(last, start - _AROUND), stop):
            if not is_placeholder(match[0][-24:]):
                yield FORMS[(match.lastindex or 0) - 1][0], *match.span()
                last = match.end()
        if end <= last:
            continue
        own = PREFIXED.match(text, start, end)
        if (
            own is not None
            and _is_surely_random(own[2], 20)
            and not _CHECKSUM.search(text[max(0, start - 8) : start])
        ):
            yield "token", own.start(1), own.end(2)
        elif _LITERAL.match(text, start) and _is_surely_random(text[start:end], 28):
            # The use of the value is unknown, but nobody writes a value like this by hand.
            yield "random value", start, end


def _is_surely_random(value: bytes, least: int) -> bool:
    """Whether a value is certainly random.

    Such a value has letters of both cases, and more digits than a name has.
    """
    digits = sum(48 <= byte < 58 for byte in value)
    if value.startswith(_PUBLIC):
        return False
    return digits > 2 and is_mixed_case(value) and is_random(value, least) and not is_encoded_text(value)


def _named(text: bytes, places: WordPositions, path: str) -> Iterator[contexts.SecretRange]:
    low, extension = places.low, path.rpartition(".")[2].lower()
    spaced, code = extension in _SPACED_SETTINGS, extension in _EXPRESSIONS
    leads = (*_COMMENT_LEADS, *(lead.encode() for lead in profile_of(path).comment_leads))
    for place in places.of(CORES):
        match = NAMED.match(low, place)
        if match is None:
            continue
        has_list = not code and match["gap"].strip() == b":"
        if not (spaced or has_list or _VALUE.match(text, match.end())):
            continue
        promise = strength(match["core"], low[max(0, place - 60) : place], match["tail"])
        if promise is None or (low[place - 1 : place] == b":" and match["gap"] == b":"):  # part of an ARN
            continue
        kind = "password" if promise == "password" else "token or key"
        line = _LINE.fullmatch(text, *_line_at(text, place)) if spaced else None
        if line is not None and line.end("name") > place and is_password(line["value"]):
            yield kind, *line.span("value")
            continue
        items = listed(text, place) if has_list else ()
        values = [item for item in items if _is_secret(text[slice(*item)], promise, b":")]
        values += _values(text, match, promise, leads if code else None)
        yield from ((kind, *value) for value in values)


def _values(
    text: bytes, match: re.Match[bytes], promise: Strength, leads: tuple[bytes, ...] | None
) -> list[Range]:
    """The ranges of the secrets after a name: one secret, the pieces of one secret, or the secrets of a list.

    `leads` are the beginnings of lines in comments if the text is code, and None if it is not code.
    Returns an empty list if no secret follows the name.
    """
    place, gap = match.start(), match["gap"].strip()
    value = quoted(text, match.end())
    if value is None:
        names = leads is not None and not _in_string(text, place, leads)
        value = _bare(text, match, names)
        if value is None:
            return []
        word = text[slice(*value)]
        # Where a value may itself be a name, it must look more random.
        if names and (promise == "weak" or not (is_random(word, 20) and is_mixed_case(word))):
            return []
        if not names and not _is_secret(word, promise, gap):
            return []
        return [value, *further_lines(text, value[1])] if match["block"] else [value]
    word, quote = text[slice(*value)], text[value[0] - 1 : value[0]]
    # Inside a string, a quote that does not directly follow the name ends the string.
    closing = not match["close"] and line_before(text, place, _BEFORE).count(quote) % 2 == 1
    if closing and not is_random(word, 8):
        return []
    pieces = [value, *following(text, value[1], JOINED)]
    found: list[Range] = []
    if _is_secret(b"".join(text[slice(*piece)] for piece in pieces), promise, gap):
        found = pieces
    elif _is_secret(word, promise, gap) or (match["core"] == b"passphrase" and is_phrase(word)):
        found = [value]
    if match["open"] and len(pieces) == 1:
        items = following(text, value[1], LISTED)
        found += [item for item in items if _is_secret(text[slice(*item)], promise, gap)]
    return found


def _line_at(text: bytes, place: int) -> tuple[int, int]:
    """The range of the line around an offset. Returns only a part of the line if the line is long."""
    start = text.rfind(b"\n", max(0, place - _BEFORE), place) + 1
    end = text.find(b"\n", place, place + _BEFORE)
    return start or max(0, place - _BEFORE), end if end >= 0 else min(len(text), place + _BEFORE)


def _in_string(text: bytes, place: int, leads: tuple[bytes, ...]) -> bool:
    """Whether an offset is probably in a string, or in a comment whose lines begin with one of `leads`.

    Only the text before the offset on the same line is examined.
    """
    before = line_before(text, place, _BEFORE)
    return before.lstrip().startswith(leads) or any(before.count(quote) % 2 for quote in _QUOTE_MARKS)


def _bare(text: bytes, match: re.Match[bytes], code: bool) -> tuple[int, int] | None:
    """The range of an unquoted value. Returns None if no unquoted value follows the name."""
    value = _BARE.match(text, match.end())
    own_line = match["gap"] == b":" and not code  # as in YAML
    if value is None or (match["line"] and not (match["other"] or match["element"] or own_line)):
        return None
    if match["element"]:
        return value.start(), value.start() + len(value[0].removesuffix(b"]]"))
    if match["block"]:
        return value.span()
    alone = match["other"] is None
    if alone and match["gap"].strip() in (b",", b"(", b"==", b"!=", b"or", b"||"):  # probably a name
        return None
    if not match["gap"].strip() and not match["other"] and not _may_follow_a_space(text, match):
        return None
    word = value[0]
    for mark in (b"&", b";", b",", b"|", b"\\n", b")", b"]", b"}"):
        cut = word.find(mark)
        # In settings, a password may contain these marks.
        if cut >= 0 and (code or mark in (b"\\n",) or cut == len(word) - 1 or _in_list(text, match, mark)):
            word = word[:cut]
    return value.start(), value.start() + len(word)


def _in_list(text: bytes, match: re.Match[bytes], mark: bytes) -> bool:
    """Whether a line has several settings, as in a query string, a connection string or a call."""
    before = line_before(text, match.start(), _BEFORE)
    after = text[match.end() : match.end() + _BEFORE].partition(b"\n")[0].partition(mark)[2]
    return (mark in before or b"?" in before or b"(" in before or b"{" in before) or b"=" in after


def _may_follow_a_space(text: bytes, match: re.Match[bytes]) -> bool:
    """Whether a space is enough to separate a name from its value, as in options, variables and `.netrc`."""
    if match["core"] == b"masterauth" or text.endswith(b"require", 0, match.start()):
        return True
    line = line_before(text, match.start(), _BEFORE)
    words = line.replace(b'"', b" ").replace(b"'", b" ").rpartition(b" ")
    return words[2].lstrip(b"\t[,(").startswith(b"-") or _SPACED.match(words[0] + words[1]) is not None


def _is_secret(value: bytes, promise: Strength, gap: bytes) -> bool:
    """Whether a value is the kind of secret that its name promises."""
    if promise == "password":
        return is_strong(value) and not value.isalpha() if gap == b"," else is_password(value)
    if promise == "secret":
        return is_random(value, 10) or is_number(value)
    if promise == "key":
        return is_random(value, 20) and not is_uuid(value)
    return is_random(value, 20) and not is_hash(value) and is_mixed_case(value)


def _disjoint(found: list[contexts.SecretRange]) -> list[Secret]:
    merged: list[Secret] = []
    for kind, start, end in sorted(found, key=lambda one: (one[1], -one[2], one[0] == "random value")):
        if merged and start < merged[-1].end:
            last = merged[-1]
            merged[-1] = Secret(last.kind, last.start, max(end, last.end))
        else:
            merged.append(Secret(kind, start, end))
    return merged
