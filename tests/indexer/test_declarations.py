"""Constants, variables, types, fields, enumerators and macros are definitions, too."""

from __future__ import annotations

import pytest

from indexer.declarations import declarations
from indexer.grammars import LANGUAGES
from indexer.languages import BY_NAME, patterns
from indexer.parse import parse
from indexer.split import split

# Of each language: a text, and what it declares beside functions and classes.
CASES = {
    "python": (
        """
LIMIT = 1
a, b = 1, 2
held: int = 3
type Alias = int
if TYPE_CHECKING:
    W = 5
else:
    V2 = 3
try:
    import x
except ImportError:
    v = None
class A:
    c = 1
    d: str
    e = f = 3
    if c:
        k = 2
    @property
    def g(self):
        local = 3
        self.attribute = 1
    class Colour(Enum):
        RED = 1
X.y = 3
LIMIT += 2
LIMIT = 4
def fn():
    local = 2
fn = wrapped(fn)
for i in range(3):
    total = i
""",
        """
constant:LIMIT variable:a variable:b variable:held type:Alias variable:W constant:V2 variable:v
field:A.c field:A.d field:A.e field:A.f field:A.k constant:A.Colour.RED variable:total
""",
    ),
    "typescript": (
        """
export const A = 1, bB = 2;
let { c, d: [e], ...r } = x;
const fs = require('fs');
declare var g: number;
export type T = string | number;
class K { static x = 1; private readonly y: string; constructor(private p: number, q: number) {} h = () => 1 }
interface I { a: string; b?(): void }
export enum E { P, Q = 2, 'R' }
namespace N { export const w = 1; }
module.exports = { a: 1 };
exports.foo = 3;
Other.foo = 3;
const f = () => { const local = 1 };
exports.f = f;
export default class X { z = 1 }
let counter = 0;
counter = 1;
""",
        """
constant:A constant:bB variable:g field:K.x field:K.y field:K.p field:I.a method:I.b enumerator:E.P
enumerator:E.Q enumerator:E.R constant:w variable:foo field:X.z variable:counter
""",
    ),
    "go": (
        """package a
const A, B = 1, 2
const (
	C = iota
	D
	_
)
var e, f int
var (
	g = 1
	h = func() { var local int }
)
var _ I = (*S)(nil)
type S struct {
	a, b int
	Embedded
	*Pointer
	n struct {
		m int
	}
}
type (
	G struct{ x int }
)
func F() { const local = 1 }
""",
        """
constant:A constant:B constant:C constant:D variable:e variable:f variable:g variable:h field:S.a
field:S.b field:S.n field:S.m field:G.x
""",
    ),
    "java": (
        """
class A {
  static final int LIMIT = 1, y = 2;
  int[] z[];
  enum E { P, Q { void f() { int local; } }; int w; }
  interface I { int K = 3; }
  record R(int p) {}
  void m(int q) { int local; new Object() { int hidden; }; }
}
""",
        """
constant:A.LIMIT field:A.y field:A.z enumerator:A.E.P enumerator:A.E.Q field:A.E.w constant:A.I.K
field:A.R.p
""",
    ),
    "c": (
        """
#ifndef GUARD_H
#define F(x) \\
  ((x) + 1)
/*
#define NOT 1
*/
#ifdef B
int g, *h = 0, arr[3];
static const char *s = "x";
extern int elsewhere;
int proto(int a);
char *proto2(void), (proto3)(int);
typedef int foo_t;
typedef struct bar { int m; struct { int n; } in; int (*fp)(int); unsigned bits : 3; } bar_t, *bar_p;
typedef struct { int q1; } anon_t;
typedef int (*fn_t)(int);
enum E { P, Q = 2 };
enum { R1, R2 } ev;
struct forward;
struct st { int q; } inst;
struct forward *ptr;
int (*fps[3])(int);
void (*handler(int))(int);
int main() {
  int local;
#define INSIDE 3
}
#endif
#endif
""",
        """
macro:F variable:g variable:h variable:arr variable:s type:foo_t type:bar_t type:bar_p field:bar.m
field:bar.in field:bar.n field:bar.fp field:bar.bits field:anon_t.q1 type:fn_t enumerator:E.P
enumerator:E.Q variable:ev enumerator:R1 enumerator:R2
variable:inst field:st.q variable:ptr
variable:fps macro:INSIDE
""",
    ),
    "cpp": (
        """
namespace n {
constexpr int K = 3;
class A {
 public:
  static int s;
  int m = 1;
  int f() const;
  A();
  ~A();
  using T = int;
  friend class B;
  enum class E { X };
  int& ref;
  operator int();
};
int A::s = 0;
template <class T> using V = std::vector<T>;
using namespace std;
using std::x;
}
template <class T> struct G {
  T val;
  static constexpr int c = 1;
  void f();
};
auto [p1, p2] = f();
""",
        """
variable:K field:A.s field:A.m type:A.T enumerator:A.E.X field:A.ref variable:A.s type:V field:G.val
field:G.c
""",
    ),
    "csharp": (
        """
namespace X {
  class K {
    const int B = 1, C = 2;
    private int d;
    public int E { get; set; }
    public event Foo Ev;
    int this[int i] => 1;
    public int Arrow => 1;
    delegate void D(int x);
    void M(int p) { int local; }
  }
  enum En { P, Q = 1 }
  struct S { int f; }
  record R(int A, string B);
}
delegate int Del(int x);
""",
        """
field:K.B field:K.C field:K.d field:K.E field:K.Ev type:K.D enumerator:En.P enumerator:En.Q
field:S.f field:R.A field:R.B type:Del
""",
    ),
    "ruby": (
        """
A = 1
B, C = 1, 2
M::D = 3
@x = 1
local = 2
class K
  E = 1
  @@z = 1
  attr_accessor :p, :q
  private :r
  F ||= 2
  G = 1 unless defined?(G)
  class << self
    H = 2
    attr_reader :s
  end
end
""",
        """
constant:A constant:B constant:C constant:M.D constant:K.E field:K.p field:K.q constant:K.F
constant:K.G constant:K.H field:K.s
""",
    ),
    "php": (
        """<?php
const A = 1, B = A;
define('C', 3);
$g = 1;
class K {
  const E = 1, F = 2;
  public $p, $q = 1;
  private ?int $r;
  function __construct(private int $z, int $y) { $local = 1; }
}
enum S: string { case U = 'u'; const V = self::U; }
trait T { public $t; }
if (true) { define('W', 1); }
strlen('no');
""",
        """
constant:A constant:B constant:C variable:g constant:K.E constant:K.F field:K.p field:K.q field:K.r
field:K.z enumerator:S.U constant:S.V field:T.t constant:W
""",
    ),
    "rust": (
        """
const A: u8 = 1;
static mut B2: u8 = 2;
type T = u8;
struct S { pub a: u8, b: u8 }
enum E { P, Q(u8), R { f: u8 } }
impl S { const C: u8 = 1; type X = u8; fn f() { const LOCAL: u8 = 1; } }
mod m { const D: u8 = 1; }
trait Tr { const F: u8; type G; }
union U { a: u8 }
const _: () = ();
""",
        """
constant:A constant:B2 type:T field:S.a field:S.b enumerator:E.P enumerator:E.Q enumerator:E.R
constant:S.C type:S.X constant:D constant:Tr.F type:Tr.G field:U.a
""",
    ),
    "kotlin": (
        """
const val A = 1
val b: Int = 2
var c by lazy { 1 }
val (d, e) = p
typealias T = String
class K(val p: Int? = null, q: Int) {
  val f = b
  val w: Int get() = 1
  companion object {
    const val HALF = 1
  }
  fun m() {
    val local = 1
  }
}
""",
        """
variable:A variable:b variable:c variable:d variable:e type:T field:K.p field:K.f
constant:K.Companion.HALF
""",
    ),
    "lua": (
        """
A = 1
local b = 2
local c, d = 1, 2
local u
M.x = 3
local r = require "x"
local T = { f = 1 }
if x then q = 1 end
function M.f() local z = 1 end
A = 2
""",
        """
variable:A variable:b variable:c variable:d variable:u variable:M.x variable:T variable:q
""",
    ),
    "sql": (
        "CREATE TABLE a.t (id int PRIMARY KEY, name text);\nCREATE SEQUENCE sq;\n",
        """
field:a.t.id field:a.t.name variable:sq
""",
    ),
    "swift": (
        """
let a = 1, b = 2
var c: Int
typealias T = Int
class K {
  static let d = 1
  var e: Int { get { 1 } }
  lazy var g = 1
  func m() { let local = 1 }
}
enum E { case p, q(Int); case r = 1 }
protocol P { var j: Int { get } }
""",
        """
variable:a variable:b variable:c type:T field:K.d field:K.g enumerator:E.p enumerator:E.q
enumerator:E.r field:P.j
""",
    ),
    "scala": (
        """
val a = 1
object O { val b, c = 1; var d = 2; type T = Int; lazy val e = 1; def m = { val local = 1 } }
case class C(s: Int)
enum E { case P, Q; case R(x: Int) }
""",
        """
variable:a field:O.b field:O.c field:O.d type:O.T field:O.e field:C.s enumerator:E.P enumerator:E.Q
enumerator:E.R
""",
    ),
    "dart": (
        """
const a = 1;
final int b = 2, c = 3;
var d;
typedef F = int Function();
typedef int G(int x);
class K { static const e = 1; final int f; int g = 1, h; void m() { var local = 1; } }
enum E { p, q(1); final int z; const E(this.z); }
""",
        """
variable:a variable:b variable:c variable:d type:F type:G field:K.e field:K.f field:K.g field:K.h
enumerator:E.p enumerator:E.q field:E.z
""",
    ),
    "zig": (
        """
const a = 1;
pub var b: u8 = a;
const d = b;
const std = @import("std");
const S = struct { x: u8, y: u8 = 1, const c = 1; fn f() void { const local = 1; } };
""",
        """
constant:a variable:b constant:d field:S.x field:S.y constant:S.c
""",
    ),
    "elixir": (
        """
defmodule A do
  @const 1
  @doc "x"
  @type t :: integer
  @typep u(x) :: x
  @spec f(integer) :: integer
  def f(x), do: @const
end
""",
        """
constant:A.const type:A.t type:A.u
""",
    ),
    "haskell": (
        """module A where
data T = P Int | Q { f :: Int, g, h :: Int }
newtype N = N { un :: Int }
""",
        """
enumerator:T.P enumerator:T.Q field:T.f field:T.g field:T.h enumerator:N.N field:N.un
""",
    ),
    "ocaml": (
        """let a = 1
let (b, c) = (1, 2)
let f x = let local = 1 in local
type t = A | B of int
type r = { f : int; mutable g : int }
exception Ex of int
module M = struct let d = 1 end
""",
        """
variable:a enumerator:t.A enumerator:t.B field:r.f field:r.g type:Ex field:M.d
""",
    ),
    "julia": (
        """const A = 1
b = 2
const D, E = 1, 2
struct S
  f::Int
  g
end
f(x) = 1
""",
        """
constant:A variable:b constant:D constant:E field:S.f field:S.g
""",
    ),
    "bash": (
        "A1=1\nreadonly B=2\nexport path=3\nf() { g=1; local z=2; }\nif x; then h=1; fi\nx[1]=2\n",
        """
constant:A1 variable:B variable:path variable:h
""",
    ),
}


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


@pytest.mark.parametrize("language", CASES)
def test_what_is_declared(language: str) -> None:
    """Each name once, qualified, in file order; nothing that is local, imported or only mentioned."""
    text, wanted = CASES[language]
    assert declared(text, language) == wanted.split()


def test_every_language_is_tried() -> None:
    """One with patterns and without a case would not be looked at."""
    own = {one.name for one in LANGUAGES if not one.textual and patterns(one) is not None}
    assert own - set(CASES) == {"javascript", "tsx", "ocaml_interface"}


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
