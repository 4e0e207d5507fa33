"""Definitions: what the query finds, how it is named, what belongs to it, what is refused."""

from __future__ import annotations

import pytest

from indexer.parsing.budgeted_parser import BudgetedParser, OutOfTime
from indexer.parsing.definitions import Definition
from indexer.parsing.docs import MAX_DOCSTRING, leading_string, uncommented
from indexer.parsing.languages import BY_NAME, parser
from indexer.parsing.names import plain
from indexer.parsing.parse import MAX_DEPTH, parse, unparsable_reason


def symbols(text: str, language: str) -> list[Definition]:
    return parse(text.encode(), BY_NAME[language]).symbols


def names(text: str, language: str) -> list[str]:
    return [symbol.name for symbol in symbols(text, language)]


def source(text: str, symbol: Definition) -> str:
    return text.encode()[symbol.start : symbol.end].decode()


@pytest.mark.parametrize(
    ("raw", "language", "name"),
    [
        ("module.exports.foo", "javascript", "foo"),
        ("this.bar", "javascript", "bar"),
        ("Foo.prototype.bar", "typescript", "Foo.bar"),
        ("handlers['on-click']", "javascript", "handlers.on-click"),
        ("a::b::Foo<T>", "rust", "Foo"),
        ("&'a mut dyn Trait", "rust", "Trait"),
        ("ns::Foo<A, B<C>>::bar", "cpp", "ns.Foo.bar"),
        ("Foo<T>::operator<", "cpp", "Foo.operator<"),
        ("operator bool() const", "cpp", "operator bool"),
        ("Foo::operator()", "cpp", "Foo.operator()"),
        ("Foo::~Foo", "cpp", "Foo.~Foo"),
        ("operator_count", "cpp", "operator_count"),
        ("if", "c", ""),
        ("$handler", "php", "handler"),
        ("A::B", "ruby", "A.B"),
        (":dynamic", "ruby", "dynamic"),
        ("M.a:b", "lua", "M.a.b"),
        ("(Maybe a)", "haskell", "Maybe"),
        ("`plus`", "haskell", "plus"),
        ("Base.show(io::IO, x)", "julia", "Base.show"),
        ('"app"."users"', "sql", "app.users"),
        ("for", "php", "for"),
    ],
)
def test_plain_names(raw: str, language: str, name: str) -> None:
    """Names as they stand in the source become dotted and lose what is not a name."""
    assert plain(raw, language) == name


def test_known_namespaces_are_left_out() -> None:
    """An out-of-line definition drops the namespaces that its file opens, and keeps the others."""
    text = (
        "namespace a { namespace b {} }\nvoid a::b::Foo::bar() {}\nvoid other::Foo::bar() {}\nint a::f() {}\n"
    )
    assert names(text, "cpp") == ["Foo.bar", "other.Foo.bar", "f"]
    assert [symbol.kind for symbol in symbols(text, "cpp")] == ["method", "method", "function"]


def test_decorators_comment_and_export_belong() -> None:
    """A definition's extent starts at what documents and decorates it."""
    text = "const x = 1;\n\n// About it.\n@dec\nexport class A {}\n"
    (symbol,) = symbols(text, "typescript")
    assert source(text, symbol) == "// About it.\n@dec\nexport class A {}\n"
    assert symbol.docstring == "About it."


def test_trailing_comment_of_other_code_does_not_belong() -> None:
    """Only a comment that has its lines to itself documents what is below."""
    text = "x = 1  # not about f\ndef f(): pass\n\n# nor this\n\ndef g(): pass\n"
    assert [symbol.docstring for symbol in symbols(text, "python")] == ["", ""]


def test_string_is_no_comment() -> None:
    """Text that only looks like a comment is left where it is."""
    text = 'x = """\n# in a string"""\ndef f(): pass\n'
    (symbol,) = symbols(text, "python")
    assert symbol.docstring == ""
    assert source(text, symbol) == "def f(): pass\n"


def test_licence_does_not_document() -> None:
    """The licence at the top of a file is not the first definition's documentation."""
    text = "// Copyright somebody.\n// All rights reserved.\nfunc f() {}\n"
    (symbol,) = symbols(text, "go")
    assert symbol.docstring == ""
    assert source(text, symbol) == "func f() {}\n"


def test_broken_file_keeps_sane_definitions() -> None:
    """Errors in one definition do not hide the others."""
    text = "def a(): return 1\n\ndef b(:\n    x = = 2\n\ndef c():\n    return 3\n"
    assert {"a", "c"} <= set(names(text, "python"))


def test_clauses_of_one_arity_are_one_function() -> None:
    """Adjacent clauses join; another arity, or code in between, starts a new function."""
    body = "def f(1), do: 1\ndef f(x), do: x\ndef f(x, y), do: x + y\n@a 1\n\ndef f(z), do: z\n"
    text = f"defmodule M do\n{body}end\n"
    assert names(text, "elixir") == ["M", "M.f", "M.f", "M.f"]


def test_members() -> None:
    """A class lists its direct functions and classes, wherever Go and C++ put them."""
    (kind, *_) = symbols("type T struct{}\nfunc (t *T) A() {}\nfunc (t T) B() {}\nfunc C() {}\n", "go")
    assert kind.members == ["A", "B"]
    (outer, *_) = symbols("class A:\n def f(self):\n  def g(): pass\n class B: pass\n", "python")
    assert outer.members == ["f", "B"]


@pytest.mark.parametrize(
    ("language", "comment", "prose"),
    [
        ("java", b"/** Adds. */", "Adds."),
        ("java", b"/**\n * Adds.\n *\n * Slowly.\n */", "Adds.\n\nSlowly."),
        ("rust", b"/// Adds.\n/// Slowly.", "Adds.\nSlowly."),
        ("python", b"# Adds.\n#\n# - one", "Adds.\n\n- one"),
        ("haskell", b"-- | Adds.\n-- Slowly.", "Adds.\nSlowly."),
        ("haskell", b"{-| Adds. -}", "Adds."),
        ("ocaml", b"(** Adds. *)", "Adds."),
        ("elixir", b'@doc """\nAdds.\n"""', "Adds."),
        ("elixir", b'@doc "Adds."', "Adds."),
        ("csharp", b"/// <summary>\n/// Adds a <c>List<int></c>.\n/// </summary>", "Adds a List<int>."),
        ("go", b"//go:noinline\n// Adds.", "Adds."),
        ("ruby", b"=begin\nAdds.\n=end", "Adds."),
        ("c", "// Складывает 変数.".encode(), "Складывает 変数."),
    ],
)
def test_comments_lose_their_markers(language: str, comment: bytes, prose: str) -> None:
    """Documentation is the prose alone."""
    assert uncommented(comment, language) == prose


@pytest.mark.parametrize(
    ("body", "prose"),
    [
        (b'"""Adds.\n\n    Slowly.\n    """\n', "Adds.\n\nSlowly."),
        (b"r'Adds.'  # noqa\n", "Adds."),
        (b'"a".join(x)\n', ""),
        (b'"""not closed', ""),
        (b"return 1", ""),
    ],
)
def test_docstrings(body: bytes, prose: str) -> None:
    """A string counts only when it is a statement of its own."""
    assert leading_string(body, 0) == prose


def test_docstrings_are_bounded() -> None:
    """A book in a comment is cut off."""
    assert len(uncommented(b"# word\n" * 5_000, "python")) <= MAX_DOCSTRING
    assert len(leading_string(b'"""' + b"word " * 5_000 + b'"""', 0)) <= MAX_DOCSTRING


def test_refusals() -> None:
    """Only what would hang or crash a parser is refused."""
    assert unparsable_reason(b"x = 1\n" * 100_000) is None
    assert unparsable_reason(b"x\0") is not None
    assert unparsable_reason(b"x" * 20_001) is not None
    assert unparsable_reason(b"(" * (MAX_DEPTH + 1)) is not None
    assert unparsable_reason(b"()" * 5_000) is None
    assert unparsable_reason(b")" * 5_000 + b"(" * MAX_DEPTH) is None


def test_annotation_at_the_end_of_the_text() -> None:
    """A scanner that looks for the end of the line there, and never gives up, always finds one."""
    assert names("fun f() {}\n\nval x\n@Foo", "kotlin") == ["f"]


def test_out_of_time() -> None:
    """Parsing stops when the budget is used up; the parser's next text is parsed from its start."""
    python = parser(BY_NAME["python"])
    with pytest.raises(OutOfTime):
        BudgetedParser(python, b"x = [1, 2, 3]\n" * 10_000, budget=0).parse_all()
    tree = BudgetedParser(python, b"def f(): pass\n").parse_all()
    assert [node.type for node in tree.root_node.children] == ["function_definition"]


def test_macro_around_items() -> None:
    """Items in a macro's braces are found; other macros are left alone."""
    text = "cfg_net! {\n    fn f() {}\n}\n\nother! {\n    fn g() {}\n}\n\ncall! {\n    fn_like => (1)\n}\n"
    assert names(text, "rust") == ["f", "g"]
