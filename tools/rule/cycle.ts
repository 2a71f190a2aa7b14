// No file and no package reaches itself through its imports, type-only imports included: a cycle means that
// what stands in it is one part, whatever its folders say.

import { posix } from "node:path";
import { packageName } from "../layers.ts";
import { isTest } from "../tree/source.ts";
import { placeOf } from "./place.ts";
import type { Repository, Rule } from "./rule.ts";

/** From a name to what it imports, each with the first place of that import. */
type Graph = Map<string, Map<string, { readonly path: string; readonly line: number }>>;

export const cycle: Rule = {
  name: "cycle",
  *check(repository) {
    for (const graph of [fileGraph(repository), packageGraph(repository)]) {
      for (const round of cyclesOf(graph)) {
        const [first, second] = round;
        const place = first && second ? graph.get(first)?.get(second) : undefined;
        if (place !== undefined) yield { ...place, message: `Cycle: ${round.join(" -> ")}` };
      }
    }
  },
};

function fileGraph({ sources }: Repository): Graph {
  const graph: Graph = new Map();
  for (const { path, imports } of sources.values()) {
    for (const { specifier, line } of imports) {
      if (specifier?.startsWith(".") !== true) continue;
      add(graph, path, posix.join(posix.dirname(path), specifier), { path, line });
    }
  }
  return graph;
}

function packageGraph({ sources }: Repository): Graph {
  const graph: Graph = new Map();
  for (const { path, imports } of sources.values()) {
    const folder = placeOf(path)?.package;
    // The tests of a lower package may use a higher one (testing), which nobody loads with it.
    if (folder === undefined || isTest(path)) continue;
    const from = packageName(folder);
    for (const { specifier, line } of imports) {
      const to = /^(?:holdfast|@holdfast\/[^/]+)(?=\/|$)/.exec(specifier ?? "")?.[0];
      if (to !== undefined && to !== from) add(graph, from, to, { path, line });
    }
  }
  return graph;
}

function add(graph: Graph, from: string, to: string, place: { path: string; line: number }): void {
  const targets = graph.get(from) ?? new Map<string, typeof place>();
  graph.set(from, targets);
  if (!targets.has(to)) targets.set(to, place);
}

/** One round for each group of names that reach each other. */
function cyclesOf(graph: Graph): string[][] {
  const done = new Set<string>();
  const rounds: string[][] = [];
  const walk = (name: string, trail: string[]): void => {
    const start = trail.indexOf(name);
    if (start >= 0) rounds.push([...trail.slice(start), name]);
    if (start >= 0 || done.has(name)) return;
    for (const next of graph.get(name)?.keys() ?? []) walk(next, [...trail, name]);
    done.add(name);
  };
  for (const name of graph.keys()) walk(name, []);
  return rounds;
}
