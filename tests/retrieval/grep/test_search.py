"""Questions about a small index: all lines, in order, from the files as they are now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from indexer.errors import UsageError
from indexer.index.index import Index
from indexer.pipeline import ensure
from retrieval.config import SearchConfig
from retrieval.grep import literals
from retrieval.grep.matcher import Clock, Matcher, PatternOptions
from retrieval.grep.trigrams import TrigramFilter
from retrieval.host.grep_answers import GrepAnswer
from retrieval.host.methods import QueryContext, respond
from retrieval.host.requests import GrepParams, SearchParams
from tests.indexes import config
from tests.repositories import write
from tests.support.waiting import processor_time_below

FILES = {
    "app/config.py": '''"""parse_config is documented here."""

import os


# parse_config reads the settings
def parse_config(path):
    """parse_config: reads them."""
    return load(path)


def load(path):
    return parse_config(os.path.join(path, "x"))  # parse_config again


LIMIT = 3
''',
    "app/main.py": "from app.config import parse_config\n\n\ndef main():\n    return parse_config('a')\n",
    "tests/test_config.py": "from app.config import parse_config\n\n\ndef test_it():\n    parse_config()\n",
    "README.md": "# Guide\n\nCall `parse_config` first.\n",
    "data.json": '{"parse_config": 1}\n',
    "mac.c": "int one;\rint two;\nint three; /* two */\n",
    "latin.py": "# coding: latin-1\nNAME = 'caf\u00e9'\n",
    "keys.py": 'password = "' + "kJ8#mQ2$xZ9!" + 'vB4wLp"\nplain = 1\n',
}


@dataclass
class Place:
    """An index of FILES, and what asks it: with texts that are kept, and without."""

    root: Path
    index: Index
    host: QueryContext
    direct: QueryContext

    def ask(self, *patterns: str, **params: object) -> GrepAnswer:
        """The answer, which is the same with texts that are kept, a second time, and without."""
        asked = GrepParams(patterns=patterns, **params)  # type: ignore[arg-type]
        found = [respond(context, asked) for context in (self.host, self.host, self.direct)]
        assert found[0] == found[1]
        assert found[0].groups == found[2].groups
        assert found[0].files == found[2].files
        assert (found[0].files_searched, found[0].gone) == (found[2].files_searched, found[2].gone)
        return found[0]

    def lines(self, *patterns: str, **params: object) -> list[tuple[str, int, str | None]]:
        """The paths, line numbers and roles of an answer's lines."""
        groups = self.ask(*patterns, **params).groups
        return [(group.path, line.line, line.role) for group in groups for line in group.lines]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    root, home = tmp_path_factory.mktemp("root"), tmp_path_factory.mktemp("home")
    write(root, {name: text for name, text in FILES.items() if name != "latin.py"})
    (root / "latin.py").write_bytes(FILES["latin.py"].encode("latin-1"))
    with Index.open(root, config(home)) as index:
        ensure(index)
        _ = index.store
        search = SearchConfig()
        made = Place(root, index, QueryContext(index, search, opens_store=False), QueryContext(index, search))
        yield made
        made.host.close_grep()


def test_definitions_come_first_and_then_uses_tests_comments_and_documents(place: Place) -> None:
    assert place.lines("parse_config") == [
        ("app/config.py", 7, "definition"),
        ("app/config.py", 13, "use"),
        ("app/main.py", 1, "use"),
        ("app/main.py", 5, "use"),
        ("tests/test_config.py", 1, "test"),
        ("tests/test_config.py", 5, "test"),
        ("app/config.py", 1, "comment"),
        ("app/config.py", 6, "comment"),
        ("app/config.py", 8, "comment"),
        ("README.md", 3, "docs"),
        ("data.json", 1, "data"),
    ]
    assert place.lines("LIMIT") == [("app/config.py", 16, "definition")]
    assert place.lines("arse_conf", paths=("app",), by_path=True)[1][2] == "comment"
    assert place.lines("arse_conf")[0] == ("app/config.py", 7, "definition")


def test_each_line_has_its_symbol_places_and_offset(place: Place) -> None:
    [group] = place.ask("load", paths=("app/config.py",), by_path=True).groups
    assert [(line.line, line.symbol, line.spans) for line in group.lines] == [
        (9, "parse_config", ((11, 15),)),
        (12, "load", ((4, 8),)),
    ]
    assert FILES["app/config.py"][group.lines[1].offset :].startswith("def load")


def test_lines_around_matches_stay_together(place: Place) -> None:
    first, second = place.ask("^def", paths=("app/config.py",), before=1, after=2).groups
    lines = [(line.line, line.role is None) for line in first.lines]
    assert lines == [(6, True), (7, False), (8, True), (9, True)]
    assert [line.line for line in second.lines] == [11, 12, 13, 14]
    [whole] = place.ask("^def", paths=("app/config.py",), before=4).groups
    assert [line.line for line in whole.lines] == [*range(3, 13)]


def test_filters_and_lists_of_files(place: Place) -> None:
    assert {path for path, *_ in place.lines("parse_config", languages=("markdown",))} == {"README.md"}
    assert {path for path, *_ in place.lines("parse_config", globs=("*.json",))} == {"data.json"}
    answer = place.ask("parse_config", files_only=True)
    assert not answer.groups
    assert [(file.path, file.lines) for file in answer.files][:2] == [
        ("app/config.py", 5),
        ("app/main.py", 2),
    ]
    assert answer.files_searched == len(FILES)
    assert place.lines("parse_config|import|def|return", paths=("app/main.py",), invert=True) == [
        ("app/main.py", 2, "use"),
        ("app/main.py", 3, "use"),
    ]


def test_text_is_as_the_index_has_it(place: Place) -> None:
    """Other encodings are decoded, lone CRs stay, and secrets are masked."""
    assert place.lines("caf\u00e9") == [("latin.py", 2, "use")]
    assert [line[:2] for line in place.lines("int two")] == [("mac.c", 1)]
    assert [line[:2] for line in place.lines("two \\*")] == [("mac.c", 2)]
    [group] = place.ask("password").groups
    assert "kJ8" not in group.lines[0].text
    assert "***" in group.lines[0].text
    assert place.lines("kJ8#mQ2") == []


def test_unsaved_texts_are_searched_instead_of_files(place: Place) -> None:
    text = FILES["app/main.py"].replace("parse_config", "read_config")
    documents = {"app/main.py": text, "not/indexed.py": "parse_config"}
    found = {path for path, *_ in place.lines("parse_config", documents=documents)}
    assert "app/main.py" not in found
    assert "not/indexed.py" not in found
    assert place.lines("read_config", documents=documents)[0] == ("app/main.py", 1, "use")


def test_changed_files_are_read_again_and_deleted_ones_dropped(place: Place) -> None:
    """Without an update of the index. What is not indexed is not searched."""
    before = {name: (place.root / name).read_bytes() for name in ("app/main.py", "data.json")}
    try:
        (place.root / "app/main.py").write_text("def changed():\n    return unheard_of\n")
        (place.root / "data.json").unlink()
        (place.root / "new.py").write_text("unheard_of = 1\n")
        assert place.lines("unheard_of") == [("app/main.py", 2, "use")]
        assert place.lines("changed")[0] == ("app/main.py", 1, "definition")
        answer = place.ask("parse_config")
        assert (answer.files_searched, answer.gone) == (len(FILES) - 1, 1)
        assert not {"app/main.py", "data.json"} & {file.path for file in answer.files}
        (place.root / "data.json").symlink_to("/etc/passwd")
        assert place.ask("root").gone == 1
    finally:
        (place.root / "new.py").unlink()
        (place.root / "data.json").unlink()
        for name, data in before.items():
            (place.root / name).write_bytes(data)
    assert ("data.json", 1, "data") in place.lines("parse_config")


def test_a_long_answer_has_pages(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = place.ask("parse_config").groups
    monkeypatch.setattr("retrieval.grep.search._PAGE_BYTES", 100)
    first = page = respond(place.host, GrepParams(patterns=("parse_config",)))
    groups = list(first.groups)
    while page.next_page:
        respond(place.host, GrepParams(patterns=("parse_config",)))  # another client's answer has pages, too
        page = respond(place.host, GrepParams(patterns=("parse_config",), page=page.next_page))
        groups += page.groups
    assert groups == whole
    with pytest.raises(UsageError, match="ask again"):
        respond(place.host, GrepParams(patterns=("parse_config",), page="x-1"))


def test_marking_the_matches_of_a_long_line_has_a_limit() -> None:
    """Each search from a match on may look at the rest of the line."""
    matcher, line = Matcher(("a.*z|a",), PatternOptions()), b"a" * 300_000
    with processor_time_below(60), pytest.raises(UsageError, match="takes too long"):
        matcher.spans(line, (0, len(line), None), Clock(len(line)))
    short = b"a" * 3_000
    assert len(matcher.spans(short, (0, len(short), None), Clock(len(short)))) == 3_000


def test_without_space_for_texts_files_are_read_each_time(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("retrieval.grep.texts._KeptBytes.append", full)
    context = QueryContext(place.index, SearchConfig(), opens_store=False)
    expected = respond(place.direct, GrepParams(patterns=("parse_config",)))
    for _ in range(2):
        found = respond(context, GrepParams(patterns=("parse_config",)))
        assert structs.replace(found, state=expected.state) == expected  # each has looked at another moment


WORDS = st.sampled_from(["parse", "config", "Parse", "ab", "b c", "é", "_x", "K", "self", "x"])
TEXTS = st.lists(st.lists(WORDS, max_size=4).map(" ".join), max_size=5).map("\n".join)
PATTERNS = st.recursive(
    st.sampled_from(["parse", "conf", "[pP]arse", "ab", "é", r"\w", "fig", "s", ".", "k"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}"])).map(lambda p: f"(?:{p[0]}){p[1]}"),
        inner.map(lambda one: f"(?i:{one})"),
    ),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=1, max_size=6), pattern=PATTERNS, ignore=st.booleans())
def test_the_filter_leaves_out_no_file_that_matches(
    tmp_path: Path, texts: list[str], pattern: str, ignore: bool
) -> None:
    matcher = Matcher((pattern,), PatternOptions(ignore_case=ignore))
    known = TrigramFilter(tmp_path)
    rows = [f"{text}\n".encode() for text in texts]
    for number, data in enumerate(rows):
        known.set_row(number, data)
    kept = known.candidates(literals.required(matcher.node), range(len(rows)))
    known.close()
    matching = [n for n, data in enumerate(rows) if list(matcher.lines(data, Clock(len(data))))]
    assert set(matching) <= set(kept)


def test_search_with_patterns_finds_every_fragment_that_matches(place: Place) -> None:
    """Words rank the fragments; without words, they are in the order of grep."""
    asked: dict[str, Any] = {"patterns": ("parse_config",), "per_file": 10, "limit": 50}
    plain = respond(place.direct, SearchParams(query="", **asked)).hits
    assert plain[0].symbol == "parse_config"
    for context in (place.direct, place.host):
        ranked = respond(context, SearchParams(query="main entry", **asked)).hits
        assert {(hit.path, hit.start_line) for hit in ranked} == {(hit.path, hit.start_line) for hit in plain}
        assert ranked[0].symbol == "main"
    assert all("parse_config" in hit.text for hit in plain)
    found = respond(place.direct, SearchParams(query="", globs=("*.json",), **asked)).hits
    assert [hit.path for hit in found] == ["data.json"]
    assert respond(place.direct, SearchParams(query="x", patterns=("unheard_of_name",))).hits == []
