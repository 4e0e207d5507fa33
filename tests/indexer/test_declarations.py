"""Constants, variables, types, fields, enumerators and macros are definitions, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.declarations import declarations
from indexer.grammars import LANGUAGES
from indexer.languages import BY_NAME, patterns
from indexer.parse import parse
from indexer.split import split

# A text of each language, and what it declares beside functions and classes.
_FOLDER = Path(__file__).parent / "declared"
LANGUAGES_TRIED = sorted(path.stem for path in _FOLDER.glob("*.sample"))

# Of each language: methods that have no body, beside one that has.
BODILESS = {
    "java": (
        "interface I { int f(); default int g() { return 1; } }\n@interface N { int v(); }\n",
        "I.f N.v",
    ),
    "go": ("package a\ntype I interface {\n\tM(x int) error\n\tEmbedded\n}\n", "I.M"),
    "php": (
        "<?php\ninterface I { function f(); }\nabstract class A { abstract function g(); function h() {} }\n",
        "I.f A.g",
    ),
    "rust": ('trait T { fn f(&self); fn g(&self) {} }\nextern "C" { fn elsewhere(); }\n', "T.f"),
    "csharp": ("interface I { int F(); }\nabstract class A { abstract int G(); int H() => 1; }\n", "I.F A.G"),
    "kotlin": ("interface I {\n  fun f(x: Int)\n  fun g(): List<Int>?\n  fun h() = 1\n}\n", "I.f I.g"),
    "typescript": ("interface I { f(): void }\nabstract class A { abstract g(): void; h() {} }\n", "I.f A.g"),
    "swift": ("protocol P {\n  func f(x: Int) -> Int\n}\n", "P.f"),
    "scala": ("trait T { def f: Int; def g = 1 }\n", "T.f"),
    "dart": ("abstract class A { void f(); int get g; void h() {} }\n", "A.f A.g"),
}


@pytest.mark.parametrize("language", BODILESS)
def test_methods_without_a_body(language: str) -> None:
    """What an interface or an abstract class asks for is a definition of that name."""
    text, wanted = BODILESS[language]
    assert declared(text, language) == [f"method:{name}" for name in wanted.split()]


def test_function_expressions_with_a_name() -> None:
    """What is handed over or returned under a name of its own is a function; text that looks so is none."""
    text = """app.use(function logger(req) {
  return async function inner() {};
});
function outer() { return function deep() {} }
const named = function own() {};
module.exports = function Set() {
  return 1;
};
// call(function comment() {})
const s = "f(function string() {})";
debounce(function* gen() {});
const w = debounce(function w() {});
"""
    found = [one for one in declared(text, "javascript") if one.startswith("function")]
    assert found == [
        "function:logger",
        "function:inner",
        "function:outer.deep",
        "function:own",
        "function:Set",
        "function:gen",
    ]


def test_tables_that_the_grammar_cannot_parse() -> None:
    """They and domains are named by their first words; what a routine makes for itself is its own."""
    text = """CREATE TEMP TABLE fresh AS SELECT 1;
CREATE DOMAIN kind AS "char" NOT NULL CHECK (VALUE = 'v');
CREATE TEMP TABLE odd DISTSTYLE ALL ENCODE ? AS (SELECT 1;
CREATE UNLOGGED TABLE plain (id int);
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  CREATE TEMP TABLE own AS SELECT 1;
END $$;
"""
    row = BY_NAME["sql"]
    parsed = parse(text.encode(), row)
    names = [one.name for one in parsed.symbols] + [one.name for one in declarations(parsed, row)]
    assert sorted(name for name in names if "." not in name) == ["f", "fresh", "kind", "odd", "plain"]


def test_classes_in_functions() -> None:
    """Their fields are fields; the variables around them are still local."""
    text = "def f():\n    @dec\n    class L:\n        q = 1\n    x = 1\n"
    assert declared(text, "python") == ["field:f.L.q"]
    assert declared("int f() {\n  struct s { int q; } a;\n  int local;\n}\n", "c") == ["field:f.s.q"]


def test_a_value_and_a_type_of_one_name() -> None:
    """TypeScript keeps them apart; C declares a variable before it defines it."""
    assert declared("export declare const A: 1;\nexport type A = 1;\n", "typescript") == ["constant:A"]
    assert declared("static T x;\nstatic T x = 1;\n", "c") == ["variable:x", "variable:x"]


@pytest.mark.parametrize("language", ["c", "cpp"])
def test_prototypes(language: str) -> None:
    """C only says with them that something is defined elsewhere."""
    assert declared("int f(int);\nextern int x;\n", language) == []


def test_locals_of_a_broken_function() -> None:
    """They are not taken for the file's own, though a broken tree has them there."""
    text = "int before;\nint f(void) {\n    int local = g(;\n    }}\n    int other;\n}\nint after;\n"
    assert declared(text, "c") == ["variable:before", "variable:after"]


def declared(text: str, language: str) -> list[str]:
    """What a text declares, as kind:name."""
    row = BY_NAME[language]
    return [f"{one.kind}:{one.name}" for one in declarations(parse(text.encode(), row), row)]


@pytest.mark.parametrize("language", LANGUAGES_TRIED)
def test_what_is_declared(language: str) -> None:
    """Each name once, qualified, in file order; nothing that is local, imported or only mentioned."""
    text = (_FOLDER / f"{language}.sample").read_bytes().decode("utf-8")
    wanted = (_FOLDER / f"{language}.expected").read_text(encoding="utf-8")
    assert declared(text, language) == wanted.split()


def test_every_language_is_tried() -> None:
    """One with patterns and without a case would not be looked at."""
    own = {one.name for one in LANGUAGES if not one.textual and patterns(one) is not None}
    assert own - set(LANGUAGES_TRIED) == {"javascript", "tsx", "ocaml_interface"}


def test_the_range_of_a_declaration() -> None:
    """It reaches from the first byte of what declares the name to the last."""
    text = "x = 1\nLONG = [\n    1,\n    2,\n]\n"
    found = declarations(parse(text.encode(), BY_NAME["python"]), BY_NAME["python"])
    assert [text[one.start : one.end] for one in found] == ["x = 1", "LONG = [\n    1,\n    2,\n]"]


@pytest.mark.parametrize("name", ["id", "schön", "检查"])
def test_names_of_any_script(name: str) -> None:
    """Names are what the text has, whatever the alphabet."""
    assert declared(f"{name} = 1\n", "python") == [f"variable:{name}"]


def test_around_an_error() -> None:
    """A broken method costs no field of its class, and gives none of its variables to it."""
    text = "class A {\n  int before = 1;\n  void f() {\n    int local = g((;\n  }\n  int after = 2;\n}\n"
    assert declared(text, "java") == ["field:A.before", "field:A.after"]


def test_fragments_know_what_they_define() -> None:
    """The names stand on the fragment that they are in; fragments are cut as if there were none."""
    text = "LIMIT = 1\n\ndef f():\n    local = 1\n\nclass A:\n    colour = 2\n\n    def g(self):\n        0\n"
    pieces = split(text.encode(), BY_NAME["python"])
    assert [(one.symbol, one.defines) for one in pieces] == [
        ("", ("LIMIT",)),
        ("f", ()),
        ("A", ("A.colour",)),
        ("A.g", ()),
    ]


def test_variables_beside_a_function_with_an_error() -> None:
    """A function that is being written costs the variables of the file nothing, and adds none of its own."""
    text = (
        b'package a\n\nvar A = one("a")\n\nvar (\n\tB = one("b")\n)\n\nfunc f() {\n\tvar x = 1\n\ty := \n}\n'
    )
    found = declarations(parse(text, BY_NAME["go"]), BY_NAME["go"])
    assert [one.name for one in found] == ["A", "B"]
