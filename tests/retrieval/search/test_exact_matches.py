"""Names, and texts as they stand: what matches exactly comes first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from indexer.encoding.types import Encoder
from indexer.store import StoreConfig
from indexer.store.storage import open_store
from retrieval.search import exact_matches
from retrieval.searcher import Searcher

from ..conftest import REPO
from ..library import fill

FILES = {
    "src/pipe.ts": """\
export function pipe(a: number) {
  return a + 1;
}
""",
    "src/types.ts": """\
export interface Pipe {
  size: number;
  flow(a: number): void;
}
""",
    "src/pipeline.ts": """\
import { pipe } from './pipe';
export function pipeline() {
  return pipe(pipe(pipe(1)));
}
""",
    "src/constants.ts": """\
import fs from 'node:fs';

export const DEFAULT_PORT = 8080;
export const VERSION = '1.0';
""",
    "src/server.ts": """\
import { DEFAULT_PORT } from './constants';
export function createServer(port = DEFAULT_PORT) {
  if (DEFAULT_PORT > port) {
    throw new Error(
      `Failed to resolve import ${port} from ${DEFAULT_PORT}. Does the file exist?`
    );
  }
  return DEFAULT_PORT;
}
""",
    "playground/server.js": """\
export async function createServer(root) {
  return createServer(root);
}
""",
    "tests/server.test.ts": """\
test('createServer', () => {
  expect(createServer(1)).toThrow('Does the file exist?');
});
""",
    "src/files.ts": """\
export function exists(file: string) {
  // whether the file is there: does a file with this name exist
  return fs.existsSync(file);
}
""",
    "docs/options.md": """\
# Options

Where is the port checked? When the server is created.

Set `--storage.keep.time` to keep old data, and `--storage.keep.size` too.
""",
    "src/options.go": """\
package options

func Register(a *App) {
	a.Flag("storage.keep.time", "How long.")
}
""",
    "src/Door.java": """\
class Door {
  private int width;
  Door(int width) {
    this.width = width;
  }
  int area() {
    return width * 2;
  }
}
""",
    "lib/engine.rb": """\
module Rails
  class Engine
    def start(name)
      run name
    end
  end
end
""",
    "lib/updater.rb": """\
module Rails
  class Engine
    class Updater
      def run(engine)
        engine.start 'engine'
      end
    end
  end
end
""",
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Iterator[Searcher]:
    store = open_store(StoreConfig(tmp_path_factory.mktemp("exact") / "shard", encoder.dim, reserve_bytes=0))
    fill(store, REPO, FILES, encoder)
    yield Searcher(store, encoder, REPO)
    store.close()


@pytest.mark.parametrize("profile", ["hybrid", "rerank"])
@pytest.mark.parametrize(
    ("name", "path", "line"),
    [
        ("Pipe", "src/types.ts", 1),
        ("pipe", "src/pipe.ts", 1),
        ("PIPE", "src/pipe.ts", 1),
        ("DEFAULT_PORT", "src/constants.ts", 3),
        ("VERSION", "src/constants.ts", 4),
        ("createServer", "src/server.ts", 2),
        ("Door", "src/Door.java", 1),
        ("Door.area", "src/Door.java", 6),
        ("Rails::Engine", "lib/engine.rb", 2),
        ("Engine#start", "lib/engine.rb", 3),
    ],
)
def test_the_definition_of_a_name_is_first(
    shop: Searcher, profile: str, name: str, path: str, line: int
) -> None:
    """In its case and outside of tests and playgrounds; a constant is found where it is declared."""
    hit = shop.search(name, profile=profile)[0]
    assert hit.path == path
    assert hit.start_line <= line <= hit.end_line


def test_uses_of_a_name_come_after_its_definitions(shop: Searcher) -> None:
    """And before the rest; the score says what the match adds."""
    hits = shop.search("createServer")
    assert [hit.path for hit in hits[:3]] == ["src/server.ts", "playground/server.js", "tests/server.test.ts"]
    terms = [hit.why[exact_matches.MATCH] for hit in hits[:3]]
    assert terms == sorted(terms, reverse=True)
    assert all(exact_matches.MATCH not in hit.why for hit in hits if "createServer" not in hit.text)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("Does the file exist?", "src/server.ts"),
        ('"Does the file exist"', "src/server.ts"),
        ("Failed to resolve import ./foo from src/main.ts. Does the file exist?", "src/server.ts"),
        ("Error: Failed to resolve import 7 from 8080", "src/server.ts"),
        ("--storage.keep.time", "src/options.go"),
        ("storage keep size", "docs/options.md"),
    ],
)
def test_a_text_finds_the_place_that_holds_it(shop: Searcher, text: str, path: str) -> None:
    """As it stands, without its signs, and with values in the place of placeholders."""
    assert shop.search(text)[0].path == path


@pytest.mark.parametrize(
    "question", ["where does a file get its name from, and does it exist", "where is the port checked"]
)
def test_a_question_is_not_a_text(shop: Searcher, question: str) -> None:
    """Neither a few words in the same order count, nor the question as it stands in a document."""
    assert all(exact_matches.MATCH not in hit.why for hit in shop.search(question))


def test_the_match_depends_on_question_and_fragment_alone(shop: Searcher) -> None:
    """Not on how many answers are asked for."""
    few, many = shop.search("createServer", limit=2), shop.search("createServer", limit=50)
    assert [hit.why[exact_matches.MATCH] for hit in few] == [hit.why[exact_matches.MATCH] for hit in many[:2]]
