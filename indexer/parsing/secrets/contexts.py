"""Finds secrets without a name by their context: in URLs, headers, key blocks and pairs."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from itertools import zip_longest
from urllib.parse import unquote_to_bytes

from .scanning import WordPositions
from .values import (
    is_hash,
    is_mixed_case,
    is_number,
    is_password,
    is_placeholder,
    is_random,
    is_strong,
    is_uuid,
)

SecretRange = tuple[str, int, int]
"""The kind of a secret, and the start and end of its half-open byte range."""

_USERINFO = re.compile(rb"://([^\s/:@\"'`<>{}|\\]{0,100}+):([^\s/\"'`<>\\]{3,300})@(?=[\w.\[*$-])")
_HOOK = re.compile(rb"https?://[\w.:-]{3,120}+/[^\s\"'`<>\\)\]]{10,600}+")
_HOOKS = re.compile(rb"(?i)//[\w.]*hooks?\.|/(?:incoming)?(?:web)?hooks?/|webhook|/bot\d")
_SEGMENT = re.compile(rb"[^/?&=#]+")
_QUERY = re.compile(
    rb"[?&;](?:amp;)?(?=[\w.-]{3,60}+=)([\w.-]{0,30}?)(?:key|sig|signature|code|hash|auth|token|secret|passw(?:or)?d|pwd|credential|apikey|sid|pat)"
    rb"=([^\s&\"'`<>#\\)\]};,]{8,2000}+)",
    re.IGNORECASE,
)
_SCHEME = re.compile(
    rb"(bearer|basic|token|key|splunk|ssws|bot)"
    rb"(?:[ ]|%20|:[ ]?)[ ]?([A-Za-z0-9._~+/=:-]{8,4000}+)",
    re.IGNORECASE,
)
_SCHEMES = (b"bearer", b"basic ", b"token", b"key", b"splunk ", b"ssws ", b"bot ")
_AUTHORIZATION = re.compile(
    rb"authorization[\"']?[ \t]{0,4}+[:=,][ \t]{0,4}+[\"']?"
    rb"[a-z][\w-]{0,30}+[ ]{1,4}+([a-z0-9._~+/=:-]{8,4000}+)",
    re.IGNORECASE,
)
"""Matches the header of this name with any scheme, such as GitHub's `token`; the group is the value."""
_PEM = re.compile(
    rb"-----BEGIN[ ](?:[A-Z0-9]+[ ]){0,3}PRIVATE[ ]KEY(?:[ ]BLOCK)?-----|PuTTY-User-Key-File-\d"
)
_PEM_END = re.compile(rb"-----END[ ][A-Z0-9 ]{0,40}PRIVATE[ ]KEY(?:[ ]BLOCK)?-----|Private-MAC:")
_PEM_BYTES = 20_000
"""The number of bytes in which the end of a key block is searched. A 16,384-bit key takes 13,000 bytes."""
_BODY = re.compile(rb"[A-Za-z0-9+/=]{2,}")
_OPEN_BODY = re.compile(rb"(?:[\s\"'+,\\]|\\n|//|#){0,40}+([A-Za-z0-9+/=]{40,100}+)(?![A-Za-z0-9+/=])")
_PAIR = re.compile(
    rb"(?:auth|login|credentials?|connect(?:ion)?|pdo)\w{0,30}+[\"']?[ \t]{0,8}+[:=(\[{,]{1,2}[ \t]{0,8}+"
    rb"[(\[{]?[ \t]{0,8}+(?=[\w\"'])",
    re.IGNORECASE,
)
_WORDY_PAIR = re.compile(rb"(?:auth\w{0,12}+|login)[ \t]{1,4}(?=[\"'])", re.IGNORECASE)
_ANNOUNCE = (b"auth", b"login", b"credential", b"connect", b"pdo(")
_ARGUMENTS = re.compile(
    rb"(?:[\w.]{1,40}+[ \t]{0,4}+,[ \t]{0,8}+)?([\"'])([^\"'\s]{1,120}+)\1[ \t]{0,4}+,[ \t]{0,8}+"
    rb"(?:([\"'])([^\"'\s]{1,120}+)\3[ \t]{0,4}+,[ \t]{0,8}+)?(?:[a-z_]{1,20}=)?([\"'])([^\"'\n]{3,400}+)\5"
)
_LONE_PAIR = re.compile(
    rb"[(\[{][ \t]{0,4}+([\"'])((?i:user|usr|admin|root|login)(?i:name)?[\d_.-]{0,8}+"
    rb"|[\w.+-]{1,40}@[\w.-]{3,60})\1"
    rb"[ \t]{0,4}+,[ \t]{0,8}+([\"'])([^\"'\s]{8,200}+)\3[ \t]{0,4}+,?[ \t]{0,4}+[)\]}]"
)
_EMAIL = re.compile(rb"\w@\w")
_DEFAULTS = frozenset(
    (b"guest", b"password", b"pass", b"passwd", b"pwd", b"pw", b"secret", b"token", b"user", b"test", b"xxx")
)


def in_addresses(text: bytes) -> Iterator[SecretRange]:
    """Passwords in `scheme://user:password@host`, keys in query strings, and tokens in paths of web hooks."""
    if b"://" in text:
        for match in _USERINFO.finditer(text):
            user, password = match[1], match[2]
            if password != user and not _is_stand_in(password):
                yield "password in an address", match.start(2), match.end(2)
        for match in _HOOK.finditer(text):
            if _HOOKS.search(match[0]):
                yield from _hook(match)
    if b"=" in text and (b"?" in text or b"&" in text):
        for match in _QUERY.finditer(text):
            value = unquote_to_bytes(match[2])
            if is_random(value, 12) and not (match[1] and is_uuid(value)):
                yield "key in an address", match.start(2), match.end(2)


def _is_stand_in(password: bytes) -> bool:
    low = password.lower()
    if re.fullmatch(rb"[a-z_-]*(?:pass|secret|token|key|pwd)[a-z_-]*\d{0,3}", low):
        return True
    return (
        low in _DEFAULTS
        or is_placeholder(password)
        or any(sign in password for sign in (b"{", b"$(", b"*", b"[", b"(", b"]"))
    )


def _hook(match: re.Match[bytes]) -> Iterator[SecretRange]:
    start = match.start() + match[0].index(b"/", 8)
    for segment in _SEGMENT.finditer(match[0][start - match.start() :]):
        value = segment[0]
        if is_random(value.removeprefix(b"bot"), 14) and not (is_hash(value) and len(value) == 40):
            yield "web hook", start + segment.start(), start + segment.end()


def in_headers(text: bytes, places: WordPositions) -> Iterator[SecretRange]:
    """The tokens after `Bearer`, `Basic` and the like."""
    for place in places.of((b"authorization",)):
        header = _AUTHORIZATION.match(text, place)
        if header is not None and is_random(header[1], 12):
            yield "authorization", *header.span(1)
    for place in places.of(_SCHEMES):
        match = _SCHEME.match(text, place)
        if match is None:
            continue
        scheme, value = match[1].lower(), match[2]
        if scheme == b"basic":
            granted = _is_basic(value)
        elif scheme in (b"bearer", b"ssws", b"splunk"):
            granted = is_random(value, 12) or is_number(value)
        else:
            granted = is_random(value, 20) and is_mixed_case(value)
        if granted:
            yield "authorization", match.start(2), match.end(2)


def _is_basic(value: bytes) -> bool:
    try:
        user, mark, password = base64.b64decode(value, validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return is_random(value, 20)
    printable = all(32 <= byte < 127 for byte in user)
    return bool(mark) and printable and password != user and not _is_stand_in(password)


def key_blocks(text: bytes) -> Iterator[SecretRange]:
    """The contents of private keys. The first and the last line of a key are not part of its content."""
    if b"PRIVATE KEY" not in text and b"PuTTY" not in text:
        return
    openings = list(_PEM.finditer(text))
    for match, following in zip_longest(openings, openings[1:]):
        stop = min(match.end() + _PEM_BYTES, following.start() if following else len(text))
        last = _PEM_END.search(text, match.end(), stop)
        if last is not None:
            yield from (
                ("private key", *body.span()) for body in _BODY.finditer(text, match.end(), last.start())
            )
            continue
        end = match.end()
        while (line := _OPEN_BODY.match(text, end, stop)) is not None:  # The end of the block is missing.
            yield "private key", *line.span(1)
            end = line.end()


def in_pairs(text: bytes, places: WordPositions) -> Iterator[SecretRange]:
    """The last values of pairs like `("user", "password")`.

    A pair counts if it follows a word like `auth`, or if it consists of a user's name and a value that looks
    like a password.
    """
    for place in places.of(_ANNOUNCE):
        opening = _PAIR.match(text, place) or _WORDY_PAIR.match(text, place)
        match = _ARGUMENTS.match(text, opening.end()) if opening else None
        if match is None or _is_name_of_another(match[6]):
            continue
        if is_strong(match[6]) or (
            is_password(match[6]) and places.low.startswith((b"auth", b"login"), place)
        ):
            yield "password", match.start(6), match.end(6)
    for match in _LONE_PAIR.finditer(text):
        if (
            is_strong(match[4])
            and not _EMAIL.search(match[4])
            and (is_mixed_case(match[4]) or not match[4].isalnum())
        ):
            yield "password", match.start(4), match.end(4)


def _is_name_of_another(value: bytes) -> bool:
    """Whether a value is a URL, a host or a content type. Calls like `auth(...)` take such values as well."""
    return (
        b"/" in value
        or (b"." in value and not is_random(value, 10))
        or (b"@" in value[1:-3] and b"." in value.split(b"@")[-1])
    )
