"""Classifies values as passwords, random characters, or harmless.

The argument of each function is the bytes between the quotes. All functions run in linear time.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from itertools import pairwise

MAX_VALUE_BYTES = 4_000
"""A value with more than this number of bytes is data, not a secret."""

_PLACEHOLDER = re.compile(
    rb"example|change.?me|change.?it|place.?holder|your[-_ a-z]|yourp|dummy|redacted|insert.?"
    rb"|replace.?(?:me|with|this)"
    rb"|todo|fixme|foobar|lorem|sample|fake|invalid|undefined|xxxx|\*\*\*|\.\.\.|\xe2\x80\xa6|<[a-z_"
    rb" -]+>|\$\{|\{\{|\$\(|<%"
    rb"|%[sdv](?!\w)|%\(|#\{|\\\(|12345678|abcdefgh|0{8}|(?:deadbeef){2}|^\$\w*$|^\$[a-z_]|^\{[\w."
    rb" -]*\}|^\[[\w. -]*\]|^%\w+%$|^@\w|^<.*>$|^(?:no|not|none|null|nil)\b"
)
_WORDS = frozenset(
    b"password passwd passw0rd pass pwd passphrase secret token user username guest root admin"
    b" postgres mysql "
    b"test testing none null true false string text hidden default required optional disabled"
    b" enabled unknown "
    b"password1 password2 pass1 pass2 secret1 secret2 user1 user2 test1 test2 s3cret s3cr3t p4ssw0rd".split()
)
_ALPHABETIC = re.compile(rb"[A-Za-z]+")
_TOKEN = re.compile(rb"[A-Za-z0-9_\-.+/=~:|!@#$%^&*?]+")
_HEX = re.compile(rb"[0-9a-f]+|[0-9A-F]+")
_UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_DATE = re.compile(rb"v?\d{1,4}[-./:]\d{1,4}[-./:T ]?[\d.:TZ+-]*")
_PATH = re.compile(
    rb"(?:[\w.@~ -]*[/\\])*[\w@-]+(?:\.[a-z]{2,5}){1,3}|\.{0,2}/[a-z0-9/_.-]*"
    rb"|[a-z0-9_.-]+(?:/[a-z0-9_.-]+)+|[A-Za-z]:\\.*"
)
_NAME = re.compile(
    rb"[A-Za-z_][A-Za-z_.:-]*|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[\w$]+(?:(?:[.#]|::|->)[A-Za-z_$][\w$]*)+(?:\(\))?"
)
_CONSTANT = re.compile(
    rb"[A-Z][A-Z0-9]{0,14}(?:_[A-Z0-9%]{1,14})+|\w+::\w+|--[a-z][\w-]*|-{1,2}[a-z][a-z-]*=.*|-[a-z]{1,12}|[A-Za-z_][\w.-]*=[^=].*|[a-z_.-]+="
)
"""Matches the name of a constant, an option, or a setting with its value."""
_SPECIAL = re.compile(rb"[!@#$%^&*+=?~]")
_NO_VALUE = (b"urn:", b"arn:", b"aws:arn", b"^[", b"^(", b"(?", b"($", b"//")
_SLUG = re.compile(rb"[a-z0-9]{1,9}(?:[_-][a-z0-9]{1,9})+")
_PHRASE = re.compile(rb"[a-z]{3,}(?:[-_.][a-z]{3,}){3,}")
_ABOUT_SECRETS = re.compile(rb"(?i)pass|secret|token|key|credential|auth")
_FOLLOWERS = (
    "abcdgilmnprstuy baelou caehiklot dei eacdelmnpqrstwx faio geiru haeiot iabcdefglmnorst j ki"
    " laeilo maeip nacdefginost "
    "ocflmnoprtuv paeloprty qu raeimnorst seiopst taehiorstuy uailnprst vae waiw xc yo z"
)
"""Each item is a letter, followed by the letters that usually come next in words of code. These are 22 % of
all possible pairs of letters, but 87 % of the pairs that occur in code."""
_USUAL = frozenset((ord(row[0]), ord(letter)) for row in _FOLLOWERS.split() for letter in row[1:])
_RANDOM = 0.42
"""A value with a larger share of unusual pairs than this is random. The share is 0.15 in words, 0.3 in words
with numbers and capitals, and 0.75 in random values."""
_RATHER_RANDOM, _SURELY_RANDOM = 0.5, 0.6  # limits of this share for values without digits
_NO_DIGITS = 16
"""For values without digits and with at least this number of bytes, the limit is _RATHER_RANDOM. For shorter
values without digits, the limit is _SURELY_RANDOM."""
_LOOKED_AT = 200  # the first bytes of a value, in which pairs are counted
_TELLING = 80
"""The number of bytes at the start of a value that are examined for signs of a placeholder."""
_WORDY = re.compile(rb"[a-z]{3,10}(?:[ ][a-z]{3,10}){3,11}")
_PROSE = frozenset(
    b"the your this that enter for and with please key password passphrase used file invalid must not"
    b" from".split()
)
_ALNUM = re.compile(rb"[A-Za-z0-9]+")


def is_placeholder(value: bytes) -> bool:
    """Whether a value is a placeholder, or a common word."""
    low = value[:_TELLING].lower()
    return low in _WORDS or len(set(low)) < 4 or _PLACEHOLDER.search(low) is not None


def is_random(value: bytes, least: int = 16) -> bool:
    """Whether a value has at least `least` characters and looks random, like a key."""
    if (
        not least <= len(value) <= MAX_VALUE_BYTES
        or _TOKEN.fullmatch(value) is None
        or b"://" in value
        or value.startswith(_NO_VALUE)
    ):
        return False
    if is_uuid(value):
        return True
    if is_placeholder(value) or any(shape.fullmatch(value) for shape in (_DATE, _CONSTANT, _PATH, _SLUG)):
        return False
    if len(set(value)) < min(8, 0.4 * len(value)):
        return False
    # Digits at the end do not count, because they may be the number of a word.
    digits = any(48 <= byte < 58 for byte in value.rstrip(b"0123456789"))
    if digits and len(value) >= 16 and _HEX.fullmatch(value):
        return not value.isdigit()
    words = _ALNUM.findall(value[:_LOOKED_AT])
    if sum(map(len, words)) < 0.6 * len(value[:_LOOKED_AT]):
        return False
    if digits:
        return _unusual(words) > _RANDOM
    return not _ABOUT_SECRETS.search(value) and _unusual(words) > (
        _RATHER_RANDOM if len(value) >= _NO_DIGITS else _SURELY_RANDOM
    )


def _unusual(words: Sequence[bytes]) -> float:
    """The share of pairs of characters that are unusual in words and numbers.

    Returns 0 if there are hardly any letters.
    """
    pairs = odd = letters = 0
    for word in words:
        for one, other in pairwise(word):
            if one < 58 and other < 58:
                continue
            pairs += 1
            if one < 58 or other < 58 or one >= 97 > other:
                odd += 1
            else:
                odd += (one | 32, other | 32) not in _USUAL
        letters += sum(byte > 58 for byte in word)
    return odd / pairs if pairs > 3 and letters > 3 else 0.0


def is_uuid(value: bytes) -> bool:
    """Whether a value is a UUID whose digits look random."""
    return _UUID.fullmatch(value) is not None and len(set(value)) > 6


def is_mixed_case(value: bytes) -> bool:
    """Whether a value has at least two capitals, two small letters and a digit."""
    return all(re.search(kind, value) for kind in (rb"[A-Z].*[A-Z]", rb"[a-z].*[a-z]", rb"[0-9]"))


def is_encoded_text(value: bytes) -> bool:
    """Whether a value is base64 of readable text."""
    try:
        content = base64.b64decode(value + b"=" * (-len(value) % 4))
    except (binascii.Error, ValueError):
        return False
    return all(32 <= byte < 127 or byte in b"\t\r\n" for byte in content[:60])


def is_hash(value: bytes) -> bool:
    """Whether a value may be a checksum: only hexadecimal digits, or a UUID."""
    return _HEX.fullmatch(value) is not None or _UUID.fullmatch(value) is not None


def is_number(value: bytes) -> bool:
    """Whether a value is a long arbitrary number. Such a number is a secret only after a secret's name."""
    return len(value) >= 12 and value.isdigit() and len(set(value)) > 4


def is_strong(value: bytes) -> bool:
    """Whether a value looks like a password even without a name: random, or with special characters."""
    return is_random(value, 8) or (is_password(value, 8) and re.search(rb"[!@#$%^&*]", value) is not None)


def is_password(value: bytes, least: int = 6) -> bool:
    """Whether a value after a password's name is a password, not a name, path, sentence or placeholder."""
    if not least <= len(value) <= 200 or any(byte <= 32 for byte in value) or is_placeholder(value):
        return False
    if is_random(value, 8):
        return True
    if _PHRASE.fullmatch(value) and not _ABOUT_SECRETS.search(value):
        return True
    if any(shape.fullmatch(value) for shape in (_NAME, _PATH, _DATE, _CONSTANT)) or b"://" in value:
        return False
    if value.startswith(_NO_VALUE):
        return False
    letters = _ALPHABETIC.search(value) is not None
    digits = any(48 <= byte < 58 for byte in value)
    special = _SPECIAL.search(value[1:]) is not None or any(byte > 127 for byte in value)
    if not letters:
        return is_number(value) or (digits and special and len(value) >= 8)
    return digits or special


def is_phrase(value: bytes) -> bool:
    """Whether a value is a passphrase, which has at least four words that do not form a sentence."""
    return _WORDY.fullmatch(value) is not None and _PROSE.isdisjoint(value.split())
