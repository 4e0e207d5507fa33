"""The command that installs an optional library, by the way the program was installed."""

from __future__ import annotations

import re
import shlex
import sys
import tomllib
from importlib import metadata
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from indexer import extras
from indexer.errors import Unsupported

PROJECT = Path(__file__).parents[2]
SERVER = "qdrant-client<2,>=1.19"


@pytest.fixture
def prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment of our own making, which this process is told that it runs in."""
    made = tmp_path / "share" / "pipx" / "venvs" / "cornea-code"
    made.mkdir(parents=True)
    monkeypatch.setattr(sys, "prefix", str(made))
    monkeypatch.setattr(sys, "executable", "/opt/my python/bin/python")
    return made


def test_the_requirements_of_each_extra() -> None:
    """They are those of pyproject.toml, without the marker of the extra, and no name of ours among them."""
    declared = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert declared.keys() > {"server", "fastembed", "bench", "train", "teacher"}
    for extra in declared.keys() - {"dev"}:
        found = extras.requirements(extra)
        assert [_name(one) for one in found] == [_name(one) for one in sorted(declared[extra])]
        assert not any(";" in one or _name(one).startswith("cornea") for one in found)
    assert extras.requirements("no-such-extra") == []


def test_distributions_in_several_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment may take numpy from the system, and the rest from its own folder."""
    found = extras.distributions("tree_sitter", "numpy")
    assert [name for name in found if re.fullmatch(r"numpy-.+-info|tree_sitter-.+-info", name)] != []
    for package in ("tree_sitter", "numpy"):
        (tmp_path / package / package).mkdir(parents=True)
        (tmp_path / package / package / "__init__.py").touch()
        (tmp_path / package / f"{package}-99.dist-info").mkdir()
    spec_of = extras.importlib.util.spec_from_file_location

    def find_spec(name: str) -> ModuleSpec | None:
        return spec_of(name, tmp_path / name / name / "__init__.py") if (tmp_path / name).is_dir() else None

    monkeypatch.setattr(extras.importlib.util, "find_spec", find_spec)
    assert extras.distributions("tree_sitter", "numpy") == ["numpy-99.dist-info", "tree_sitter-99.dist-info"]


def test_in_an_ordinary_environment(prefix: Path) -> None:
    """pip of the very interpreter, and everything that a shell would take apart is quoted."""
    command = extras.install_command("server")
    assert command == f"'/opt/my python/bin/python' -m pip install '{SERVER}'"
    assert shlex.split(command)[-1] == SERVER


def test_in_an_environment_without_pip(prefix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`uv venv` installs no pip."""
    monkeypatch.setattr(extras.importlib.util, "find_spec", lambda name: None)
    command = extras.install_command("server")
    assert shlex.split(command) == ["uv", "pip", "install", "--python", "/opt/my python/bin/python", SERVER]


def test_with_pipx(prefix: Path) -> None:
    """pipx is asked to add to the environment, by whatever name that has."""
    (prefix / "pipx_metadata.json").write_text("{}")
    assert extras.install_command("server") == f"pipx inject cornea-code '{SERVER}'"


def test_with_pipx_in_another_folder(prefix: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that pipx would not look into by itself is named."""
    other = tmp_path / "my tools" / "venvs" / "cornea-code-2"
    other.mkdir(parents=True)
    (other / "pipx_metadata.json").write_text("{}")
    monkeypatch.setattr(sys, "prefix", str(other))
    assert extras.install_command("server") == (
        f"PIPX_HOME='{tmp_path}/my tools' pipx inject cornea-code-2 '{SERVER}'"
    )
    monkeypatch.setattr(extras, "_GLOBAL_PIPX", tmp_path / "my tools")
    assert extras.install_command("server") == f"sudo pipx inject --global cornea-code-2 '{SERVER}'"


@pytest.mark.parametrize(
    ("requirements", "expected"),
    [
        ('[{ name = "cornea-code", directory = "{here}" }]', ["--with", SERVER, "{here}"]),
        ('[{ name = "cornea-code", editable = "{here}" }]', ["--with", SERVER, "--editable", "{here}"]),
        (
            '[{ name = "cornea-code", extras = ["bench"], directory = "{here}" }, '
            '{ name = "fastembed", specifier = ">=0.7" }]',
            ["--with", "fastembed>=0.7", "--with", SERVER, "{here}[bench]"],
        ),
        (
            '[{ name = "cornea-code", git = "https://git.example/cornea?rev=v2" }]',
            ["--with", SERVER, "cornea-code @ git+https://git.example/cornea@v2"],
        ),
        (
            '[{ name = "cornea-code", url = "https://files.example/a.whl" }]',
            ["--with", SERVER, "cornea-code @ https://files.example/a.whl"],
        ),
        (
            '[{ name = "other-tool", specifier = ">=2" }, { name = "cornea-code", editable = "{here}" }]',
            ["--with-editable", "{here}", "--with", SERVER, "other-tool>=2"],
        ),
    ],
)
def test_with_uv(
    requirements: str, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From where the tool came from, with what was added before: uv forgets both."""
    tool = _tool(tmp_path, monkeypatch, requirements.replace("{here}", str(tmp_path)))
    wanted = [word.replace("{here}", str(tmp_path)) for word in expected]
    assert shlex.split(extras.install_command("server")) == ["uv", "tool", "install", *wanted]
    moved = tmp_path / "elsewhere" / tool.name
    moved.parent.mkdir()
    tool.rename(moved)
    monkeypatch.setattr(sys, "prefix", str(moved))
    assert shlex.split(extras.install_command("server"))[0] == f"UV_TOOL_DIR={moved.parent}"


@pytest.mark.parametrize(
    "requirements",
    ['[{ name = "cornea-code", directory = "/gone/for/good" }]', "[]", "nonsense", "[7]", "[{ name = 7 }]"],
)
def test_with_uv_where_the_origin_is_lost(
    requirements: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is there is added to."""
    _tool(tmp_path, monkeypatch, requirements)
    assert shlex.split(extras.install_command("server")) == [
        "uv", "pip", "install", "--python", sys.executable, SERVER,
    ]  # fmt: skip


def test_run_from_a_folder_that_was_never_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """There are no metadata: the folder itself is installed."""

    def requires(name: str) -> list[str]:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", requires)
    assert shlex.split(extras.install_command("server"))[-2:] == ["-e", f"{PROJECT}[server]"]


def test_a_missing_library_is_named_with_the_command() -> None:
    with pytest.raises(
        Unsupported, match=r"^this needs no_such, which is not installed; run: .*qdrant-client"
    ):
        extras.require("no_such.part", "server", "this")


def test_no_text_names_an_extra_of_a_strangers_package() -> None:
    """`cornea` in a registry is somebody else's: none of our texts may install it."""
    kinds = {".py", ".md", ".toml", ".yaml", ".lua", ".el", ".json", ".ts", ".sh", ""}
    folders = (
        "cornea",
        "indexer",
        "retrieval",
        "research",
        "lsp",
        "docs",
        "docker",
        "editors",
        "tests",
        "configs",
    )
    files = [path for name in folders for path in (PROJECT / name).rglob("*") if path.suffix in kinds]
    wrong = re.compile(r"cornea" + r"\[\w|(?:pip|pipx|tool) install (?:-\S+ )*'?cornea" + r"(?![\w.-])")
    for path in (*files, *PROJECT.glob("*.md"), PROJECT / "pyproject.toml", PROJECT / "Makefile"):
        if path.is_file() and "node_modules" not in path.parts and path != Path(__file__):
            found = wrong.search(path.read_text("utf-8", "replace"))
            assert found is None, f"{path}: {found}"


def _tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, requirements: str) -> Path:
    made = tmp_path / "uv" / "tools" / "cornea-code"
    made.mkdir(parents=True)
    (made / "uv-receipt.toml").write_text(f"[tool]\nrequirements = {requirements}\n")
    monkeypatch.setattr(sys, "prefix", str(made))
    return made


def _name(requirement: str) -> str:
    return re.split(r"[<>=~!;\[ ]", requirement)[0].lower()
