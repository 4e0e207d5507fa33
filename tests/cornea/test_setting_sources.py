"""Layered settings: who wins, who may, and what is refused."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from cornea.setting_sources import (
    Resolved,
    SettingSource,
    environment_source,
    project_sources,
    resolve,
    user_source,
)
from indexer.errors import ConfigError
from indexer.settings import Setting
from tests.indexes import child
from tests.support.waiting import LIMIT

TABLE = (
    Setting("search.limit", 10, "how many", project_settable=True, minimum=1),
    Setting("search.alpha", 0.5, "how much", project_settable=True, minimum=0),
    Setting("search.globs", (), "which", project_settable=True),
    Setting("search.hidden", False, "whether", project_settable=True),
    Setting("search.mode", "fast", "how", project_settable=True, choices=("fast", "slow")),
    Setting("store.url", "", "where"),
)
WRONG = [
    ("search.limit", "ten", "a whole number"),
    ("search.limit", 1.5, "a whole number"),
    ("search.limit", True, "a whole number"),
    ("search.limit", 0, "at least 1"),
    ("search.limit", 10**30, "at most"),
    ("search.alpha", "0.5", "a number"),
    ("search.alpha", 10**400, "at most"),
    ("search.alpha", False, "a number"),
    ("search.alpha", -0.1, "at least 0"),
    ("search.alpha", float("nan"), "nan"),
    ("search.alpha", float("inf"), "at most"),
    ("search.globs", "*.py", "a list of strings"),
    ("search.globs", ["*.py", 3], "a list of strings"),
    ("search.globs", {"a": 1}, "a list of strings"),
    ("search.hidden", 1, "true or false"),
    ("search.hidden", "maybe", "true or false"),
    ("search.mode", "medium", "one of fast, slow"),
    ("store.url", 3, "a string"),
]


def resolved(*sources: SettingSource) -> Resolved:
    return resolve(TABLE, sources)


def environment(**variables: str) -> SettingSource:
    return environment_source(TABLE, variables)


def test_without_sources_everything_is_the_default() -> None:
    """Nothing configured is a complete configuration."""
    found = resolved()
    assert found.values == {setting.key: setting.default for setting in TABLE}
    assert set(found.origins.values()) == {"default"}
    assert found.warnings == ()


def test_the_last_source_wins_and_is_named(tmp_path: Path) -> None:
    """Default < user's file < project's file < environment < flags, value by value."""
    home, root = tmp_path / "home", tmp_path / "root"
    home.mkdir()
    root.mkdir()
    (home / "config.toml").write_text('[search]\nlimit = 1\nalpha = 1\nglobs = ["a"]\nhidden = true\n')
    (root / "pyproject.toml").write_text('[tool.cornea.search]\nalpha = 2\nglobs = ["b"]\nmode = "slow"\n')
    (root / ".cornea.toml").write_text('[search]\nglobs = ["c"]\n')
    variables = environment(CORNEA_SEARCH_HIDDEN="off", CORNEA_SEARCH_LIMIT="4")
    found = resolved(
        user_source(home), *project_sources(root), variables, SettingSource("--limit", {"search.limit": 5})
    )
    assert found.values == {
        "search.limit": 5,
        "search.alpha": 2.0,
        "search.globs": ("c",),
        "search.hidden": False,
        "search.mode": "slow",
        "store.url": "",
    }
    assert found.origins == {
        "search.limit": "--limit",
        "search.alpha": "pyproject.toml",
        "search.globs": ".cornea.toml",
        "search.hidden": "environment",
        "search.mode": "pyproject.toml",
        "store.url": "default",
    }
    assert found.warnings == ()


def test_a_repository_may_not_choose_the_server(tmp_path: Path) -> None:
    """A cloned project's key is ignored, and the warning names the file and both remedies."""
    (tmp_path / ".cornea.toml").write_text('[store]\nurl = "http://evil"\n[search]\nlimit = 3\n')
    (tmp_path / "pyproject.toml").write_text('[tool.cornea]\nstore.url = "http://evil"\n')
    found = resolved(*project_sources(tmp_path))
    assert found.values["store.url"] == ""
    assert found.origins["store.url"] == "default"
    assert found.values["search.limit"] == 3
    assert len(found.warnings) == 2
    assert all("your own configuration or as CORNEA_STORE_URL" in w for w in found.warnings)
    assert found.warnings[1].startswith(".cornea.toml: a repository may not set store.url")


def test_an_ignored_key_is_not_even_checked() -> None:
    """What is ignored cannot break anything, whatever its value."""
    found = resolved(SettingSource(".cornea.toml", {"store.url": 7}, trusted=False))
    assert found.values["store.url"] == ""
    assert len(found.warnings) == 1


def test_the_user_may_choose_the_server(tmp_path: Path) -> None:
    """The same key from the user's file, the environment or a flag counts."""
    (tmp_path / "config.toml").write_text('store.url = "http://mine"\n')
    assert resolved(user_source(tmp_path)).values["store.url"] == "http://mine"
    assert resolved(environment(CORNEA_STORE_URL="http://mine")).values["store.url"] == "http://mine"


def test_unknown_keys_are_ignored_with_a_suggestion() -> None:
    """A typing error is no reason to stop, and no reason to be silent."""
    found = resolved(SettingSource("user", {"search.limits": 3, "zzz": 1, "search": 2}))
    assert found.values["search.limit"] == 10
    assert found.warnings[0] == "user: unknown setting search.limits (did you mean search.limit?); ignored"
    assert found.warnings[1] == "user: unknown setting zzz; ignored"


def test_a_warning_cannot_steer_the_terminal() -> None:
    """A key is text from somebody's repository: escape sequences and endless names are defused."""
    (warning,) = resolved(SettingSource("p", {"\x1b]0;owned\x07" + "x" * 9_999: 1}, trusted=False)).warnings
    assert "\x1b" not in warning
    assert "\x07" not in warning
    assert len(warning) < 200


@pytest.mark.parametrize(("key", "value", "says"), WRONG)
def test_wrong_values_are_refused(key: str, value: Any, says: str) -> None:
    """Type, range and choice; the message has the source, the key and what is wanted."""
    with pytest.raises(ConfigError) as caught:
        resolved(SettingSource("config.toml", {key: value}))
    assert str(caught.value).startswith(f"config.toml: {key} must be ")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("CORNEA_SEARCH_LIMIT", "many"),
        ("CORNEA_SEARCH_LIMIT", "-1"),
        ("CORNEA_SEARCH_LIMIT", "9" * 5000),
        ("CORNEA_SEARCH_ALPHA", "1e400"),
        ("CORNEA_SEARCH_HIDDEN", "perhaps"),
        ("CORNEA_SEARCH_MODE", "warp"),
    ],
)
def test_wrong_variables_are_named(variable: str, text: str) -> None:
    """From the environment the message names the variable, as the user knows it."""
    with pytest.raises(ConfigError, match=f"^{variable} must be "):
        resolved(environment(**{variable: text}))


@pytest.mark.parametrize(
    ("variable", "text", "key", "value"),
    [
        ("CORNEA_SEARCH_LIMIT", " 7 ", "search.limit", 7),
        ("CORNEA_SEARCH_ALPHA", "2", "search.alpha", 2.0),
        ("CORNEA_SEARCH_GLOBS", "*.py, src/** ,", "search.globs", ("*.py", "src/**")),
        ("CORNEA_SEARCH_GLOBS", " ", "search.globs", ()),
        ("CORNEA_SEARCH_HIDDEN", "YES", "search.hidden", True),
        ("CORNEA_SEARCH_HIDDEN", "0", "search.hidden", False),
        ("CORNEA_SEARCH_MODE", "slow", "search.mode", "slow"),
    ],
)
def test_variables_are_parsed(variable: str, text: str, key: str, value: Any) -> None:
    """The environment holds text; it becomes the setting's own type."""
    found = resolved(environment(**{variable: text}))
    assert found.values[key] == value
    assert type(found.values[key]) is type(value)


def test_an_empty_variable_is_not_set() -> None:
    """`CORNEA_SEARCH_LIMIT= cornea ...` means the default; variables of others mean nothing."""
    found = resolved(environment(CORNEA_SEARCH_LIMIT="", CORNEA_OTHER="1", HOME="/"))
    assert found.origins["search.limit"] == "default"
    assert found.warnings == ()


def test_whole_numbers_are_numbers() -> None:
    """`alpha = 1` in TOML is an integer and means 1.0."""
    value = resolved(SettingSource("f", {"search.alpha": 1})).values["search.alpha"]
    assert value == 1.0
    assert type(value) is float


@pytest.mark.parametrize(
    "content", [b"[search\nlimit = 3", b"\xff\xfe\x00", b"a = 1\na = 2", b"x = " + b"[" * 5_000]
)
def test_malformed_files_are_named(tmp_path: Path, content: bytes) -> None:
    """What is no TOML is a ConfigError of one line with the path, in the user's file and the project's."""
    for name, read in (("config.toml", user_source), (".cornea.toml", project_sources)):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ConfigError) as caught:
            read(tmp_path)
        assert str(tmp_path / name) in str(caught.value)
        assert "correct or remove it" in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_byte_order_mark_is_fine(tmp_path: Path) -> None:
    """Some editors write one."""
    (tmp_path / ".cornea.toml").write_bytes(b"\xef\xbb\xbf[search]\nlimit = 3\n")
    assert resolved(*project_sources(tmp_path)).values["search.limit"] == 3


@pytest.mark.parametrize("content", ["[tool", 'tool = "x"', "tool.cornea = 3", "[tool.other]\nx = 1", ""])
def test_errors_of_pyproject_are_not_ours(tmp_path: Path, content: str) -> None:
    """A pyproject.toml that is broken or says nothing about us is somebody else's business."""
    (tmp_path / "pyproject.toml").write_text(content)
    assert project_sources(tmp_path) == []


def test_no_files_no_sources(tmp_path: Path) -> None:
    """A folder without configuration, and one that does not exist."""
    assert project_sources(tmp_path) == []
    assert project_sources(tmp_path / "gone") == []
    assert user_source(tmp_path / "gone").values == {}


def test_a_fifo_does_not_hang(tmp_path: Path) -> None:
    """Opening a FIFO waits for a writer; a repository must not be able to hold us up that way."""
    os.mkfifo(tmp_path / "pyproject.toml")
    assert project_sources(tmp_path) == []
    os.mkfifo(tmp_path / ".cornea.toml")
    with pytest.raises(ConfigError, match="not a regular file"):
        project_sources(tmp_path)


def test_folders_and_huge_files_are_refused(tmp_path: Path) -> None:
    """A folder of that name, or a gigabyte of it, is no configuration."""
    (tmp_path / ".cornea.toml").mkdir()
    with pytest.raises(ConfigError, match="not a regular file"):
        project_sources(tmp_path)
    (tmp_path / ".cornea.toml").rmdir()
    (tmp_path / ".cornea.toml").write_text("# " + "x" * 1_000_001)
    with pytest.raises(ConfigError, match="at most 1 MB"):
        project_sources(tmp_path)


def test_links(tmp_path: Path) -> None:
    """They are followed; a dangling link is no file; a loop is an error that names it."""
    link = tmp_path / ".cornea.toml"
    (tmp_path / "mine.toml").write_text("[search]\nlimit = 3\n")
    link.symlink_to("mine.toml")
    assert resolved(*project_sources(tmp_path)).values["search.limit"] == 3
    link.unlink()
    link.symlink_to(tmp_path / "gone")
    assert project_sources(tmp_path) == []
    link.unlink()
    link.symlink_to(link)
    with pytest.raises(ConfigError, match=r"\.cornea\.toml: cannot be read"):
        project_sources(tmp_path)


def test_a_folder_that_is_closed(tmp_path: Path) -> None:
    """The folder is named, and how to use another one: nobody knows whether there is a file in it."""
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0)
    code = """
        import sys
        from pathlib import Path
        from cornea.setting_sources import user_source
        user_source(Path(sys.argv[1]))
    """
    with child(code, home, powerless=True) as process:
        err = process.communicate(timeout=LIMIT)[1]
    home.chmod(0o700)
    assert f"{home}: cannot be read (Permission denied); correct its owner" in err
    assert user_source(home).values == {}


def test_a_maximum_is_checked() -> None:
    """Of a setting that has one of its own."""
    depth = Setting("search.depth", 5, "how deep", minimum=1, maximum=9)
    assert resolve([depth], [SettingSource("f", {"search.depth": 9})]).values == {"search.depth": 9}
    with pytest.raises(ConfigError, match=r"^f: search\.depth must be at most 9, not 10$"):
        resolve([depth], [SettingSource("f", {"search.depth": 10})])


def test_a_long_wrong_value_is_cut() -> None:
    """An error is one line that can be read, whatever stands in the file."""
    with pytest.raises(ConfigError) as caught:
        resolved(SettingSource("f", {"search.limit": "x" * 100_000}))
    assert len(str(caught.value)) <= 300
