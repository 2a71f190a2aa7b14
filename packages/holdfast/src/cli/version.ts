// The version of the package, as its manifest says it.

import { readFileSync } from "node:fs";

/** Sources and built files lie equally deep below the manifest. */
const manifest = new URL("../../package.json", import.meta.url);

export const VERSION = (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
