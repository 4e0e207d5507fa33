"""Detects the encoding of a file by the byte order mark, by a declaration in the file, or by the bytes.

Only UTF-16, UTF-32 and supersets of ASCII are used. Text that was decoded from these encodings can be encoded
again to the same number of bytes, so that offsets can be mapped to the file on disk. An invalid byte becomes
a lone surrogate (`surrogateescape`).
"""

from __future__ import annotations

import re
from encodings.aliases import aliases

from ..decoding import marked

WESTERN = "latin-1"
"""The encoding that is used if no other is likely. Every byte is valid in this encoding."""

# Maps Python's names of encodings to the encoding that is used. Declarations often confuse encodings that
# differ only in rare characters. Such encodings are mapped to the encoding that includes the others.
_USED = {
    **dict.fromkeys(("gb2312", "gbk", "gb18030"), "gb18030"),
    **dict.fromkeys(("shift_jis", "shift_jis_2004", "shift_jisx0213", "cp932"), "cp932"),
    **dict.fromkeys(("euc_jp", "euc_jis_2004", "euc_jisx0213"), "euc_jp"),
    **dict.fromkeys(("big5", "big5hkscs", "cp950"), "cp950"),
    **dict.fromkeys(("euc_kr", "cp949"), "cp949"),
    **dict.fromkeys(("latin_1", "iso8859_1", "ascii"), WESTERN),
    **dict.fromkeys(("utf_8", "utf_8_sig"), "utf-8"),
    **{name: name for name in (
        "johab koi8_r koi8_u koi8_t kz1048 ptcp154 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 "
        "cp1258 cp874 tis_620 iso8859_2 iso8859_3 iso8859_4 iso8859_5 iso8859_6 iso8859_7 iso8859_8 "
        "iso8859_9 iso8859_10 iso8859_11 iso8859_13 iso8859_14 iso8859_15 iso8859_16 cp437 cp775 cp850 cp852 "
        "cp855 cp858 cp866 mac_roman mac_cyrillic mac_latin2 mac_greek mac_turkish"
    ).split()},
}  # fmt: skip
_WIDE = {"utf_16_le": "utf-16-le", "utf_16_be": "utf-16-be", "utf_16": "utf-16-le", "utf_32_le": "utf-32-le",
         "utf_32_be": "utf-32-be"}  # fmt: skip
"""Encodings that a file cannot declare itself, because the declaration would not be in ASCII."""

_PYTHONS_NAMES = {**{name.replace("_", ""): name for name in (*_USED, *_WIDE)}, **aliases}
_MAX_NAME_CHARS = 40
_NAME = rb"[ \t]*[\"']?[ \t]*([-\w.]+)"
_COOKIE = re.compile(
    rb"[ \t\f]*(?:#|//|/?\*|;|--|%|<!--|\"|'|\.\.|\(\*|\{-|<\?|<%).*?(?:coding|\bfenc)[:=]" + _NAME
)
"""Matches a declaration that Python (PEP 263), Emacs or Vim reads, in a comment of any language."""
_BLANK = re.compile(rb"[ \t\f]*(?:#|//|/\*|;|--|%|<!--|\"|<\?|$)")
"""Matches a first line after which the second line may declare an encoding."""
_MARKUP = re.compile(
    rb"\A\s*<\?xml\b[^>]*\bencoding[ \t]*=" + _NAME
    + rb"|\A@charset" + _NAME
    + rb"|^[ \t]*scripte(?:nc(?:oding)?)?[ \t]+" + _NAME
    + rb"|^\"Content-Type:[^\n]*\bcharset[ \t]*=" + _NAME
    + rb"|<(?:meta\b|%@)[^>]*\bcharset[ \t]*=" + _NAME,
    re.MULTILINE,
)  # fmt: skip
"""Matches the declarations of XML, CSS, Vim scripts, gettext messages, HTML and JSP."""
_HEAD, _LINE = 1024, 500  # the first bytes of a file, and of a line, that are searched for a declaration
_ENDS = re.compile(rb"\r\n|\r|\n")

_ASCII = bytes(range(128))
_NOT_CONTINUATION = bytes(range(128)) + bytes(range(192, 256))
_MIN_CONTINUATIONS = 4
"""Valid UTF-8 with at least this number of continuation bytes counts as UTF-8, despite any declaration."""
_CONTROLS = bytes(range(0x80, 0xA0))
_BROKEN = re.compile("[\udc80-\udcff]")


def is_wide(data: bytes, told: str = "") -> bool:
    """Whether the encoding is UTF-16 or UTF-32, in which zero bytes are parts of characters."""
    encoding, mark = marked(data)
    return width_of_unit(encoding if mark else _WIDE.get(_canonical(told), "")) > 1


def identify(data: bytes, told: str = "") -> tuple[str, int]:
    """The encoding of a file's content, and the length of its byte order mark.

    `told` is the name of an encoding that is known from outside the file. An implausible encoding is ignored.
    """
    encoding, mark = marked(data)
    if mark:
        return encoding, mark
    if wide := _WIDE.get(_canonical(told)):
        return wide, 0
    if data.isascii():
        return "utf-8", 0
    declared = _USED.get(_canonical(told), "") or _declared(data)
    return _likely(data, declared), 0


def text_of(data: bytes, told: str = "") -> str:
    """The text of a file, without a byte order mark and with U+FFFD in the place of each invalid byte."""
    encoding, start = identify(data, told)
    return whole(decoded(data[start:], encoding))


def decoded(body: bytes, encoding: str) -> str:
    """The text, with a lone surrogate in the place of each invalid byte.

    In UTF-16 and UTF-32, U+FFFD is in the place of each invalid code unit.
    """
    unit = width_of_unit(encoding)
    # U+FFFD has the same width as a code unit, so that later offsets stay the same.
    return body[: len(body) - len(body) % unit].decode(encoding, _errors(unit))


def encoded(text: str, encoding: str) -> bytes:
    """The inverse of `decoded`."""
    return text.encode(encoding, _errors(width_of_unit(encoding)))


def _errors(unit: int) -> str:
    return "replace" if unit > 1 else "surrogateescape"


def whole(text: str) -> str:
    """The text, with U+FFFD in the place of each lone surrogate."""
    return text if text.isascii() else _BROKEN.sub("\ufffd", text)


def is_utf8(data: bytes) -> bool:
    """Whether bytes are valid UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def width_of_unit(encoding: str) -> int:
    """The width of the shortest character in this encoding, in bytes."""
    return 2 if encoding.startswith("utf-16") else 4 if encoding.startswith("utf-32") else 1


def _likely(data: bytes, declared: str) -> str:
    """The encoding of bytes that are not ASCII and have no byte order mark.

    `declared` is the declared encoding, or "" if no encoding is declared.
    """
    text = decoded(data, "utf-8")
    broken = 0 if is_utf8(data) else len(_BROKEN.findall(text))
    if not broken and (not declared or len(data.translate(None, _NOT_CONTINUATION)) >= _MIN_CONTINUATIONS):
        return "utf-8"
    wrong = len(_BROKEN.findall(decoded(data, declared))) if declared else 0
    if declared and not wrong:
        return _western(data) if declared == WESTERN else declared
    high = len(data.translate(None, _ASCII))
    characters = len(text) - broken - (len(data) - high)
    if high - broken - characters >= max(broken, 1):  # no fewer continuation bytes than invalid bytes
        return "utf-8"
    return declared if declared and wrong < high / 4 else _western(data)


def _western(data: bytes) -> str:
    """Windows-1252 if the text has bytes that are characters only in Windows-1252. Otherwise, Latin-1."""
    plain = len(data.translate(None, _CONTROLS)) == len(data)
    return WESTERN if plain or _BROKEN.search(decoded(data, "cp1252")) else "cp1252"


def _declared(data: bytes) -> str:
    """The encoding that the first lines of a file declare.

    Returns "" if they declare no encoding or an unknown encoding.
    """
    head = data[:_HEAD]
    first, second, *_ = [*_ENDS.split(head, 2), b"", b""]
    lines = (first, second) if _BLANK.match(first) else (first,)
    for line in lines:
        if (found := _COOKIE.match(line[:_LINE])) and (name := _used(found[1])):
            return name
    markup = _MARKUP.search(head)
    return _used(next(filter(None, markup.groups()))) if markup else ""


def _used(name: bytes) -> str:
    return _USED.get(_canonical(name.decode("ascii", "replace")), "")


def _canonical(name: str) -> str:
    """Python's name of an encoding. No codec is imported to find the name."""
    if not name or len(name) > _MAX_NAME_CHARS:
        return ""
    plain = re.sub(r"[^0-9a-z]+", "_", name.lower()).removeprefix("x_")
    plain = re.sub(r"_(?:unix|dos|mac)$", "", plain)
    return _PYTHONS_NAMES.get(plain) or _PYTHONS_NAMES.get(plain.replace("_", "")) or plain
