"""Real code is broken code: a construct that a grammar cannot parse costs its own definition at most."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.parsing.languages import BY_NAME, detect
from indexer.parsing.parse import parse
from indexer.parsing.split import split

_FOLDER = Path(__file__).parent / "broken"

# Of each file: the symbols that its fragments have, and names that are wrong.
CASES = {
    # Macros before a class name, a namespace, an access label, a return type.
    "tile.h": ("TileCache TileCache.fetch TileCache.evictOldest", ""),
    "detail.hpp": ("twice Point Point.norm", "namespace"),
    "panel.h": ("Panel Panel.Panel Panel.width", "Panel.public"),
    "api.cc": ("open Grid.close", "status_code_t"),
    "mmu.c": ("Read len", "int32 size_t"),
    "serializer.hpp": (
        "fetch Serializer Serializer.read Serializer.open same_text",
        "noexcept Serializer.noexcept",
    ),
    "lock.cc": (
        "LockTable LockTable.LockTable LockTable.Insert LockTable.Wait LockTable.Recover LockTable.Plain "
        "Open Close",
        "LockTable.EXCLUSIVE_LOCK_FUNCTION LockTable.LOCKS_EXCLUDED LockTable.ACQUIRED_AFTER "
        "LockTable.EXCLUSIVE_LOCKS_REQUIRED",
    ),
    "attributes.c": ("state_of size_at dup_op build_range after", "internal_function __attribute"),
    "ok.c": ("GRID_VIN_Init", ""),
    # Branches that each open a brace, and branches inside an expression.
    "cli.cpp": ("Cli.read Cli.write", ""),
    "Host.cs": ("Host Host.Kind Host.After", ""),
    # A missing brace; functions without types.
    "define.c": ("item_init", ""),
    "loops.cc": ("Walk.all Walk.Walk", "Walk.all.foreach Walk.all.FOR_EACH foreach FOR_EACH"),
    "loop.c": ("walk after", "walk.item item"),
    "wip.c": ("box_open box_close box_weigh", ""),
    "old.c": ("main helper typed", ""),
    # Annotations in lines of their own; constructs that the grammar lacks.
    "Config.kt": ("ShopConfig ShopConfig.full Other", ""),
    "Op.kt": ("Op Op.show", ""),
    "Shapes.kt": ("Shapes Shapes.label Shapes.area", ""),
    "views.sql": ("plain", "timescale.compress"),
    "extension.sql": ("shop_config shop_price", "@extschema extschema"),
    "shift.sql": ("split_time first_one last_one", ""),
    "types.jl": ("Box Meter Shape Grid", "Meter{T Shape{T Grid{T"),
    "panel.tsx": ("Panel Row Sidebar", ""),
    "lib.rs": ("os_name Flags", ""),
    # Conflicts that nobody has resolved yet.
    "cart.go": ("Cart.Add Cart.Total", ""),
    "cart.kt": ("Cart Cart.add Cart.total", ""),
    "cart.py": ("Cart Cart.add Cart.total after", ""),
}


@pytest.mark.parametrize("name", CASES)
def test_what_broken_files_define(name: str) -> None:
    """No definition around an error is lost, and none is invented."""
    text = (_FOLDER / name).read_bytes()
    wanted, wrong = CASES[name]
    symbols = {piece.symbol for piece in split(text, detect(name, text))}
    assert set(wanted.split()) <= symbols
    assert not symbols & set(wrong.split())


def test_a_template_belongs_to_its_function() -> None:
    """What hides a macro in front of a name leaves the line above alone."""
    text = (_FOLDER / "serializer.hpp").read_bytes()
    first = split(text, detect("serializer.hpp", text))[0]
    assert (first.symbol, first.start_line) == ("fetch", 1)


def test_every_case_is_tried() -> None:
    """A file without a row would not be looked at."""
    assert {path.name for path in _FOLDER.iterdir()} == set(CASES)


def names(text: str, language: str) -> list[str]:
    return [symbol.name for symbol in parse(text.encode(), BY_NAME[language]).symbols]


_METHOD = {
    "java": "  void f() {\n    x();\n  }\n",
    "php": "    function f()\n    {\n        x();\n    }\n",
    "python": "    def f(self):\n        x()\n",
    "typescript": "  f() {\n    x()\n  }\n",
    "kotlin": "    fun f() {\n        x()\n    }\n",
    "csharp": "    void f()\n    {\n        x();\n    }\n",
}
_CLASS = {
    "php": "<?php\nclass A\n{\n%s}\n",
    "python": "class A:\n%s",
    "csharp": "class A\n{\n%s}\n",
}


@pytest.mark.parametrize("language", _METHOD)
@pytest.mark.parametrize("fault", ["y(", "y))", "@@@", "}", "{", "<<<<<<< HEAD"])
def test_neighbours_of_a_fault(language: str, fault: str) -> None:
    """Whatever stands in one method, the class and its other methods keep their names."""
    method = _METHOD[language]
    broken = method.replace("f(", "g(").replace("x()", fault)
    members = "\n".join([method, broken, method.replace("f(", "h(")])
    text = _CLASS.get(language, "class A {\n%s}\n") % members
    found = names(text, language)
    assert found[:2] == ["A", "A.f"]
    assert found[-1] == "A.h"
    assert set(found) <= {"A", "A.f", "A.g", "A.h"}


def test_extents_around_a_missing_brace() -> None:
    """A function that is not closed ends where the next one begins."""
    whole = "int g(void)\n{\n    return 2;\n}\n"
    text = f"int f(void)\n{{\n    if (a) {{\n        b();\n    return 1;\n}}\n\n{whole}"
    first, second = parse(text.encode(), BY_NAME["c"]).symbols
    assert text.encode()[first.start : first.end].decode().startswith("int f(void)")
    assert text.encode()[second.start : second.end].decode() == whole
    assert first.end <= second.start


def test_docstring_of_a_broken_function() -> None:
    """What stands before the error documents it, as it does without one."""
    broken = 'def f():\n    """What f does."""\n    a = 1\n    b = yield(2,,\n    return a\n'
    text = f"{broken}\n\ndef g():\n    pass\n"
    first, second = parse(text.encode(), BY_NAME["python"]).symbols
    assert (first.name, first.docstring) == ("f", "What f does.")
    assert (second.name, second.docstring) == ("g", "")


def test_a_macro_is_no_constructor() -> None:
    """What looks like one and has another name than its class is a call."""
    text = "class Shop\n{\n    Shop() { }\n    GRID_UNKNOWN(a, b)\n    public void Open() { }\n}\n"
    assert names(text, "csharp") == ["Shop", "Shop.Shop", "Shop.Open"]


def test_literals_in_calls_and_lists_are_opened() -> None:
    """A comma that is missing between two objects costs neither of them its methods."""
    text = (
        "export default configure({\n  plugins: [\n    {\n      load(id) {\n        return id\n      },\n"
        "    }\n    {\n      resolve(id) {\n        return id\n      },\n    },\n  ],\n})\n"
    )
    assert names(text, "javascript") == ["load", "resolve"]


@pytest.mark.parametrize("line", ["GRID_UNKNOWN", "GRID_UNKNOWN(a, b)", "=======", "@@x@@"])
def test_a_line_far_to_the_left(line: str) -> None:
    """In a method it ends neither the method nor the class."""
    method = "    void %s() {\n        x();\n%s        y();\n    }\n"
    text = "class A {\n" + method % ("f", f"{line}\n") + method % ("g", "") + "}\n"
    assert names(text, "java") == ["A", "A.f", "A.g"]


def test_a_macro_before_a_block() -> None:
    """As test frameworks have them: the functions around keep their names."""
    function = "int %s() {\n    return 1;\n}\n"
    text = function % "f" + 'TEST_CASE("adds") {\n    CHECK(f() == 1);\n}\n' + function % "g"
    assert names(text, "cpp") == ["f", "g"]


def test_a_namespace_that_is_not_indented() -> None:
    """Its members, but for the one with the error, stay members."""
    text = (
        "namespace shop {\n\nclass A {\n    int f() { return 1; }\n};\n\nclass B {\n    int g( { return }\n"
        "    int h() { return 2; }\n};\n\n}\n"
    )
    assert [name for name in names(text, "cpp") if name != "B.g"] == ["A", "A.f", "B", "B.h"]


@pytest.mark.parametrize("line", ["=======", "SHOP_UNKNOWN", "SHOP_UNKNOWN(a, b)", "@@x@@"])
def test_a_stray_line_in_python(line: str) -> None:
    """At the first column, in a method: class, method and the method behind it stay."""
    method = "    def {}(self):\n        x = 1\n{}        return x\n\n"
    text = "class A:\n" + method.format("f", f"{line}\n") + method.format("g", "")
    assert names(text, "python") == ["A", "A.f", "A.g"]
