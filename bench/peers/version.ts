// The versions that the report names, as the manifests pin them.

import { readFileSync } from "node:fs";

interface Manifest {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const read = (path: string): Manifest =>
  JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")) as Manifest;

/** The one version of all our packages. */
export const ownVersion = (): string => read("../../package.json").version ?? "?";

/** The version of a package that peers need. */
export const pinned = (name: string): string =>
  `${name} ${read("package.json").dependencies?.[name] ?? "?"}`;
