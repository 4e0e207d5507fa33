"""Lines that look like credentials: they are left out of what is suggested."""

from __future__ import annotations

import math
import re
from collections import Counter

_WORDS = re.compile(
    r"(?i)(?:pass(?:word|wd|phrase)?|secret|token|api_?key|access_?key|private_?key|credential|auth)\w*"
    r"[\"']?\s*(?:=>|:=|=|:)\s*[rbu]?([\"'`])([^\"'`\s]{8,})\1"
)
_KNOWN = re.compile(
    r"AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|xox[abprs]-[\w-]{10,}|sk-[A-Za-z0-9_-]{20,}"
    r"|AIza[\w-]{30,}|-----BEGIN [A-Z ]*PRIVATE KEY-----|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\."
    r"|[a-z][a-z0-9+.-]*://[^\s/:@\"'{}<>$]+:[^\s/@\"'{}<>$]{4,}@"
)
_LITERAL = re.compile(r"[\"'`]([A-Za-z0-9+/=_-]{32,})[\"'`]")
_PLACEHOLDER = re.compile(r"(?i)example|changeme|placeholder|your|xxx|dummy|\*\*\*|<|\$\{|%s|\{\}")
_ENTROPY = 4.2
"""Bits a character: random base64 has about 5, hexadecimal just below 4, words below that."""


def is_secret(line: str) -> bool:
    """Whether a line seems to hold a credential: by its name, by a known form, or by looking random."""
    if _KNOWN.search(line):
        return True
    named = _WORDS.search(line)
    if named and not _PLACEHOLDER.search(named[2]):
        return True
    return any(_entropy(match[1]) > _ENTROPY for match in _LITERAL.finditer(line))


def _entropy(text: str) -> float:
    counts, size = Counter(text), len(text)
    return -math.fsum(n / size * math.log2(n / size) for n in counts.values())
