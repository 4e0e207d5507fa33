"""Stories of somebody who types: what is suggested where, and where nothing is."""

from __future__ import annotations

import pytest

from indexer.errors import UsageError
from retrieval.continuation.alignment import Aligner
from retrieval.continuation.buffer import EditorBuffer
from retrieval.continuation.continuer import Continuer, Suggestion
from retrieval.continuation.query import parse_prefix

from .conftest import SHOP
from .cursor import typed


def _ask(
    continuer: Continuer, text: str, language: str = "python", path: str = "", **options: object
) -> list[Suggestion]:
    return continuer.suggest(*typed(text, language, path), include_low_confidence=True, **options)  # type: ignore[arg-type]


FIND = '''class CustomerStore:
    def find_customer(self, number):
        """One customer by number."""
        if number not in self.table:
            ‸
'''


def test_the_next_statement_comes_from_the_function_that_is_most_alike(continuer: Continuer) -> None:
    """Its place is that of the suggested code itself."""
    best = _ask(continuer, FIND)[0]
    assert best.text.startswith('raise KeyError(f"no order {number}")')
    assert (best.path, best.start_line, best.language) == ("shop/orders.py", 10, "python") or (
        best.path,
        best.start_line,
    ) == ("shop/orders.py", 18)
    assert 0 <= best.confidence <= 1


LEDGER = """class Book:
    def print_book(self):
        self.open()
        self.write("line", 1)
        ‸
"""


def test_until_says_how_far(continuer: Continuer) -> None:
    """A statement, the rest of its block, or the rest of the function."""
    text = (
        "def drop(self, number):\n    if number not in self.table:\n        raise KeyError(number)\n    ‸\n"
    )
    lines = [
        len(_ask(continuer, text, until=until)[0].text.split("\n"))
        for until in ("statement", "block", "function")
    ]
    assert lines == sorted(lines)


def test_a_broken_prefix_is_continued(continuer: Continuer) -> None:
    """What is being typed rarely parses."""
    text = "def find_thing(self, number:\n  x = ((\n    if number not in self.table:\n        ‸"
    assert _ask(continuer, text)


def test_in_the_middle_of_a_line_the_rest_of_it_is_suggested(continuer: Continuer) -> None:
    """Of the line that begins as the cursor's does."""
    text = "def find(self, number):\n    if number not in self.table:\n        raise KeyErr‸\n"
    assert _ask(continuer, text, until="statement")[0].text == 'or(f"no order {number}")'


def test_white_space_that_was_typed_is_not_suggested_again(continuer: Continuer) -> None:
    """Put together, the line is the fragment's."""
    text = "def find(self, number):\n    if number not in self.table:\n        raise ‸\n"
    assert _ask(continuer, text, until="statement")[0].text == 'KeyError(f"no order {number}")'


def test_in_front_of_other_code_only_what_leads_to_it_is_suggested(continuer: Continuer) -> None:
    """A bracket that the editor has closed already stays the only one; other code is not doubled."""
    head = "def find(self, number):\n    if number not in self.table:\n        raise KeyErr"
    assert _ask(continuer, f"{head}‸)\n")[0].text == 'or(f"no order {number}"'
    assert _ask(continuer, f"{head}‸or(number)\n") == []
    assert all("\n" not in one.text for one in _ask(continuer, f"{head}‸)\n"))


def test_a_comment_above_the_cursor_does_not_hide_the_code_above_it(continuer: Continuer) -> None:
    """People say what comes before they write it."""
    text = "def find(self, number):\n    if number not in self.table:\n        # not here\n        ‸\n"
    assert _ask(continuer, text, until="statement")[0].text == 'raise KeyError(f"no order {number}")'


def test_line_ends_are_the_buffers(continuer: Continuer) -> None:
    """CRLF where the buffer has it."""
    found = _ask(continuer, FIND.replace("\n", "\r\n"), until="function")
    assert all(one.text.count("\n") == one.text.count("\r\n") for one in found)
    assert any("\r\n" in one.text for one in found)


def test_inside_a_nested_block_the_indentation_is_the_cursors(continuer: Continuer) -> None:
    """Two columns a level here, four there."""
    text = (
        "def clear(self):\n  for number in self.numbers:\n    if number:\n"
        "      for item in self.table[number].items:\n        ‸\n"
    )
    best = next(s for s in _ask(continuer, text) if "reserved" in s.text)
    assert best.text.split("\n")[:3] == [
        "if item.reserved:",
        "          item.release()",
        "          self.stock.put_back(item)",
    ]


def test_tabs_where_the_buffer_has_tabs(continuer: Continuer) -> None:
    """A level becomes one tab."""
    text = "class Store:\n\tdef drop(self, number):\n\t\tfor item in self.table[number].items:\n\t\t\t‸\n"
    best = next(s for s in _ask(continuer, text) if "reserved" in s.text)
    assert best.text.split("\n")[1] == "\t\t\t\titem.release()"


def test_behind_a_complete_line_a_new_one_begins(continuer: Continuer) -> None:
    """The line end and the indentation are part of the suggestion."""
    text = "def find(self, number):\n    order = self.table[number]‸\n"
    best = _ask(continuer, text, until="statement")[0]
    assert best.text == '\n    self.log.info("found order %s", number)'


@pytest.mark.parametrize("text", ['def f(self):\n    x = "found ‸', "def f(self):\n    # if number not in ‸"])
def test_inside_a_string_or_a_comment_no_statement_is_suggested(continuer: Continuer, text: str) -> None:
    """At most the rest of a line that begins alike."""
    assert all("\n" not in s.text.split("\n")[0] for s in _ask(continuer, text))
    assert not [s for s in _ask(continuer, text) if s.text.startswith("\n")]


def test_at_the_end_of_a_function_there_is_nothing_to_say(continuer: Continuer) -> None:
    """No function goes on behind this line."""
    text = (
        "def find(self, number):\n    order = self.table[number]\n"
        '    self.log.info("found order %s", number)\n    return order‸\n'
    )
    assert continuer.suggest(*typed(text)) == []


def test_other_languages(continuer: Continuer) -> None:
    """Go with tabs, and JavaScript; never code of a third language."""
    go = _ask(
        continuer,
        "func (b *Basket) Sum(rate float64) (float64, error) {\n\tif len(b.items) == 0 {\n\t\t‸\n",
        "go",
    )
    assert go[0].text.startswith("return 0, errEmpty")
    assert {s.language for s in go} == {"go"}
    js = _ask(
        continuer,
        "function renderList(cart, target) {\n  const list = document.createElement('ul');\n  ‸\n",
        "javascript",
    )
    assert js[0].text.startswith("for (const item of cart.items) {")
    assert js[0].text.rstrip().endswith(");")


def test_a_language_without_a_grammar_is_continued_by_its_words(continuer: Continuer) -> None:
    """Nothing is parsed then."""
    found = _ask(
        continuer, "sub fry {\n    my ($dish) = @_;\n    my $pot = Pot->new($dish);\n    ‸\n", "perl"
    )
    assert found[0].text.startswith("$pot->heat(90);")


@pytest.mark.parametrize("language", ["python", "go", "markdown", "text", "no such language"])
@pytest.mark.parametrize(
    "text", ["‸", "\n\n‸\n", "   ‸", "\t‸\t", "}‸", ")))‸(((", '"‸', "é‸\u2028", "\0‸", "x\r\n‸\r\n"]
)
def test_nothing_crashes(continuer: Continuer, text: str, language: str) -> None:
    """Whatever is before the cursor, or is not."""
    assert isinstance(_ask(continuer, text, language), list)


def test_a_megabyte(continuer: Continuer) -> None:
    """Only what is near the cursor is read."""
    text = "x = compute(1, 2)\n" * 60_000 + FIND
    assert _ask(continuer, text)[0].text.startswith("raise KeyError(f")


def test_the_old_text_of_the_function_is_never_suggested(continuer: Continuer) -> None:
    """Not even where the buffer has its beginning only."""
    path = "shop/orders.py"
    old = SHOP[path].partition("        if number")[0] + "        ‸\n"
    assert all("find_order" not in s.symbol for s in _ask(continuer, old, path=path))


def test_what_follows_the_cursor_is_not_suggested(continuer: Continuer) -> None:
    """It is there already."""
    text = (
        "def find(self, number):\n    if number not in self.table:\n        ‸\n"
        '        raise KeyError(f"no order {number}")\n'
    )
    assert all("no order" not in s.text for s in _ask(continuer, text))


def test_nothing_is_suggested_twice(continuer: Continuer) -> None:
    """White space makes no difference."""
    found = ["".join(s.text.split()) for s in _ask(continuer, FIND, limit=20)]
    assert len(found) == len(set(found))


def test_credentials_are_left_out(continuer: Continuer) -> None:
    """The suggestion ends before them."""
    found = _ask(
        continuer, "def connect(self, host):\n    session = self.pool.session(host)\n    ‸\n", limit=20
    )
    include_low_confidence = _ask(continuer, "‸", limit=20) + found
    assert not [s for s in include_low_confidence if "hunter2" in s.text or "q7Rz81" in s.text]


def test_names_are_those_of_the_buffer(continuer: Continuer) -> None:
    """Where the lines before differ by names alone, the suggestion's names follow."""
    text = "def find_thing(self, number):\n    thing = self.table[number]\n    ‸\n"
    best = _ask(continuer, text)[0]
    assert "return thing" in best.text
    assert best.names.items() >= {"order": "thing"}.items() or best.names.items() >= {"user": "thing"}.items()


def test_same_question_same_answer(continuer: Continuer) -> None:
    """To the last digit."""
    assert _ask(continuer, FIND) == _ask(continuer, FIND)


def test_wrong_use(continuer: Continuer) -> None:
    """Says what is wrong and what there is."""
    buffer = EditorBuffer("a.py", "x = 1\n", "python")
    with pytest.raises(UsageError, match="there are 2 lines"):
        continuer.suggest(buffer, 9)
    with pytest.raises(UsageError, match="count from 1"):
        continuer.suggest(buffer, 0)
    with pytest.raises(UsageError, match="one of: statement, block, function"):
        continuer.suggest(buffer, 1, until="page")
    with pytest.raises(UsageError, match="one of: bm25"):
        continuer.suggest(buffer, 1, profile="best")
    with pytest.raises(UsageError, match="at least 1"):
        continuer.suggest(buffer, 1, limit=0)


def test_the_function_goes_on_behind_the_piece_that_was_found(continuer: Continuer) -> None:
    """A function of more than 25 lines is stored in pieces; a suggestion does not end between them."""
    lines = _ask(continuer, LEDGER, until="function")[0].text.split("\n")
    assert lines[0].strip() == 'self.write("line", 2)'
    assert [line.strip() for line in lines if line.strip()][-1] == "return self.pages"
    assert len(lines) == 31


UNDER_IF = '''class CustomerStore:
    def find_customer(self, number):
        """One customer by number."""
        if number not in self.table:
        ‸
'''


def test_behind_the_head_of_a_block_comes_its_body(continuer: Continuer) -> None:
    """Where an editor left the cursor as deep as the head, the rest of the indentation is added."""
    best = _ask(continuer, UNDER_IF)[0]
    assert best.text.startswith("    raise KeyError(")


@pytest.mark.parametrize("behind, inside", [("  # pragma: no cover", False), (" log(number)", True)])
def test_a_comment_behind_the_line_is_no_continuation(behind: str, inside: bool) -> None:
    """What the other one noted behind the very same line is not pasted behind ours; what it does is."""
    prefix = parse_prefix(*typed("def find(number):\n    if number:‸", "python", ""))
    cut = Aligner(prefix).cut(f"def other(number):\n    if number:{behind}\n    return 1\n", start=True)
    assert cut is not None
    assert cut.inside == inside
