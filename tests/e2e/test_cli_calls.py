"""`cornea callers`, `callees` and `impact` from outside."""

from __future__ import annotations

import json

from ..repositories import write
from .cli import Cli

MORE = {
    "src/login.py": "from auth import verify_password\n\n\ndef login(user):\n"
    "    return verify_password(user)\n",
    "tests/test_login.py": "from login import login\n\n\ndef test_login():\n    login(None)\n",
}


def test_each_direction(cli: Cli) -> None:
    """Callers, callees, all that depends on a function; with lines, tests apart."""
    write(cli.folder, MORE)
    done = cli("callers", "hash_password", "--no-tests")
    assert done.code == 0, done.err
    assert done.out.splitlines() == [
        "src/auth.py:6  hash_password",
        "  resolved:",
        "    src/auth.py:13  verify_password: return hash_password(password, salt) == digest",
    ]
    done = cli("callees", "src/auth.py:13", "--json")
    (one,) = json.loads(done.out)["definitions"]
    assert (one["definition"]["symbol"], [edge["symbol"] for edge in one["edges"]]) == (
        "verify_password",
        ["hash_password"],
    )
    found = json.loads(cli("impact", "hash_password", "-g", "*login.py", "-g", "auth.py", "--json").out)[
        "definitions"
    ][0]["edges"]
    assert [(edge["symbol"], edge["distance"], edge["test"]) for edge in found] == [
        ("verify_password", 1, False),
        ("login", 2, False),
        ("test_login", 3, True),
    ]
    assert cli("callers", "verify_password", "--no-tests", "--format", "vimgrep").out == (
        "src/login.py:5:12:    return verify_password(user)\n"
    )
    # A change is seen by the next question.
    write(cli.folder, {"src/login.py": MORE["src/login.py"].replace("login(user)", "sign_in(user)")})
    assert "sign_in" in cli("callers", "verify_password").out


def test_for_agents(shop: Cli) -> None:
    """All on stdout, within the budget; remarks come first."""
    done = shop("callers", "hash_password", "--format", "agent")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[1].startswith("callers of src/auth.py:6 hash_password: 1 resolved, ")
    assert lines[2:5] == [
        "resolved:",
        "src/auth.py",
        "13 verify_password: return hash_password(password, salt) == digest",
    ]
    assert "in tests, " in done.out
    for direction in ("callers", "callees", "impact"):
        assert len(shop(direction, "verify_password", "--max-tokens", "40").out.encode()) <= 160
    done = shop("callers", "hash_pasword", "--max-tokens", "100")
    assert (done.code, done.err) == (1, "")
    assert done.out == "note: no definition named hash_pasword; nearest: hash_password\n"
    assert "contradict" in shop("callers", "x", "--format", "agent", "--json").err
    assert "--max-tokens works only with" in shop("callers", "x", "--max-tokens", "9", "--json").err


def test_nothing_found(shop: Cli) -> None:
    """It is said why: no such definition, none at the line, no callers, a filter."""
    done = shop("callers", "hash_pasword")
    assert (done.code, done.out) == (1, "")
    assert "no definition named hash_pasword; similar names: hash_password" in done.err
    done = shop("callers", "verify_password", "--no-tests")
    assert (done.code, done.out) == (1, "")
    assert "nothing found: no callers of verify_password (src/auth.py:11)" in done.err
    done = shop("callers", "hash_password", "-t", "go")
    assert "left out by -t go" in done.err
    assert "no definition at" in shop("callers", "src/auth.py:4").err
    assert shop("callers", "nothing_has_this", "--json").code == 1


def test_wrong_use(shop: Cli) -> None:
    """Each says what to write instead."""
    for args, says in (
        ((), "missing argument"),
        (("",), "empty name"),
        (("x", "--json", "--format", "text"), "--json contradicts"),
        (("src/none.py:3",), "no such file"),
        (("src/auth.py:999",), "the file has only"),
        (("x", "-g", ""), "bad glob"),
    ):
        done = shop("callers", *args)
        assert (done.code, says in done.err.lower()) == (2, True), done.err
