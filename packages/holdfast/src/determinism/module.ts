// One module of a project as the check sees it: what it imports and exports, its top-level parts, and the
// facts of its code. Types are stripped as Node strips them, which keeps every line where it was.

import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";
import {
  type AnyNode,
  type CallExpression,
  type Comment,
  type Program,
  getLineInfo,
  parse,
} from "acorn";
import { fullAncestor } from "acorn-walk";
import { type Change, type Facts, factsOf } from "./facts.ts";
import {
  type Binding,
  type Exports,
  type SideEffect,
  exportsOf,
  importsOf,
  sideEffectsOf,
} from "./links.ts";
import { isFunction, whereIs } from "./names.ts";
import { type Part, type Range, containersOf, partsOf } from "./parts.ts";

export interface Module extends Exports {
  readonly url: string;
  readonly file: string;
  readonly imports: ReadonlyMap<string, Binding>;
  readonly sideEffects: readonly SideEffect[];
  readonly parts: readonly Part[];
  readonly facts: Facts;
  /** By name: the first change of it that a function makes. */
  readonly changed: ReadonlyMap<string, Change>;
  /** The code of workflow definitions. */
  readonly workflows: readonly Range[];
  readonly lineOf: (offset: number) => number;
  /** Whether a comment allows what stands in a line. */
  readonly allows: (line: number) => boolean;
}

const OURS = /^(?:holdfast|@holdfast\/core)$/u;
const ALLOWED = /^\s*holdfast-allow:\s*\S/u;

/** @throws where the file cannot be read or parsed */
export function readModule(url: string): Module {
  const file = fileURLToPath(url);
  const text = withoutTypes(file);
  const comments: Comment[] = [];
  const program = parse(text, {
    ecmaVersion: "latest",
    sourceType: "module",
    allowHashBang: true,
    onComment: comments,
  });
  const lineOf = (offset: number): number => getLineInfo(text, offset).line;
  const allowed = new Set(
    comments
      .filter(({ value }) => ALLOWED.test(value))
      .flatMap(({ start, end }) => [lineOf(start), lineOf(end) + 1]),
  );
  const imports = importsOf(program);
  const { activities, workflows } = callsOf(program, imports);
  const facts = factsOf(program, (call) => activities.has(call));
  const containers = containersOf(program);
  const changes = facts.changes.filter(({ name, byMethod }) => !byMethod || containers.has(name));
  const changed = new Map<string, Change>();
  for (const change of changes) {
    if (change.inFunction && !changed.has(change.name)) changed.set(change.name, change);
  }
  return {
    url,
    file,
    imports,
    sideEffects: sideEffectsOf(program, text),
    ...exportsOf(program),
    parts: partsOf(program, changes),
    facts,
    changed,
    workflows,
    lineOf,
    allows: (line) => allowed.has(line),
  };
}

/** Node says of stripping that it is experimental; it runs the project in the same way. */
function withoutTypes(file: string): string {
  const text = readFileSync(file, "utf8");
  if (!/\.m?ts$/u.test(file)) return text;
  const warn = process.emitWarning.bind(process);
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(text);
  } finally {
    process.emitWarning = warn;
  }
}

interface Makers {
  readonly activities: ReadonlySet<AnyNode>;
  readonly workflows: readonly Range[];
}

/** Calls of `activity` and `workflow`; of a workflow that a function makes, the whole function. */
function callsOf(program: Program, imports: ReadonlyMap<string, Binding>): Makers {
  const activities = new Set<AnyNode>();
  const workflows: Range[] = [];
  fullAncestor(program, (node, _state, ancestors) => {
    if (node.type !== "CallExpression") return;
    const made = makes(node, ancestors, imports);
    if (made === "activity") activities.add(node);
    if (made === "workflow") workflows.push(ancestors.find(isFunction) ?? node);
  });
  return { activities, workflows };
}

function makes(
  { callee }: CallExpression,
  ancestors: readonly AnyNode[],
  imports: ReadonlyMap<string, Binding>,
): string | undefined {
  const root = callee.type === "MemberExpression" ? callee.object : callee;
  if (root.type !== "Identifier" || whereIs(root.name, ancestors) !== "module") return undefined;
  const binding = imports.get(root.name);
  if (binding === undefined || !OURS.test(binding.specifier)) return undefined;
  if (callee.type !== "MemberExpression") return binding.name;
  return callee.property.type === "Identifier" ? callee.property.name : undefined;
}
