// One parsed source file: its imports of every kind, its syntax tree and its comments. Parsing is oxc's, the
// parser that knip brings along; no rule guesses at syntax with a regular expression.

import { type Comment, type Node, parseSync } from "oxc-parser";
import { visit } from "./visit.ts";

export interface Import {
  /** Undefined for `import(expression)`, whose target is known only when it runs. */
  readonly specifier: string | undefined;
  readonly line: number;
}

export interface Source {
  readonly path: string;
  readonly text: string;
  readonly program: Node;
  readonly comments: readonly Comment[];
  readonly imports: readonly Import[];
  /** What the parser could not read; the rest of the source is then incomplete. */
  readonly errors: readonly string[];
  readonly lineOf: (offset: number) => number;
}

const SOURCE = /\.(?:ts|tsx|mts|mjs|js)$/;

export const isSource = (path: string): boolean => SOURCE.test(path);
export const isTest = (path: string): boolean => path.endsWith(".test.ts");

export function parseSource(path: string, text: string): Source {
  const result = parseSync(path, text);
  const lineOf = (offset: number): number => text.slice(0, offset).split("\n").length;
  const program: Node = result.program;
  return {
    path,
    text,
    program,
    comments: result.comments,
    imports: importsOf(program, lineOf),
    errors: result.errors.map(({ message }) => message),
    lineOf,
  };
}

function importsOf(program: Node, lineOf: (offset: number) => number): Import[] {
  const imports: Import[] = [];
  visit(program, (node) => {
    switch (node.type) {
      case "ImportDeclaration":
      case "ExportAllDeclaration":
      case "ExportNamedDeclaration":
      case "ImportExpression":
      case "TSImportType":
      case "TSExternalModuleReference": {
        const target = node.type === "TSExternalModuleReference" ? node.expression : node.source;
        if (target !== null) imports.push({ specifier: literal(target), line: lineOf(node.start) });
        break;
      }
      default:
    }
  });
  return imports;
}

function literal(node: Node): string | undefined {
  if (node.type === "Literal" && typeof node.value === "string") return node.value;
  const constant = node.type === "TemplateLiteral" && node.expressions.length === 0;
  return constant ? (node.quasis[0]?.value.cooked ?? undefined) : undefined;
}
