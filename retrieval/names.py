"""Qualified names, and texts that are quoted. This module imports little, so that a client may use it."""

from __future__ import annotations

import re
import unicodedata

_SEPARATOR = re.compile(r"::|#|->")
_SIGNS = re.compile(r"^\W+|\W+$")


def parts_of(name: str) -> list[str]:
    """The parts of a qualified name, as they are written, in NFC: `Foo::bar()` has the parts Foo and bar."""
    plain = unicodedata.normalize("NFC", name).removesuffix("()")
    return _SEPARATOR.sub(".", plain).split(".")


def without_signs(text: str) -> str:
    """A text with single spaces, without the signs around it, such as quotes and the dashes of an option."""
    return _SIGNS.sub("", " ".join(text.split()))
