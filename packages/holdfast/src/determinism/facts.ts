// What the code of one module uses and changes, position by position: names of the module, globals that a
// workflow may not use, and changes of what the module holds. Activities do as they please: nothing inside one
// is used by a workflow. Says only what there is, not whether a workflow gets there.

import type { AnyNode, CallExpression, Identifier, Program } from "acorn";
import { fullAncestor } from "acorn-walk";
import { type Advice, adviceOnGlobal } from "./advice.ts";
import { isFunction, targetsOf, whereIs } from "./names.ts";

/** A name of the module is used; `member` where only that part of it is. */
export interface Reference {
  readonly at: number;
  readonly name: string;
  readonly member: string | undefined;
}

/** A global is used that is not deterministic. */
export interface Use {
  readonly at: number;
  readonly what: string;
  readonly advice: Advice;
}

/** What a name of the module holds is changed. */
export interface Change {
  readonly at: number;
  readonly name: string;
  readonly inFunction: boolean;
  /** Through a method that changes arrays, maps and sets, such as `push`. */
  readonly byMethod: boolean;
}

export interface Facts {
  readonly references: readonly Reference[];
  readonly uses: readonly Use[];
  readonly changes: readonly Change[];
}

const CHANGING = new Set(
  "set add delete clear push pop shift unshift splice sort reverse fill copyWithin".split(" "),
);
const GLOBAL_OBJECTS = new Set(["globalThis", "global"]);

/** @param isActivity whether a call makes an activity */
export function factsOf(program: Program, isActivity: (call: CallExpression) => boolean): Facts {
  const references: Reference[] = [];
  const uses: Use[] = [];
  const changes: Change[] = [];
  fullAncestor(program, (node, _state, ancestors, type) => {
    changes.push(...changesOf(node, ancestors));
    if (ancestors.some((it) => it.type === "CallExpression" && isActivity(it))) return;
    if (node.type === "ImportExpression") uses.push(...useOf(node.start, "import()"));
    if (node.type !== "Identifier" || type !== "Identifier") return;
    const where = whereIs(node.name, ancestors);
    const at = node.start;
    if (where === "module") {
      references.push({ at, name: node.name, member: pathOf(node, ancestors)[1] });
    } else if (where === "global") {
      uses.push(...useOf(at, asWritten(node, ancestors)));
    }
  });
  return { references, uses, changes };
}

function useOf(at: number, what: string): readonly Use[] {
  const advice = adviceOnGlobal(what);
  return advice === undefined ? [] : [{ at, what, advice }];
}

/** A global as the code uses it: `fetch`, `Math.random`, also through `globalThis`; `new Date()` where it takes none. */
function asWritten(node: Identifier, ancestors: readonly AnyNode[]): string {
  const path = pathOf(node, ancestors);
  const user = ancestors.at(-path.length - 1);
  const names = GLOBAL_OBJECTS.has(node.name) ? path.slice(1) : path;
  const text = names.slice(0, 2).join(".");
  if (text !== "Date") return text;
  if (user?.type === "CallExpression") return "Date()";
  return user?.type === "NewExpression" && user.arguments.length === 0 ? "new Date()" : text;
}

/** The identifier, and the names of the members that are taken of it: `["process", "env", "HOME"]`. */
function pathOf(node: Identifier, ancestors: readonly AnyNode[]): readonly string[] {
  const path = [node.name];
  for (;;) {
    const member = ancestors.at(-path.length - 1);
    if (member?.type !== "MemberExpression" || member.object !== ancestors.at(-path.length)) break;
    const { property } = member;
    if (property.type === "Identifier" && !member.computed) path.push(property.name);
    else if (property.type === "Literal") path.push(String(property.value));
    else break;
  }
  return path;
}

function changesOf(node: AnyNode, ancestors: readonly AnyNode[]): readonly Change[] {
  const inFunction = ancestors.some(isFunction);
  const byMethod = node.type === "CallExpression";
  return changedBy(node)
    .filter((name) => whereIs(name, ancestors) === "module")
    .map((name) => ({ at: node.start, name, inFunction, byMethod }));
}

function changedBy(node: AnyNode): readonly string[] {
  switch (node.type) {
    case "AssignmentExpression":
      return targetsOf(node.left);
    case "UpdateExpression":
      return rootsOf(node.argument);
    case "UnaryExpression":
      return node.operator === "delete" ? rootsOf(node.argument) : [];
    case "ForInStatement":
    case "ForOfStatement":
      return node.left.type === "VariableDeclaration" ? [] : targetsOf(node.left);
    case "CallExpression": {
      const { callee } = node;
      if (callee.type !== "MemberExpression" || callee.property.type !== "Identifier") return [];
      return CHANGING.has(callee.property.name) ? rootsOf(callee.object) : [];
    }
    default:
      return [];
  }
}

function rootsOf(node: AnyNode): readonly string[] {
  return node.type === "Identifier" || node.type === "MemberExpression" ? targetsOf(node) : [];
}
