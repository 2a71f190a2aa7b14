// The machine's time, randomness and timers are used in the clock files only; all else is given a clock, so
// that a test can hold time still and a replay sees the same again.

import type { Node } from "oxc-parser";
import { CLOCK_PLACES } from "../layers.ts";
import { visit } from "../tree/visit.ts";
import { isUnder } from "./place.ts";
import type { Rule, Violation } from "./rule.ts";

const TIMERS = new Set(["setTimeout", "setInterval"]);
const MEMBERS = new Set(["Date.now", "Math.random"]);
const GLOBALS = new Set(["globalThis", "global", "window", "self"]);

export const clock: Rule = {
  name: "clock",
  *check({ sources }) {
    for (const { path, program, imports, lineOf } of sources.values()) {
      if (isUnder(path, CLOCK_PLACES)) continue;
      const found: Violation[] = [];
      const report = (name: string, line: number): void => {
        found.push({
          path,
          line,
          message: `${name} belongs in a clock file: take a Clock instead`,
        });
      };
      visit(program, (node, parent, key) => {
        const name = forbidden(node, parent, key);
        if (name !== undefined) report(name, lineOf(node.start));
      });
      for (const { specifier, line } of imports) {
        if (specifier?.startsWith("node:timers") === true) report(`"${specifier}"`, line);
      }
      yield* found;
    }
  },
};

function forbidden(node: Node, parent: Node | undefined, key: string): string | undefined {
  if (node.type === "Identifier" && TIMERS.has(node.name)) {
    return isName(parent, key) ? undefined : node.name;
  }
  if (node.type === "NewExpression" && node.arguments.length === 0) {
    return node.callee.type === "Identifier" && node.callee.name === "Date"
      ? "new Date()"
      : undefined;
  }
  if (node.type !== "MemberExpression" || node.object.type !== "Identifier") return undefined;
  const property = propertyOf(node);
  if (property === undefined) return undefined;
  if (GLOBALS.has(node.object.name) && TIMERS.has(property)) return property;
  const member = `${node.object.name}.${property}`;
  return MEMBERS.has(member) ? member : undefined;
}

/** Whether an identifier only names a property, so that `clock.setTimeout` is not taken for the timer. */
function isName(parent: Node | undefined, key: string): boolean {
  if (parent === undefined || ("computed" in parent && parent.computed)) return false;
  return key === "property" || (key === "key" && !("shorthand" in parent && parent.shorthand));
}

function propertyOf(node: Extract<Node, { type: "MemberExpression" }>): string | undefined {
  const { property } = node;
  if (!node.computed) return property.type === "Identifier" ? property.name : undefined;
  return property.type === "Literal" ? String(property.value) : undefined;
}
