"""Users without a home folder, homes that are none, and what else the environment may hold."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import cornea
from indexer.encoding.types import model_folder
from indexer.errors import ModelError, UsageError
from tests.support.waiting import LIMIT

from ..repositories import write
from .cli import FILES, SOURCES, Done

# As in a container that was started with a number for a user: the system knows no name and no home.
_NOBODY = """
import pwd, sys
def unknown(key): raise KeyError(f"getpwuid(): uid not found: {key}")
pwd.getpwuid = pwd.getpwnam = unknown
sys.argv[0] = "cornea"
from cornea_code import main
main()
"""
_UNSET = ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "LOGNAME", "USER")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path / "people" / "shop", FILES)


def _run(root: Path, *arguments: str, **variables: str) -> Done:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _UNSET and not name.startswith(("CORNEA_", "GIT_"))
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _NOBODY, *arguments],
        cwd=root,
        env=kept | {"PYTHONPATH": SOURCES, "CORNEA_STORE_RESERVE_MB": "1", **variables},
        capture_output=True,
        timeout=LIMIT,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.mark.parametrize(
    "variables", [{}, {"HOME": ""}, {"HOME": "relative"}, {"XDG_CONFIG_HOME": "/nonexistent"}], ids=str
)
@pytest.mark.parametrize(
    "command", [("search", "hash"), ("status",), ("index",), ("clear", "--all"), ("doctor",)]
)
def test_no_home_at_all_is_one_line(root: Path, command: tuple[str, ...], variables: dict[str, str]) -> None:
    """It names the way out; nothing is written into the folder."""
    done = _run(root, *command, **variables)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("cornea: error: no folder for the indexes: HOME is not an absolute path and")
    assert "set CORNEA_HOME to a writable folder" in done.err
    assert done.err.count("\n") == 1
    assert sorted(path.name for path in root.iterdir()) == ["net", "src", "tests"]


@pytest.mark.parametrize(
    "command", [("--version",), ("--help",), ("search", "--help"), ("completion", "bash")]
)
def test_what_needs_no_home_asks_for_none(root: Path, command: tuple[str, ...]) -> None:
    done = _run(root, *command)
    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize(
    "names",
    [("CORNEA_HOME",), ("XDG_CACHE_HOME",), ("XDG_CACHE_HOME", "XDG_CONFIG_HOME"), ("HOME",)],
    ids=str,
)
def test_one_folder_is_enough(root: Path, tmp_path: Path, names: tuple[str, ...]) -> None:
    """A folder that is named takes everything; no folder is too wide because nobody has a home."""
    variables = {name: str(tmp_path / name) for name in names}
    done = _run(root, "search", "hash_password", **variables)
    assert done.code == 0, done.err
    assert "src/auth.py" in done.out
    for command in (("status",), ("doctor",), ("host", "status")):
        again = _run(root, *command, **variables)
        assert "bug in cornea" not in again.err
        assert again.code in (0, 1), again.err
    assert sorted(path.name for path in root.iterdir()) == ["net", "src", "tests"]


def test_the_configuration_is_beside_the_indexes(root: Path, tmp_path: Path) -> None:
    """Where only the cache has a folder."""
    write(tmp_path / "cache" / "cornea", {"config.toml": "[search]\nlimit = 'many'\n"})
    done = _run(root, "status", XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert (done.code, done.out) == (2, "")
    assert f"{tmp_path}/cache/cornea/config.toml: search.limit must be a whole number" in done.err


def test_a_relative_cornea_home_is_the_callers(root: Path) -> None:
    """-C does not move it, and a host, which works in another folder, finds the same one."""
    done = _run(root.parent, "-C", "shop", "search", "hash_password", CORNEA_HOME="mine")
    assert done.code == 0, done.err
    assert (root.parent / "mine" / "indexes").is_dir()
    assert not (root / "mine").exists()
    again = _run(root.parent, "-C", "shop", "status", CORNEA_HOME=str(root.parent / "mine"))
    assert again.code == 0, again.err


@pytest.mark.parametrize("home", ["~/x", "~nobody-of-that-name/x"])
def test_a_cornea_home_in_a_home_that_nobody_has(root: Path, home: str) -> None:
    done = _run(root, "search", "hash", CORNEA_HOME=home)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"cornea: error: CORNEA_HOME: '{home}' is not a valid path")


def test_an_empty_cornea_home_is_none(root: Path, tmp_path: Path) -> None:
    done = _run(root, "index", CORNEA_HOME="", HOME=str(tmp_path / "home"))
    assert done.code == 0, done.err
    assert list((tmp_path / "home").rglob("index.json"))


def test_a_relative_folder_of_the_standard_is_ignored(root: Path, tmp_path: Path) -> None:
    """As the XDG standard wants it."""
    done = _run(root, "index", XDG_CACHE_HOME="cache", XDG_CONFIG_HOME="config", HOME=str(tmp_path / "home"))
    assert done.code == 0, done.err
    assert sorted(path.name for path in root.iterdir()) == ["net", "src", "tests"]
    assert list((tmp_path / "home").rglob("index.json"))


@pytest.mark.parametrize("what", ["file", "closed"])
def test_a_home_that_cannot_be_used(root: Path, tmp_path: Path, what: str) -> None:
    """A file, or a folder below one that is a file: one line that names it, and another way."""
    (tmp_path / "file").write_text("x")
    home = tmp_path / "file" if what == "file" else tmp_path / "file" / "below"
    done = _run(root, "search", "hash", HOME=str(home))
    assert (done.code, done.out) == (2, "")
    assert str(home) in done.err
    assert "set CORNEA_HOME to a writable folder" in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    "variables",
    [
        {"TMPDIR": "/nonexistent"},
        {"XDG_RUNTIME_DIR": "/nonexistent"},
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"COLUMNS": "0", "LINES": "0"},
        {"COLUMNS": "wide", "LINES": "-7"},
        {"TERM": ""},
        {"TERM": "no-such-terminal"},
        {"CORNEA_NO_SUCH_SETTING": "1"},
    ],
    ids=str,
)
def test_odd_variables(root: Path, tmp_path: Path, variables: dict[str, str]) -> None:
    """None changes what is found."""
    done = _run(root, "search", "hash_password", CORNEA_HOME=str(tmp_path / "home"), **variables)
    assert done.code == 0, done.err
    assert "src/auth.py" in done.out


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CORNEA_INDEX_WORKERS", "many"),
        ("CORNEA_INDEX_WORKERS", "-1"),
        ("CORNEA_INDEX_MAX_FILE_BYTES", "1e99"),
        ("CORNEA_INDEX_PARSE_SECONDS", "nan"),
        ("CORNEA_SEARCH_LIMIT", "\udcff"),
        ("CORNEA_INDEX_LANGUAGES", "klingon"),
        ("CORNEA_INDEX_HIDDEN", "perhaps"),
    ],
)
def test_settings_that_make_no_sense(root: Path, tmp_path: Path, name: str, value: str) -> None:
    """One line that names the setting or its variable."""
    done = _run(root, "search", "hash", CORNEA_HOME=str(tmp_path / "home"), **{name: value})
    assert (done.code, done.out) == (2, "")
    key = name.removeprefix("CORNEA_").lower().replace("_", ".", 1)
    assert name in done.err or key in done.err
    assert done.err.count("\n") == 1
    assert "bug in cornea" not in done.err


def test_a_home_of_bytes_that_are_no_text(root: Path, tmp_path: Path) -> None:
    """A path is bytes."""
    home = os.fsdecode(os.fsencode(tmp_path) + b"/h\xff")
    done = _run(root, "search", "hash_password", CORNEA_HOME=home)
    assert done.code == 0, done.err
    assert "src/auth.py" in done.out


def test_a_path_in_a_home_that_nobody_has() -> None:
    """The API and models say so in their own errors."""
    with pytest.raises(UsageError, match="write the folder's whole path"):
        cornea.open("~nobody-of-that-name/x")
    with pytest.raises(ModelError, match="write the folder's whole path"):
        model_folder("~nobody-of-that-name/x")
