// Checks what no compiler and no linter can: the directions of imports, the places of SQL and clocks, and the
// shape of files. Pure over a tree of files; as a program it reads the repository and reports.

import { resolve } from "node:path";
import { address } from "./rule/address.ts";
import { clock } from "./rule/clock.ts";
import { cycle } from "./rule/cycle.ts";
import { direction } from "./rule/direction.ts";
import { errorPages } from "./rule/error-pages.ts";
import { folderOrder } from "./rule/folder-order.ts";
import { foreign } from "./rule/foreign.ts";
import { manifest } from "./rule/manifest.ts";
import type { Rule, Violation } from "./rule/rule.ts";
import { header, size } from "./rule/shape.ts";
import { sql } from "./rule/sql.ts";
import { syntax } from "./rule/syntax.ts";
import { isSource, parseSource } from "./tree/source.ts";
import { type Tree, readTree } from "./tree/tree.ts";

export const RULES: readonly Rule[] = [
  direction,
  folderOrder,
  foreign,
  cycle,
  manifest,
  sql,
  clock,
  syntax,
  size,
  header,
  address,
  errorPages,
];

export interface Finding extends Violation {
  readonly rule: string;
}

/** Every violation of every rule, by path and line. */
export function checkTree(tree: Tree): readonly Finding[] {
  const sources = new Map(
    [...tree]
      .filter(([path]) => isSource(path))
      .map(([path, text]) => [path, parseSource(path, text)]),
  );
  return RULES.flatMap((rule) =>
    [...rule.check({ tree, sources })].map((violation) => ({ ...violation, rule: rule.name })),
  ).sort((a, b) => a.path.localeCompare(b.path) || a.line - b.line);
}

if (import.meta.main) {
  const tree = readTree(resolve(import.meta.dirname, ".."));
  const findings = checkTree(tree);
  for (const { path, line, rule, message } of findings) {
    console.log(`${path}:${line} ${rule}: ${message}`);
  }
  console.log(`${tree.size} files, ${findings.length} violations`);
  if (findings.length > 0) process.exitCode = 1;
}
