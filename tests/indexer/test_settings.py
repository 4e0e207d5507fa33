"""Declarations of settings as fields of a dataclass."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.settings import Setting, arguments, declared, setting


def test_fields_declare_settings() -> None:
    """A key is the section and the field's name, unless a name is given; other fields are no settings."""

    @dataclass(frozen=True, slots=True)
    class Holder:
        home: str
        limit: int = setting("search", 10, "how many", minimum=1)
        store_url: str = setting("store", "", "where", secret=True)
        shown: bool = setting("search", True, "whether", name="enabled")

    assert declared(Holder) == {
        "limit": Setting("search.limit", 10, "how many", minimum=1),
        "store_url": Setting("store.url", "", "where", secret=True),
        "shown": Setting("search.enabled", True, "whether"),
    }
    assert declared(Holder)["store_url"].variable == "CORNEA_STORE_URL"
    values = {"search.limit": 3, "store.url": "u", "search.enabled": False, "other.key": 1}
    assert Holder("h", **arguments(Holder, values)) == Holder("h", 3, "u", False)
    assert Holder("h") == Holder("h", 10, "", True)
