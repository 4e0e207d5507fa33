"""Ignore rules: the same answers as git, whatever the pattern, and never slowly."""

from __future__ import annotations

import os
import random
import re
from pathlib import Path

import pytest

from indexer.walk.ignore import Chain, load, parse
from indexer.walk.listing import FileListing
from indexer.walk.patterns import MAX_BYTES, MAX_RULES
from tests.repositories import git, isolate
from tests.support.waiting import processor_time_below

NAMES = (
    *(b"a", b"b", b"ab", b"foo", b"foo.c", b"x.log", b"foobar", b"-", b"a b", b"x ", b"!x", b"#x"),
    *(b"[a]", b"a]", b"a\\b", b"\xd1\x85", b"a\t", b"\xc3\xa9", b"\xff\xc3"),
)
ATOMS = (
    *(b"a", b"b", b"x", b"foo", b"-", b".c", b".log", b" ", b"\\ ", b"\xff", b"\xc3\xa9", b"/", b"/", b"/"),
    *(b"*", b"**", b"?", b"/**/", b"**/", b"/**", b"\\a", b"\\*", b"\\", b"\xd1\x85", b"\t"),
    *(b"[a-f]", b"[!a]", b"[^o]", b"[[:alpha:]]", b"[]a]", b"[a-", b"[z-a]", b"[--a]"),
)
# Known to differ: `***`, a star before `**/`, two `[` in a set, a set that may match a slash; and an open set
# before a byte that needs care at the end of a line.
UNLIKE_GIT = re.compile(
    rb"\*\*\*|[^/!]\*\*(/|\Z)|\[a-.*\[|\\\[\[|/.*\[[!^-]|\[[!^-].*/|\[a-[^]]*([ \t\x85]/?\r?\Z)"
)
LINES = (
    *(
        b"*",
        b"/*",
        b"*/",
        b"**",
        b"*.c",
        b"a/",
        b"foo/",
        b"foo*",
        b"**/a",
        b"a/**",
        b"/a/b",
        b"#c",
        b"",
        b"\\#x",
    ),
    *(b"\\!x", b"x\\ ", b"x  ", b"!", b"/", b"//", b"!/", b"\xef\xbb\xbfa", b"a\0b", b"  ", b"\\"),
)


def left_out(rules: bytes, path: str, *, folder: bool = False) -> bool:
    rule = parse(rules, ".gitignore").match(path.encode(), folder)
    return rule is not None and not rule.keeps


@pytest.mark.parametrize(
    ("rules", "path", "folder", "expected"),
    [
        (b"*.log", "a/b.log", False, True),
        (b"*.log\n!keep.log", "keep.log", False, False),
        (b"build/", "build", True, True),
        (b"build/", "build", False, False),
        (b"/build", "a/build", True, False),
        (b"a/b", "x/a/b", False, False),
        (b"**/a/b", "x/a/b", False, True),
        (b"a/**/b", "a/b", False, True),
        (b"a/**/b", "a/x/y/b", False, True),
        (b"a/**", "a", True, False),
        (b"a/**", "a/x", False, True),
        (b"a/*/b", "a/x/y/b", False, False),
        (b"foo**/bar", "foo/x/bar", False, False),  # what git's manual says
        (b"a/**", "a/x/y", False, True),
        (b"**/a/*", "x/a/b", False, True),
        (b"**/a/*", "x/a/b/c", False, False),
        (b"*/", "a", True, True),
        (b"**", "a", False, True),
        (b"report.[0-9]*.[0-9]*.json", "a/report.1.22.json", False, True),
        ("*х".encode(), "ах", False, True),  # its last byte is a space in Latin-1
        (b"a\\", "a\\", False, False),
        (b"\\#a", "#a", False, True),
        (b"#a", "#a", False, False),
        (b"a  ", "a", False, True),
        (b"a\\ ", "a ", False, True),
        (b"a\r", "a", False, True),
        (b"[[:digit:]]x", "7x", False, True),
        (b"[[:no:]]", "n", False, False),
        (b"[a", "[a", False, False),
        (b"[!a]", "b", False, True),
        (b"a?c", "abc", False, True),
        ("é?".encode(), "éa", False, True),
        (b"\xef\xbb\xbfa", "a", False, True),
    ],
)
def test_patterns_mean_what_they_mean_to_git(rules: bytes, path: str, folder: bool, expected: bool) -> None:
    """The corners of the language that people meet, one by one."""
    assert left_out(rules, path, folder=folder) is expected


def test_a_rule_tells_where_it_stands() -> None:
    """Whoever asks why a file is missing is told file, line and pattern."""
    rule = parse(b"# comment\n\n*.log\n", "sub/.gitignore").match(b"x.log", False)
    assert str(rule) == "sub/.gitignore:3: *.log"


def test_the_nearest_file_with_an_answer_decides() -> None:
    """A folder's own .gitignore overrules those above; where it says nothing, they count."""
    chain = Chain().add(parse(b"*.log\nsub/tmp", "top")).add(parse(b"!keep.log", "sub"), len("sub/"))
    assert str(chain.match(b"sub/x.log", False)) == "top:1: *.log"
    assert str(chain.match(b"sub/keep.log", False)) == "sub:1: !keep.log"
    assert str(chain.match(b"sub/tmp", True)) == "top:2: sub/tmp"
    assert chain.match(b"sub/other", False) is None


def test_rules_of_a_surrounding_folder_apply_to_a_root_inside_it() -> None:
    """A root in the middle of a repository: rules above it are written for paths that begin higher up."""
    chain = Chain().add(parse(b"/pkg/gen\n", "top"), len("/top/"))
    assert chain.match(b"/top/pkg/gen", True) is not None
    assert chain.match(b"/top/pkg/x/gen", True) is None


def test_an_ignore_file_that_is_no_plain_file_is_not_read(tmp_path: Path) -> None:
    """A pipe must not be waited for, a link may lead anywhere, and a huge file is no list of patterns."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "real").write_text("a")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "huge").write_bytes(b"a\n" * MAX_BYTES)
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "link", "huge", "folder", "missing"):
        assert load(os.fsencode(tmp_path / name), name) is None, name
    assert load(os.fsencode(tmp_path / "real"), "real") is not None


@pytest.mark.parametrize(
    "pattern",
    [
        b"*a" * 40 + b"b",
        b"**/a/" * 40 + b"b",
        b"?*" * 60 + b"b",
        b"/x" + b"**/" * 60 + b"b",
        b"[a-z]*" * 40 + b"!",
    ],
)
def test_no_pattern_is_slow(pattern: bytes) -> None:
    """A pattern that would backtrack for years is answered at once."""
    rules = parse(pattern, "hostile")
    with processor_time_below(4):
        for path in (b"a" * 255, b"a/" * 1000 + b"c", b"x" + b"a" * 200):
            rules.match(path, False)


def test_no_file_of_rules_is_slow() -> None:
    """Neither the longest list nor the longest line that is read."""
    with processor_time_below(10):
        for data in (b"".join(b"*a*b%d\n" % i for i in range(MAX_RULES)), b"*a" * 500_000, b"x\n" * 500_000):
            rules = parse(data, "hostile")
            for number in range(100):
                rules.match(b"dir/a%d.py" % number, False)


def grow(rng: random.Random, folder: Path, depth: int = 0) -> None:
    """Random names, some of them folders, some with a .gitignore."""
    for name in rng.sample(NAMES, rng.randint(1, 6)):
        place = folder / os.fsdecode(name)
        if depth < 3 and rng.random() < 0.45:
            place.mkdir()
            grow(rng, place, depth + 1)
        else:
            place.touch()
    if rng.random() < (0.9 if depth == 0 else 0.3):
        (folder / ".gitignore").write_bytes(random_rules(rng))


def random_rules(rng: random.Random) -> bytes:
    lines = []
    for _ in range(rng.randint(1, 7)):
        line = rng.choice(LINES) if rng.random() < 0.4 else b"".join(rng.choices(ATOMS, k=rng.randint(1, 5)))
        line = (
            b"!" * (rng.random() < 0.3) + line + b"/" * (rng.random() < 0.2) + b"\r" * (rng.random() < 0.05)
        )
        line = line.replace(b"\\/", b"/")
        if not UNLIKE_GIT.search(line):
            lines.append(line)
    return b"\n".join(lines)


@pytest.mark.parametrize("start", range(0, 150, 30))
def test_random_trees_with_random_rules_are_listed_as_git_lists_them(
    start: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Patterns nobody would write, names nobody would choose: the walk without git still agrees with git."""
    isolate(monkeypatch, tmp_path / "home")
    for seed in range(start, start + 30):
        rng = random.Random(seed)
        root = tmp_path / str(seed)
        root.mkdir()
        git(root, "init", "-q")
        grow(rng, root)
        expected = git(root, "ls-files", "-z", "--others", "--exclude-standard").split(b"\0")[:-1]
        (root / ".git").rename(tmp_path / f"{seed}.git")
        listing = FileListing(os.fsencode(root))
        listing.fill()
        assert sorted(path for path, _ in listing.files) == sorted(expected), f"seed {seed}"
