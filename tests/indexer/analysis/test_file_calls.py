"""What files say about packages, and the trees of `use`."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.analysis.file_calls import file_calls
from indexer.analysis.package_files import facts
from indexer.analysis.use_trees import uses
from indexer.parsing.source import Source, read
from indexer.walk.walk import source_file

TSCONFIG = """{ // "paths"
  "compilerOptions": {"baseUrl": "src", "paths": {"@/*": ["./*"], "x": []}, /* , */ }
}"""


@pytest.mark.parametrize(
    ("path", "text", "wanted"),
    [
        ("package.json", '{"name": "@shop/a", "main": "b.ts", "x": 3}', {"name": "@shop/a", "main": "b.ts"}),
        ("package.json", '{"name": 3}', {}),
        ("package.json", "[" * 10_000, {}),
        ("a/go.mod", "// x\nmodule example.com/shop\n", {"name": "example.com/shop"}),
        ("Cargo.toml", '[x]\nname = "x"\n[package]\na = "1"\nname = "my-shop"\n', {"name": "my_shop"}),
        ("tsconfig.base.json", TSCONFIG, {"alias:@/*": "src/*"}),
        ("other.json", '{"name": "x"}', {}),
    ],
)
def test_package_files(path: str, text: str, wanted: dict[str, str]) -> None:
    """Names, first modules, aliases; nothing of a file that is not valid or is another one."""
    assert facts(path, text.encode()) == wanted


def test_use_trees() -> None:
    """Each name with its module; nested trees end somewhere."""
    assert list(uses("a::{self, b as c, d::{e, *}}")) == [
        ("a", "", "a"),
        ("c", "a", "b"),
        ("e", "a::d", "e"),
        ("*", "a::d", "*"),
    ]
    assert list(uses("std::io")) == [("io", "std", "io")]
    assert list(uses("{" * 5_000)) == []


def test_a_name_alone_is_a_call_in_ruby(tmp_path: Path) -> None:
    """Unless it is a variable or a parameter of the method."""
    code = """class Oven
  def bake(dough, minutes: 9, *rest)
    preheat
    heat = warmth
    heat
    minutes
    dough.rise
    place(tray)
    ring if done
    rest.each { |piece| turn; piece }
  rescue => error
    error
    cool
  end
end
"""
    (tmp_path / "a.rb").write_text(code)
    source = read(source_file(tmp_path, "a.rb", str(tmp_path / "a.rb")))
    assert isinstance(source, Source)
    called = [one.name for one in file_calls(source).calls]
    assert sorted(called) == sorted(
        ["preheat", "warmth", "rise", "place", "tray", "ring", "done", "each", "turn", "cool"]
    )
