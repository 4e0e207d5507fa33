"""Identifies a repository's licence from its files, and decides whether its code may be mined.

A licence is recognised by a sentence that only this licence has. Code under unknown licences is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from indexer.parsing.languages import detect

PERMISSIVE = frozenset({
    *("MIT", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "ISC", "Zlib", "BSL-1.0", "Unlicense", "CC0-1.0"),
    *("0BSD", "PSF-2.0"),
})  # fmt: skip
"""SPDX ids of the licences whose code may be mined."""

_FILE = re.compile(r"(?:[\w.]+-)?(?:licen[cs]es?|copying|unlicense)(?:[-_.][\w.+-]*)?", re.IGNORECASE)
# Lists of other people's licences say nothing about the code beside them.
_OTHERS = re.compile(r"third|3rd|bundled|vendor|dependenc|notice", re.IGNORECASE)
_POINTER = re.compile(r"[./\w-]*(?:licen[cs]e|copying)[\w.-]*", re.IGNORECASE)
"""The content of a licence file that only names the path of another licence file."""

_TEXTS = (
    ("Apache-2.0", r"apache license,? version 2\.0,? january 2004"
                   r"|licensed under the apache license,? version 2\.0"),
    ("0BSD", r"distribute this software for any purpose with or without fee is hereby granted\. the"),
    ("ISC", r"distribute this software for any purpose with or without fee is hereby granted, provided"),
    ("Zlib", r"altered source versions must be plainly marked as such"),
    ("BSL-1.0", r"boost software license - version 1\.0"),
    ("Unlicense", r"this is free and unencumbered software released into the public domain"),
    ("CC0-1.0", r"cc0 1\.0 universal|creative commons zero v?1\.0"),
    ("PSF-2.0", r"python software foundation license version 2"),
    ("BSD-4-Clause", r"all advertising materials mentioning features"),
    ("MIT", r"permission is hereby granted, free of charge, to any person obtaining a copy.{0,900}"
            r"permission notice shall be included|licensed under the mit licen[cs]e"),
    ("MIT-0", r"permission is hereby granted, free of charge, to any person obtaining a copy"
              r"(?!.{0,900}permission notice)"),
    ("BSD-3-Clause", r"redistribution and use in source and binary forms.{0,1600}(?:name|names) of .{0,200}"
                     r"endorse or promote"),
    ("BSD-2-Clause", r"redistribution and use in source and binary forms(?!.{0,1600}endorse or promote)"),
    ("AGPL", r"gnu affero general public license"),
    ("LGPL", r"gnu (?:lesser|library) general public license"),
    ("GPL", r"gnu general public license"),
    ("MPL", r"mozilla public license"),
    ("EPL", r"eclipse public license"),
    ("EUPL", r"european union public licen[cs]e"),
    ("CDDL", r"common development and distribution license"),
    ("SSPL", r"server side public license"),
    ("BUSL", r"business source license"),
    ("Elastic", r"elastic license"),
    ("Commons-Clause", r"commons clause"),
    ("JSON", r"shall be used for good, not evil"),
    ("noncommercial", r"non-?commercial (?:use|purpose)|996\.icu"),
    ("CC-BY", r"creative commons attribution"),
    ("proprietary", r"proprietary and confidential|may not be (?:copied|distributed) without"),
)  # fmt: skip
"""Names of licences, each with a pattern that the lower-cased text matches. A name is an SPDX id, or the name
of a family of licences whose code may not be mined."""
_KNOWN = tuple((name, re.compile(pattern)) for name, pattern in _TEXTS)
_MENTION = re.compile(r"(?:compatible with|compatibility with|than) (?:the )?$|gpl-compatible$")
_HEADER = re.compile(
    rb"gnu (?:affero |lesser |library )?general public|mozilla public licen|eclipse public licen"
    rb"|spdx-license-identifier:[^\n]*\b(?:[al]?gpl|mpl|epl|eupl|cddl|sspl|busl)",
    re.IGNORECASE,
)
_LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class Licence:
    """SPDX ids joined by AND. If `spdx` is "", `reason` says why the code is not used."""

    spdx: str
    reason: str = ""


def is_licence(name: str) -> bool:
    """Whether a file of this name holds the licence of the code in and below its folder."""
    if _FILE.fullmatch(name) is None or _OTHERS.search(name):
        return False
    language = detect(name, b"")
    return language is None or language.textual


def identify(text: str) -> list[str]:
    """The ids of the licences that a text holds or names, in the order of the text."""
    plain = " ".join(re.sub(r"[\"'*#>`|]|<[^<>]+>", " ", text[:_LONGEST]).lower().split())
    found = []
    for name, pattern in _KNOWN:
        place = next((m.start() for m in pattern.finditer(plain) if not _mention(plain, m.start())), None)
        if place is not None:
            found.append((place, name))
    names = [name for _, name in sorted(found)]
    # The text of BSD-4-Clause contains the text of BSD-3-Clause.
    return [name for name in names if not (name.startswith("BSD-3") and "BSD-4-Clause" in names)]


def of_repository(files: Mapping[str, str]) -> Licence:
    """The licence that top-level files state, or the reason why the repository is refused.

    `files` maps file names to texts. A single licence that is not permissive is enough to refuse the
    repository.
    """
    stated = {name: identify(text) for name, text in sorted(files.items()) if is_licence(name)}
    if not stated:
        return Licence("", "no licence file")
    ids = sorted({id for found in stated.values() for id in found})
    refused = [id for id in ids if id not in PERMISSIVE]
    if refused:
        where = next(name for name, found in stated.items() if refused[0] in found)
        return Licence("", f"licence {' and '.join(refused)} in {where}")
    if not ids:
        return Licence("", f"unknown licence in {', '.join(stated)}")
    return Licence(" AND ".join(ids))


def refused_folders(files: Mapping[str, str]) -> list[str]:
    """The folders below the top whose own licence files are not permissive. `files` maps paths to texts."""
    own: dict[str, dict[str, str]] = {}
    for path, text in files.items():
        folder, _, name = path.rpartition("/")
        if folder and not _POINTER.fullmatch(text.strip()):
            own.setdefault(folder, {})[name] = text
    return sorted(folder for folder, texts in own.items() if not of_repository(texts).spdx)


def refused_header(head: bytes) -> bool:
    """Whether the first bytes of a source file put it under a licence that is not permissive."""
    return _HEADER.search(head) is not None


def _mention(text: str, place: int) -> bool:
    """Whether the text only refers to a licence: "compatible with the GNU General Public License"."""
    return _MENTION.search(text[max(0, place - 40) : place]) is not None
