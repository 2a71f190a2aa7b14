// The error codes in a source: where each stands, and, where the code that throws it says so in plain words,
// its class, its disposition and its outcome. What is computed is left open; nothing is guessed.

import type { Node } from "oxc-parser";
import type { Source } from "./source.ts";
import { visit } from "./visit.ts";

/** Class, disposition and outcome of a failure; undefined where only the running program knows. */
export type Terms = readonly [
  className: string | undefined,
  disposition: string | undefined,
  outcome: string | undefined,
];

export interface Mention {
  readonly code: string;
  readonly line: number;
  /** Undefined where no failure is made here, or by means that are not followed. */
  readonly terms: Terms | undefined;
  /** True where a code is only compared with, or looked up. */
  readonly isLook: boolean;
}

/** The terms of functions that make a failure of the code they are given, by the name of the function. */
export type Makers = ReadonlyMap<string, Terms>;

const CODE = /^(?:HF|PF)(?:-[A-Z0-9]+)+$/;
const OPEN: Terms = [undefined, undefined, undefined];
/** As in the constructor of HoldfastError. */
const DEFAULTS: Terms = ["logic", "terminal", "unknown"];
const NAMES = ["class", "disposition", "outcome"];

/** `function refused(code, …) { return new HoldfastError(code, …, { … }) }`; `shared`: known to other files. */
export function makersOf({ program }: Source, shared = false): Makers {
  const makers = new Map<string, Terms>();
  visit(program, (node, parent) => {
    const isShared =
      parent?.type === "ExportNamedDeclaration" || parent?.type === "MethodDefinition";
    if (shared && !isShared) return;
    const isFunction = node.type === "FunctionDeclaration" || node.type === "FunctionExpression";
    const [first] = isFunction ? node.params : [];
    if (!isFunction || first?.type !== "Identifier") return;
    const name = node.id?.name ?? nameOf(parent);
    if (name === undefined) return;
    visit(node, (inner) => {
      if (!isNewFailure(inner)) return;
      const [code, , options] = inner.arguments;
      if (code?.type === "Identifier" && code.name === first.name)
        makers.set(name, termsOf(options));
    });
  });
  return makers;
}

/** All codes that stand in a source as text, in order. */
export function codesOf({ program, lineOf }: Source, makers: Makers): readonly Mention[] {
  const made = new Map<Node, Terms>();
  visit(program, (node) => {
    const terms = termsMadeBy(node, makers);
    if (terms === undefined || !("arguments" in node)) return;
    const [first] = node.arguments;
    for (const code of first === undefined ? [] : branches(first)) made.set(code, terms);
  });
  const mentions: Mention[] = [];
  visit(program, (node, parent, key) => {
    const code = node.type === "Literal" ? node.value : undefined;
    if (typeof code !== "string" || !CODE.test(code)) return;
    const isLook = parent !== undefined && isLookedAt(parent, key);
    mentions.push({ code, line: lineOf(node.start), terms: made.get(node), isLook });
  });
  return mentions;
}

function termsMadeBy(node: Node, makers: Makers): Terms | undefined {
  if (isNewFailure(node)) return termsOf(node.arguments[2]);
  if (node.type !== "CallExpression") return undefined;
  const name =
    node.callee.type === "MemberExpression" ? nameOf(node.callee) : identifier(node.callee);
  return name === undefined ? undefined : makers.get(name);
}

function isNewFailure(node: Node): node is Extract<Node, { type: "NewExpression" }> {
  return node.type === "NewExpression" && identifier(node.callee) === "HoldfastError";
}

function termsOf(options: Node | undefined): Terms {
  if (options === undefined) return DEFAULTS;
  if (options.type !== "ObjectExpression") return OPEN;
  const given = new Map<string, string | undefined>();
  for (const property of options.properties) {
    if (property.type === "SpreadElement") {
      // `...(cause === undefined ? {} : { cause })` adds none of the three; a value may.
      if (bare(property.argument).type !== "ConditionalExpression") return OPEN;
      continue;
    }
    const name = identifier(property.key);
    if (name !== undefined) given.set(name, literal(property.value));
  }
  const [className, disposition, outcome] = NAMES.map((name, index) =>
    given.has(name) ? given.get(name) : DEFAULTS[index],
  );
  return [className, disposition, outcome];
}

/** Both sides of a condition. */
function branches(node: Node): readonly Node[] {
  if (node.type !== "ConditionalExpression") return [node];
  return [...branches(node.consequent), ...branches(node.alternate)];
}

function bare(node: Node): Node {
  return node.type === "ParenthesizedExpression" ? bare(node.expression) : node;
}

function isLookedAt(parent: Node, key: string): boolean {
  if (parent.type === "Property") return key === "key";
  if (parent.type === "BinaryExpression" || parent.type === "TSLiteralType") return true;
  return parent.type === "CallExpression" && identifier(parent.callee) === "hasCode";
}

function nameOf(node: Node | undefined): string | undefined {
  if (node?.type === "MethodDefinition") return identifier(node.key);
  return node?.type === "MemberExpression" && !node.computed
    ? identifier(node.property)
    : undefined;
}

function identifier(node: Node): string | undefined {
  return node.type === "Identifier" || node.type === "PrivateIdentifier" ? node.name : undefined;
}

function literal(node: Node): string | undefined {
  return node.type === "Literal" && typeof node.value === "string" ? node.value : undefined;
}
