// What a package's manifest says once it is published: built files instead of sources, and nothing that only
// the repository needs. Pure, so that it can be tested without packing.

import { builtPath, publishedPath } from "./place.ts";

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports?: Readonly<Record<string, string>>;
  readonly imports?: Readonly<Record<string, string>>;
  readonly bin?: string | Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly [other: string]: unknown;
}

/** Names that stay in the repository. */
const PRIVATE = ["private", "scripts", "devDependencies", "files", "engines", "exports", "imports"];

/** `versions` holds the version of each package of the workspace, by name. */
export function publishedManifest(
  manifest: Manifest,
  versions: ReadonlyMap<string, string>,
): Manifest {
  const kept = Object.entries(manifest).filter(([key]) => !PRIVATE.includes(key));
  const { exports, imports, dependencies, bin, files = [] } = manifest;
  return {
    ...(Object.fromEntries(kept) as Manifest),
    engines: { node: ">=24" },
    ...(exports && { exports: rewrite(manifest.name, exports, true) }),
    ...(imports && { imports: rewrite(manifest.name, imports, false) }),
    ...(dependencies && { dependencies: pin(manifest.name, dependencies, versions) }),
    files: ["dist", ...(bin === undefined ? [] : ["bin"]), ...files],
  } as Manifest;
}

type Target = string | { readonly types: string; readonly default: string };

function rewrite(
  name: string,
  targets: Readonly<Record<string, string>>,
  typed: boolean,
): Record<string, Target> {
  return Object.fromEntries(
    Object.entries(targets).map(([entry, source]): [string, Target] => {
      const published = publishedPath(name, source);
      if (!typed || !source.endsWith(".ts")) return [entry, published];
      // "types" must come first: the first condition that fits is taken.
      const types = builtPath(source).replace(/\.js$/, ".d.ts");
      return [entry, { types, default: published }];
    }),
  );
}

function pin(
  name: string,
  dependencies: Readonly<Record<string, string>>,
  versions: ReadonlyMap<string, string>,
): Readonly<Record<string, string>> {
  for (const [dependency, wanted] of Object.entries(dependencies)) {
    const version = versions.get(dependency) ?? wanted;
    if (wanted !== version || !/^\d/.test(wanted)) {
      const found = `"${wanted}" of "${dependency}"`;
      throw new Error(
        `Cannot pack "${name}": it wants ${found}, and must want exactly "${version}"`,
      );
    }
  }
  return dependencies;
}
