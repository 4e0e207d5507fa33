"""What is read off a buffer: lexemes, brackets, the open function, indentation, credentials."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.parsing.secrets import is_doubtful, redact_text
from research.benchmarks.prefixes import prefix_from_data
from retrieval.continuation import lexemes
from retrieval.continuation.functions import enclosing, named
from retrieval.continuation.indentation import IndentStyle, reindent
from retrieval.continuation.query import parse_prefix

from .cursor import typed

LANGUAGES = ("python", "go", "javascript", "ruby", "rust", "lua", "php", "text")


@given(st.text(), st.sampled_from(LANGUAGES))
def test_lexemes_keep_all_but_white_space(text: str, language: str) -> None:
    """In order."""
    kept = "".join("".join(lexemes.lexemes(text, language)).split())
    assert kept == "".join(text.split())


@given(st.text("([{}])x\"'/\n ", max_size=60), st.sampled_from(LANGUAGES))
def test_a_text_closed_by_its_mirror_image_is_balanced(text: str, language: str) -> None:
    """Whatever brackets are open, their closers in reverse order close them."""
    opened, wrong = lexemes.unclosed(lexemes.lexemes(text, language))
    closers = [")]}"["([{".index(bracket)] for bracket in reversed(opened)]
    assert lexemes.unclosed(closers, opened) == ("", 0)
    assert wrong >= 0


@pytest.mark.parametrize(
    ("text", "language", "place"),
    [
        ('x = "abc', "python", "string"),
        ('x = "abc"', "python", "code"),
        ('x = "a\\"', "python", "string"),
        ('"""doc', "python", "string"),
        ('"""doc"""', "python", "code"),
        ("x # why", "python", "comment"),
        ("x // why", "go", "comment"),
        ("x // 2", "python", "code"),
        ("/* why", "java", "comment"),
        ("/* why */", "java", "code"),
        ("`${a", "javascript", "string"),
        ("fn f<'a>(x: &'a str", "rust", "code"),
        ("", "python", "code"),
    ],
)
def test_the_cursor_is_in_code_a_string_or_a_comment(text: str, language: str, place: str) -> None:
    """By the lexemes before it."""
    assert lexemes.context_at_end(lexemes.lexemes(text, language), language) == place


@pytest.mark.parametrize(
    ("line", "language", "name"),
    [
        ("    async def fetch(self):", "python", "fetch"),
        ("func (m *Mux) Handle(p string) {", "go", "Handle"),
        ("  public static <T> List<T> of(T one) {", "java", "of"),
        ("const load = async (id) => {", "javascript", "load"),
        ("exports.run = function (x) {", "javascript", "run"),
        ("  render() {", "javascript", "render"),
        ("  def self.build(name)", "ruby", "build"),
        ("    pub(crate) fn poll(&mut self) -> Poll<()> {", "rust", "poll"),
        ("    public function __construct($a)", "php", "__construct"),
        ("    if (ready) {", "java", None),
        ("    return compute(x)", "javascript", None),
        ("    total = compute(x);", "java", None),
        ("x = 1", "python", None),
    ],
)
def test_heads_of_functions(line: str, language: str, name: str | None) -> None:
    """And what is none."""
    assert named(line, language) == name


def test_the_outermost_open_function_is_found() -> None:
    """Not one that has ended, nor one inside of it."""
    lines = "def a():\n    pass\n\ndef b(\n    x,\n):\n    def c():\n        y = 1\n        ".split("\n")
    head = enclosing(lines, "python")
    assert head is not None
    assert (head.line, head.name) == (3, "b")
    assert enclosing("func a() {\n\tx()\n}\n".split("\n"), "go") is None


def test_a_query_has_what_there_is_to_know() -> None:
    """Name, parameters, tail, brackets, what follows."""
    prefix = parse_prefix(*typed("# Doc.\ndef f(a, b):\n    x = g(a, [‸b)\n    return x\n"))
    assert (prefix.name, prefix.parameters) == ("f", {"a", "b"})
    assert (prefix.open, prefix.line, prefix.rest) == ("([", "    x = g(a, [", "b)")
    assert prefix.after.startswith("    return x")
    assert prefix.last_line == 3


@given(st.text(max_size=200), st.sampled_from(LANGUAGES))
def test_any_text_is_a_prefix(text: str, language: str) -> None:
    """Of a data set too."""
    assert prefix_from_data(text, language).language == language
    assert parse_prefix(*typed(text.replace("‸", "") + "‸", language)).last_line >= 1


LINE = st.tuples(st.integers(0, 5), st.text("abc(){};", min_size=1, max_size=8))
STYLE = st.builds(IndentStyle, st.booleans(), st.sampled_from((2, 4, 8)))


@given(st.lists(LINE, min_size=1, max_size=8), STYLE, STYLE, st.integers(0, 3))
def test_indentation_there_and_back(
    lines: list[tuple[int, str]], one: IndentStyle, other: IndentStyle, level: int
) -> None:
    """Levels and texts stay; what was moved can be moved back."""
    one = IndentStyle(one.tabs, 4 if one.tabs else one.width)
    other = IndentStyle(other.tabs, 4 if other.tabs else other.width)
    least = min(depth for depth, _ in lines)
    source = [one.white((depth - least) * one.width) + text for depth, text in lines]
    moved = reindent(source, one, other, 0, level * other.width)
    assert [line.strip() for line in moved] == [text for _, text in lines]
    assert reindent(moved, other, one, level * other.width, 0) == source


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f():\n\tif x:\n\t\treturn\n", IndentStyle(True, 4)),
        ("def f():\n  if x:\n    return\n", IndentStyle(False, 2)),
        ("function f() {\n    if (x) {\n        return\n", IndentStyle(False, 4)),
        ("", IndentStyle(False, 4)),
    ],
)
def test_a_texts_own_indentation(text: str, expected: IndentStyle) -> None:
    """By its commonest step."""
    assert IndentStyle.of(text) == expected


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ('password = "correcthorse"', True),
        ('"api_key": "3b1f9c27d08ea654"', True),
        ("aws = AKIAIOSFODNN7QXAMQLA", True),
        ('token = "ghp_q7Rz81LmXv5TgB2nKd93WsYpEa64HcJu0aB1"', True),
        ("url = 'postgres://admin:s3cretpw@db/prod'", True),
        ('x = "q7Rz81LmXv5TgB2nKd93WsYpEa64HcJu"', True),
        ("password = os.environ['PASSWORD']", False),
        ('password = "your-password"', False),
        ("token = lexer.next_token()", False),
        ('path = "retrieval/continuation/features/balance"', False),
    ],
)
def test_lines_that_look_like_credentials(line: str, secret: bool) -> None:
    """By their name, their form, or their randomness."""
    assert is_doubtful(redact_text(line)) == secret


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_in_a_script_of_a_page_only_the_script_counts(end: str) -> None:
    """It has the script's language, and lines of the page."""
    page = """<template>
  <p>{{ save({ text: "it's" }) }}</p>
</template>

<script lang="ts">
// Saves it.
function save(line: Line) {
\tconst found = ‸
}
</script>
<style>
</style>
"""
    prefix = parse_prefix(*typed(page.replace("\n", end), "vue", "src/Cart.vue"))
    assert (prefix.path, prefix.language, prefix.name) == ("src/Cart.vue", "typescript", "save")
    assert prefix.text == "function save(line: Line) {\n\tconst found = "
    assert (prefix.after, prefix.last_line, prefix.context) == ("}\n", 8, "code")
    assert prefix.indentation == IndentStyle.of("\tx")
    top = parse_prefix(*typed(page.replace("‸", "").replace("// Saves", "‸// Saves"), "vue"))
    assert (top.text, top.last_line, top.language) == ("", 6, "typescript")
    markup = parse_prefix(*typed(page.replace("‸", "").replace("</p>", "‸</p>"), "vue"))
    assert (markup.language, markup.after) == ("vue", page.replace("‸", "").partition("</p>\n")[2])
