"""Scripts in pages are cut by the grammar of their language, where they stand."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.analysis.fragment_points import fragments, points
from indexer.analysis.outline import Outline, outline
from indexer.fragment import SourceFile, language_of
from indexer.parsing.languages import BY_NAME
from indexer.parsing.pieces import SourcePiece
from indexer.parsing.scripts import between, place_in, scripts
from indexer.parsing.source import Source
from indexer.parsing.split import split, split_file

from .test_split import GOLDEN, check

CODE = "function f() {\n  return 1;\n}\n"
PAGES = ("html", "vue", "svelte", "astro")


def found(text: str, page: str = "html") -> list[tuple[str, str]]:
    """Language and code of each script."""
    data = text.encode()
    return [(one.language, data[one.start : one.end].decode()) for one in scripts(data, page)]


def outlined(text: str, path: str) -> Outline:
    data = text.encode()
    return outline(Source(SourceFile(path, Path(path), len(data), 0), data, data, "utf-8", "", len(data), 0))


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("<script>", "javascript"),
        ("<SCRIPT>", "javascript"),
        ('<script type="module">', "javascript"),
        ("<script type=module defer>", "javascript"),
        ('<script\n  async\n  type="text/javascript">', "javascript"),
        ('<script type="text/javascript; charset=utf-8">', "javascript"),
        ('<script type="application/x-javascript">', "javascript"),
        ('<script type="text/babel">', "javascript"),
        ('<script type="">', "javascript"),
        ('<script type="text/typescript">', "typescript"),
        ('<script setup lang="ts">', "typescript"),
        ("<script lang='tsx'>", "tsx"),
        ("<script lang=jsx>", "javascript"),
        ('<script setup lang="ts" generic="T extends Record<string, Line>">', "typescript"),
        ('<script lang="coffee">', None),
        ('<script type="text/x-template">', None),
        ('<script type="application/json">', None),
        ('<script type="application/ld+json">', None),
        ('<script type="importmap">', None),
        ('<script type="x-shader/x-vertex">', None),
        ('<script src="./code.js" />', None),
        ("<scripture>", None),
        ('<script data-x="', None),
    ],
)
def test_the_tag_says_what_it_is(tag: str, language: str | None) -> None:
    """What is run is code; templates, data and code in languages without a grammar are not."""
    assert found(f"<p>\n{tag}\n{CODE}</script>\n") == ([(language, CODE)] if language else [])


def test_pages_have_languages_of_their_own() -> None:
    """Astro's scripts and its front matter are TypeScript; other files have no scripts."""
    page = f"---\nconst a = 1;\n---\n<script>\n{CODE}</script>\n"
    assert found(page, "astro") == [("typescript", "const a = 1;\n"), ("typescript", CODE)]
    assert found(page, "vue") == [("javascript", CODE)]
    assert found(page.replace("---\n<", "<"), "astro") == [("typescript", CODE)], "no fence closes it"
    assert found(page, "markdown") == found(page, "php") == []


@pytest.mark.parametrize("page", PAGES)
def test_where_scripts_end(page: str) -> None:
    """At the first closing tag, even in a string, as in browsers; in a comment of the page is none."""
    assert found(f"<!-- <script>\n{CODE}</script> -->\n<script>\n{CODE}</script>", page)[0][1] == CODE
    assert len(found(f"<!-- <script>\n{CODE}</script> -->\n<script>\n{CODE}</script>", page)) == 1
    assert [code for _, code in found("<script>\na = '</script>';\nb = 2;\n</script>", page)] == ["a = '"]
    assert [code for _, code in found("<script>\na = '<\\/script>';\n</script >", page)] == [
        "a = '<\\/script>';\n"
    ]
    assert [code for _, code in found(f"<!-- never closed\n<script>\n{CODE}</script>", page)] == [CODE]
    assert [code for _, code in found(f"<script>\n{CODE}", page)] == [CODE]
    assert [code for _, code in found(f"<script>\n{CODE}\n<template>\n</template>\n", page)] == [CODE + "\n"]
    assert found("<script>f()</script><script></script><script>\n\n</script>", page) == []


def test_code_beside_its_tags() -> None:
    """Lines that tags and code share are divided; white space before a closing tag is the page's."""
    assert found("<script>function f() {\n}</script>") == [("javascript", "function f() {\n}")]
    assert found("  <script>  \r\n  f();\r\n  </script>") == [("javascript", "  f();\r\n")]
    page = b"<p><script>function f() {\n}</script></p>\n"
    pieces = split(page, BY_NAME["html"])
    check(page, pieces)
    assert [page[piece.start_byte : piece.end_byte] for piece in pieces] == [
        b"<p><script>",
        b"function f() {\n}",
        b"</script></p>\n",
    ]


SAMPLES = {
    language: (GOLDEN / language / f"sample.{ending}").read_text(encoding="utf-8")
    for language, ending in (("javascript", "js"), ("typescript", "ts"), ("tsx", "tsx"))
}


@settings(max_examples=40, deadline=None)
@given(
    page=st.sampled_from(PAGES),
    languages=st.lists(st.sampled_from(sorted(SAMPLES)), min_size=1, max_size=3),
    markup=st.lists(
        st.sampled_from(["", "<p>ü</p>\n", "<!-- 日本 -->\n\n", "{#if x}\n", "<br>"]), max_size=5
    ),
    windows=st.booleans(),
)
def test_scripts_are_cut_as_files_are(
    page: str, languages: list[str], markup: list[str], windows: bool
) -> None:
    """With the same symbols and texts, in the lines and bytes where they stand; pieces hold all lines."""
    text, wanted = "", []
    for number, language in enumerate(languages):
        code = SAMPLES[language].replace("\n", "\r\n") if windows else SAMPLES[language]
        text += "".join(markup) + f'\n<b>{number}</b>\n<script lang="{language}">\n'
        line = text.count("\n")
        wanted += [
            (one.symbol, one.kind, code.encode()[one.start_byte : one.end_byte], one.start_line + line)
            for one in split(code.encode(), BY_NAME[language])
        ]
        text += f"{code}</script>\n"
    data = text.encode()
    pieces = split(data, BY_NAME[page])
    check(data, pieces)
    own = [piece for piece in pieces if piece.language]
    assert [
        (one.symbol, one.kind, data[one.start_byte : one.end_byte], one.start_line) for one in own
    ] == wanted
    rest = {line for piece in pieces if not piece.language for line in _lines(piece)}
    assert not any(rest & set(_lines(piece)) for piece in own)


def _lines(piece: SourcePiece) -> range:
    return range(piece.start_line, piece.end_line + 1)


@given(st.lists(st.sampled_from(["<script>", "</script>", "\n", "a", "<!--", "-->", "ü"]), max_size=30))
def test_a_page_is_its_scripts_and_what_is_between(parts: list[str]) -> None:
    """In order, without overlap; a place in a script is told from one beside it."""
    text = "".join(parts)
    data = text.encode()
    every = scripts(data, "vue")
    ranges = sorted([*((one.start, one.end) for one in every), *between(every, len(data))])
    assert b"".join(data[start:end] for start, end in ranges) == data
    for offset in range(len(text) + 1):
        language, begin, end = place_in(text, offset, "vue")
        assert begin <= offset <= end
        inside = [one for one in every if one.start <= len(text[:offset].encode()) <= one.end]
        assert (language, text[begin:end].encode()) == (
            (inside[0].language, data[inside[0].start : inside[0].end]) if inside else ("vue", data)
        )


def test_the_outline_has_lines_of_the_page() -> None:
    """Names stand where their spans say; the file's language is the page's."""
    lines = ["<p>ü</p>", '<script lang="ts">', "const LIMIT = 1", "", "class A {", "  m(): void {}", "}"]
    text = "\r\n".join([*lines, "</script>", f"<script>\n{CODE}</script>\n"])
    made = outlined(text, "a.vue")
    assert made.language == "vue"
    assert [(one.name, one.kind, one.span.start_line, one.span.end_line) for one in made.definitions] == [
        ("LIMIT", "constant", 3, 3),
        ("A", "class", 5, 7),
        ("A.m", "method", 6, 6),
        ("f", "function", 10, 12),
    ]
    for one in made.definitions:
        assert one.name_span is not None
        named = text.encode()[one.name_span.start_byte : one.name_span.end_byte]
        assert named.decode() == one.name.rpartition(".")[2]


def test_a_script_that_is_not_parsed() -> None:
    """Is cut into blocks, and the reason is told; the other scripts are not concerned."""
    deep = "[" * 1_001 + "]" * 1_001
    made = outlined(f"<script>\nx = {deep}\n</script>\n<script>\n{CODE}</script>\n", "a.html")
    assert [one.name for one in made.definitions] == ["f"]
    assert made.unparsed == "has a script in line 2 that nests brackets more than 1,000 deep"


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    ["<!--", "<script ", '<script "', "<script>\n", "<script>\na", "</script ", "<script a=b ", "---\n"],
)
def test_hostile_pages(unit: str) -> None:
    """What is never closed is looked for once: a megabyte takes no longer than its length."""
    data = (unit * (1_000_000 // len(unit))).encode()
    for page in ("vue", "astro"):
        check(data, split(data, BY_NAME[page]))


def test_scripts_share_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left when it is used up is cut into blocks."""
    monkeypatch.setattr("indexer.parsing.split.BUDGET_SECONDS", -1.0)
    data = f"<p>\n<script>\n{CODE}</script>\n".encode()
    made = split_file(data, BY_NAME["vue"])
    check(data, made.pieces)
    assert [piece.kind for piece in made.pieces] == ["block"] * 3
    assert "was not parsed because the scripts above it took" in made.unparsed


def test_filters_by_either_language_find_a_script() -> None:
    """What is stored has both; a hit shows the script's own."""
    text = f'<p>\n<script lang="ts">\n{CODE}</script>\n'
    data = text.encode()
    source = Source(SourceFile("a.vue", Path("a.vue"), len(data), 0), data, data, "utf-8", "", len(data), 0)
    cut = fragments(source, "", "vue")
    assert [(one.symbol, one.language, one.page) for one in cut] == [
        ("", "vue", ""),
        ("f", "typescript", "vue"),
        ("", "vue", ""),
    ]
    made = points(source, "", "vue", cut, None)
    assert [point.payload["language"] for point in made] == [
        "vue",
        ["typescript", "vue"],
        "vue",
        ["vue", "typescript"],
    ]
    assert [language_of(point.payload) for point in made] == ["vue", "typescript", "vue", "vue"]
