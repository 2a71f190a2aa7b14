// Joins a package's modules into few files, because each file costs up to half a millisecond at start-up. Every
// module lies in exactly one of them, whichever entry it is reached by; other packages stay outside. Dynamic
// imports stay files of their own (docs/decisions/0012).

import { basename, dirname, join, relative, resolve } from "node:path";
import { type Plugin, rolldown } from "rolldown";
import type { Manifest } from "./manifest.ts";
import { isBundled, publishedPath } from "./place.ts";

/** Writes the files of a package's bundle to a folder. */
export async function bundle(home: string, manifest: Manifest, folder: string): Promise<void> {
  const targets = { ...manifest.exports, ...manifest.imports };
  const entries = Object.values(targets)
    .filter((source) => isBundled(manifest.name, source))
    .map((source) => [basename(publishedPath(manifest.name, source), ".js"), source] as const);
  if (entries.length === 0) return;
  await using build = await rolldown({
    input: Object.fromEntries(entries),
    cwd: home,
    platform: "node",
    external: /^[^./]/u,
    plugins: [loose(home, manifest), addresses(home)],
    treeshake: { moduleSideEffects: true },
  });
  const { output } = await build.write({
    dir: folder,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
    sourcemap: true,
    sourcemapExcludeSources: true,
    // From the published files, and nothing of this machine.
    sourcemapPathTransform: (source, map) => `../${within(home, resolve(dirname(map), source))}`,
    minify: false,
  });
  checkOnce(output.flatMap((file) => (file.type === "chunk" ? file.moduleIds : [])));
}

/** Two copies of a module would be two of what it remembers, and two classes of one name. */
function checkOnce(modules: readonly string[]): void {
  const twice = modules.find((module, index) => modules.indexOf(module) !== index);
  if (twice !== undefined) throw new Error(`Cannot bundle: ${twice} lies in two files`);
}

/** Modules that stay files of their own are imported where they will lie. */
function loose(home: string, manifest: Manifest): Plugin {
  return {
    name: "loose",
    resolveId(specifier, importer) {
      if (!specifier.startsWith(".") || importer === undefined) return undefined;
      const source = within(home, join(dirname(importer), specifier));
      if (isBundled(manifest.name, source)) return undefined;
      const id = publishedPath(manifest.name, source).replace(/^dist\//u, "./");
      return { id, external: "relative" };
    },
  };
}

/** How a module names what lies beside it. */
const BESIDE = /(?<=new URL\([^()]*, )import\.meta\.url(?=\))/u;

/** A module finds what lies beside it as if it lay in `dist` where it lies in `src`. */
function addresses(home: string): Plugin {
  return {
    name: "addresses",
    transform(code, id) {
      const place = `./${within(home, id).replace(/^src\//u, "")}`;
      const address = `new URL(${JSON.stringify(place)}, import.meta.url)`;
      // Lines stay what they are.
      return BESIDE.test(code) ? { code: code.replace(BESIDE, address), map: null } : undefined;
    },
  };
}

const within = (home: string, path: string): string => relative(home, path).replaceAll("\\", "/");
