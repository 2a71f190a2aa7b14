// Walks every node of a syntax tree, each with its parent and with the property of the parent it stands in.

import { type Node, visitorKeys } from "oxc-parser";

export type Visit = (node: Node, parent: Node | undefined, key: string) => void;

export function visit(node: Node, see: Visit, parent?: Node, key = ""): void {
  see(node, parent, key);
  for (const child of visitorKeys[node.type] ?? []) {
    const value: unknown = (node as unknown as Record<string, unknown>)[child];
    for (const item of Array.isArray(value) ? value : [value]) {
      if (isNode(item)) visit(item, see, node, child);
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}
