"""Questions made from one's own repository."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from indexer.errors import UsageError
from research.benchmarks import own
from research.benchmarks.report import as_json
from research.datasets.functions import Function
from tests.support.schemas import validate

from ...repositories import write
from .sets import encoder

WORDS = "alpha beta gamma delta epsilon zeta eta theta iota kappa".split()


def _function(word: str) -> str:
    lines = "\n".join(f"    {word}_{n} = {word}_tool({word}_input, {n})" for n in range(8))
    docstring = f'    """Make {word} out of raw input."""'
    return f"def make_{word}({word}_input):\n{docstring}\n{lines}\n    return {word}_7\n"


def _tree(folder: Path) -> Path:
    files = {f"src/{word}.py": _function(word) for word in WORDS}
    return write(folder, {**files, "tests/test_a.py": _function("omega"), "README.md": "About alpha.\n"})


def test_questions_that_cannot_be_confused(tmp_path: Path) -> None:
    """Each function has words of its own: both kinds of questions find them all."""
    report = own.measure(_tree(tmp_path / "project"), encoder(), ("bm25",), count=5)
    data = json.loads(as_json(report))
    validate("commands/bench-repo", data)
    assert data["root"] == "project"
    assert {task: row["questions"] for task, row in data["tasks"].items()} == {
        "docstring": 5,
        "continuation": 5,
    }
    for row in data["tasks"].values():
        assert row["scores"]["bm25"]["hit@1"]["mean"] == 1.0
        assert row["scores"]["bm25"]["nDCG@10"]["mean"] == 1.0
    assert any(table.title.startswith("docstring: ") for table in report.tables)


def test_neither_the_docstring_nor_the_prefix_is_in_the_index(tmp_path: Path) -> None:
    """What is asked about is held by the question alone."""
    root = _tree(tmp_path / "project")
    sources = [own.bare(source, language) for source, language in own.sources_of(root)]
    plan = own.plan([one for _, _, functions in sources for one in functions], 5, 0)
    texts = {
        f.symbol: f.text
        for source, name, _ in sources
        for f in own._fragments(source, name, plan)
        if f.symbol
    }
    assert not any('"""' in text for text in texts.values())
    for one in plan.asked:
        symbol = one.answer.rpartition(":")[2]
        if one.task == "continuation":
            assert one.question.text.startswith(f"def {symbol}(")
            assert f"def {symbol}(" not in texts[symbol]
            assert texts[symbol].strip()
            assert (one.question.text + "\n" + texts[symbol]).split() == _without(symbol)
        else:
            assert texts[symbol].startswith(f"def {symbol}(")


def _without(symbol: str) -> list[str]:
    lines = _function(symbol.removeprefix("make_")).splitlines()
    return "\n".join(line for line in lines if '"""' not in line).split()


def test_a_plan_is_seeded_and_leaves_doubtful_functions_out(tmp_path: Path) -> None:
    """Tests and overloads are not asked about; no function is asked about twice."""
    body = "x = compute(argument)\n" * 10

    def function(path: str, symbol: str) -> Function:
        return Function(path, "python", symbol, f"def {symbol}(argument):\n{body}", "What this is all about.")

    functions = [function("a.py", f"f{n}") for n in range(20)]
    functions += [function("b.py", "twice"), function("b.py", "twice"), function("tests/test_c.py", "tested")]
    plan = own.plan(functions, 8, 1)
    names = [one.answer for one in plan.asked]
    assert len(names) == len(set(names)) == 16
    assert len(plan.rest) == 8
    assert all(name.startswith("a.py:") for name in names)
    assert own.plan(functions[::-1], 8, 1) == plan
    assert own.plan(functions, 8, 2) != plan


def test_pieces_of_a_long_function_are_one_answer(tmp_path: Path) -> None:
    """The function is held out whole."""
    lines = "\n".join(f"    step_{n} = work(step_{n - 1}, {n})" for n in range(1, 80))
    root = write(
        tmp_path, {"a.py": f"def long(step_0):\n{lines}\n    return step_79\n", "b.py": _function("beta")}
    )
    tasks = own.measure(root, encoder(), ("bm25",), count=1).figures.tasks
    assert tasks["continuation"].scores["bm25"]["hit@1"].mean == 1.0


def test_a_tree_without_functions(tmp_path: Path) -> None:
    """There is nothing to ask about."""
    with pytest.raises(UsageError, match="no documented functions, and no functions to cut"):
        own.measure(write(tmp_path, {"README.md": "Words.\n"}), encoder(), ("bm25",))


def test_the_tree_is_not_written_to(tmp_path: Path) -> None:
    """Nor is there an index of it."""
    root = _tree(tmp_path)
    before = sorted(root.rglob("*"))
    own.measure(root, encoder(), ("bm25",), count=2)
    assert sorted(root.rglob("*")) == before
