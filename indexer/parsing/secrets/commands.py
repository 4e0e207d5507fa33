"""Finds passwords on command lines and in `.pgpass` files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .contexts import SecretRange
from .scanning import WordPositions, line_before
from .values import is_password, is_random

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
_RULES: tuple[tuple[tuple[bytes, ...], re.Pattern[bytes], re.Pattern[bytes] | None], ...] = (
    ((b" -u", b"--user", b"--proxy-user"), _CURL, None),
    ((b" -p", b" -a", b" -w"), _FLAG, _COMMAND),
    ((b" -p",), _ATTACHED, _ATTACHING),
    ((b" -k",), _KEY, re.compile(rb"openssl[ ]")),
    ((b"htpasswd",), _HTPASSWD, None),
    ((b"curl ",), _CURL_FLAGS, None),
    ((b"convertto-securestring",), _SECURE, None),
    ((b'variable "',), _VARIABLE, None),
)
"""The rules. Each has the words at which the rule is tried, a pattern, and a second pattern or None. The last
group of the first pattern is the value. The second pattern must occur before the words on the same line."""


def in_commands(text: bytes, places: WordPositions, path: str) -> Iterator[SecretRange]:
    """The passwords in arguments of commands, in input that is piped to commands, and in `.pgpass` files."""
    for words, pattern, command in _RULES:
        for place in places.of(words):
            match = pattern.match(text, place)
            if match is None or (
                command is not None and not command.search(line_before(text, place, _COMMAND_BYTES))
            ):
                continue
            group = match.lastindex or 0
            if not match[group].startswith(b"//") and is_password(match[group], 4):
                yield "password", *match.span(group)
    for place in places.of(_FROM_STDIN):
        end = text.find(b"\n", place)
        start = place - len(line_before(text, place, _COMMAND_BYTES))
        match = _STDIN.search(text, start, end if end >= 0 else len(text))
        if match is not None and (is_password(match[1].rpartition(b":")[2]) or is_random(match[1], 12)):
            yield "password", *match.span(1)
    if path.endswith("pgpass"):
        yield from (("password", *match.span(1)) for match in _PGPASS.finditer(text))
