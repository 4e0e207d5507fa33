"""Recognises names of secrets, and the text between such a name and its value."""

from __future__ import annotations

import re
from typing import Literal

Strength = Literal["password", "secret", "key", "weak"]
"""What a name promises about its value.

A `password` was chosen by a person. A `secret` consists of random characters. A `key` is some kind of key.
The value of a `weak` name may be no secret at all.
"""

NAMED = re.compile(
    rb"""
    (?P<core> passw(?:or)?d | passwort | passphrase | passcode | pass(?![a-z]) | passwd | pwd | pw(?![a-z])
      | kennwort
      | secret | token | credential | authorization | auth(?![a-z]) | keys?(?![a-z]) | key(?=[_-])
      | (?:client|access)[_-]?id(?![a-z]) | cookie | masterauth | webhook | identified[ ]by
      | bearer )
    (?P<tail> [\w-]{0,40}+ )
    (?P<close> \\?["'`] )? (?: \[\w{0,10}\] )? [\])]{0,2}+ (?P<space> [ \t]{0,20}+ )
    (?P<gap>
        (?: : (?![:=]) [ \t]{0,8}+ [a-z_&*\[(][\w.<>\[\]&*?:'|()]{0,40}+
            (?:[ ][\w&*<>]{1,20}+)? [ \t]{0,8}+ =(?![=>])
          | (?: as [ ] )? [a-z_*\[][\w.\[\]*]{0,40}+ [ \t]{1,4}+ = (?![=>~])
          | , [ ] \w{1,30}+ [ ]{0,4}+ :?= (?!=)
          | for [ ] ["'`][^"'`\n]{1,60}+["'`] (?: @ ["'`][^"'`\n]{0,60}+["'`] )? [ ]{0,4}+ =
          | </key> \s{0,80}+ (?=<string>)
          | => | := | ->(?!>) | <- | [!=]==? | \?\?=? | \|\|=? | \?: | \?= | \+= | <<< | [:=,(] | or\b | >
          | \{ [ \t]{0,4}+ get; [^}\n"']{0,60}+ \} [ \t]{0,4}+ =
          | \{ (?=["']) | is [ ] (?=["'`])
          )
        [ \t]{0,40}+ (?: \\ \r?\n [ \t]{0,80}+ )?
      | (?= ["'`] ) | (?<=[ \t]) | (?= \r?\n [ \t]{0,80}+ "?value"? [ \t]{0,4}+ [:=] )
    )
    (?: [!&]{1,2} [\w:/.-]{1,40}+ [ ]{1,8}+ )?
    (?P<block> [|>][-+\d]{0,2}+ [ \t]{0,8}+ \r?\n [ \t]{1,80}+ )?
    (?P<line> \r?\n [ \t]{0,80}+ )?
    (?P<element> (?: <(?:value|string)> (?:<!\[cdata\[)? | <!\[cdata\[ ) )?
    (?P<open> [\[{(] \s{0,80}+ (?=["'`]) | [\[{](?![\[=])[ \t]{0,8}+ )?
    (?P<other> ,?[ \t]{0,8}+ \\?["']? (?:default_?(?:value)?|value|fallback|def|content) \\?["']?
        [ \t]{0,4}+ [:=] [ \t]{0,8}+ )?
    (?: [\w.:$]{0,40}(?:env|environ|getenv|environment|property|config|settings)
          (?: (?:\.\w{1,20}+)? [(\[] ["'][\w.-]{1,60}+["'] [ \t]{0,4}+ [)\]]? | \.\w{1,60}+ )
        [ \t]{0,4}+ (?: , | or\b | \?\? | \|\| | \?: ) \s{0,80}+ (?=["'`]) )?
    (?: (?: (?!qq?[(]) [a-z_][\w.:]{0,50}+ [(] | convertto-securestring [ ]+ (?:-string[ ]+)?
        | new[ ] [\w.]{1,40}+[(] ) [ \t]{0,4}+ ){0,2}
    (?: (?: [\w.]{1,40}+ ,[ ]{0,4}+ )? default_?(?:value|factory)? [ ]{0,4}+ = [ ]{0,4}+
        (?: lambda: [ ]{0,4}+ )? )?
    (?: [rbufln@&$]{1,2} (?=["'`]) )?
    """,
    re.VERBOSE,
)
"""Matches lower-case text from the core of a secret's name up to the value. All repetitions are bounded."""

CORES = (
    b"pass", b"pw", b"kennwort", b"secret", b"token", b"credential", b"authorization", b'auth"',
    b"auth:", b"auth=", b"key", b"client_id", b"clientid", b"client-id", b"access_id", b"accessid",
    b"access-id", b"cookie", b"masterauth", b"webhook", b"identified by", b"bearer",
)  # fmt: skip
"""The words at which NAMED is tried."""

_HEAD = re.compile(rb"[\w$.-]{0,60}\Z")

_NO_TAIL = re.compile(
    rb"(?:(?:\A|[_-])(?:ids?|ur[il]s?|len|size|msg|alg|max|min|index|idx|pos|kind|less|age|at|time|date|ref|refs|arn|set|map|"
    rb"list|code|up|down|char|box|help|env|var|attr|param|spec|tests?|note|note?s|err|hint|dir|file|path|link|page|form|"
    rb"reset|policy|class|type|name|names|label|field|input|word|words|ttl|store|state|status|version)"
    rb"|(?:field|input|label|length|names?|paths?|files?|urls?|types?|placeholder|error|message|regexp?|pattern|header|prompt|hash|hashed|"
    rb"digest|algorithm|encoder|format|count|limit|offset|lookup|provider|manager|service|factory|endpoint|issuer|validator|generator|parser|handler|filter|repository|resolver|request|response|builder|reader|writer|scopes?|audience|"
    rb"expiry|expiration|expires?|timeout|prefix|suffix|ize[rd]?|izer|ization|izing|iser|board|frames?|stroke|press|event|title|"
    rb"description|usage|column|attribute|parameter|schema|storm|stone))\Z"
)
_NO_HEAD = re.compile(
    rb"(?:public|pub|primary|foreign|unique|cache|sort|partition|group|order|hash|routing|object|resource|lookup|map|dict|row|"
    rb"column|field|index|i18n|translation|locale|message|lang|data|state|event|hot|short|arrow|shift|ctrl|enter|tab|page|"
    rb"next|continuation|cursor|next_?page|search|node|item|list|react|query|selector|option|config|setting|setup|prop|property|header|"
    rb"param|attribute|tag|label|metric|idempotency|dedup|checksum|etag|sha\d*|md5|digest|commit|revision|integrity|"
    rb"fingerprint|thumbprint|trace|span|request|correlation|com?|by|for|s3|turn|mon|don|hoc|jo|tu|ho)[-_.]?\Z"
)
_PAGING = re.compile(
    rb"(?:next|continuation|cursor|page|start|sync|resume|idempotency|request|trace|span)[-_.]?\Z"
)
_HASHES = re.compile(
    rb"sha-?\d|md5|hash|digest|checksum|integrity|fingerprint|thumbprint|etag|commit|revision|crc"
)
_PASSWORDS = (b"pass", b"pwd", b"pw", b"kennwort", b"masterauth", b"identified")
_SECRETS = (b"secret", b"token", b"credential", b"authorization", b"bearer")
_GRANTING = re.compile(
    rb"(?:api|access|secret|private|priv|encrypt\w*|signing|sign|master|account|auth|client|shared|storage|license|subscription|service|"
    rb"session|app|application|consumer|deploy|admin|root|webhook|hmac|jwt|aes|crypt\w*|secure|security|server|user|write|read|ssh|"
    rb"integration|function|functions|host|license|licence|maps?|stripe|aws|gcp|azure|google|github|gitlab|slack|openai|anthropic|sendgrid|"
    rb"twilio|datadog|dd|algolia|insert|ingest\w*|shop|x-api|vault|db|database|redis|rails_master)[-_.]?\Z"
)


def strength(core: bytes, head: bytes, tail: bytes) -> Strength | None:
    """What a name promises, judged by its decisive part `core` and the text before and after that part.

    Returns None if the name is not that of a secret. All arguments are in lower case. `head` may begin with
    text that is not part of the name.
    """
    found = _HEAD.search(head[-60:])
    before = found[0] if found else b""
    rest = tail.lstrip(b"_-")
    if _HASHES.search(before) or _HASHES.search(rest):
        return None
    if rest and _NO_TAIL.search(rest):
        return None
    if core.startswith(_PASSWORDS):
        if core in (b"pass", b"pw") and before and before[-1:].isalpha():
            return (
                "weak" if before.endswith((b"by", b"com", b"tres", b"sur", b"under", b"over")) else "password"
            )
        return "password"
    if core.startswith(_SECRETS):
        return None if _PAGING.search(before) else "secret"
    if core.startswith(b"key"):
        if _GRANTING.search(before):
            return "secret"
        if _NO_HEAD.search(before):
            return None
        return "key" if before else "weak"
    return "weak"
