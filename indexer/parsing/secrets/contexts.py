"""Finds secrets without a name by their context: in URLs, headers, key blocks, pairs and commands."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from .scanning import WordPositions, line_before
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
    rb"(?>(?i:(?:auth|login|credentials?|connect(?:ion)?|pdo)\w{0,30}+[\"']?[ \t]{0,8}+[:=(\[{,]{1,2}"
    rb"[ \t]{0,8}+[(\[{]?[ \t]{0,8}+(?=[\w\"'])|(?:auth\w{0,12}+|login)[ \t]{1,4}(?=[\"'])))"
    rb"(?:[\w.]{1,40}+[ \t]{0,4}+,[ \t]{0,8}+)?([\"'])([^\"'\s]{1,120}+)\1[ \t]{0,4}+,[ \t]{0,8}+"
    rb"(?:([\"'])([^\"'\s]{1,120}+)\3[ \t]{0,4}+,[ \t]{0,8}+)?(?:[a-z_]{1,20}=)?([\"'])([^\"'\n]{3,400}+)\5"
)
"""Matches a word like `auth`, and two or three arguments in quotes; the last argument is the value."""
_LONE_PAIR = re.compile(
    rb"[(\[{][ \t]{0,4}+([\"'])((?i:user|usr|admin|root|login)(?i:name)?[\d_.-]{0,8}+"
    rb"|[\w.+-]{1,40}@[\w.-]{3,60})\1"
    rb"[ \t]{0,4}+,[ \t]{0,8}+([\"'])([^\"'\s]{8,200}+)\3[ \t]{0,4}+,?[ \t]{0,4}+[)\]}]"
)
_CURL = re.compile(
    rb"(?:[ ]-u|--user(?:name)?|--proxy-user)(?:[ ]|=)?[ ]?[\"']?([^\s:\"'$]{1,80}+):([^\s\"'$]{3,200}+)"
)
_FLAG = re.compile(
    rb"[ ]-(?:p|a|w|pass(?:word|in|out)?)[ =][\"']?(?:pass:)?([^\s\"'$-][^\s\"'$]{5,100}+)", re.IGNORECASE
)
_ATTACHED = re.compile(rb"[ ]-p(?:\"([^\s\"$]{6,100})\"|'([^\s']{6,100})'|([^\s\"'$-][^\s\"'$|;]{5,100}+))")
"""Matches a flag and a value without a space between them, as in `mysql -pVALUE`."""
_ATTACHING = re.compile(rb"\b(?:mysql\w*|mariadb[\w-]*|sshpass|7za?|rar|unrar|sqlplus)(?:[ ]|\Z)")
_KEY = re.compile(rb"[ ]-[kK][ ][\"']?([^\s\"'$-][^\s\"'$]{5,100}+)")
_CURL_FLAGS = re.compile(
    rb"curl[ ](?:[^\s|]{1,200}[ ]){0,8}?-\w{1,9}u[ ][\"']?[^\s:\"'$]{1,80}+:([^\s\"'$]{3,200}+)"
)
_SECURE = re.compile(rb"convertto-securestring[ ](?:-string[ ])?[\"']([^\"'$\n]{6,100})[\"']", re.IGNORECASE)
_HTPASSWD = re.compile(
    rb"htpasswd[ ](?:-\w+[ ]){0,4}-\w*b\w*[ ](?:-\w+[ ]){0,4}\S+[ ]\S+[ ][\"']?([^\s\"'$]{4,100}+)"
)
_STDIN = re.compile(
    rb"(?:echo|printf|<<<)[ ](?:-\w+[ ]|[\"']?%s(?:\\n)?[\"']?[ ])?[\"']?([^\s\"'$|]{6,400}+)"
)
_FROM_STDIN = (b"--password-stdin", b"--with-token", b"chpasswd", b"passwd --stdin", b"sudo -s")
_VARIABLE = re.compile(
    rb"variable[ ]\"[^\"\n]{0,60}(?:passw(?:or)?d|secret|token|_key|credential)[^\"\n]{0,20}\"[ ]*\{"
    rb"[^{}]{0,400}?\bdefault[ ]*=[ ]*\"([^\"\n]{6,400})\""
)
"""Matches the default value of a Terraform variable whose name is that of a secret."""
_COMMAND = re.compile(
    rb"sshpass|mysql|mariadb|docker[ ]login|htpasswd|mongo|redis-cli|ldap|helm|podman|az[ ]login"
    rb"|smbclient|sqlcmd|7z|zip|psql|"
    rb"rabbitmq|keytool|openssl"
)
_COMMAND_BYTES = 200
_PGPASS = re.compile(
    rb"^[\w.*-]{1,100}+:(?:\d{2,5}|\*):[^:\s]{1,100}+:[^:\s]{1,100}+:(\S{3,200}+)$", re.MULTILINE
)
_EMAIL = re.compile(rb"\w@\w")
_DEFAULTS = frozenset(
    (b"guest", b"password", b"pass", b"passwd", b"pwd", b"pw", b"secret", b"token", b"user", b"test", b"xxx")
)


def in_addresses(text: bytes) -> Iterator[SecretRange]:
    """Passwords in `scheme://user:password@host`, keys in query strings, and tokens in paths of web hooks."""
    if b"://" in text:
        for match in _USERINFO.finditer(text):
            if match[1] != match[2] and not _is_stand_in(match[2]):
                yield "password in an address", *match.span(2)
        for match in _HOOK.finditer(text):
            if not _HOOKS.search(match[0]):
                continue
            path = text.index(b"/", match.start() + len(b"https://"))
            for segment in _SEGMENT.finditer(text, path, match.end()):
                value = segment[0]
                if is_random(value.removeprefix(b"bot"), 14) and not (is_hash(value) and len(value) == 40):
                    yield "web hook", *segment.span()
    if b"=" in text and (b"?" in text or b"&" in text):
        for match in _QUERY.finditer(text):
            value = unquote_to_bytes(match[2])
            if is_random(value, 12) and not (match[1] and is_uuid(value)):
                yield "key in an address", match.start(2), match.end(2)


def _is_stand_in(password: bytes) -> bool:
    low = password.lower()
    named = re.fullmatch(rb"[a-z_-]*(?:pass|secret|token|key|pwd)[a-z_-]*\d{0,3}", low)
    return bool(named or low in _DEFAULTS or is_placeholder(password) or re.search(rb"[{*\[\](]", password))


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


def _is_token(value: bytes) -> bool:
    return is_random(value, 12) or is_number(value)


def _is_mixed_token(value: bytes) -> bool:
    return is_random(value, 20) and is_mixed_case(value)


def _is_name_of_another(value: bytes) -> bool:
    """Whether a value is a URL, a host or a content type. Calls like `auth(...)` take such values as well."""
    return (
        b"/" in value
        or (b"." in value and not is_random(value, 10))
        or (b"@" in value[1:-3] and b"." in value.split(b"@")[-1])
    )


def _is_argument(value: bytes) -> bool:
    return not _is_name_of_another(value) and (is_strong(value) or is_password(value))


def _is_flag(value: bytes) -> bool:
    return not value.startswith(b"//") and is_password(value, 4)


def _scheme(names: bytes) -> re.Pattern[bytes]:
    """Matches the name of a scheme, and the token after it."""
    token = rb"(?:[ ]|%20|:[ ]?)[ ]?([A-Za-z0-9._~+/=:-]{8,4000}+)"
    return re.compile(rb"(?:%s)%s" % (names, token), re.IGNORECASE)


class _Rule(NamedTuple):
    """A pattern that is tried at each of `words`, in lower case. The last group that it matches is the value.

    If there is a pattern `before`, it must occur before the word on the same line.
    """

    words: tuple[bytes, ...]
    pattern: re.Pattern[bytes]
    is_secret: Callable[[bytes], bool]
    before: re.Pattern[bytes] | None = None
    kind: str = "password"


_HEADER = "authorization"
_RULES = (
    _Rule((b"authorization",), _AUTHORIZATION, lambda value: is_random(value, 12), kind=_HEADER),
    _Rule((b"basic ",), _scheme(b"basic"), _is_basic, kind=_HEADER),
    _Rule((b"bearer", b"splunk ", b"ssws "), _scheme(b"bearer|splunk|ssws"), _is_token, kind=_HEADER),
    _Rule((b"token", b"key", b"bot "), _scheme(b"token|key|bot"), _is_mixed_token, kind=_HEADER),
    _Rule((b"auth", b"login"), _PAIR, _is_argument),
    _Rule(
        (b"credential", b"connect", b"pdo("),
        _PAIR,
        lambda value: is_strong(value) and not _is_name_of_another(value),
    ),
    _Rule((b" -u", b"--user", b"--proxy-user"), _CURL, _is_flag),
    _Rule((b" -p", b" -a", b" -w"), _FLAG, _is_flag, _COMMAND),
    _Rule((b" -p",), _ATTACHED, _is_flag, _ATTACHING),
    _Rule((b" -k",), _KEY, _is_flag, re.compile(rb"openssl[ ]")),
    _Rule((b"htpasswd",), _HTPASSWD, _is_flag),
    _Rule((b"curl ",), _CURL_FLAGS, _is_flag),
    _Rule((b"convertto-securestring",), _SECURE, _is_flag),
    _Rule((b'variable "',), _VARIABLE, _is_flag),
)


def by_rules(text: bytes, places: WordPositions) -> Iterator[SecretRange]:
    """The values after `Bearer` and the like, in calls like `auth(...)`, and in flags of commands."""
    for words, pattern, is_secret, before, kind in _RULES:
        for place in places.of(words):
            match = pattern.match(text, place)
            if (
                match is not None
                and (before is None or before.search(line_before(text, place, _COMMAND_BYTES)))
                and is_secret(match[match.lastindex or 0])
            ):
                yield kind, *match.span(match.lastindex or 0)


def elsewhere(text: bytes, places: WordPositions, path: str) -> Iterator[SecretRange]:
    """The passwords in pairs like `("user", "password")`, in pipes to commands, and in `.pgpass` files."""
    for match in _LONE_PAIR.finditer(text):
        password = match[4]
        ordinary = password.isalnum() and not is_mixed_case(password)
        if is_strong(password) and not _EMAIL.search(password) and not ordinary:
            yield "password", *match.span(4)
    for place in places.of(_FROM_STDIN):
        end = text.find(b"\n", place)
        start = place - len(line_before(text, place, _COMMAND_BYTES))
        found = _STDIN.search(text, start, end if end >= 0 else len(text))
        if found is not None and (is_password(found[1].rpartition(b":")[2]) or is_random(found[1], 12)):
            yield "password", *found.span(1)
    if path.endswith("pgpass"):
        yield from (("password", *match.span(1)) for match in _PGPASS.finditer(text))
