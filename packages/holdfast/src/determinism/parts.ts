// A module cut into its top-level parts, so that a workflow gets to those it uses and to no others.

import type { AnyNode, Expression, Program } from "acorn";
import type { Change } from "./facts.ts";
import { declaredBy, targetsOf } from "./names.ts";

/** Code from `start` to `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A top-level declaration, or a bare statement, whose names are those that it assigns. */
export interface Part extends Range {
  readonly names: readonly string[];
  readonly bare: boolean;
}

/** The name of what `export default` exports; no identifier can be it. */
export const DEFAULT = "export default";

export function isIn({ at }: { readonly at: number }, { start, end }: Range): boolean {
  return at >= start && at < end;
}

export function partsOf(program: Program, changes: readonly Change[]): readonly Part[] {
  return program.body.flatMap((statement) => partsOfStatement(statement, changes));
}

function partsOfStatement(statement: AnyNode, changes: readonly Change[]): readonly Part[] {
  const { start, end } = statement;
  switch (statement.type) {
    case "ImportDeclaration":
    case "ExportAllDeclaration":
      return [];
    case "VariableDeclaration":
      return statement.declarations.map((it) => ({
        names: targetsOf(it.id),
        bare: false,
        start: it.start,
        end: it.end,
      }));
    case "FunctionDeclaration":
    case "ClassDeclaration":
      return [{ names: declaredBy(statement), bare: false, start, end }];
    case "ExportNamedDeclaration":
      return statement.declaration ? partsOfStatement(statement.declaration, changes) : [];
    case "ExportDefaultDeclaration":
      return [{ names: [DEFAULT, ...declaredBy(statement)], bare: false, start, end }];
    default: {
      const names = changes.filter((it) => isIn(it, statement)).map(({ name }) => name);
      return [{ names, bare: true, start, end }];
    }
  }
}

/** Top-level names of arrays, maps and sets, which their methods change. */
export function containersOf(program: Program): ReadonlySet<string> {
  const names = new Set<string>();
  for (const statement of program.body) {
    const inner = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    if (inner?.type !== "VariableDeclaration") continue;
    for (const { id, init } of inner.declarations) {
      if (isContainer(init)) for (const name of targetsOf(id)) names.add(name);
    }
  }
  return names;
}

function isContainer(value: Expression | null | undefined): boolean {
  if (value?.type === "ArrayExpression") return true;
  return (
    value?.type === "NewExpression" &&
    value.callee.type === "Identifier" &&
    /^(?:Array|(?:Weak)?(?:Map|Set))$/u.test(value.callee.name)
  );
}
