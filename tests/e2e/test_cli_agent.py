"""`--max-tokens` and `--format agent` from outside."""

from __future__ import annotations

import pytest

from retrieval.agent_text.layout import HEADER
from retrieval.agent_text.tokens import tokens

from .cli import Cli


def test_a_search_answers_in_a_budget(shop: Cli) -> None:
    """The best code is shown with its numbers; nothing else is printed."""
    done = shop("search", "verify", "password", "--max-tokens", "120")
    assert (done.code, done.err) == (0, "")
    assert tokens(done.out) <= 120
    assert done.out.startswith(f"{HEADER}\nsrc/auth.py\n")
    assert "11:def verify_password(password: str, salt: bytes, digest: bytes) -> bool:\n" in done.out
    assert shop("search", "verify password", "--format", "agent").out.startswith(HEADER)


def test_remarks_are_part_of_the_answer(shop: Cli) -> None:
    """Which folder is searched, and which filter leaves nothing, is said in the answer, and only there."""
    done = shop("-C", "src", "search", "password", "--max-tokens", "300")
    assert done.out.startswith("note: searching only src/; --all searches all of ")
    assert "\nauth.py" in done.out
    assert done.err == ""
    done = shop("search", "password", "-g", "*.nothing", "--max-tokens", "100")
    assert (done.code, done.err) == (1, "")
    assert done.out == "note: nothing found: -g '*.nothing' matches nothing\n"


def test_similar_locate_and_outline(shop: Cli) -> None:
    """They have the same option."""
    done = shop("similar", "src/auth.py:6", "--max-tokens", "200")
    assert HEADER in done.out
    assert tokens(done.out) <= 200
    done = shop("locate", "--text", "verify_password accepts a wrong password", "--max-tokens", "200")
    assert "src/auth.py" in done.out
    assert tokens(done.out) <= 200
    done = shop("outline", "src/auth.py", "--max-tokens", "60")
    assert "6:def hash_password" in done.out
    assert tokens(done.out) <= 60


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("search", "x", "--max-tokens", "0"), "not a whole number from 1"),
        (("search", "x", "--max-tokens", "9", "--json"), "--max-tokens works only with --format agent"),
        (("search", "x", "--explain", "--max-tokens", "9"), "--explain does not work with --format agent"),
        (("search", "--batch", "-", "--max-tokens", "9"), "--batch prints JSON lines"),
        (("locate", "--batch", "-", "--max-tokens", "9"), "leave --max-tokens out"),
        (("outline", "src/auth.py", "--json", "--format", "agent"), "--json contradicts --format agent"),
    ],
)
def test_contradictions_are_named(shop: Cli, args: tuple[str, ...], said: str) -> None:
    """Exit code 2, and the options are named."""
    done = shop(*args)
    assert (done.code, done.out) == (2, "")
    assert said in " ".join(done.err.split())
