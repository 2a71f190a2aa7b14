// Which files of a package are published, and under which path: what is built from its sources, what lies
// beside them to be read at run time, its bin files and its template. Tests and fixtures stay behind.

import { builtPath, isBundled } from "./place.ts";

/** From the published path to the path it is copied from, both relative to the package; bundles are beside it. */
export function publishedFiles(
  name: string,
  paths: readonly string[],
): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const path of paths) {
    // The template is a project of the user's: its test goes along.
    const isTemplate = path.startsWith("template/");
    if (isLeftBehind(path) && !isTemplate) continue;
    if (isTemplate || path.startsWith("bin/") || /^(?:README|CHANGELOG)\.md$/.test(path))
      files.set(path, path);
    if (!path.startsWith("src/")) continue;
    const built = builtPath(path);
    if (!path.endsWith(".ts") || path.endsWith(".d.ts")) {
      files.set(built, path);
      continue;
    }
    // Named by its source: a leftover of a source that is gone is never packed.
    const types = built.replace(/\.js$/, ".d.ts");
    files.set(types, types);
    if (!isBundled(name, path)) files.set(built, built);
  }
  return files;
}

const isLeftBehind = (path: string): boolean =>
  /\.test\.\w+$/.test(path) || /(?:^|\/)(?:fixtures?|__\w+__)\//.test(path);

/** Without the reference to a source map: sources are not published. */
export function withoutMap(text: string): string {
  return text.replace(/\n\/\/# sourceMappingURL=\S+\s*$/, "\n");
}
