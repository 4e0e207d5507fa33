// Starts the server, shows what it finds. Everything else is the server's.

import * as vscode from "vscode";
import { ExecuteCommandRequest, LanguageClient, LanguageClientOptions, ServerOptions } from "vscode-languageclient/node";

import { arePlaces, Place } from "./places";
import { Results } from "./results";

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const results = new Results();
  const view = vscode.window.createTreeView("cornea.results", { treeDataProvider: results });
  const show = async (title: string, places: readonly Place[]): Promise<void> => {
    results.show(places);
    view.description = title;
    const first = results.first();
    if (first !== undefined) { // if not, the server says so
      await view.reveal(first, { focus: true });
    }
  };

  const ask = async (command: string, argument: object): Promise<unknown> => {
    if (client === undefined) {
      throw new Error("Cornea's server does not run; see the output");
    }
    return client.sendRequest(ExecuteCommandRequest.type, { command, arguments: [argument] });
  };
  const list = async (title: string, command: string, argument: object): Promise<void> => {
    const answer = await vscode.window.withProgress({ location: { viewId: "cornea.results" } }, () =>
      ask(command, argument),
    );
    if (arePlaces(answer)) {
      await show(title, answer);
    }
  };

  const commands: Record<string, () => Promise<void>> = {
    "cornea.findCode": async () => {
      const query = await vscode.window.showInputBox({ prompt: "What does the code do, or what is it called?" });
      if (query) {
        await list(query, "cornea.search", { query });
      }
    },
    "cornea.findSimilar": async () => {
      const editor = vscode.window.activeTextEditor;
      if (editor !== undefined) {
        const { line, character } = editor.selection.active;
        const uri = editor.document.uri.toString();
        await list("similar code", "cornea.similar", { uri, position: { line, character } });
      }
    },
    "cornea.locateIssue": async () => {
      const editor = vscode.window.activeTextEditor;
      const selected = editor?.selection.isEmpty === false ? editor.document.getText(editor.selection) : undefined;
      const text = selected ?? (await vscode.window.showInputBox({ prompt: "The issue's text" }));
      if (text) {
        await list("where the issue is", "cornea.locate", { text });
      }
    },
    "cornea.updateIndex": async () => {
      await ask("cornea.reindex", {});
    },
    "cornea.showStatus": async () => {
      const status = await ask("cornea.status", {});
      const content = JSON.stringify(status, undefined, 2);
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: "json", content }));
    },
    "cornea.restart": async () => {
      await client?.restart();
    },
  };
  for (const [name, run] of Object.entries(commands)) {
    context.subscriptions.push(vscode.commands.registerCommand(name, run));
  }
  context.subscriptions.push(view);

  client = new LanguageClient("cornea", "Cornea", server(), options(show));
  client.registerProposedFeatures(); // inline completion is one of them in this version of the library
  await client.start();
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

function server(): ServerOptions {
  const [command, ...args] = vscode.workspace.getConfiguration("cornea").get<string[]>("command", ["cornea", "lsp"]);
  return { command, args };
}

function options(show: (title: string, places: readonly Place[]) => Promise<void>): LanguageClientOptions {
  return {
    documentSelector: [{ scheme: "file" }, { scheme: "untitled" }],
    synchronize: { configurationSection: "cornea" },
    middleware: {
      workspace: {
        // The command is for us; the server knows none of that name. How a document is indented is known to its
        // editor alone: VS Code guesses it from the text, from the language and from the settings.
        configuration: async (params, token, next) => {
          const answers = await next(params, token);
          return Array.isArray(answers)
            ? answers.map((answer, number) =>
                params.items[number]?.section === "cornea.indentation"
                  ? indentation(params.items[number].scopeUri)
                  : withoutOurs(answer),
              )
            : answers;
        },
      },
      // Code actions come here: the list is ours, so the server need not ask which one to open.
      executeCommand: async (command, args, next) => {
        const [first, ...others] = args as [object?, ...unknown[]];
        const answer = await next(command, [{ ...first, show: false }, ...others]);
        if (arePlaces(answer)) {
          await show(command.replace("cornea.", ""), answer);
        }
        return answer;
      },
    },
  };
}

function indentation(uri: string | undefined): { tabSize: number; insertSpaces: boolean } | null {
  const editor = vscode.window.visibleTextEditors.find((one) => one.document.uri.toString() === uri);
  const { tabSize, insertSpaces } = editor?.options ?? {};
  return typeof tabSize === "number" && typeof insertSpaces === "boolean" ? { tabSize, insertSpaces } : null;
}

function withoutOurs(settings: unknown): unknown {
  if (typeof settings !== "object" || settings === null) {
    return settings;
  }
  return Object.fromEntries(Object.entries(settings).filter(([name]) => name !== "command" && name !== "trace"));
}
