// What one module takes from others and gives to them: its imports and its exports, by name.

import type { Identifier, Literal, Program } from "acorn";
import { declaredBy } from "./names.ts";
import { DEFAULT } from "./parts.ts";

/** A name of another module; "*" for all of it. */
export interface Binding {
  readonly specifier: string;
  readonly name: string;
}

export interface Exports {
  /** By exported name: a name of this module, or of another one. */
  readonly exports: ReadonlyMap<string, string | Binding>;
  /** Modules whose exports are all passed on. */
  readonly stars: readonly string[];
}

/** An import for what loading does. */
export interface SideEffect {
  readonly specifier: string;
  readonly at: number;
}

const nameOf = (node: Identifier | Literal): string =>
  node.type === "Identifier" ? node.name : String(node.value);

export function importsOf(program: Program): ReadonlyMap<string, Binding> {
  const imports = new Map<string, Binding>();
  for (const statement of program.body) {
    if (statement.type !== "ImportDeclaration") continue;
    const specifier = String(statement.source.value);
    for (const item of statement.specifiers) {
      const name =
        item.type === "ImportSpecifier"
          ? nameOf(item.imported)
          : item.type === "ImportDefaultSpecifier"
            ? "default"
            : "*";
      imports.set(item.local.name, { specifier, name });
    }
  }
  return imports;
}

export function sideEffectsOf(program: Program, text: string): readonly SideEffect[] {
  return program.body.flatMap((statement) => {
    if (statement.type !== "ImportDeclaration" || statement.specifiers.length > 0) return [];
    // Where types stood in braces, nothing is left of them.
    if (text.slice(statement.start, statement.source.start).includes("{")) return [];
    return [{ specifier: String(statement.source.value), at: statement.start }];
  });
}

export function exportsOf(program: Program): Exports {
  const exports = new Map<string, string | Binding>();
  const stars: string[] = [];
  for (const statement of program.body) {
    if (statement.type === "ExportDefaultDeclaration") {
      exports.set("default", DEFAULT);
    } else if (statement.type === "ExportAllDeclaration") {
      const specifier = String(statement.source.value);
      if (statement.exported) exports.set(nameOf(statement.exported), { specifier, name: "*" });
      else stars.push(specifier);
    } else if (statement.type === "ExportNamedDeclaration") {
      const { source, specifiers, declaration } = statement;
      for (const { exported, local } of specifiers) {
        const name = nameOf(local);
        const target = source ? { specifier: String(source.value), name } : name;
        exports.set(nameOf(exported), target);
      }
      for (const name of declaration ? declaredBy(declaration) : []) {
        exports.set(name, name);
      }
    }
  }
  return { exports, stars };
}
