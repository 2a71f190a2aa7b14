// Imports between packages go in the directions of the table, and nowhere by a relative path.

import { posix } from "node:path";
import { FOLDERS, LAYERS, packageName } from "../layers.ts";
import { type Source, isTest } from "../tree/source.ts";
import { type Place, placeOf } from "./place.ts";
import type { Rule, Violation } from "./rule.ts";

/** Folders that others run: benchmarks and proofs what tests are made of and the servers, benchmarks what packs, tests the examples. */
const SHARED: Readonly<Record<string, readonly string[]>> = {
  bench: ["test/harness/", "tools/pack/", "tools/services/"],
  proof: ["test/harness/", "tools/services/"],
  test: ["examples/"],
};

const OURS = /^(holdfast|@holdfast\/[^/]+)(?:\/|$)/;

export const direction: Rule = {
  name: "direction",
  *check({ sources }) {
    for (const source of sources.values()) {
      const place = placeOf(source.path);
      if (place !== undefined) yield* ofSource(source, place);
    }
  },
};

function* ofSource(source: Source, place: Place): Iterable<Violation> {
  const { path } = source;
  if (place.package !== undefined && !Object.hasOwn(LAYERS, place.package)) {
    yield { path, line: 1, message: `Package "${place.package}" is not in tools/layers.ts` };
    return;
  }
  for (const { specifier, line } of source.imports) {
    if (specifier === undefined) continue;
    const message = specifier.startsWith(".")
      ? refuseRelative(path, place, specifier)
      : refuseNamed(path, place, specifier);
    if (message !== undefined) yield { path, line, message };
  }
}

function refuseRelative(path: string, place: Place, specifier: string): string | undefined {
  const target = posix.join(posix.dirname(path), specifier);
  if (target.startsWith(`${place.home}/`)) return undefined;
  if ((SHARED[place.home] ?? []).some((folder) => target.startsWith(folder))) return undefined;
  return `"${specifier}" leaves ${place.home}: import another package by its name`;
}

function refuseNamed(path: string, place: Place, specifier: string): string | undefined {
  const target = OURS.exec(specifier)?.[1];
  if (target === undefined) return undefined;
  // A package may import itself by name: its bin does, whose path differs once it is packed.
  if (place.package !== undefined && target === packageName(place.package)) return undefined;
  const allowed = allowedIn(path, place);
  if (allowed === "any" || allowed.includes(specifier)) return undefined;
  const list = allowed.length === 0 ? "none of our packages" : allowed.join(", ");
  return `${place.home} may not import "${specifier}", but ${list}`;
}

function allowedIn(path: string, place: Place): readonly string[] | "any" {
  if (place.package === undefined) {
    const who = FOLDERS[place.home];
    if (who === "any") return "any";
    return who === "users" ? USERS : [];
  }
  const layer = LAYERS[place.package];
  if (layer === undefined) return [];
  return [...layer.imports, ...(isTest(path) ? layer.testImports : [])];
}

/** What `npm install holdfast` promises. */
const USERS = ["holdfast", "holdfast/agents", "holdfast/purpleflea", "holdfast/testing"];
