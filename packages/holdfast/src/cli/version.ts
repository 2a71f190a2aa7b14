// The versions that the package's manifest says: its own, and that of zod, which users import beside it.

import { readFileSync } from "node:fs";

interface Manifest {
  readonly version: string;
  readonly dependencies: { readonly zod: string };
}

/** Sources and built files lie equally deep below the manifest. */
const path = new URL("../../package.json", import.meta.url);
const manifest = JSON.parse(readFileSync(path, "utf8")) as Manifest;

export const VERSION: string = manifest.version;
export const ZOD_VERSION: string = manifest.dependencies.zod;
