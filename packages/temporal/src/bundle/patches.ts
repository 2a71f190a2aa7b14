// Changes of built-in objects in workflow code, such as `Array.prototype.last = …`: runs share those, so one run
// would change another one. Found in the text, with file and line; what is done by other ways shows when a workflow
// is loaded.

import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { HoldfastError } from "@holdfast/core";
import { type Module, parseSync } from "@swc/core";
import { type Node, strip, visit } from "./strip.ts";

/** Built-in objects that runs share. */
const SHARED = new Set(
  "Object Function Array String Number Boolean Symbol BigInt Date RegExp Promise Map Set WeakMap WeakSet Error TypeError RangeError ArrayBuffer DataView Uint8Array JSON Math Reflect Intl Iterator".split(
    " ",
  ),
);
/** Functions that change their first argument. */
const CHANGING = new Set([
  "Object.assign",
  "Object.defineProperty",
  "Object.defineProperties",
  "Object.setPrototypeOf",
  "Reflect.defineProperty",
  "Reflect.deleteProperty",
  "Reflect.set",
  "Reflect.setPrototypeOf",
]);

/** What a module changes of what all runs share: "Array.prototype.last". */
export function patchesIn(source: string): readonly string[] {
  const module = parseSync(source, { syntax: "typescript", target: "esnext" });
  const own = declaredIn(module);
  const found = new Set<string>();
  const note = (path: string | undefined): void => {
    const [first = ""] = path?.split(".") ?? [];
    if (path !== undefined && SHARED.has(first) && !own.has(first)) found.add(path);
  };
  visit(module, (node) => {
    note(changedBy(node));
  });
  return [...found];
}

/** The path of what a node changes. */
function changedBy(node: Node): string | undefined {
  const { type, left, argument, operator, callee, arguments: given } = node as Fields;
  switch (type) {
    case "AssignmentExpression":
      return left?.type === "MemberExpression" ? pathOf(left) : undefined;
    case "UpdateExpression":
      return argument?.type === "MemberExpression" ? pathOf(argument) : undefined;
    case "UnaryExpression":
      return operator === "delete" && argument !== undefined ? pathOf(argument) : undefined;
    case "CallExpression": {
      if (callee === undefined || !CHANGING.has(pathOf(callee) ?? "")) return undefined;
      const target = given?.[0]?.expression;
      return target === undefined ? undefined : pathOf(target);
    }
    default:
      return undefined;
  }
}

interface Fields extends Node {
  readonly left?: Fields;
  readonly argument?: Fields;
  readonly operator?: string;
  readonly callee?: Fields;
  readonly arguments?: readonly { readonly expression: Fields }[];
  readonly object?: Fields;
  readonly property?: Fields;
  readonly expression?: Fields;
  readonly value?: unknown;
}

/** "Array.prototype.last" for a chain of members; undefined for anything else. */
function pathOf(node: Fields): string | undefined {
  switch (node.type) {
    case "Identifier":
      return String(node.value);
    case "ParenthesisExpression":
    case "TsAsExpression":
    case "TsNonNullExpression":
    case "TsSatisfiesExpression":
      return node.expression === undefined ? undefined : pathOf(node.expression);
    case "MemberExpression": {
      const object = node.object === undefined ? undefined : pathOf(node.object);
      const name = nameOf(node.property);
      if (object === undefined || name === undefined) return undefined;
      return object === "globalThis" ? name : `${object}.${name}`;
    }
    default:
      return undefined;
  }
}

function nameOf(property: Fields | undefined): string | undefined {
  if (property?.type === "Identifier") return String(property.value);
  if (property?.type !== "Computed") return undefined;
  const { expression } = property;
  return expression?.type === "StringLiteral" ? String(expression.value) : "[…]";
}

/** Names that a module declares itself: its own `Map` is nobody else's. */
function declaredIn(module: Module): ReadonlySet<string> {
  const names = new Set<string>();
  visit(module, (node) => {
    const { type, id, identifier, local } = node as Node &
      Readonly<Record<string, Fields | undefined>>;
    const named = type === "VariableDeclarator" ? id : (identifier ?? local);
    if (named?.type === "Identifier") names.add(String(named.value));
  });
  return names;
}

/**
 * Looks at the project's own files. What a package does only where something is missing shows when it is loaded.
 *
 * @throws HF-BUNDLE-PATCH
 */
export function checkPatches(paths: readonly string[], folder: string): void {
  const own = paths.filter((path) => !path.includes("/node_modules/"));
  const lines = own.flatMap((path) => {
    const source = readFileSync(path, "utf8");
    // What only activities do is not in the bundle.
    return patchesIn(strip(source)).map(
      (name) => `${name} in ${relative(folder, path)}:${lineOf(source, name)}`,
    );
  });
  if (lines.length > 0) throw patching("the workflows", lines);
}

/** The line that names what is changed, or else the object it belongs to. */
function lineOf(source: string, path: string): number {
  const parts = path.split(".").filter((part) => part !== "[…]");
  const lines = source.split("\n");
  for (const wanted of [parts, parts.slice(0, -1)]) {
    const at = lines.findIndex((line) => wanted.every((part) => line.includes(part)));
    if (at !== -1) return at + 1;
  }
  return 1;
}

export function patching(what: string, names: readonly string[]): HoldfastError {
  const lines = names.map((name) => `\n  ${name}`).join("");
  return new HoldfastError(
    "HF-BUNDLE-PATCH",
    `Cannot use ${what} in the sandbox: built-in objects are changed, which all runs of a worker share.${lines}\nWrite a function in place of the change.`,
    {
      class: "logic",
      disposition: "terminal",
      outcome: "not-sent",
      details: { names: [...names] },
    },
  );
}
