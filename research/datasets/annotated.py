"""A set of repositories with annotated questions: `repos.json` and `annotations/NAME.json`.

A repository has `name`, `language` and `benchmark_root` (the folder to index). A question has `query`,
`category`, and lists of targets in `relevant` and `secondary`. A target is a path, or an object with path,
start_line and end_line. `published.json` holds other tools' nDCG@10 by tool and repository.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.errors import UsageError

from .reading import document
from .targets import Target


@dataclass(frozen=True, slots=True)
class AnnotatedQuestion:
    """A question, and the locations that answer it."""

    repo: str
    language: str
    category: str
    text: str
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class AnnotatedRepository:
    """A repository of the set: the folder to index, and its questions."""

    name: str
    language: str
    folder: Path
    questions: tuple[AnnotatedQuestion, ...]


def load(data: Path, trees: Path) -> tuple[list[AnnotatedRepository], list[str]]:
    """The repositories whose trees exist in `trees`, and the names of the other repositories.

    Raises UsageError if data are missing or malformed, or if no tree exists.
    """
    path = data / "repos.json"
    rows = document(path)
    if not isinstance(rows, list) or not rows:
        raise UsageError(f"{path}: no repositories in it; it must be a list of objects")
    found: list[AnnotatedRepository] = []
    absent: list[str] = []
    for number, row in enumerate(rows, 1):
        one = _repository(path, number, row, data, trees)
        if one.name in {known.name for known in found} or one.name in absent:
            raise UsageError(f"{path}: entry {number}: {one.name!r} is there twice; names must differ")
        if one.folder.is_dir():
            found.append(one)
        else:
            absent.append(one.name)
    if not found:
        raise UsageError(f"{trees}: has none of the trees; check each repository out as {trees}/NAME")
    return found, absent


def published(data: Path) -> dict[str, dict[str, float]]:
    """Other tools' nDCG@10 by tool and repository. An empty dictionary if there is no `published.json`."""
    path = data / "published.json"
    if not path.exists():
        return {}
    try:
        return {
            str(tool): {str(repo): float(score) for repo, score in scores.items()}
            for tool, scores in document(path).items()
        }
    except (AttributeError, TypeError, ValueError) as error:
        raise UsageError(f"{path}: not scores by tool and repository ({error}); correct the file") from error


def _repository(path: Path, number: int, row: Any, data: Path, trees: Path) -> AnnotatedRepository:
    if not isinstance(row, Mapping) or not isinstance(row.get("name"), str):
        raise UsageError(f"{path}: entry {number}: no 'name'; every repository needs one")
    name, language = row["name"], str(row.get("language") or "unknown")
    folder = trees / name / str(row.get("benchmark_root") or "")
    questions = data / "annotations" / f"{name}.json"
    return AnnotatedRepository(name, language, folder, tuple(_questions(questions, name, language)))


def _questions(path: Path, repo: str, language: str) -> Sequence[AnnotatedQuestion]:
    rows = document(path)
    if not isinstance(rows, list):
        raise UsageError(f"{path}: not a list of questions; correct the file")
    found = []
    for number, row in enumerate(rows, 1):
        try:
            targets = tuple(Target.read(one) for one in [*row["relevant"], *row.get("secondary", ())])
            text, category = str(row["query"]), str(row.get("category") or "none")
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise UsageError(
                f"{path}: question {number}: {type(error).__name__} ({error}); "
                f"a question needs query and relevant"
            ) from error
        if not targets:
            raise UsageError(f"{path}: question {number}: no targets; nothing could be found")
        found.append(AnnotatedQuestion(repo, language, category, text, targets))
    return found
