"""From issues to functions, on a repository of four files."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.errors import UsageError
from indexer.index.commits import Past
from retrieval.localization.candidates import choose
from retrieval.localization.features import FEATURES
from retrieval.localization.features.function_candidates import FunctionCandidates
from retrieval.localization.locator import Locator

from .texts import FILES, commit, locator

TRACE = """Crash at sea

```
Traceback (most recent call last):
  File "/srv/app/main.py", line 3, in <module>
    harbour.anchor(None)
  File "/srv/app/port/boats.py", line 13, in anchor
    raise ValueError("no boat to anchor")
ValueError: no boat to anchor
```
"""


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Locator:
    return locator(tmp_path_factory.mktemp("yard"))


@pytest.mark.parametrize(
    ("issue", "symbol"),
    [
        ("A sailor who fell overboard stays in the water", "Harbour.rescue"),
        ("`prune` does not cut dead branches", "prune"),
        ("Crates are not opened by inspect_cargo()", "inspect_cargo"),
        (TRACE, "Harbour.anchor"),
        ("Papers\n\nSee `_stamp` in port/customs.py", "_stamp"),
    ],
)
def test_the_function_comes_first(yard: Locator, issue: str, symbol: str) -> None:
    """By words, by name, by stack trace."""
    found = yard.locate(issue)
    assert found.functions[0].function.symbol == symbol
    assert found.files[0].path == found.functions[0].function.path


@pytest.mark.parametrize("folder", ["port", "garden", "tests"])
def test_only_a_folders_functions(yard: Locator, folder: str) -> None:
    """Its best comes first, whatever fits better elsewhere; shares are of what is in it. None of a folder
    that is not there.
    """
    found = yard.locate("Anchor of a boat, `prune`, overboard", limit=100, folder=folder)
    assert found.functions
    assert {one.function.path.split("/")[0] for one in found.functions} == {folder}
    assert {one.path.split("/")[0] for one in found.files} == {folder}
    assert sum(one.score for one in found.functions) == pytest.approx(1.0)
    assert not yard.locate("Anchor of a boat", folder=folder[:-1]).functions


def test_scores_are_shares(yard: Locator) -> None:
    """A file's score is the sum of its functions', and all of them are 1."""
    found = yard.locate("Anchor of a boat", limit=100)
    assert len(found.functions) > 5
    for file in found.files:
        own = [s.score for s in found.functions if s.function.path == file.path]
        assert file.score == pytest.approx(sum(own))
    assert sum(file.score for file in found.files) == pytest.approx(1.0)


def test_tests_are_put_back(yard: Locator) -> None:
    """A test that repeats the issue's words is behind the code, not gone."""
    ranked = [s.function for s in yard.locate("A sailor who fell overboard is rescued", limit=100).functions]
    assert [f.symbol for f in ranked if f.is_test] == ["test_rescue_overboard"]
    assert ranked[-1].is_test


def test_reasons(yard: Locator, tmp_path: Path) -> None:
    """Each answer says why: the frame, the mention, the file, the commit."""
    assert yard.locate(TRACE).functions[0].why[0] == "stack trace: boats.py:13, where the error was raised"
    named = yard.locate("`Harbour.rescue` fails").functions[0]
    assert named.why[0] == "the issue names Harbour.rescue"
    assert "the issue names the file" in yard.locate("Papers, see port/customs.py").functions[0].why
    past = Past([commit(7, "Prune what is dead in winter", ("garden/trees.py", "prune"))])
    why = locator(tmp_path, past).locate("In winter what is dead is not gone").functions[0].why
    assert why == [f'commit {"0" * 10} changed the function: "Prune what is dead in winter"']


def test_the_past_leads_to_functions(tmp_path: Path) -> None:
    """A message with the issue's words leads to the function that its commit changed."""
    issue = "Zebra crossing is too slow"
    past = Past([commit(1, "Zebra crossing: faster", ("port/customs.py", "_stamp"))])
    with_past = locator(tmp_path, past)
    evidence = with_past.evidence(issue)
    place = [f.symbol for f in with_past.corpus.functions].index("_stamp")
    assert evidence.past_functions["title"].best.argmax() == place
    assert evidence.past_functions["title"].best[place] > 0
    assert with_past.before(Past(())).evidence(issue).past_functions["title"].best.max() == 0


def test_features_are_finite_and_named(yard: Locator) -> None:
    """One column a name, one row a candidate; every group has features of its own."""
    pool = FunctionCandidates(yard.evidence(TRACE), choose(yard.evidence(TRACE)))
    rows = FEATURES.matrix(pool)
    assert rows.shape == (len(pool), len(FEATURES))
    assert all(len(found) > 3 for found in FEATURES.groups.values())
    anchor = [f.symbol for f in pool.functions].index("Harbour.anchor")
    column = dict(zip(FEATURES.names, rows[anchor].tolist(), strict=True))
    assert column["traces.traced"] == column["traces.deepest"] == column["traces.inside"] == 1.0
    assert column["traces.raised"] == 1.0
    assert column["files.file_rank"] == 1.0


def test_the_same_twice(yard: Locator) -> None:
    """One question gives one answer."""
    assert yard.locate(TRACE) == yard.locate(TRACE)


def test_what_is_missing(tmp_path: Path, yard: Locator) -> None:
    """Signals that could not be had are named; without functions there is no answer."""
    cut = locator(tmp_path / "a", Past((), "no git history"))
    assert cut.locate("Anchor").missing == ("no git history",)
    assert yard.locate("Zzyzx qwertz").missing == ("no word of the issue is in the code",)
    empty = locator(tmp_path / "b", files={"a.py": "x = 1\n"})
    assert empty.locate("Anchor").functions == ()
    assert empty.locate("Anchor").missing == ("no functions are indexed",)
    with pytest.raises(UsageError, match="no words"):
        empty.locate("![](a.png)")


def test_one_function(tmp_path: Path) -> None:
    """The smallest repository that has an answer."""
    found = locator(tmp_path, files={"a.py": "def f():\n    return 1\n"}).locate("f is wrong")
    assert [s.function.symbol for s in found.functions] == ["f"]
    assert found.functions[0].score == 1.0


def test_long_functions_are_one(tmp_path: Path) -> None:
    """A function of many pieces is answered once, with all of its lines."""
    body = "".join(f"    value{i} = compute(value{i - 1})\n    check(value{i})\n" for i in range(1, 60))
    found = locator(tmp_path, files={"a.py": f"def long(value0):\n{body}", **FILES}).locate("compute value7")
    first = found.functions[0].function
    assert (first.symbol, first.start, first.end) == ("long", 1, 119)
