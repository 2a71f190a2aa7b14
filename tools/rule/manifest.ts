// The manifests say what the table says: a package depends on no package of ours that its sources may not
// import, and on exactly the version that the workspace has.

import { LAYERS } from "../layers.ts";
import type { Rule, Violation } from "./rule.ts";

interface Manifest {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export const manifest: Rule = {
  name: "manifest",
  *check({ tree }) {
    for (const [path, text] of tree) {
      const folder = /^packages\/([^/]+)\/package\.json$/.exec(path)?.[1];
      const layer = folder === undefined ? undefined : LAYERS[folder];
      if (layer === undefined) continue;
      const { version, dependencies, devDependencies } = JSON.parse(text) as Manifest;
      const both = [...layer.imports, ...layer.testImports];
      yield* ofSection(path, text, dependencies, layer.imports, version);
      yield* ofSection(path, text, devDependencies, both, version);
    }
  },
};

function* ofSection(
  path: string,
  text: string,
  section: Readonly<Record<string, string>> | undefined,
  allowed: readonly string[],
  version: string | undefined,
): Iterable<Violation> {
  for (const [name, wanted] of Object.entries(section ?? {})) {
    const ours = name === "holdfast" || name.startsWith("@holdfast/");
    const line = text.slice(0, text.indexOf(`"${name}"`)).split("\n").length;
    if (ours && !allowed.some((it) => it === name || it.startsWith(`${name}/`))) {
      yield { path, line, message: `May not depend on "${name}"` };
    } else if (ours && wanted !== version) {
      yield { path, line, message: `Must depend on "${name}" at ${version ?? "its version"}` };
    } else if (!/^\d/.test(wanted)) {
      yield { path, line, message: `Must name an exact version of "${name}"` };
    }
  }
}
