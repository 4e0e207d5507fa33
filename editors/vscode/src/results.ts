// The tree of results in the side bar.

import * as vscode from "vscode";

import { byFile, FileOfPlaces, label, Place, reasons } from "./places";

type Node = FileOfPlaces | Place;

export class Results implements vscode.TreeDataProvider<Node> {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private files: FileOfPlaces[] = [];

  show(places: readonly Place[]): void {
    this.files = byFile(places);
    this.changed.fire();
  }

  first(): Place | undefined {
    return this.files[0]?.places[0];
  }

  getChildren(node?: Node): Node[] {
    if (node === undefined) {
      return this.files;
    }
    return "places" in node ? node.places : [];
  }

  getParent(node: Node): Node | undefined {
    return "places" in node ? undefined : this.files.find((file) => file.uri === node.uri);
  }

  getTreeItem(node: Node): vscode.TreeItem {
    if ("places" in node) {
      const item = new vscode.TreeItem(vscode.Uri.parse(node.uri), vscode.TreeItemCollapsibleState.Expanded);
      item.description = node.path;
      return item;
    }
    const item = new vscode.TreeItem(label(node), vscode.TreeItemCollapsibleState.None);
    item.description = reasons(node) || `line ${node.line}`;
    item.tooltip = new vscode.MarkdownString().appendCodeblock(node.text ?? label(node));
    const at = new vscode.Position(node.range.start.line, 0);
    item.command = {
      command: "vscode.open",
      title: "Open",
      arguments: [vscode.Uri.parse(node.uri), { selection: new vscode.Range(at, at) }],
    };
    return item;
  }
}
