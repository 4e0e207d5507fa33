"""Hits as text: what people, editors and programs get, whatever is in the code."""

from __future__ import annotations

import json
import re

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cornea.presentation import output, plain, render
from cornea.presentation.highlight import matcher
from cornea.presentation.json_answers import IndexedFiles, Result, SearchOutput
from cornea.presentation.render import Style
from retrieval.host.answers import HostStatus
from retrieval.result import Excerpt, Hit
from retrieval.typed_json import encode

CODE = "def parse_header(line):\n\tname, _, value = line.partition(':')\n\treturn name, value\n"
HIT = Hit("src/http.py", 7, 9, "parse_header", "function", "python", 1.25, CODE, {"fused": 0.9, "test": -0.4})
PLAIN = Style()
COLORED = Style(color=True, width=40, lines=2)


def _lines(*args: object, **more: object) -> list[str]:
    return list(render.text(*args, **more))  # type: ignore[arg-type]


def test_text_without_a_terminal_keeps_everything() -> None:
    """A header, numbered lines as they are, a blank line between hits, no colours."""
    assert _lines([HIT, HIT], PLAIN) == [
        "src/http.py:7-9  parse_header  (function, 1.250)",
        "  7 def parse_header(line):",
        "  8 \tname, _, value = line.partition(':')",
        "  9 \treturn name, value",
        "",
        "src/http.py:7-9  parse_header  (function, 1.250)",
        "  7 def parse_header(line):",
        "  8 \tname, _, value = line.partition(':')",
        "  9 \treturn name, value",
    ]


def test_text_for_a_terminal_is_cut_to_its_size() -> None:
    """No more lines than asked for, none wider than the terminal; what is left out is counted."""
    lines = [click.unstyle(line) for line in _lines([HIT], Style(color=True, width=30, lines=1))]
    assert lines[1:] == ["  7 def parse_header(line):", "    ... 2 more lines"]
    lines = [click.unstyle(line) for line in _lines([HIT], Style(width=30))]
    assert lines[2] == "  8     name, _, value = line…"
    assert max(map(len, lines[1:])) <= 30


def test_a_single_line_is_never_hidden() -> None:
    """The remark would take as much room as the line."""
    assert "more lines" not in "\n".join(_lines([HIT], Style(lines=2)))


def test_code_matters_more_than_its_comment() -> None:
    """Behind a long comment the lines shown begin where the definition does."""
    text = "".join(f"// f {n}\n" for n in range(10)) + "int f() {\n  return 1;\n}\n"
    hit = Hit("a.c", 1, 13, "f", "function", "c", 1.0, text)
    assert _lines([hit], Style(lines=4))[1:] == [
        "  10 // f 9",
        "  11 int f() {",
        "  12   return 1;",
        "  13 }",
        "     ... 9 lines before",
    ]
    hit = Hit("a.c", 1, 13, "g", "function", "c", 1.0, text)
    assert _lines([hit], Style(lines=4))[1] == "   1 // f 0"


def test_words_of_the_question_are_highlighted() -> None:
    """By stem and inside of identifiers; the same text is there without the colours."""
    line = _lines([HIT], Style(color=True), matcher(["headers"]))[1]
    assert "\x1b[33m\x1b[1mheader\x1b[0m" in line
    assert click.unstyle(line) == "  7 def parse_header(line):"


def test_surroundings_stand_back() -> None:
    """Lines around the hit are numbered from the excerpt's start and not searched for matches."""
    lines = _lines([HIT], Style(color=True), matcher(["import"]), [Excerpt(6, "import re\n" + CODE + "\n")])
    assert [click.unstyle(line)[:4] for line in lines[1:]] == ["   6", "   7", "   8", "   9", "  10"]
    assert "\x1b[33m" not in lines[1]


def test_explanation_is_sorted_by_weight() -> None:
    """The legs' exact scores first, then signed shares, the weightiest first."""
    why = {"lexical score": 12.5, "dense score": 0.5, "test": -0.4, "fused": 0.9, "block": -0.05}
    hit = Hit("a.py", 1, 1, "", "block", "python", 1.0, "x\n", why)
    lines = _lines([hit], Style(explain=True))
    assert lines[0] == "a.py:1-1  (block, 1.000)"
    assert lines[1] == "  scores  dense 0.500, lexical 12.500"
    assert [line.split()[:2] for line in lines[2:5]] == [
        ["fused", "+0.900"],
        ["test", "-0.400"],
        ["block", "-0.050"],
    ]


def test_a_long_name_keeps_its_end() -> None:
    """The last part of a qualified name tells most."""
    hit = Hit("a.py", 1, 2, "Outer.Middle.Inner.the_method", "method", "python", 1.0, "x\n")
    assert render.header(hit, Style(width=40)) == "a.py:1-2  …r.the_method  (method, 1.000)"
    assert render.header(hit, PLAIN).split("  ")[1] == hit.symbol


def test_a_header_gives_up_what_matters_least() -> None:
    """The path stays whole as long as it fits."""
    hit = Hit("some/folder/a.py", 1, 2, "Outer.the_method", "method", "python", 1.0, "x\n")
    assert render.header(hit, Style(width=40)) == "some/folder/a.py:1-2  Outer.the_method"
    assert render.header(hit, Style(width=30)) == "some/folder/a.py:1-2  …_method"
    assert render.header(hit, Style(width=20)) == "some/folder/a.py:1-2"
    assert render.header(hit, Style(width=14)) == "…lder/a.py:1-2"


@given(st.text(), st.text(), st.integers(1, 10**6), st.integers(20, 120))
def test_headers_fit(path: str, symbol: str, line: int, width: int) -> None:
    """Whatever the names are."""
    hit = Hit(path, line, line, symbol, "function", "python", 1.0, "x\n")
    assert render.columns(render.header(hit, Style(width=width))) <= width


def test_vimgrep() -> None:
    """Column of the first character that is not blank, and the whole line."""
    hit = Hit("a.py", 3, 4, "f", "method", "python", 1.0, "    def f(self):\r\n        pass\r\n")
    assert list(render.vimgrep([hit])) == ["a.py:3:5:    def f(self):"]


@pytest.mark.parametrize(
    ("symbol", "code", "row"),
    [
        ("Mux.get", "/* get it\n * now */\n  int get() {\n", "a:5:3:  int get() {"),
        ("LIMIT", "// LIMIT\n#define LIMIT 3\n", "a:4:1:#define LIMIT 3"),
        ("", "// only words\nx();\n", "a:3:1:// only words"),
        ("gone", "/* nothing\n   of that name */\n", "a:3:1:/* nothing"),
    ],
)
def test_vimgrep_goes_to_the_definition(symbol: str, code: str, row: str) -> None:
    """Behind its comment; where no line has the name, the fragment's first."""
    hit = Hit("a", 3, 9, symbol, "function", "c", 1.0, code)
    assert list(render.vimgrep([hit])) == [row]


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("PORT", 5), ("config.PORT", 5), ("port", 3), ("open  failed", 6), ('"open failed"', 6),
        ("--keep-time", 7), ("how are ports opened", 3), ("", 3), ("!!", 3),
    ],
)  # fmt: skip
def test_vimgrep_goes_to_what_was_asked_for(question: str, line: int) -> None:
    """A name or a text as it stands in the hit, and else the definition."""
    code = "def serve():\n    host = 1\n    PORT = 2\n    raise E('open failed')\n    flag('--keep-time')\n"
    hit = Hit("a.py", 3, 7, "serve", "function", "python", 1.0, code)
    assert next(render.vimgrep([hit], question)).startswith(f"a.py:{line}:")


def test_the_order_of_fields() -> None:
    """The fields of JSON keep their places: what is read by people, or as text, depends on them."""
    answer = SearchOutput(query="x", scope="src", results=[], indexing=IndexedFiles(1, 2))
    assert list(encode(answer)) == ["query", "scope", "indexing", "results"]
    status = list(HostStatus.__struct_fields__)
    assert status[:3] == ["root", "folder", "repo"]
    assert status[-11:-6] == ["memory", "buffers", "changed", "interim", "pid"]


def test_json_is_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    """Inert on a terminal and the same in every locale, lone surrogates included."""
    hit = Hit("ü\x1b.py", 1, 1, "ф", "function", "python", 0.1234567, "\x9b", {"fused": 0.12345})
    output.write_json(SearchOutput(query="\ud800", results=[Result.of(hit, explain=True)]))
    line = capsys.readouterr().out.removesuffix("\n")
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["query"] == "\ud800"
    result = json.loads(line)["results"][0]
    assert (result["path"], result["score"], result["why"]) == ("ü\x1b.py", 0.123457, {"fused": 0.1235})


def test_a_hit_as_json() -> None:
    """The documented keys in their order; reasons on request, rounded."""
    hit = Hit("a.py", 1, 2, "f", "function", "python", 0.12345678, "def f(): ...", {"fused": 0.123456})
    plain = {
        "path": "a.py",
        "start_line": 1,
        "end_line": 2,
        "symbol": "f",
        "kind": "function",
        "language": "python",
        "score": 0.123457,
        "text": "def f(): ...",
        "source": "disk",
    }
    assert list(encode(Result.of(hit)).items()) == list(plain.items())
    assert encode(Result.of(hit, explain=True)) == plain | {"why": {"fused": 0.1235}}


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31m", r"\x1b[31m"),
        ("a\nb\r", r"a\nb\r"),
        ("\x9b", r"\x9b"),
        ("\u202e", r"\u202e"),
        ("\ud800", r"\ud800"),
        ("naïve 漢字 🎉", "naïve 漢字 🎉"),
        ("a\tb", r"a\tb"),
    ],
)
def test_names_are_neutralised(raw: str, shown: str) -> None:
    """What a terminal would obey is shown; other scripts stay as they are."""
    assert plain.name(raw) == shown


@given(st.text(), st.text(), st.text(), st.integers(1, 100), st.booleans())
def test_nothing_reaches_the_terminal_but_our_own_colors(
    path: str, symbol: str, text: str, width: int, color: bool
) -> None:
    """For any names and any code: no control character, and every line can be encoded."""
    hit = Hit(path, 1, 1 + text.count("\n"), symbol, "function", "python", 1.0, text)
    style = Style(color=color, width=width, explain=True)
    for line in (*_lines([hit], style, matcher(["a", "b"])), *render.vimgrep([hit])):
        bare = re.sub(r"\x1b\[\d*m", "", line)
        assert not re.search("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", bare)
        line.encode()


@given(st.text(alphabet="aB_é漢\u0301 1", max_size=40), st.integers(0, 12))
def test_cut_lines_fit(text: str, extra: int) -> None:
    """Wide and combining characters count as a terminal counts them."""
    width = 20 + 4 + extra
    hit = Hit("a", 1, 1, "", "block", "text", 1.0, text)
    for line in _lines([hit], Style(width=width))[1:]:
        assert render.columns(line) <= width


@given(st.text(max_size=60), st.lists(st.text(min_size=1, max_size=4), max_size=3))
def test_matches_are_disjoint_and_in_order(line: str, phrases: list[str]) -> None:
    """Whatever overlaps is one stretch."""
    last = -1
    for start, end in matcher(["a", "the"], phrases)(line):
        assert last < start < end <= len(line)
        last = end


@pytest.mark.parametrize("end", ["", "\n", "\n\n", "\n \t\n\n", "\r\n", "\r\n\r\n"])
def test_blank_lines_behind_a_fragment(end: str) -> None:
    """The pieces of a long function end with those that follow; they are no lines of the answer."""
    hit = Hit("a.py", 3, 4, "f", "method", "python", 1.0, f"    def f(self):\n        pass{end}")
    _, *code = render.text([hit], Style())
    assert code == ["  3     def f(self):", "  4         pass"]


def test_blank_lines_of_a_fragment() -> None:
    """Those that are in its lines are shown."""
    hit = Hit("a.py", 3, 5, "f", "block", "python", 1.0, "a\nb\n\n")
    _, *code = render.text([hit], Style())
    assert [line.strip() for line in code] == ["3 a", "4 b", "5"]
