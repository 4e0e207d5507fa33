"""No message, name, author or line of a file passes for anything else: what is read is what was written."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import strategies as st

from indexer.index.commits import past
from indexer.paths import show
from indexer.walk import git_patches
from tests.fastimport import Made, build
from tests.repositories import git, isolate

from .fuzzing import fuzzed

HEX = b"0123456789abcdef0123456789abcdef01234567"
TOKENS = [
    *(b"\x1e", b"\x01", b"\x02", b"\x1e" + HEX + b"\x001700000000\x00", b"\\0", b"%x00", b"\\x1e\xb3"),
    *(HEX, b"commit " + HEX, HEX + b" blob 5", HEX + b" missing", b"tree " + HEX, b"parent " + HEX),
    *(b"diff --git a/x b/x", b'diff --git "a/x" "b/x"', b"index 0000000..1111111", b"Binary files differ"),
    *(b"@@ -1,2 +3,4 @@ def imitated():", b"@@@ -1 -1 +1 @@@", b"--- a/x", b"+++ b/x", b"-- a/x", b"++ b/x"),
    *(b":100644 100644 " + HEX + b" " + HEX + b" M\tx", b"\\ No newline at end of file"),
    *(
        b"\r",
        b"\t",
        b" ",
        b'"',
        b"'",
        b"\\",
        b"\x1b[31m",
        b"\xff\xfe",
        b"\xb3",
        "größe 检查".encode(),
        b" b/",
    ),
    *(b" b/", b"encoding UTF-16", b"gpgsig -----BEGIN", b"-", b"+", b"def planted(x):", b"x" * 300),
]
PIECE = st.one_of(st.sampled_from(TOKENS), st.binary(max_size=20)).map(lambda text: text.replace(b"\0", b""))
TEXT = st.lists(PIECE, max_size=8).map(b"\n".join)
LINE = st.lists(PIECE, max_size=3).map(lambda parts: b" ".join(parts).replace(b"\n", b""))
# Folders and files end differently, so that none is both; git refuses names of its own.
NAME = LINE.map(lambda text: text.replace(b"/", b"")[:60])
PATH = st.tuples(st.lists(NAME.map(lambda name: name + b"D"), max_size=2), NAME).map(
    lambda parts: b"/".join([*parts[0], parts[1] + b"\nF"])
)
PERSON = LINE.map(lambda text: text.translate(None, b"<>\n") + b" <" + text.translate(None, b"<>\n") + b">")
WHEN = st.tuples(st.integers(0, 2**40), st.sampled_from([b"+0000", b"+9999", b"-1234"])).map(
    lambda parts: b"%d %s" % parts
)
ENCODING = st.sampled_from([b"", b"", b"ISO-8859-1", b"koi8-r", b"shift_jis", b"unicode_escape", b"nonsense"])
COMMIT = st.tuples(
    TEXT, PERSON, WHEN, ENCODING, st.dictionaries(PATH, st.lists(LINE, max_size=8), max_size=3)
)
Wanted = tuple[bytes, bytes, bytes, bytes, dict[bytes, list[bytes]]]


def _distinct(lines: list[bytes], number: int) -> list[bytes]:
    """Lines that occur once: then there is one way alone to tell what changed."""
    return [line + b" %d.%d" % (number, i) if line != HEX else b"%040x" % (number * 1000 + i)
            for i, line in enumerate(lines)]  # fmt: skip


def _check(home: Path, commits: list[Wanted]) -> None:
    history: list[Made] = []
    expected: list[dict[bytes, set[int]]] = []
    now: dict[bytes, list[bytes]] = {}
    for number, (message, person, when, encoding, files) in enumerate(commits, 1):
        written: dict[bytes, bytes] = {}
        changed: dict[bytes, set[int]] = {}
        for path, lines in files.items():
            before = now.get(path)
            # Every second line stays, new ones come at the end, and the last has no line break.
            after = [*(before or [])[::2], *_distinct(lines, number)]
            if before == after or (before is None and not after):
                continue
            removed = {i + 1 for i, line in enumerate(before or []) if line not in after}
            if before and before[-1] in after and before[-1] != after[-1]:
                removed.add(len(before))  # it gets its line break
            if before and after and after[-1] in before[:-1]:
                removed.add(before.index(after[-1]) + 1)  # it loses it
            written[path], changed[path], now[path] = b"\n".join(after), removed, after
        history.append(Made(message, written, person, when, encoding))
        expected.append(changed)
    with tempfile.TemporaryDirectory(dir=home) as place, pytest.MonkeyPatch.context() as patched:
        root, kept = Path(place, "r"), Path(place, "kept")
        kept.mkdir()
        ids = build(root, history)
        for name, value in MISLEADING.items():
            patched.setenv(name, value)
        found = past(root, kept)
        diffs = git_patches.hunks(root, ids)
    assert found.missing == ""
    assert [one.id for one in found.commits] == ids[::-1]
    for id, one, made, changed in zip(ids, found.commits[::-1], history, expected, strict=True):
        if not made.encoding:
            assert one.message == made.message.decode("utf-8", "replace").strip()[:4000]
        assert one.time == int(made.when.split()[0])
        assert set(one.paths) == {show(path) for path in changed}
        assert {path for path, _ in one.functions} <= set(one.paths)
        assert {change.path: _lines(change) for change in diffs[id]} == changed


def _lines(change: git_patches.FileChange) -> set[int]:
    return {line for first, count in change.hunks for line in range(first, first + count)}


MISLEADING = {
    "GIT_DIR": "/nonexistent",
    "GIT_DIFF_OPTS": "--unified=9",
    "GIT_EXTERNAL_DIFF": "false",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "diff.noprefix",
    "GIT_CONFIG_VALUE_0": "true",
    "LANGUAGE": "de",
}
SEEDS: list[list[Wanted]] = [
    [(b"One\n\x1e" + HEX, b"a <b>", b"0 +0000", b"", {b"x b/y\nF": [b"-- a/z", b"\x1e\xb3\x01"]})],
    [
        (b"", b" <>", b"9 +9999", b"", {b'"\t\\\nF': [b"def f():", HEX, b"\r"], b"\xff\nF": [b"a"]}),
        (b"diff --git a/x b/x\n" * 3, b" <>", b"9 +9999", b"koi8-r", {b'"\t\\\nF': [b"@@ -1 +1 @@ f()"]}),
    ],
]


def test_any_history(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    scale: Callable[[int, int], int],
    measured: Callable[[str], object],
) -> None:
    """Messages, times, paths and changed lines, whatever bytes they are, and whatever the user configured."""
    isolate(monkeypatch, tmp_path / "home")
    for key, value in [
        ("diff.noprefix", "true"), ("diff.mnemonicPrefix", "true"), ("diff.external", "false"),
        ("color.ui", "always"), ("diff.context", "9"), ("diff.interHunkContext", "9"), ("core.abbrev", "4"),
        ("diff.renames", "copies"), ("core.quotePath", "true"), ("i18n.logOutputEncoding", "UTF-16"),
        ("diff.suppressBlankEmpty", "true"), ("diff.wsErrorHighlight", "all"), ("diff.submodule", "log"),
    ]:  # fmt: skip
        git(tmp_path, "config", "--global", key, value)
    inputs = st.lists(COMMIT, min_size=1, max_size=4)
    measured(fuzzed(lambda commits: _check(tmp_path, commits), inputs, SEEDS, scale(25, 20_000)))
