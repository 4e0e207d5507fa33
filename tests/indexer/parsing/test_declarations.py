"""Constants, variables, types, fields, enumerators and macros are definitions, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.parsing.declarations import declarations
from indexer.parsing.languages import BY_NAME, LANGUAGES, patterns
from indexer.parsing.parse import parse
from indexer.parsing.split import split

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


def test_a_class_of_two_names() -> None:
    """It is found by its own, too; where both are the same it is told once."""
    text = "A.Part = class APart { f() { return 1; } };\nexports.B = class B {};\n"
    assert declared(text, "javascript") == ["class:APart"]


def test_columns_of_tables() -> None:
    """They are read whatever the dialect has around them; constraints, options and queries are none."""
    text = """CREATE TABLE a (
  id serial PRIMARY KEY, -- the first, of all
  "order" numeric(10, 2) DEFAULT f(1, 2) CHECK ("order" > 0),
  `key` int, key varchar(20) ?? odd,
  note text DEFAULT 'a, b) ;',
  CONSTRAINT c UNIQUE (id), PRIMARY KEY (id, key), FOREIGN KEY (id) REFERENCES b (x),
  KEY by_note (note), FULLTEXT KEY (note), INDEX USING btree (id), CHECK (id > 0),
  EXCLUDE USING gist (id WITH =), LIKE b INCLUDING ALL
) PARTITION BY RANGE (id);
CREATE TABLE b AS (SELECT x, y FROM a);
CREATE TABLE c (SELECT x, y FROM a);
CREATE TABLE part PARTITION OF a FOR VALUES FROM (1) TO (2);
CREATE TABLE @extschema@.d (e int, f
"""
    assert declared(text, "sql")[:6] == [
        "field:a.id", "field:a.order", "field:a.key", "field:a.key", "field:a.note", "class:part"
    ]  # fmt: skip
    assert [one for one in declared(text, "sql") if one.startswith("field:d")] == ["field:d.e"]


def test_what_stands_behind_a_routine_of_sql() -> None:
    """A routine ends with its statement, also where its body is a text, or the rest cannot be parsed."""
    text = """CREATE FUNCTION f() RETURNS int AS '$libdir/x', 'f' LANGUAGE C ?? STRICT;
CREATE TABLE one (a int);
create function g() returns boolean
language plpgsql as
$$
BEGIN
  RETURN TRUE;
END;
$$;
BEGIN;
MERGE INTO t USING s ON t.a = s.a WHEN ?? MATCHED AND (g()) THEN UPDATE SET b = 1;
CREATE TABLE two (a int);
"""
    row = BY_NAME["sql"]
    parsed = parse(text.encode(), row)
    names = [one.name for one in parsed.symbols] + [one.name for one in declarations(parsed, row)]
    assert sorted(names) == ["f", "g", "one", "one.a", "two", "two.a"]


def test_variables_in_macros() -> None:
    """Macros in front of a variable, behind it and around its value hide no name."""
    text = """EXTERN char e_long[]
\tINIT(= N_("E1: %s; (really)"));
EXTERN buf_T *first INIT(= NULL), *last INIT(= NULL);
SPELL_EXTERN long rows;
MOD_API void *(*mod_alloc)(size_t bytes) MOD_ATTR MOD_ATTR_COMMON;
BOOL const *flag;
int f(int argc UNUSED, char **argv UNUSED)
{
    return 1;
}
int after;
"""
    assert declared(text, "c") == [
        "variable:e_long", "variable:first", "variable:last", "variable:rows", "variable:mod_alloc",
        "variable:flag", "variable:after",
    ]  # fmt: skip
    assert [one.name for one in parse(text.encode(), BY_NAME["c"]).symbols] == ["f"]


def test_macros_between_comments() -> None:
    """What stands in a comment is none; a string that looks like the start of one hides none."""
    text = """/* #define A 1
#define B 1
*/
#define C 1
char *s = "a/*", *t = "*/*";
#define D 1 /* one */
#define E 2
"""
    assert [one for one in declared(text, "c") if one.startswith("macro")] == [
        "macro:C",
        "macro:D",
        "macro:E",
    ]


def test_classes_of_one_line() -> None:
    """Kotlin's grammar wants a separator behind the last member, which nobody writes."""
    text = """class Q { val c = 1 }
class W { companion object { val Z = "${f { it }}" } }
object A { fun g() = 1 }
class E { }
"""
    assert declared(text, "kotlin") == ["field:Q.c", "field:W.Companion.Z"]
    assert [one.name for one in parse(text.encode(), BY_NAME["kotlin"]).symbols] == [
        "Q", "W", "W.Companion", "A", "A.g", "E"
    ]  # fmt: skip


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
    assert declared(text, language) == wanted.splitlines()


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
