"""The indexer's settings as one value."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from cornea.setting_sources import SettingSource, environment_source, resolve
from indexer.config import Config
from indexer.errors import ConfigError
from indexer.settings import arguments, declared

HOME = Path("home")
SETTINGS = tuple(declared(Config).values())


def build(**values: Any) -> Config:
    """From keys with a double underscore for the dot."""
    given = SettingSource("test", {key.replace("__", "."): value for key, value in values.items()})
    return Config(HOME, **arguments(Config, resolve(SETTINGS, [given]).values))


def test_the_defaults_are_those_of_an_empty_configuration() -> None:
    """A Config made in a test is what an empty configuration gives."""
    assert build() == Config(home=HOME)


def test_every_setting_becomes_a_field() -> None:
    """None is forgotten on the way, in either direction; two fields do not have one key."""
    assert len(SETTINGS) == len(fields(Config)) - 1
    assert len({setting.key for setting in SETTINGS}) == len(SETTINGS)
    changed = build(
        index__name="n", index__hidden=True, store__url="u", store__api_key="k", store__collection="c"
    )
    assert (changed.name, changed.hidden) == ("n", True)
    assert (changed.store_url, changed.store_api_key, changed.store_collection) == ("u", "k", "c")


def test_every_setting_explains_itself() -> None:
    """The help text is what the documentation and `--help` print."""
    for setting in SETTINGS:
        assert setting.help
        assert setting.key.count(".") == 1
        assert "\n" not in setting.help


def test_a_repository_sets_only_what_is_indexed() -> None:
    """Where code goes, which model is loaded and how much work is done is the user's to say."""
    harmless = {setting.key for setting in SETTINGS if setting.project_settable}
    assert harmless == {
        "index.include",
        "index.exclude",
        "index.languages",
        "index.hidden",
        "index.vendored",
        "index.max_file_bytes",
    }


def test_numbers_have_ranges() -> None:
    """Zero workers means automatic; zero bytes means nothing at all, so it is refused."""
    assert build(index__workers=0).workers == 0
    for key in ("index__max_file_bytes", "index__max_files", "index__parse_seconds"):
        with pytest.raises(ConfigError, match="at least"):
            build(**{key: 0})
    with pytest.raises(ConfigError, match="at most"):
        build(index__parse_seconds=float("inf"))


def test_the_environment_reaches_the_fields() -> None:
    """Text becomes the field's type."""
    variables = {
        "CORNEA_INDEX_EXCLUDE": "gen/,*.min.js",
        "CORNEA_STORE_RESERVE_MB": "1",
        "CORNEA_STORE_WAIT_SECONDS": "0",
        "CORNEA_EMBEDDING_DOWNLOAD": "true",
    }
    resolved = resolve(SETTINGS, [environment_source(SETTINGS, variables)])
    found = Config(HOME, **arguments(Config, resolved.values))
    assert found.exclude == ("gen/", "*.min.js")
    assert (found.reserve_mb, found.reserve_bytes) == (1, 1_000_000)
    assert found.wait_seconds == 0.0
    assert found.download is True
