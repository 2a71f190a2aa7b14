// What an import may load, in one table: an import of the authoring API must not pull in the command line, a
// server or a parser. Held against the sources by a test, and against the packed packages by the smoke test.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Loads {
  /** Arguments of Node that load it. */
  readonly command: (folder: string) => readonly string[];
  /** Packages, files of packages and modules of Node that it may load; a path allows all below it. */
  readonly allowed: readonly string[];
}

export const importing = (entry: string): Loads["command"] => {
  const program = `await import(${JSON.stringify(entry)});`;
  return () => ["--input-type=module", "--eval", program];
};

const CORE = ["@holdfast/core/", "@noble/hashes/"];
const ENGINE = [
  ...CORE,
  "@holdfast/engine/",
  "@holdfast/guard/",
  "node:async_hooks",
  "node:crypto",
  "node:fs",
  "node:os",
  "node:path",
  "node:sqlite",
  "node:worker_threads",
  "node:zlib",
];
const PURPLEFLEA = [...CORE, "@holdfast/purpleflea/", "zod/"];

/** By name; a file of ours is named by its source. */
export const LOADS: Readonly<Record<string, Loads>> = {
  "@holdfast/core": { command: importing("@holdfast/core"), allowed: CORE },
  "@holdfast/engine": { command: importing("@holdfast/engine"), allowed: ENGINE },
  holdfast: {
    command: importing("holdfast"),
    allowed: [
      ...ENGINE,
      "holdfast/src/index.ts",
      "holdfast/src/config/config.ts",
      "holdfast/src/secret/secret.ts",
    ],
  },
  "holdfast/purpleflea": {
    command: importing("holdfast/purpleflea"),
    allowed: [...PURPLEFLEA, "holdfast/src/purpleflea.ts"],
  },
  "holdfast/agents": {
    command: importing("holdfast/agents"),
    allowed: [...PURPLEFLEA, "@holdfast/agents/", "holdfast/src/agents.ts"],
  },
  "holdfast/notify": {
    command: importing("holdfast/notify"),
    allowed: [...CORE, "@holdfast/notify/", "holdfast/src/notify.ts", "zod/", "node:crypto"],
  },
  "holdfast --help": {
    command: (folder) => [join(folder, "node_modules/holdfast/bin/holdfast.mjs"), "--help"],
    allowed: [
      ...CORE,
      "holdfast/bin/",
      "holdfast/src/chaos/defaults.ts",
      "holdfast/src/cli/",
      "holdfast/src/config/environment.ts",
      "holdfast/src/control/page.ts",
      "holdfast/src/terminal/text.ts",
      "holdfast/src/verify/defaults.ts",
      "commander/",
      "picocolors/",
      "node:child_process",
      "node:events",
      "node:fs",
      "node:module",
      "node:path",
      "node:process",
      "node:url",
      "node:util",
    ],
  },
};

/** What is loaded in a project's folder and not allowed. */
export function unexpectedLoads({ command, allowed }: Loads, folder: string): readonly string[] {
  const loaded = loadedBy(command(folder), folder);
  if (loaded.length === 0) throw new Error("Cannot tell what is loaded: nothing was noted");
  return loaded.filter((path) => !allowed.some((prefix) => isAllowed(path, prefix)));
}

function isAllowed(path: string, allowed: string): boolean {
  // A bundle joins files: there, the package alone counts.
  const isBuilt = path.includes("/dist/");
  return isBuilt ? packageOf(path) === packageOf(allowed) : path.startsWith(allowed);
}

const packageOf = (path: string): string => /^(?:@[^/]+\/)?[^/]+/u.exec(path)?.[0] ?? path;

function loadedBy(command: readonly string[], folder: string): readonly string[] {
  const home = mkdtempSync(join(tmpdir(), "holdfast-loads-"));
  const file = join(home, "loaded.json");
  try {
    const hook = new URL("note-loads.mjs", import.meta.url).href;
    const env = { ...process.env, HOLDFAST_LOADS: file };
    const options = { cwd: folder, encoding: "utf8", env } as const;
    const { status, stderr } = spawnSync(process.execPath, ["--import", hook, ...command], options);
    if (status !== 0) throw new Error(`Cannot tell what is loaded: ${stderr}`);
    const urls = JSON.parse(readFileSync(file, "utf8")) as readonly string[];
    return urls.map(nameOf).filter((name) => name !== "");
  } finally {
    rmSync(home, { recursive: true });
  }
}

/** A module by its package, or by its own name when it is Node's. */
function nameOf(url: string): string {
  if (!url.startsWith("file:")) return url.startsWith("node:") ? url : "";
  const path = decodeURIComponent(new URL(url).pathname);
  const installed = path.split("/node_modules/").at(-1);
  if (installed !== undefined && installed !== path) return installed;
  const own = /\/packages\/(.*)$/u.exec(path)?.[1];
  if (own === undefined) return path;
  return /^(?:create-)?holdfast\//u.test(own) ? own : `@holdfast/${own}`;
}
