// The files that a bundle is made of, as its own source map names them, and the name of its code: the same wherever
// the files lie, and other than before only where what runs in the sandbox is.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import { parseSync, printSync } from "@swc/core";
import type { Place } from "./find.ts";
import { strip } from "./strip.ts";

const MAP = "//# sourceMappingURL=data:application/json;charset=utf-8;base64,";
/** Parts of every bundle: the SDK, and what of Holdfast runs in the sandbox. */
export const RUNTIME =
  /node_modules\/(@temporalio|@holdfast\/(core|engine|temporal)|long|@noble)\/|packages\/(core|engine|temporal)\//u;
/** Folder of the entry that is made for a bundle. */
export const ENTRY_FOLDER = "holdfast-bundle-";
const BUILD_LENGTH = 16;

/** Paths of the files in a bundle, its entry aside. */
function sourcesOf(code: string): readonly string[] {
  const at = code.lastIndexOf(MAP);
  if (at === -1) return [];
  const encoded = code.slice(at + MAP.length).trim();
  const { sources } = JSON.parse(Buffer.from(encoded, "base64").toString("utf8")) as {
    readonly sources: readonly string[];
  };
  const paths = sources.filter((path) => isAbsolute(path) && !path.includes(ENTRY_FOLDER));
  return [...new Set(paths)].filter((path) => existsSync(path));
}

/** Those of the project and of what it imports. */
export function ownSources(code: string): readonly string[] {
  return sourcesOf(code).filter((path) => !RUNTIME.test(path));
}

/** What a version of the code is called: it names the bundle, and nothing of where it was made. */
export function buildOf(code: string, places: ReadonlyMap<string, Place>): string {
  const hash = createHash("sha256");
  const entries = [...places].map(([type, { path, name }]) => `${type}=${nameOf(path)}#${name}`);
  const files = sourcesOf(code).map((path) => `${nameOf(path)}\n${canonical(path)}`);
  for (const part of [...entries.sort(), ...files.sort()]) {
    hash.update(`${Buffer.byteLength(part)}:`).update(part);
  }
  return hash.digest("hex").slice(0, BUILD_LENGTH);
}

/** A file by its package: the package's name, and the path in it. */
function nameOf(path: string): string {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const manifest = join(folder, "package.json");
    if (existsSync(manifest)) {
      const { name = "" } = JSON.parse(readFileSync(manifest, "utf8")) as {
        readonly name?: string;
      };
      return `${name}/${relative(folder, path).replaceAll(sep, "/")}`;
    }
    if (folder === dirname(folder)) return path;
  }
}

/** What of a file is in the bundle; comments and layout of the project's own files do not count. */
function canonical(path: string): string {
  const source = readFileSync(path, "utf8");
  if (RUNTIME.test(path) || path.includes("/node_modules/")) return source;
  return printSync(parseSync(strip(source), { syntax: "typescript", target: "esnext" })).code;
}
