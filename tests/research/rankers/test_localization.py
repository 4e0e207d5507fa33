"""The reranker of locate, learned of six issues of two repositories."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from indexer.encoding import load as load_encoder
from indexer.errors import CorneaError, UsageError
from indexer.index.commits import Past
from research.datasets.issues import Issue, load
from research.rankers import issues, localization, past
from research.rankers.issues import IssueInputs
from research.rankers.localization import LocalizationSources
from retrieval import localization as localization_package
from retrieval import query, ranking
from retrieval.localization import corpus, features
from retrieval.localization.features import FEATURES
from retrieval.ranking import tree_ensemble
from tests.repositories import git, isolate, repository

from ...retrieval.localization.texts import FILES, commit, pieces

pytestmark = pytest.mark.slow

pytest.importorskip("lightgbm")
pytest.importorskip("scipy")

ASKED = {
    "A sailor who fell overboard stays in the water": ("port/boats.py", 18),
    "`prune` does not cut dead branches": ("garden/trees.py", 7),
    "Crates are not opened by inspect_cargo()": ("port/customs.py", 3),
}


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., LocalizationSources]:
    """Issues of owner/one and owner/two, and their bare clones."""
    isolate(monkeypatch, tmp_path / "home")
    rows: list[dict[str, Any]] = []
    for name in ("one", "two"):
        root = repository(tmp_path / name, {**FILES, f"{name}.py": f"def {name}():\n    return {name!r}\n"})
        git(tmp_path, "clone", "-q", "--bare", name, f"clones/owner+{name}")
        head = git(root, "rev-parse", "HEAD").decode().strip()
        for number, (text, (path, line)) in enumerate(ASKED.items()):
            lines = {path: {"removed": [line], "inserted_after": []}}
            rows.append({"instance_id": f"{name}-{number}", "repo": f"owner/{name}", "base_commit": head,
                         "problem_statement": text, "changed_lines": lines})  # fmt: skip
    file = tmp_path / "issues.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return lambda **changes: LocalizationSources(
        **{"issues": file, "repos": (tmp_path / "clones",), "cache": tmp_path / "kept", **changes}
    )


def test_a_model_that_the_runtime_reads(sources: Callable[..., LocalizationSources], tmp_path: Path) -> None:
    """Cross-validated figures by what issues name, and a folder with weights for the features of today."""
    found = localization.fit(sources(), tmp_path / "out", folds=2, repeats=1)
    assert found.figures.questions == 6
    assert found.figures.repositories == ["owner/one", "owner/two"]
    assert found.figures.candidate_recall == 1.0
    assert found.figures.scores.keys() == {"bm25", "by hand", "learned"}
    assert found.figures.scores["by hand"]["Acc@1"].mean == 1.0
    kinds = next(table for table in found.tables if table.title == "By what the issue names")
    assert [(row[0], row[1]) for row in kinds.rows] == [
        ("the issue names a function", "4"),
        ("the issue names nothing", "2"),
    ]
    assert any("summed chances of their functions: file Acc@1 " in note for note in found.notes)
    assert tree_ensemble.load(tmp_path / "out" / "locate", FEATURES.names).names == FEATURES.names
    assert "issues.jsonl" in (tmp_path / "out" / "locate" / "card.md").read_text()


def test_what_is_far_behind_teaches_nothing(
    sources: Callable[..., LocalizationSources], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even where it is gold: there it would be all there is of its kind."""
    (case, *_), _ = localization.collect(sources(), lambda line: None)
    last = replace(case, base=-case.group().found.any(axis=1).astype(float))
    monkeypatch.setattr(localization, "HARD", 3)
    assert localization.thinned(case).found.any()
    group = localization.thinned(last)
    assert len(group.features) == len(group.found) == len(group.before) == 3
    assert not group.found.any()


def test_what_was_read_is_kept(sources: Callable[..., LocalizationSources]) -> None:
    """A later run needs no clone, and finds the same; a part that is damaged says so."""
    first, _ = localization.collect(sources(), lambda line: None)
    cache = sources().cache
    for path in (cache / "cases").iterdir():
        path.unlink()
    again, _ = localization.collect(sources(repos=()), lambda line: None)
    assert [case.id for case in again] == [case.id for case in first] != []
    for a, b in zip(first, again, strict=True):
        assert (a.features == b.features).all()
        assert (list(a.functions), list(a.wanted), a.kind) == (list(b.functions), list(b.wanted), b.kind)
    for path in (cache / "cases").iterdir():
        path.unlink()
    for path in (cache / "inputs").iterdir():
        path.write_bytes(b"damaged")
    with pytest.raises(CorneaError, match="delete it"):
        localization.collect(sources(repos=()), lambda line: None)


def test_other_features_are_computed_anew(
    sources: Callable[..., LocalizationSources], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A case that was kept by another version is none."""
    cases, _ = localization.collect(sources(), lambda line: None)
    place = sources().cache / "cases" / f"{cases[0].id}.npz"
    assert issues.read_case(place) is not None
    monkeypatch.setattr(issues, "fingerprint", lambda: "other")
    assert issues.read_case(place) is None


def test_the_fingerprint_covers_the_features(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every module of the features counts, and a change of one; no files at all are an error."""
    covered = set(issues.feature_sources())
    loaded = [module for name, module in sys.modules.items() if name.startswith(features.__name__)]
    assert len(loaded) >= 8
    assert {Path(str(module.__file__)) for module in loaded} <= covered
    assert {Path(corpus.__file__), Path(query.__file__), Path(tree_ensemble.__file__)} <= covered
    assert issues.fingerprint() == issues.digest(issues.feature_sources())
    (tmp_path / "one.py").write_text("one")
    before = issues.digest([tmp_path / "one.py"])
    (tmp_path / "one.py").write_text("two")
    assert issues.digest([tmp_path / "one.py"]) != before
    with pytest.raises(CorneaError, match="cannot be found"):
        issues.digest([])
    for package in (localization_package, ranking):
        monkeypatch.setattr(package, "__path__", [str(tmp_path / "gone")])
    assert issues.feature_sources() == []


def test_what_cannot_be_learned_from(sources: Callable[..., LocalizationSources], tmp_path: Path) -> None:
    """Held-out repositories are refused, and so are issues of a single one."""
    (tmp_path / "held.txt").write_text("someone/two\n")
    with pytest.raises(UsageError, match="owner/two is held out"):
        localization.fit(sources(exclude=tmp_path / "held.txt"), None)
    with pytest.raises(UsageError, match="fewer than two repositories"):
        localization.fit(sources(leave_out=("owner/two",)), None)


def test_ablation(sources: Callable[..., LocalizationSources]) -> None:
    """A row for all features, and one without each group."""
    found = localization.fit(sources(), None, folds=2, repeats=1, ablation=True)
    table = next(table for table in found.tables if table.title == "Without a group of features")
    assert [row[0] for row in table.rows][:3] == ["all features", "without lexical", "without dense"]
    assert len(table.rows) == 1 + len(FEATURES.groups)


def test_commits_are_issues(sources: Callable[..., LocalizationSources], tmp_path: Path) -> None:
    """A telling message asks for what its commit changed, with the past before it alone."""
    issue: Issue = load(sources().issues)[0]
    far = [commit(n, "Bump version") for n in range(1, 12)]
    telling = commit(0, "Cut dead branches of trees before the winter comes", ("garden/trees.py", "prune"))
    inputs = IssueInputs(pieces(tmp_path / "files"), Past([telling, *far]))
    (case,) = past.cases(issue, inputs, 5, load_encoder())
    assert [f.symbol for f in case.wanted] == ["prune"]
    column = FEATURES.names.index("history.past_title_like")
    assert case.features[:, column].max() == 0.0  # its own commit is no hint


def test_an_interrupted_run_leaves_no_cases(
    sources: Callable[..., LocalizationSources], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run computes all of them again, and the one after that reads all of them."""
    localization.collect(sources(), lambda line: None)
    (case, *others), _ = localization.collect(sources(), lambda line: None)
    issue: Issue = load(sources().issues)[0]
    monkeypatch.setattr(past, "cases", lambda *_: iter([case, others[0]]))
    cache, encoder = sources().cache, load_encoder()
    first = past.kept(issue, cache, 5, encoder)
    assert next(first).id == case.id
    first.close()
    for _ in range(2):
        assert len(list(past.kept(issue, cache, 5, encoder))) == 2
        monkeypatch.setattr(past, "cases", lambda *_: iter(()))
