"""Pieces tile their text, whatever the text: every line that is not blank, in order, without overlap."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from indexer.parsing.cuts import MAX_ATOM, MAX_LINES
from indexer.parsing.languages import BY_NAME, detect
from indexer.parsing.pieces import SourcePiece
from indexer.parsing.split import split

GOLDEN = Path(__file__).parents[2] / "golden"
SAMPLES = {path.parent.name: path.read_bytes() for path in sorted(GOLDEN.glob("*/sample.*"))}
NAMES = sorted(SAMPLES)
ODD = [
    *(
        "\r\n",
        "\n\n\n",
        "\t",
        "\f",
        "\v",
        "{",
        "}",
        "(",
        '"""',
        "'",
        "/*",
        "*/",
        "#",
        "//",
        ";",
        "<",
        "@",
        "\\",
        "`",
    ),
    *("end", "def f(x):", "class A {", "function ", "=> {", "#if X\n"),
    *("<script>\n", "</script>", "<script lang='ts'>", "<!--", "-->", "---\n", "<script type=x>"),
    *("é", "переменная", "変数", "e\u0301", "\u00a0", "\u2028", "\ufeff"),
]


def check(text: bytes, pieces: list[SourcePiece]) -> None:
    """Asserts everything that must hold of any text's pieces."""
    position = 0
    for piece in pieces:
        assert position <= piece.start_byte < piece.end_byte <= len(text)
        assert not text[position : piece.start_byte].strip(), "a line got lost between two pieces"
        body = text[piece.start_byte : piece.end_byte]
        body.decode("utf-8")
        assert body.split(b"\n", 1)[0].strip(), "a piece starts with a blank line"
        assert piece.start_line == text.count(b"\n", 0, piece.start_byte) + 1
        assert piece.end_line == piece.start_line + body.rstrip().count(b"\n")
        assert piece.end_line - piece.start_line < MAX_ATOM
        position = piece.end_byte
    assert not text[position:].strip(), "a line got lost at the end"


def tiles(text: bytes, pieces: list[SourcePiece], symbol: str) -> bytes:
    """The bytes of one definition, from its contiguous pieces and those of what is nested in it."""
    own = [piece for piece in pieces if piece.symbol == symbol or piece.symbol.startswith(f"{symbol}.")]
    for before, after in pairwise(own):
        assert before.end_byte == after.start_byte
    return text[own[0].start_byte : own[-1].end_byte]


@st.composite
def mutations(draw: st.DrawFn) -> tuple[str, bytes]:
    """A sample with parts of it removed, doubled or mixed with others, and the name of some language."""
    name = draw(st.sampled_from(NAMES))
    text = SAMPLES[name].decode()
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 400)))
        match draw(st.sampled_from(["cut", "double", "insert", "mix", "truncate", "windows", "joined"])):
            case "cut":
                text = text[:start] + text[end:]
            case "double":
                text = text[:end] + text[start:]
            case "insert":
                text = text[:start] + "".join(draw(st.lists(st.sampled_from(ODD), max_size=4))) + text[start:]
            case "mix":
                text = text[:start] + SAMPLES[draw(st.sampled_from(NAMES))].decode()[:end]
            case "truncate":
                text = text[:start]
            case "windows":
                text = text.replace("\n", "\r\n")
            case "joined":
                text = text[:start] + text[start:end].replace("\n", " ") + text[end:]
    other = draw(st.sampled_from([name] * 6 + NAMES))
    return other, text.encode()


@pytest.mark.slow
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutations())
def test_mutated_code(case: tuple[str, bytes]) -> None:
    """Broken code of any language is tiled, and never raises."""
    name, text = case
    check(text, split(text, BY_NAME[name]))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([None, *NAMES]), st.text(max_size=300))
@example("python", "def f(): pass\x0c\ndef g(): pass")
@example("html", "<" * 50)
@example("elixir", "\x1c")
def test_any_text(name: str | None, text: str) -> None:
    """So is any text at all."""
    data = text.encode("utf-8", "replace")
    check(data, split(data, BY_NAME[name] if name else None))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(["", "", "  ", "word", "# head", "  more words", "```", "x" * 300]), max_size=120
    )
)
def test_lines(lines: list[str]) -> None:
    """Blocks of lines hold every line and are never longer than the limit."""
    text = "\n".join(lines).encode()
    for language in (None, BY_NAME["markdown"]):
        pieces = split(text, language)
        check(text, pieces)
        assert all(piece.kind == "block" and not piece.parsed for piece in pieces)
        assert all(piece.end_line - piece.start_line < MAX_LINES for piece in pieces)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_samples(name: str, ending: bytes) -> None:
    """The samples are tiled, and Windows line ends change neither lines nor symbols."""
    text = SAMPLES[name].replace(b"\n", ending)
    pieces = split(text, BY_NAME[name])
    check(text, pieces)
    plain = split(SAMPLES[name], BY_NAME[name])
    assert [(p.kind, p.symbol, p.start_line, p.end_line) for p in pieces] == [
        (p.kind, p.symbol, p.start_line, p.end_line) for p in plain
    ]


def test_short_function_is_one_piece() -> None:
    """A function of exactly the limit is one piece; a line more, and it is two of similar size."""
    for lines, count in ((MAX_LINES, 1), (MAX_LINES + 1, 2)):
        text = b"def f():\n" + b"    x = 1\n" * (lines - 1)
        pieces = split(text, BY_NAME["python"])
        assert len(pieces) == count
        sizes = [piece.end_line - piece.start_line + 1 for piece in pieces]
        assert max(sizes) - min(sizes) <= 1
        assert {(piece.kind, piece.symbol) for piece in pieces} == {("function", "f")}


def test_pieces_of_one_function_concatenate() -> None:
    """The pieces of a long function, nested ones included, are its bytes, blank lines and all."""
    text = SAMPLES["python"]
    source = tiles(text, split(text, BY_NAME["python"]), "outer").decode()
    assert source.startswith("def outer(items):")
    assert source.endswith("    return result\n")


def test_small_nested_function_is_never_cut() -> None:
    """A nested function that fits into a piece is in one piece, and has none of its own."""
    inner = "    def inner():\n" + "        y = 2\n" * 20
    text = ("def outer():\n" + "    x = 1\n" * 15 + inner + "    z = 3\n" * 15).encode()
    pieces = split(text, BY_NAME["python"])
    assert {piece.symbol for piece in pieces} == {"outer"}
    (holder,) = [piece for piece in pieces if b"inner" in text[piece.start_byte : piece.end_byte]]
    assert text[holder.start_byte : holder.end_byte].count(b"y = 2") == 20


def test_comment_stays_with_its_statement() -> None:
    """A cut never parts a comment from the statement below it."""
    step = "    # about it\n    x = 1\n"
    text = ("def f():\n" + step * 40).encode()
    for piece in split(text, BY_NAME["python"])[1:]:
        assert text[piece.start_byte : piece.end_byte].startswith(b"    # about it\n")


def test_huge_literal_is_cut_between_elements() -> None:
    """Data without statements is cut between elements, evenly."""
    text = b"TABLE = {\n" + b'    "key": ["value", 1],\n' * 500 + b"}\n"
    pieces = split(text, BY_NAME["python"])
    check(text, pieces)
    assert max(piece.end_line - piece.start_line + 1 for piece in pieces) <= MAX_LINES


def test_long_docstring_is_cut_at_paragraphs() -> None:
    """A docstring longer than a piece is cut at blank lines; the signature keeps its first part."""
    text = (
        'def f():\n    """Title.\n\n' + ("    words\n" * 10 + "\n") * 5 + '    """\n    return 1\n'
    ).encode()
    pieces = split(text, BY_NAME["python"])
    check(text, pieces)
    assert pieces[0].start_line == 1 < pieces[0].end_line
    assert max(piece.end_line - piece.start_line + 1 for piece in pieces) <= MAX_LINES
    assert pieces[0].docstring.startswith("Title.")
    assert not any(piece.docstring for piece in pieces[1:])


def test_text_without_breaks_is_cut_anyway() -> None:
    """A string of a thousand lines without a blank one still gives pieces of bounded length."""
    text = b'X = """\n' + b"data\n" * 1000 + b'"""\n'
    check(text, split(text, BY_NAME["python"]))


def test_two_definitions_in_one_line() -> None:
    """Definitions that share a line are cut at their bytes."""
    text = b"function a() { return 1 } function b() { return 2 }\n"
    first, second = split(text, BY_NAME["javascript"])
    assert (first.symbol, second.symbol) == ("a", "b")
    assert text[second.start_byte :].startswith(b"function b")
    assert (first.start_line, second.start_line) == (1, 1)


def test_deep_nesting_is_no_recursion() -> None:
    """Definitions nested hundreds of levels deep are cut like any other."""
    text = (
        "".join(f"{' ' * level}def f{level}():\n" for level in range(400)).encode() + b" " * 400 + b"pass\n"
    )
    pieces = split(text, BY_NAME["python"])
    check(text, pieces)
    assert pieces[-1].symbol.startswith("f0.f1.f2.")


def test_endless_chain() -> None:
    """A chain of ten thousand calls is one deep tree, and no reason to take long."""
    text = b"x" + b"\n  .then(y)" * 10_000 + b"\n"
    pieces = split(text, BY_NAME["javascript"])
    check(text, pieces)
    assert all(piece.end_line - piece.start_line < MAX_LINES for piece in pieces)


@pytest.mark.parametrize(
    "text",
    [b"x = 1\0\n", b"x = [" + b"1," * 20_000 + b"]\n", b"(" * 2_000 + b"\n"],
    ids=["NUL", "long line", "deep"],
)
def test_refused_text_becomes_blocks(text: bytes) -> None:
    """What must not be parsed is still searchable."""
    pieces = split(text, BY_NAME["python"])
    check(text, pieces)
    assert [(piece.kind, piece.parsed) for piece in pieces] == [("block", False)]


def test_empty() -> None:
    """Nothing but white space has no pieces."""
    for text in (b"", b"\n", b" \n\t\r\n"):
        for language in (None, *BY_NAME.values()):
            assert split(text, language) == []


def test_markdown_headings() -> None:
    """A section's symbol is the path of its headings; code fences hold none."""
    text = b"# A\n\n```\n# no\n```\n\n## B\n\nwords\n"
    pieces = split(text, detect("x.md", text))
    assert [(piece.symbol, piece.start_line, piece.end_line) for piece in pieces] == [
        ("A", 1, 5),
        ("A > B", 7, 9),
    ]
