// What a rule is: a name and a pure look at all sources, which yields the places that break it.

import type { Source } from "../tree/source.ts";
import type { Tree } from "../tree/tree.ts";

export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

export interface Repository {
  /** Every text file. */
  readonly tree: Tree;
  /** The parsed sources among them. */
  readonly sources: ReadonlyMap<string, Source>;
}

export interface Rule {
  /** As reported, and as the fixtures name it. */
  readonly name: string;
  check(repository: Repository): Iterable<Violation>;
}
