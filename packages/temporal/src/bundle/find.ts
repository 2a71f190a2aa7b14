// Finds the modules that export a project's workflows: from the configuration along its imports, comparing what
// they export with the definitions themselves. Nothing is told apart by its name.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { HoldfastError, type Workflow } from "@holdfast/core";
import { parseSync } from "@swc/core";

export interface Place {
  readonly path: string;
  readonly name: string;
}

/** @throws HF-BUNDLE-UNEXPORTED */
export async function findPlaces(
  roots: readonly string[],
  workflows: readonly Workflow[],
): Promise<ReadonlyMap<string, Place>> {
  const places = new Map<string, Place>();
  const seen = new Set<string>();
  const queue = [...roots];
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const exported = (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
    for (const [name, value] of Object.entries(exported)) {
      const found = workflows.find((workflow) => workflow === value);
      // The deepest module that exports it: its own, and not one that gathers others.
      if (found !== undefined) places.set(found.name, { path, name });
    }
    queue.push(...importsOf(path));
  }
  const missing = workflows.filter(({ name }) => !places.has(name)).map(({ name }) => name);
  if (missing.length === 0) return places;
  throw new HoldfastError(
    "HF-BUNDLE-UNEXPORTED",
    `Cannot bundle workflow ${missing.join(", ")}: no module that ${roots[0] ?? "the configuration"} imports exports it. Export it from the module that defines it.`,
    { class: "logic", disposition: "terminal", outcome: "not-sent", details: { missing } },
  );
}

/** Files that a module imports: its own neighbours, and what Holdfast's packages are made of. */
function importsOf(path: string): readonly string[] {
  const { body } = parseSync(readFileSync(path, "utf8"), {
    syntax: "typescript",
    target: "esnext",
  });
  return body.flatMap((item) => {
    const isImport =
      item.type === "ImportDeclaration" ||
      item.type === "ExportNamedDeclaration" ||
      item.type === "ExportAllDeclaration";
    const from = isImport ? item.source?.value : undefined;
    if (from === undefined || from.startsWith("node:") || isTyped(item)) return [];
    if (from.startsWith(".")) return [resolve(dirname(path), from)];
    return resolved(path, from);
  });
}

function isTyped(item: object): boolean {
  return "typeOnly" in item && item.typeOnly === true;
}

function resolved(from: string, specifier: string): readonly string[] {
  try {
    return [createRequire(from).resolve(specifier)].filter(
      (path) => /\.[cm]?[jt]s$/u.test(path) && isOurs(specifier),
    );
  } catch {
    // What cannot be found from here exports no workflow of the project.
    return [];
  }
}

function isOurs(specifier: string): boolean {
  return specifier.startsWith("holdfast") || specifier.startsWith("@holdfast/");
}
