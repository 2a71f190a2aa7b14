// The files that the rules look at, as a map from path to text: read from git, or from a fixture. Rules see
// only this map, never the disk, so that a fixture is checked by exactly what checks the repository.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Paths are relative to the root of the repository, with forward slashes. */
export type Tree = ReadonlyMap<string, string>;

/** Fixtures break the rules on purpose. */
export const FIXTURES = "tools/fixtures/";

/** Every text file that git tracks or would offer to track, except fixtures. */
export function readTree(root: string): Tree {
  const list = execFileSync("git", ["ls-files", "-z", "-co", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1_024 * 1_024,
  });
  const tree = new Map<string, string>();
  for (const path of list.split("\0").sort()) {
    // A tracked file may have been deleted, and not be committed as such yet.
    if (path === "" || path.startsWith(FIXTURES) || !existsSync(join(root, path))) continue;
    const bytes = readFileSync(join(root, path));
    if (!bytes.includes(0)) tree.set(path, bytes.toString("utf8"));
  }
  return tree;
}

export interface Fixture {
  /** `path:line rule` of each violation that must be reported, and no other. */
  readonly expected: readonly string[];
  readonly tree: Tree;
}

/** Reads a fixture: lines `expect path:line rule`, then each file under a line `-- path --`. */
export function parseFixture(text: string): Fixture {
  const expected: string[] = [];
  const tree = new Map<string, string>();
  let path: string | undefined;
  for (const line of text.trimEnd().split("\n")) {
    const heading = /^-- (\S+) --$/.exec(line)?.[1];
    if (heading !== undefined) {
      path = heading;
      tree.set(path, "");
    } else if (path !== undefined) {
      tree.set(path, `${tree.get(path) ?? ""}${line}\n`);
    } else if (line.startsWith("expect ")) {
      expected.push(line.slice("expect ".length));
    }
  }
  return { expected, tree };
}
