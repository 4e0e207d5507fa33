"""`cornea grep` from outside: what is printed, in which form, and how it ends."""

from __future__ import annotations

import json

from tests.support.schemas import validate

from .cli import Cli


def test_lines_are_printed_as_ripgrep_does_and_counted_on_stderr(cli: Cli) -> None:
    done = cli("grep", "hash_password")
    assert done.code == 0
    assert done.out.startswith("src/auth.py:6:def hash_password(")
    assert done.err.splitlines()[-1] == "cornea: 3 files searched"
    assert all(line.split(":")[1].isdecimal() for line in done.out.splitlines())
    assert cli("grep", "-N", "-I", "def hash_password").out.startswith("def hash_password(")
    assert cli("grep", "-l", "hash_password").out.splitlines()[0] == "src/auth.py"
    assert cli("grep", "-c", "def hash_password").out == "src/auth.py:1\n"
    assert cli("grep", "-o", "hash_\\w+", "src/auth.py").out.splitlines()[0] == "6:hash_password"
    none = cli("grep", "unheard_of")
    assert (none.code, none.out, none.err) == (1, "", "cornea: 3 files searched\n")


def test_headings_show_path_and_symbol(shop: Cli) -> None:
    lines = shop("grep", "--heading", "hash_password", "src", "tests").out.splitlines()
    assert lines[0] == "src/auth.py"
    assert lines[1].startswith("6:def hash_password(")
    assert "verify_password:" in lines
    assert "tests/test_auth.py" in lines


def test_json_is_that_of_ripgrep_with_symbol_and_role(shop: Cli) -> None:
    done = shop("grep", "--json", "-C1", "def hash_password")
    rows = [json.loads(line) for line in done.out.splitlines()]
    for row in rows:
        validate("commands/grep", row)
    kinds = [row["type"] for row in rows]
    assert (kinds[0], kinds[-2], kinds[-1]) == ("begin", "end", "summary")
    match = next(row["data"] for row in rows if row["type"] == "match")
    assert (match["path"]["text"], match["line_number"]) == ("src/auth.py", 6)
    assert (match["symbol"], match["role"]) == ("hash_password", "definition")
    assert match["submatches"][0]["match"]["text"] == "def hash_password"
    assert rows[-1]["data"]["stats"]["searches"] == 3


def test_wrong_use_is_refused_with_advice(shop: Cli) -> None:
    for arguments, named in (
        ((), "missing PATTERN"),
        (("a(?=b)",), "look-ahead"),
        (("(a",), "unclosed"),
        (("a", "no/such"), "no such file"),
        (("a", "-l", "-o"), "contradicts"),
        (("a", "-v", "-o"), "contradicts"),
        (("a", "-g", "["), "bad glob"),
        (("a", "-t", "klingon"), "klingon"),
        (("a", "-A", "x"), "whole number"),
    ):
        done = shop("grep", *arguments)
        assert (done.code, done.out) == (2, ""), arguments
        assert named in done.err
        assert len(done.err.splitlines()) == 1
    assert shop("grep", "-e", "-x").code in (0, 1)


def test_a_subfolder_is_searched_alone(shop: Cli) -> None:
    inside = shop("-C", "src", "grep", "hash_password")
    assert "searching only src/" in inside.err
    assert inside.out.startswith("auth.py:6:")
    assert shop("-C", "src", "grep", "--all", "hash_password").out.startswith("auth.py:6:")


def test_the_last_option_of_case_holds(shop: Cli) -> None:
    """As in ripgrep, so that an alias with `-S` can be overridden."""
    for options, found in (
        ((), False), (("-i",), True), (("-S",), False), (("-s", "-i"), True), (("-i", "-s"), False),
        (("-i", "-S"), False), (("-S", "-i"), True),
    ):  # fmt: skip
        done = shop("grep", "--no-refresh", "-l", *options, "Hash_Password")
        assert ("src/auth.py" in done.out.splitlines()) is found, options
    assert shop("grep", "--no-refresh", "-l", "-S", "hash_password").code == 0


def test_habits_of_grep(shop: Cli) -> None:
    """Folders are searched anyway; `-q` only sets the exit code; `--include` is a glob."""
    found = shop("grep", "--no-refresh", "-rnE", "def hash_password", "src")
    assert found.out.startswith("src/auth.py:6:def hash_password(")
    quiet = shop("grep", "--no-refresh", "-q", "hash_password")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")
    assert shop("grep", "--no-refresh", "-q", "unheard_of").code == 1
    only = shop("grep", "--no-refresh", "-l", "--include=*.py", "hash_password")
    assert only.out.splitlines()[0] == "src/auth.py"
    assert shop("grep", "--no-refresh", "-l", "--include=*.go", "hash_password").code == 1


def test_a_pattern_that_matches_nothing_at_all_is_answered(cli: Cli) -> None:
    """At each character; if that takes long, only the first match of a line is marked."""
    (cli.folder / "src/long.py").write_text("VALUE = 1\n" + "x = 'y' * 7\n" * 4_000)
    done = cli("grep", "-c", "x*", "src/long.py")
    assert (done.code, done.out) == (0, "4001\n")
    assert cli("grep", "--json", "x*", "src/long.py").code == 0
