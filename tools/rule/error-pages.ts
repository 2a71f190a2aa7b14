// Every error code has a page, and says there what the code that throws it says: class, disposition, outcome.
// A page whose code is gone is reported as well, so that nobody trusts it.

import { type Makers, type Mention, type Terms, codesOf, makersOf } from "../tree/codes.ts";
import { type Source, isTest } from "../tree/source.ts";
import type { Tree } from "../tree/tree.ts";
import type { Rule, Violation } from "./rule.ts";

const FOLDER = "docs/reference/errors/";
const INDEX = `${FOLDER}README.md`;
/** What compares failures, or only a test of ours throws, needs no page. */
const THROWING = /^packages\/[^/]+\/src\/(?!(?:contract|fixture)\/)/;
const ROW = /^\| *`([\w-]+)` *\| *`([\w-]+)` *\| *`([\w-]+)` *\|/gm;

export const errorPages: Rule = {
  name: "error-pages",
  *check({ tree, sources }) {
    const made = new Map<string, Made[]>();
    for (const mention of mentionsOf([...sources.values()])) {
      const { code } = mention;
      if (!tree.has(pageOf(code))) {
        yield { path: mention.path, line: mention.line, message: `No page ${pageOf(code)}` };
      } else if (!mention.isLook) made.set(code, [...(made.get(code) ?? []), mention]);
    }
    for (const [path, text] of tree) {
      if (!path.startsWith(FOLDER) || path === INDEX) continue;
      const code = path.slice(FOLDER.length, -".md".length);
      const found = made.get(code);
      if (found === undefined) yield { path, line: 1, message: `Nothing throws ${code}` };
      else yield* checkPage(path, text, found);
      if (!text.startsWith(`# ${code}\n`)) yield { path, line: 1, message: `Not titled ${code}` };
      yield* checkIndex(tree, code);
    }
  },
};

interface Made extends Mention {
  readonly path: string;
}

function pageOf(code: string): string {
  return `${FOLDER}${code}.md`;
}

function mentionsOf(sources: readonly Source[]): readonly Made[] {
  const throwing = sources.filter(({ path }) => THROWING.test(path) && !isTest(path));
  const shared = throwing.flatMap((source) => [...makersOf(source, true)]);
  return throwing.flatMap((source) => {
    const makers: Makers = new Map([...shared, ...makersOf(source)]);
    return codesOf(source, makers).map((mention) => ({ ...mention, path: source.path }));
  });
}

/** What code says must stand on the page; where all of it is said plainly, nothing else may. */
function* checkPage(path: string, text: string, made: readonly Made[]): Iterable<Violation> {
  const rows = [...text.matchAll(ROW)].map(([, className, disposition, outcome]): Terms => [
    className,
    disposition,
    outcome,
  ]);
  if (rows.length === 0) yield { path, line: 1, message: "No class, disposition and outcome" };
  for (const { terms, path: source, line } of made) {
    if (terms === undefined || rows.some((row) => fits(row, terms))) continue;
    yield { path, line: 1, message: `${source}:${line} throws it as ${terms.join(", ")}` };
  }
  if (made.some(({ terms }) => terms === undefined)) return;
  for (const row of rows) {
    if (made.some(({ terms }) => terms !== undefined && fits(row, terms))) continue;
    yield { path, line: 1, message: `Nothing throws it as ${row.join(", ")}` };
  }
}

function fits(row: Terms, terms: Terms): boolean {
  return terms.every((term, index) => term === undefined || term === row[index]);
}

function* checkIndex(tree: Tree, code: string): Iterable<Violation> {
  if (tree.get(INDEX)?.includes(`[${code}](${code}.md)`) === true) return;
  yield { path: INDEX, line: 1, message: `Does not name ${code}` };
}
