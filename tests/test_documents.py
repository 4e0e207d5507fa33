"""The documents: their links lead somewhere, the files that they name exist, versions and checks agree."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import cornea
from indexer.settings import Setting
from tests.support import settings_reference

HOME = Path(__file__).parents[1]
DOCUMENTS = sorted(
    str(path.relative_to(HOME))
    for pattern in ("*.md", "docs/*.md", "docs/decisions/*.md", "docker/*.md")
    for path in HOME.glob(pattern)
)
GUIDES = [
    "CONTRIBUTING.md",
    "SECURITY.md",
    *(name for name in DOCUMENTS if re.match(r"docs/(architecture|debugging|decisions/)", name)),
]
"""Documents that name files by their path in this repository."""
PACKAGES = (
    "agents",
    "cornea",
    "docs",
    "editors",
    "indexer",
    "lsp",
    "mcp_server",
    "research",
    "retrieval",
    "tests",
)

EXAMPLES = ("profile_worker.py",)
"""Files that a reader is told to write."""

_LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(?:#([\w-]+))?\)")
_FENCE = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_FILE = re.compile(r"`([\w./-]+(?:\.(?:py|scm|md|json|toml|yml|lua|el)|/))`")
_IDENTIFIER = re.compile(r"`(_\w+|[A-Z][A-Z]+_[A-Z_]+|[A-Z]\w+\.\w+)`")
_TARGETS = re.compile(r"^(?:\s*- run: )?make ([a-z -]+)$", re.MULTILINE)


def prose(name: str) -> str:
    """A document without its blocks of code."""
    return _FENCE.sub("", (HOME / name).read_text("utf-8"))


def anchors(path: Path) -> set[str]:
    """The fragments that links may have: a document's headings as sites show them."""
    words = (
        re.sub(r"[^\w\s-]", "", heading.lower()) for heading in _HEADING.findall(path.read_text("utf-8"))
    )
    return {word.strip().replace(" ", "-") for word in words}


def broken(name: str) -> Iterator[str]:
    """The links of a document that lead nowhere."""
    document = HOME / name
    for place, anchor in _LINK.findall(prose(name)):
        target = document.parent / place if place else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield f"{place}#{anchor}" if anchor else place


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links(name: str) -> None:
    """Each leads to a file, and its fragment to a heading."""
    assert list(broken(name)) == []


@pytest.mark.parametrize("name", GUIDES)
def test_files_that_guides_name(name: str) -> None:
    """Each exists; a module that is named without its folder is in one of the packages."""
    assert [place for place in _FILE.findall(prose(name)) if not exists(place)] == []


def test_identifiers_that_contributors_are_told() -> None:
    """Each occurs in the code: a private name, a constant, or a method of a class."""
    told = set(_IDENTIFIER.findall(prose("CONTRIBUTING.md")))
    code = "\n".join(
        path.read_text("utf-8")
        for package in ("cornea", "indexer", "lsp", "mcp_server", "research", "retrieval", "tests")
        for path in (HOME / package).rglob("*.py")
    )
    assert "INDEXED_FIELDS" in told
    assert sorted(name for name in told if not re.search(rf"\b{name.rpartition('.')[2]}\b", code)) == []


def exists(place: str) -> bool:
    """Whether a path of ours exists; True for one that is not ours, or that has a placeholder."""
    if "NAME" in place or place in EXAMPLES or (HOME / place).exists():
        return True
    if place.startswith(tuple(f"{package}/" for package in PACKAGES)):
        return False
    return (
        "/" in place or not place.endswith(".py") or any(any((HOME / one).rglob(place)) for one in PACKAGES)
    )


def test_every_decision_is_listed() -> None:
    folder = HOME / "docs" / "decisions"
    listed = {place for place, _ in _LINK.findall((folder / "README.md").read_text("utf-8"))}
    assert listed == {path.name for path in folder.glob("*.md")} - {"README.md"}


def test_the_workflow_checks_what_a_commit_is_checked_for() -> None:
    """The same targets in the same order; all of them are the Makefile's."""
    checks = _TARGETS.findall((HOME / ".ci" / "run").read_text("utf-8"))
    assert checks == _TARGETS.findall((HOME / ".github" / "workflows" / "ci.yml").read_text("utf-8"))
    rules = (HOME / "Makefile").read_text("utf-8")
    hooks = re.findall(r"entry: make (\S+)", (HOME / ".pre-commit-config.yaml").read_text("utf-8"))
    wanted = [target for several in (*checks, *hooks) for target in several.split()]
    assert wanted
    assert [target for target in wanted if not re.search(rf"^{target}:", rules, re.MULTILINE)] == []


@pytest.mark.parametrize("name", settings_reference.GENERATED)
def test_generated_texts_are_as_committed(name: str) -> None:
    """`make docs` would change nothing."""
    text = (HOME / name).read_text("utf-8")
    assert settings_reference.GENERATED[name](text) == text, "run make docs"


def test_what_is_generated_of_a_setting() -> None:
    """Its key, default, values and help; the extension's own settings and the rest of its manifest stay."""
    limit = Setting("search.limit", 10, "how many", project_settable=True, minimum=1, maximum=20)
    mode = Setting("search.mode", "fast", "how", choices=("fast", "slow"))
    assert settings_reference.settings_table([limit, mode]).splitlines()[2:] == [
        "| `search.limit` | `10` | a whole number, at least 1, at most 20 | yes | how many |",
        '| `search.mode` | `"fast"` | `fast`, `slow` | no | how |',
    ]
    assert settings_reference.editors_table([limit, mode]).splitlines()[2:] == [
        "| `search.limit` | `10` | how many (1 to 20) |",
        '| `search.mode` | `"fast"` | how: fast, slow |',
    ]
    properties = json.loads(settings_reference.schema([mode]))["properties"]["search"]["properties"]
    wanted = {"type": "string", "enum": ["fast", "slow"], "default": "fast", "description": "how"}
    assert properties == {"mode": wanted}
    before = (HOME / "editors" / "vscode" / "package.json").read_text("utf-8")
    manifest = json.loads(settings_reference.extension_manifest(before, [limit]))
    given = manifest["contributes"]["configuration"].pop("properties")
    assert list(given) == ["cornea.command", "cornea.search.limit", "cornea.trace.server"]
    assert (given["cornea.search.limit"]["maximum"], given["cornea.search.limit"]["description"]) == (
        20,
        "How many.",
    )
    unchanged = json.loads(before)
    unchanged["contributes"]["configuration"].pop("properties")
    assert manifest == unchanged


def test_the_version_is_written_once() -> None:
    """VS Code needs it in its manifest, too, where it is the same; nothing else repeats it."""
    manifest = json.loads((HOME / "editors" / "vscode" / "package.json").read_text("utf-8"))
    assert manifest["version"] == cornea.__version__
    repeated = [
        path
        for package in ("cornea", "indexer", "lsp", "mcp_server", "research", "retrieval")
        for path in (HOME / package).rglob("*.py")
        if f'"{cornea.__version__}"' in path.read_text("utf-8")
    ]
    assert repeated == [HOME / "cornea" / "version.py"]
    assert f'"{cornea.__version__}"' not in (HOME / "pyproject.toml").read_text("utf-8")
