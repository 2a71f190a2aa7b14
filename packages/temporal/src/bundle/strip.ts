// Takes the code of activities out of a module, so that one file may hold definition and code: what `run` and
// `reconcile` alone used goes with them, imports of packages that no sandbox could load included.

import { type CallExpression, type Module, type ModuleItem, parseSync, printSync } from "@swc/core";

/** Modules that `activity` comes from. */
const HOLDFAST = new Set(["holdfast", "@holdfast/core"]);
/** What an activity's definition has for those who run it, and a workflow never looks at. */
const DROPPED = new Set(["run", "reconcile", "uses", "guard", "cost", "observe"]);

/** A module as it stands in a bundle. Unchanged where it defines no activity. */
export function strip(source: string): string {
  if (!/\bactivity\b/u.test(source)) return source;
  const module = parseSync(source, { syntax: "typescript", target: "esnext" });
  const names = activityNames(module);
  if (names.size === 0) return source;
  let found = false;
  visit(module, (node) => {
    if (isCallOf(node, names)) found = dropFrom(node) || found;
  });
  if (!found) return source;
  sweep(module);
  return printSync(module).code;
}

function activityNames(module: Module): ReadonlySet<string> {
  const names = new Set<string>();
  for (const item of module.body) {
    if (item.type !== "ImportDeclaration" || !HOLDFAST.has(item.source.value)) continue;
    for (const specifier of item.specifiers) {
      if (specifier.type !== "ImportSpecifier") continue;
      const { imported, local } = specifier;
      if ((imported?.value ?? local.value) === "activity") names.add(local.value);
    }
  }
  return names;
}

function isCallOf(node: Node, names: ReadonlySet<string>): node is Node & CallExpression {
  if (node.type !== "CallExpression") return false;
  const { callee } = node as unknown as CallExpression;
  return callee.type === "Identifier" && names.has(callee.value);
}

function dropFrom(call: CallExpression): boolean {
  const options = call.arguments[0]?.expression;
  if (options?.type !== "ObjectExpression") return false;
  const kept = options.properties.filter((property) => !DROPPED.has(nameOf(property)));
  const changed = kept.length < options.properties.length;
  options.properties = kept;
  return changed;
}

type Property = (CallExpression["arguments"][number]["expression"] & {
  type: "ObjectExpression";
})["properties"][number];

function nameOf(property: Property): string {
  if (property.type === "Identifier") return property.value;
  if (!("key" in property)) return "";
  const { key } = property;
  return key.type === "Identifier" || key.type === "StringLiteral" ? key.value : "";
}

/** Drops what nothing refers to any more, until nothing is left to drop. */
function sweep(module: Module): void {
  for (;;) {
    const used = usedNames(module);
    const before = module.body.length;
    let specifiers = 0;
    module.body = module.body.filter((item) => {
      if (item.type !== "ImportDeclaration") return !isUnused(item, used);
      // What is imported for its side effects is for the code that is gone.
      if (item.specifiers.length === 0) return false;
      const kept = item.specifiers.filter(({ local }) => used.has(local.value));
      specifiers += item.specifiers.length - kept.length;
      item.specifiers = kept;
      return kept.length > 0;
    });
    if (module.body.length === before && specifiers === 0) return;
  }
}

/** A declaration of the module itself, neither exported nor referred to. */
function isUnused(item: ModuleItem, used: ReadonlySet<string>): boolean {
  switch (item.type) {
    case "FunctionDeclaration":
    case "ClassDeclaration":
      return !used.has(item.identifier.value);
    case "VariableDeclaration":
      return item.declarations.every(({ id }) => id.type === "Identifier" && !used.has(id.value));
    default:
      return false;
  }
}

/** Names that are referred to; those of declarations count only where something else names them. */
function usedNames(module: Module): ReadonlySet<string> {
  const used = new Set<string>();
  for (const item of module.body) {
    if (item.type === "ImportDeclaration") continue;
    const own = declaredBy(item);
    visit(item, (node) => {
      if (node.type !== "Identifier") return;
      const { value } = node as unknown as { readonly value: string };
      if (!own.has(value)) used.add(value);
    });
  }
  return used;
}

/** What a declaration names itself: that it refers to itself keeps it no longer. */
function declaredBy(item: ModuleItem): ReadonlySet<string> {
  switch (item.type) {
    case "FunctionDeclaration":
    case "ClassDeclaration":
      return new Set([item.identifier.value]);
    case "VariableDeclaration":
      return new Set(
        item.declarations.flatMap(({ id }) => (id.type === "Identifier" ? [id.value] : [])),
      );
    default:
      return new Set();
  }
}

export interface Node {
  readonly type: string;
}

/** Every node of a tree but its types, which leave no trace at run time. */
export function visit(tree: object, look: (node: Node) => void): void {
  for (const value of Object.values(tree) as unknown[]) {
    if (typeof value !== "object" || value === null) continue;
    if ("type" in value && typeof value.type === "string") {
      if (value.type.startsWith("Ts") && !KEPT_TYPES.has(value.type)) continue;
      look(value as Node);
    }
    visit(value, look);
  }
}

/** Nodes named after types that hold expressions. */
const KEPT_TYPES = new Set([
  "TsAsExpression",
  "TsSatisfiesExpression",
  "TsNonNullExpression",
  "TsConstAssertion",
  "TsTypeAssertion",
  "TsExportAssignment",
]);
