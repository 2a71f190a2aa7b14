// Where a source lies once its package is published: in the package's bundle, or as a file of its own.

/** Sources that are published file by file, relative to their package. */
const LOOSE: Readonly<Record<string, RegExp>> = {
  // Served to browsers as they are (sandbox, http/fairness-page.ts).
  "@holdfast/purpleflea": /^src\/fair\//u,
  // Its threads import the module of an activity by its own address.
  "@holdfast/testing": /^src\//u,
};

/** Whether a source of a package goes into its bundle. */
export function isBundled(name: string, source: string): boolean {
  if (!source.endsWith(".ts") || source.endsWith(".d.ts")) return false;
  return LOOSE[name]?.test(source.replace(/^\.\//u, "")) !== true;
}

/** The file that a source becomes by itself; anything else is copied as it is. */
export function builtPath(path: string): string {
  return path.replace(/^(\.\/)?src\//, "$1dist/").replace(/(?<!\.d)\.ts$/, ".js");
}

/** The file by which an entry is reached. Bundles lie in one folder, so that no address depends on which. */
export function publishedPath(name: string, source: string): string {
  const built = builtPath(source);
  if (!isBundled(name, source)) return built;
  const [, folder = "", path = ""] = /^((?:\.\/)?dist\/)(.*)$/u.exec(built) ?? [];
  return `${folder}${path.replaceAll("/", "-")}`;
}
