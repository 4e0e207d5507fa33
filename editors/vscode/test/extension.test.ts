import assert from "node:assert/strict";
import Module from "node:module";
import { test } from "node:test";

class Thing {
  readonly event = (): object => anything;
}

/** Anything of VS Code's: it can be called, constructed, derived from, and has itself as each member. */
const anything: object = new Proxy(Thing, {
  get: (target, name) => (name === "prototype" ? target.prototype : name === "then" ? undefined : anything),
  apply: () => anything,
});
const having = (own: Record<string, unknown>): object =>
  new Proxy(own, { get: (_, name: string) => own[name] ?? anything });
const configuration = { get: (_name: string, otherwise: unknown) => otherwise };
const vscode = having({ version: "1.91.0", workspace: having({ getConfiguration: () => configuration }) });

// `vscode` is no package: VS Code itself hands it to its extensions.
const modules = Module as unknown as { _load(name: string, ...others: unknown[]): unknown };
const load = modules._load;
modules._load = (name, ...others) => (name === "vscode" ? vscode : load.call(modules, name, ...others));

test("the server hears that there can be ghost text, and trees of symbols", async () => {
  // Both are loaded here, not above: only now is there a `vscode`.
  const { LanguageClient } = require("vscode-languageclient/node") as typeof import("vscode-languageclient/node");
  const { activate } = require("../src/extension") as typeof import("../src/extension");
  const announced: { textDocument?: { inlineCompletion?: object; completion?: object; documentSymbol?: { hierarchicalDocumentSymbolSupport?: boolean } } }[] = [];
  LanguageClient.prototype.start = async function () {
    announced.push(this["computeClientCapabilities"]());
  };
  await activate({ subscriptions: [] } as unknown as Parameters<typeof activate>[0]);
  assert.equal(announced.length, 1);
  assert.ok(announced[0].textDocument?.completion);
  assert.ok(announced[0].textDocument?.inlineCompletion);
  assert.equal(announced[0].textDocument?.documentSymbol?.hierarchicalDocumentSymbolSupport, true);
});
