"""Modules of other people's with the names of ours, or of libraries', are never taken for ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hosts import site
from tests.support.waiting import LIMIT

from ..repositories import write
from .cli import FILES, SOURCES, Done

OURS = ("indexer", "lsp", "mcp_server", "research", "retrieval", "cornea")
LIBRARIES = ("click", "numpy", "queue", "platformdirs", "typing", "tomllib", "qdrant_edge", "fnmatch")
_ALARM = "raise SystemExit('somebody else\\'s module was imported: ' + __name__)\n"
_SCRIPT = "import sys\nfrom cornea_code import main\nsys.exit(main())\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose packages have the names of ours, in a folder that PYTHONPATH may name."""
    return write(tmp_path / "project", {f"{name}/__init__.py": _ALARM for name in OURS} | FILES)


def _run(tmp_path: Path, folder: Path, *arguments: str, module: bool = False, **variables: str) -> Done:
    """The console script as pip writes it, or `python -m cornea`, without the tests' own PYTHONPATH."""
    script = write(tmp_path / "bin", {"cornea": _SCRIPT}) / "cornea"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CORNEA_", "PYTHON"))}
    done = subprocess.run(
        [sys.executable, *(["-m", "cornea"] if module else [str(script)]), *arguments],
        cwd=folder,
        env=kept | {"CORNEA_HOME": str(tmp_path / "home"), **variables},
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("module", [False, True], ids=["script", "module"])
def test_a_project_with_our_names_in_pythonpath(project: Path, tmp_path: Path, module: bool) -> None:
    """The version, the help, an index by workers, a search: all by our own modules."""
    if module:  # Python itself looks for this one, before anything of ours can run
        (project / "cornea" / "__init__.py").unlink()
        (project / "cornea").rmdir()
    other = write(tmp_path / "elsewhere", {"b.py": "x = 1\n"})
    for arguments in (("--version",), ("--help",), ("search", "--help")):
        done = _run(tmp_path, other, *arguments, module=module, PYTHONPATH=str(project))
        assert (done.code, done.err) == (0, ""), done.err
    done = _run(tmp_path, project, "search", "hash_password", PYTHONPATH=f".{os.pathsep}{project}")
    assert done.code == 0, done.err
    assert "src/auth.py" in done.out


@pytest.mark.parametrize("kind", ["module", "package"])
def test_libraries_in_pythonpath(tmp_path: Path, kind: str) -> None:
    """Modules of Python's and of our libraries come behind the real ones, in child processes too."""
    ending = ".py" if kind == "module" else "/__init__.py"
    names = set(LIBRARIES) - {
        "typing",
        "fnmatch",
    }  # the interpreter's start-up imports these in some versions
    project = write(tmp_path / "project", {f"{name}{ending}": _ALARM for name in names} | FILES)
    done = _run(tmp_path, project, "search", "hash_password", PYTHONPATH=str(project))
    assert done.code == 0, done.err
    assert "src/auth.py" in done.out


@pytest.mark.parametrize("module", [False, True], ids=["script", "module"])
def test_libraries_in_the_working_folder(tmp_path: Path, module: bool) -> None:
    """Nothing is imported out of the folder that is searched."""
    names = {*LIBRARIES, *OURS} - {"cornea"} - ({"fnmatch"} if module else set())
    project = write(tmp_path / "project", {f"{name}.py": _ALARM for name in names} | FILES)
    done = _run(tmp_path, project, "search", "hash_password", module=module)
    assert done.code == 0, done.err
    assert "src/auth.py" in done.out


def test_the_host_has_our_modules(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host is started by an editor, whose environment is anybody's."""
    write(project, {f"{name}.py": _ALARM for name in ("click", "queue")})
    monkeypatch.setenv("PYTHONPATH", str(project))
    with site(tmp_path / "site", FILES, monkeypatch) as there, there.client() as client:
        client.request("reindex", {"rebuild": False, "yes": False})
        assert there.finds(client, "hash_password") == ["src/auth.py", "tests/test_auth.py"]


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONSAFEPATH": "1"},
        {"PYTHONSTARTUP": "/nonexistent/start.py"},
        {"PYTHONDONTWRITEBYTECODE": "1"},
        {"PYTHONWARNINGS": "error"},
        {"PYTHONOPTIMIZE": "2"},
        {"PYTHONUNBUFFERED": "1"},
        {"PYTHONNOUSERSITE": "1"},
        {"PYTHONPATH": "/nonexistent:relative::"},
        {"PYTHONUTF8": "0", "LC_ALL": "C"},
        {"PYTHONIOENCODING": "ascii"},
    ],
    ids=lambda variables: next(iter(variables)),
)
def test_variables_of_python(tmp_path: Path, variables: dict[str, str]) -> None:
    """None of them changes what is found, or adds a line."""
    project = write(tmp_path / "project", FILES)
    done = _run(tmp_path, project, "index", **variables)
    assert done.code == 0, done.err
    done = _run(tmp_path, project, "search", "hash_password", **variables)
    assert (done.code, "src/auth.py" in done.out) == (0, True), done.err
    assert "Warning" not in done.err
    assert _run(tmp_path, project, "search", "--help", **variables).out.startswith("Usage: cornea search")


def test_an_isolated_interpreter(tmp_path: Path) -> None:
    """`python -I` ignores the environment; so do the processes that it starts."""
    project = write(tmp_path / "project", {"queue.py": _ALARM} | FILES)
    done = subprocess.run(
        [sys.executable, "-I", "-m", "cornea", "search", "hash_password"],
        cwd=project,
        env=os.environ | {"CORNEA_HOME": str(tmp_path / "home"), "PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stderr
    assert "src/auth.py" in done.stdout


def test_a_site_that_fails(tmp_path: Path) -> None:
    """Python says so, and the command works."""
    project = write(tmp_path / "project", FILES)
    broken = write(tmp_path / "site", {"sitecustomize.py": "raise ValueError('broken site')\n"})
    done = _run(tmp_path, project, "search", "hash_password", PYTHONPATH=str(broken))
    assert done.code == 0, done.err
    assert "src/auth.py" in done.out
    assert "bug in cornea" not in done.err


def test_our_own_folder_is_on_the_path(tmp_path: Path) -> None:
    """A clone that PYTHONPATH alone names runs, and so do its children."""
    project = write(tmp_path / "project", FILES)
    done = _run(tmp_path, project, "search", "hash_password", module=True, PYTHONPATH=SOURCES)
    assert done.code == 0, done.err
