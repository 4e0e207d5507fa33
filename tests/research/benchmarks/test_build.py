"""Data sets from local clones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.errors import UsageError
from research.benchmarks import build
from research.datasets import clones
from research.datasets.dataset import load

from ...repositories import git, isolate, repository


@pytest.fixture(autouse=True)
def _isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch, tmp_path / "home")


def _function(name: str, number: int) -> str:
    lines = "\n".join(f"    {name}_{n} = compute_{number}_{n}({name}, {n})" for n in range(6))
    docstring = f'    """Compute the {name} of some argument."""'
    return f"def {name}(argument):\n{docstring}\n{lines}\n    return {name}_5\n"


def _clone(folder: Path, names: str, **more: str) -> Path:
    files = {f"src/{name}.py": _function(name, n) for n, name in enumerate(names.split())}
    return repository(folder, {**files, **more})


def _rows(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_continuation_set(tmp_path: Path) -> None:
    """The query is the beginning, the document the rest with the function's name as title."""
    clone = _clone(tmp_path / "one", "alpha beta gamma delta")
    out = tmp_path / "out"
    built = build.build(build.continuation, [clone], out, exclude=None, queries=3, documents=10)
    assert (built.queries, built.documents, built.languages) == (3, 4, {"python": 4})
    data = load(out)
    documents = {row.id: row for row in data.documents}
    assert len(data.questions) == 3
    for question in data.questions:
        (answer,) = data.relevant[question.id]
        document = documents[answer]
        whole = _function(document.title, "alpha beta gamma delta".split().index(document.title))
        bare = [line for line in whole.splitlines() if '"""' not in line]
        assert f"{question.text} {document.text}".split() == "\n".join(bare).split()
        assert 0.5 < len(question.text) / len("\n".join(bare)) < 0.8
        assert document.language == question.language == "python"


def test_a_language_set(tmp_path: Path) -> None:
    """The query is the docstring, the document the function without it."""
    out = tmp_path / "out"
    build.build(build.language, [_clone(tmp_path / "one", "alpha beta")], out, exclude=None, queries=2)
    data = load(out)
    titles = {row.id: row.title for row in data.documents}
    for question in data.questions:
        (answer,) = data.relevant[question.id]
        assert question.text == f"Compute the {titles[answer]} of some argument."
    assert not any("Compute the" in row.text for row in data.documents)


def test_a_bare_clone_and_a_folder_of_clones(tmp_path: Path) -> None:
    """Bare or not, one by one or as a folder; what is not committed does not count."""
    one = _clone(tmp_path / "work" / "one", "alpha beta")
    git(tmp_path, "clone", "-q", "--bare", str(one), str(tmp_path / "many" / "a+b" / "repo"))
    (one / "src" / "alpha.py").write_text("changed\n")
    found = clones.find([tmp_path / "many"])
    assert [clone.git_dir for clone in found] == [tmp_path / "many" / "a+b" / "repo"]
    with clones.checkout(found[0]) as tree:
        assert (tree / "src" / "alpha.py").read_text() == _function("alpha", 0)
    assert not tree.exists()
    assert [c.folder.name for c in clones.find([tmp_path / "work", one])] == ["one"]


def test_the_name_of_a_clone(tmp_path: Path) -> None:
    """The remote's owner and name, else the folder's."""
    clone = _clone(tmp_path / "some+where" / "repo", "alpha")
    assert clones.find([clone])[0].name == "some/where"
    git(clone, "remote", "add", "origin", "git@example.org:owner/project.git")
    assert clones.find([clone])[0].name == "owner/project"


@pytest.mark.parametrize(
    ("remote", "line", "refused"),
    [
        ("https://user:secret@example.org/Owner/Project.git", "owner/project", True),
        ("git@example.org:owner/project.git", "https://example.org/owner/project", True),
        ("git@example.org:fork/project.git", "owner/project", True),
        ("git@example.org:owner/other.git", "owner/project", False),
        ("", "owner/project", True),
        ("", "owner/another # project", False),
    ],
)
def test_held_out_repositories_are_refused(tmp_path: Path, remote: str, line: str, refused: bool) -> None:
    """By remote in any spelling, by a fork's name, and by the folder's where there is no remote."""
    clone = _clone(tmp_path / ("project" if not remote else "x"), "alpha beta")
    if remote:
        git(clone, "remote", "add", "origin", remote)
    held = tmp_path / "held.txt"
    held.write_text(f"# held out\n\n{line}\n")
    if refused:
        with pytest.raises(UsageError, match="owner/project is held out"):
            build.build(build.language, [clone], tmp_path / "out", exclude=held, queries=1)
        assert not (tmp_path / "out").exists()
    else:
        build.build(build.language, [clone], tmp_path / "out", exclude=held, queries=1)


def test_duplicates_tests_and_vendored_code_are_left_out(tmp_path: Path) -> None:
    """Of a function that two clones have one is kept."""
    spaced = _function("alpha", 0).replace("    ", "\t")
    one = _clone(tmp_path / "one", "alpha", **{"tests/test_a.py": _function("tested", 7)})
    two = repository(
        tmp_path / "two",
        {
            "lib/copy.py": spaced,
            "node_modules/n/n.py": _function("vendored", 8),
            "b.py": _function("beta", 9),
        },
    )
    out = tmp_path / "out"
    built = build.build(build.continuation, [one, two], out, exclude=None, queries=2)
    assert built.documents == 2
    assert {row["title"] for row in _rows(out / "corpus.jsonl")} == {"alpha", "beta"}


def test_languages_and_repositories_take_turns(tmp_path: Path) -> None:
    """A large repository does not crowd out a small one; --language leaves the others out."""
    go = "package a\n\n" + "".join(
        f"// Go{n} computes something of {n}.\nfunc Go{n}(argument int) int {{\n\tfirst := argument * {n}\n"
        f"\tsecond := first + compute{n}(argument)\n\tthird := second - {n}\n"
        f"\treturn third + another{n}(first, second)\n}}\n\n"
        for n in range(3)
    )
    big = _clone(tmp_path / "big", " ".join(f"name{n}" for n in range(12)))
    small = _clone(tmp_path / "small", "tiny", **{"a.go": go})
    first = build.build(
        build.continuation, [big, small], tmp_path / "a", exclude=None, queries=2, documents=4
    )
    assert first.languages == {"go": 2, "python": 2}
    assert first.repositories == ["big", "small"]
    only = build.build(
        build.continuation, [big, small], tmp_path / "b", exclude=None, queries=2, languages=("go",)
    )
    assert only.languages == {"go": 3}


def test_the_same_seed_the_same_set(tmp_path: Path) -> None:
    """Byte for byte, in whatever order the clones are named; another seed cuts elsewhere."""
    one, two = _clone(tmp_path / "one", "alpha beta"), _clone(tmp_path / "two", "gamma delta")
    texts = []
    for name, paths, seed in (("a", [one, two], 1), ("b", [two, one], 1), ("c", [one, two], 2)):
        build.build(build.continuation, paths, tmp_path / name, exclude=None, queries=3, seed=seed)
        texts.append(
            [(tmp_path / name / f).read_bytes() for f in ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv")]
        )
    assert texts[0] == texts[1]
    assert texts[0] != texts[2]


def test_what_cannot_be_built(tmp_path: Path) -> None:
    """Too few functions, no clone, a folder with something in it, a list that is missing."""
    clone = _clone(tmp_path / "one", "alpha")
    with pytest.raises(UsageError, match="only 1 questions among 1 functions"):
        build.build(build.continuation, [clone], tmp_path / "out", exclude=None)
    (tmp_path / "plain").mkdir()
    with pytest.raises(UsageError, match="plain: neither a git clone nor a folder of clones"):
        clones.find([tmp_path / "plain"])
    with pytest.raises(UsageError, match="gone: not a folder"):
        clones.find([tmp_path / "gone"])
    with pytest.raises(UsageError, match="is not empty"):
        build.build(build.continuation, [clone], clone, exclude=None)
    with pytest.raises(UsageError, match=r"list\.txt: no such file"):
        build.build(build.continuation, [clone], tmp_path / "out", exclude=tmp_path / "list.txt")
    git(tmp_path, "init", "-q", str(tmp_path / "empty"))
    with pytest.raises(UsageError, match="git ls-tree failed"):
        build.build(build.continuation, [tmp_path / "empty"], tmp_path / "out", exclude=None)


def _with_bad_names(real: Callable[..., bytes]) -> Callable[..., bytes]:
    """git refuses to make such a tree, but a clone may bring one."""

    def fake(clone: clones.Clone, command: str, *args: str) -> bytes:
        found = real(clone, command, *args)
        if command != "ls-tree":
            return found
        first = found.split(b"\t")[0]
        return found + b"".join(
            first + b"\t" + name + b"\0" for name in (b"../out.py", b".GIT/config", b"/a.py")
        )

    return fake


def test_names_that_lead_out_of_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tree made by hand may hold any; such files and links are not written."""
    clone = _clone(tmp_path / "one", "alpha")
    (clone / "link.py").symlink_to("/etc/passwd")
    git(clone, "add", "link.py")
    git(clone, "commit", "-qm", "Link")
    blob = git(clone, "rev-parse", "HEAD:src/alpha.py").decode().strip()
    git(clone, "update-index", "--add", "--cacheinfo", f"100644,{blob},.github/good.py")
    git(clone, "commit", "-qm", "More")
    monkeypatch.setattr(clones, "_git", _with_bad_names(clones._git))
    with clones.checkout(clones.find([clone])[0]) as tree:
        assert sorted(p.name for p in tree.rglob("*") if p.is_file()) == ["alpha.py", "good.py"]
        assert not (tree.parent / "out.py").exists()
