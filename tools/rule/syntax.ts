// Syntax that Node cannot strip from TypeScript, and exports without a name. Each makes a source that runs
// in one place and not in another, or a thing that every importer calls differently.

import type { Node } from "oxc-parser";
import { visit } from "../tree/visit.ts";
import type { Rule, Violation } from "./rule.ts";

export const syntax: Rule = {
  name: "syntax",
  *check({ sources }) {
    for (const { path, program, errors, lineOf } of sources.values()) {
      for (const error of errors) yield { path, line: 1, message: `Cannot parse: ${error}` };
      const found: Violation[] = [];
      visit(program, (node) => {
        const message = refuse(node, path);
        if (message !== undefined) found.push({ path, line: lineOf(node.start), message });
      });
      yield* found;
    }
  },
};

function refuse(node: Node, path: string): string | undefined {
  switch (node.type) {
    case "TSEnumDeclaration":
      return "No enum: use a union of strings, or a constant object";
    case "TSModuleDeclaration":
      // `declare global` and `declare module "name"` only describe what exists.
      return node.kind === "namespace" ? "No namespace: use a module" : undefined;
    case "TSParameterProperty":
      return "No parameter property: assign a field";
    case "TSImportEqualsDeclaration":
    case "TSExportAssignment":
      return "No CommonJS syntax: import and export by name";
    case "Decorator":
      return "No decorator: call a function";
    case "ExportDefaultDeclaration":
      return isConfiguration(path) ? undefined : "No default export: export by name";
    case "ExportSpecifier": {
      const { exported } = node;
      const name = exported.type === "Literal" ? exported.value : exported.name;
      return name === "default" ? "No default export: export by name" : undefined;
    }
    default:
      return undefined;
  }
}

/** Tools load a configuration by its default export; node loads a reporter by it, too. */
const isConfiguration = (path: string): boolean => /(?:\.config|\.reporter)\.\w+$/.test(path);
