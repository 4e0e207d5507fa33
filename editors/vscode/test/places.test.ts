import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { arePlaces, byFile, label, Place, reasons } from "../src/places";

function place(path: string, line: number, more: Partial<Place> = {}): Place {
  const at = { line: line - 1, character: 0 };
  const range = { start: at, end: at };
  return { uri: `file:///${path}`, range, path, line, symbol: "", score: 1, why: [], ...more };
}

test("places are arranged by file, the best first", () => {
  const files = byFile([place("b.py", 3), place("a.py", 1), place("b.py", 1)]);
  assert.deepEqual(
    files.map((file) => [file.path, file.places.map((one) => one.line)]),
    [["b.py", [3, 1]], ["a.py", [1]]],
  );
});

test("a place is called by its symbol, its first line, or its number", () => {
  assert.equal(label(place("a.py", 1, { symbol: "bake" })), "bake");
  assert.equal(label(place("a.py", 1, { text: "\n  x = 1\n" })), "x = 1");
  assert.equal(label(place("a.py", 7)), "line 7");
});

test("reasons are one line", () => {
  assert.equal(reasons(place("a.py", 1, { why: ["a", "b"] })), "a; b");
});

test("other answers are no places", () => {
  assert.ok(arePlaces([place("a.py", 1)]));
  assert.ok(arePlaces([]));
  assert.ok(!arePlaces({ version: "1" }));
  assert.ok(!arePlaces([1]));
  assert.ok(!arePlaces(null));
});

test("every command of the manifest is registered, and no command of the server's is", () => {
  const root = join(__dirname, "..", "..");
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf-8"));
  const source = readFileSync(join(root, "src", "extension.ts"), "utf-8");
  const server = ["cornea.search", "cornea.similar", "cornea.locate", "cornea.reindex", "cornea.status"];
  for (const { command } of manifest.contributes.commands) {
    assert.ok(source.includes(`"${command}": async`), command);
    // vscode-languageclient registers those by itself, and a name can be registered once.
    assert.ok(!server.includes(command), command);
  }
});
