// Which test files a run takes, and what its command line means.

import { globSync } from "node:fs";
import { parseArgs } from "node:util";

const PATTERNS = [
  "examples/**/*.test.ts",
  "packages/*/{src,template}/**/*.test.ts",
  "proof/**/*.test.ts",
  "test/**/*.test.ts",
  "tools/**/*.test.ts",
];

export interface Selection {
  /** Parts of paths; a file is run if its path contains one of them. None: all files. */
  readonly filters: readonly string[];
  /** A regular expression on the names of tests. */
  readonly name: string | undefined;
  /** Whether long proofs run in full. */
  readonly all: boolean;
}

export function parseSelection(args: readonly string[]): Selection {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { all: { type: "boolean" }, name: { type: "string" } },
    allowPositionals: true,
  });
  const filters = positionals.map((filter) => filter.replaceAll("\\", "/").replace(/^\.\//, ""));
  return { filters, name: values.name, all: values.all === true };
}

/** Paths from the root, in order. */
export function findTests(root: string, filters: readonly string[]): string[] {
  return globSync(PATTERNS, { cwd: root })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => filters.length === 0 || filters.some((filter) => path.includes(filter)))
    .sort();
}
