"""Telling licences by their texts."""

from __future__ import annotations

import pytest

from research.mining.licences import (
    PERMISSIVE,
    identify,
    is_licence,
    of_repository,
    refused_folders,
    refused_header,
)

from .clones import GPL, MIT

BSD2 = (
    "Redistribution and use in source and binary forms, with or without\nmodification, are permitted "
    "provided that the following conditions are met: 1. Redistributions must retain the above notice."
)
BSD3 = (
    f"{BSD2}\n3. Neither the name of the copyright holder nor the names of its contributors may be used to\n"
    "endorse or promote products derived from this software."
)
ISC = (
    "Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is "
    "hereby granted, provided that the above copyright notice appears in all copies."
)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        (MIT, ["MIT"]),
        (MIT.replace("\n", "\r\n  * "), ["MIT"]),
        (BSD2, ["BSD-2-Clause"]),
        (BSD3, ["BSD-3-Clause"]),
        (f"{BSD3} All advertising materials mentioning features must say so.", ["BSD-4-Clause"]),
        ("Apache License\nVersion 2.0, January 2004", ["Apache-2.0"]),
        ("# Licensed under the Apache License, Version 2.0 (the License)", ["Apache-2.0"]),
        (ISC, ["ISC"]),
        (ISC.replace(", provided that", ". The software is provided"), ["0BSD"]),
        ("Altered source versions must be plainly marked as such.", ["Zlib"]),
        ("Boost Software License - Version 1.0 - August 17th, 2003", ["BSL-1.0"]),
        ("This is free and unencumbered software released into the public domain.", ["Unlicense"]),
        ("CC0 1.0 Universal", ["CC0-1.0"]),
        ("PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2\nis GPL-compatible", ["PSF-2.0"]),
        (f"{MIT}\nIt is compatible with the GNU General Public License.", ["MIT"]),
        (GPL, ["GPL"]),
        ("GNU LESSER GENERAL PUBLIC LICENSE", ["LGPL"]),
        ("GNU AFFERO GENERAL PUBLIC LICENSE", ["AGPL"]),
        ("Mozilla Public License Version 2.0", ["MPL"]),
        ("Eclipse Public License - v 2.0", ["EPL"]),
        ("Business Source License 1.1", ["BUSL"]),
        ("Do as you like.", []),
    ],
)
def test_a_licence_is_told_by_its_text(text: str, ids: list[str]) -> None:
    """However it is wrapped; what is only spoken of does not count."""
    assert identify(text) == ids


@pytest.mark.parametrize(
    ("name", "yes"),
    [
        ("LICENSE", True), ("licence.txt", True), ("LICENSE-MIT", True), ("MIT-LICENSE", True),
        ("COPYING.LESSER", True), ("UNLICENSE", True), ("License.md", True), ("LICENSE-2.0.txt", True),
        ("license.go", False), ("LICENSE-3RD-PARTY.txt", False), ("relicense.md", False), ("README", False),
    ],
)  # fmt: skip
def test_licence_files(name: str, yes: bool) -> None:
    """By name; a module called so is code, and a list of other people's licences says nothing."""
    assert is_licence(name) is yes


def test_a_repository_with_several() -> None:
    """All must be permissive; a file that only points to the others does not matter."""
    free = "This is free and unencumbered software released into the public domain."
    both = of_repository({"LICENSE-MIT": MIT, "UNLICENSE": free, "COPYING": "See the other two files."})
    assert (both.spdx, both.reason) == ("MIT AND Unlicense", "")
    mixed = of_repository({"LICENSE": MIT, "COPYING": GPL})
    assert (mixed.spdx, mixed.reason) == ("", "licence GPL in COPYING")
    assert of_repository({"LICENSE": "Ask me."}).reason == "unknown licence in LICENSE"
    assert of_repository({"README": MIT}).reason == "no licence file"
    assert "MIT" in PERMISSIVE
    assert "GPL" not in PERMISSIVE


def test_folders_and_files_with_their_own() -> None:
    """A permissive one, and a file that holds the path of another, leave the folder in."""
    texts = {
        "LICENSE": GPL,
        "a/LICENSE": MIT,
        "b/COPYING": GPL,
        "c/LICENSE": "../LICENSE",
        "d/LICENCE": "Ask me.",
        "e/COPYING": "See LICENSE.",
        "e/LICENSE": MIT,
    }
    assert refused_folders(texts) == ["b", "d"]
    assert refused_header(b"// SPDX-License-Identifier: GPL-2.0-or-later\n")
    assert refused_header(b"/* under the terms of the GNU General Public License */")
    assert not refused_header(b"# SPDX-License-Identifier: MIT\n")
