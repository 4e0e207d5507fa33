"""What changed together, as text within a budget."""

from __future__ import annotations

import pytest

from retrieval.agent_text.cochanges import cochanges_text
from retrieval.agent_text.tokens import tokens
from retrieval.host.relation_answers import Cochange, CochangeAnswer


def _row(path: str, **more: object) -> Cochange:
    return Cochange(
        path=path, together=2, changes=9, commit="a" * 40, time=1, subject="Fix it\x1b[31m", score=0.5, **more
    )  # type: ignore[arg-type]


def _answer(*files: Cochange, functions: tuple[Cochange, ...] = ()) -> CochangeAnswer:
    return CochangeAnswer(name="", changes=9, files=list(files), functions=list(functions), missing=[])


def test_what_is_like_the_target_comes_first() -> None:
    answer = _answer(_row("b.py"), functions=(_row("c.py", symbol="f", start_line=4),))
    assert cochanges_text(answer, "a.py").splitlines()[1:] == [
        "how many of the last 9 commits that changed a.py also changed:",
        "b.py: 2, newest: Fix it\\x1b[31m",
        "c.py:4 f: 2",
    ]
    answer.name = "g"
    assert cochanges_text(answer, "g").splitlines()[2:] == [
        "c.py:4 f: 2, newest: Fix it\\x1b[31m",
        "b.py: 2",
    ]


@pytest.mark.parametrize("budget", [1, 5, 40, 100])
def test_the_budget(budget: int) -> None:
    text = cochanges_text(_answer(*(_row(f"{n}.py") for n in range(50))), "a.py", budget, ["a note"])
    assert tokens(text) <= budget


def test_nothing() -> None:
    assert cochanges_text(_answer(), "a.py").startswith(
        "nothing found: nothing changed twice with a.py, which 9 commits"
    )
    with pytest.raises(ValueError, match="at least 1"):
        cochanges_text(_answer(), "a.py", 0)
