// Finds and loads the project: `holdfast.config.ts`, and beside it the `.env` (and `.env.NAME`) that it may read. Opens nothing,
// and names the file and the line where it can.

import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { HoldfastError } from "@holdfast/core";
import { problemsOf } from "./check.ts";
import type { Config } from "./config.ts";
import { environmentFolder, environmentName } from "./environment.ts";

const FILES = [
  "holdfast.config.ts",
  "holdfast.config.mts",
  "holdfast.config.js",
  "holdfast.config.mjs",
];

/** A checked configuration and the folders it speaks for. */
export interface Project {
  readonly config: Config;
  readonly stateFolder: string;
  /** Undefined where the built-in demo runs. */
  readonly file: string | undefined;
}

export interface LoadOptions {
  readonly folder: string;
  /** Instead of looking for one in the folder. */
  readonly file?: string | undefined;
  /** Instead of the one that the configuration names. */
  readonly stateFolder?: string | undefined;
  /** What runs where there is no configuration file. */
  readonly fallback?: () => Promise<Config>;
}

/**
 * Loads the project of a folder; without a configuration file, `fallback`.
 *
 * @throws HF-ENV-INVALID, HF-CONFIG-MISSING, HF-CONFIG-FAILED (the file threw), HF-CONFIG-INVALID (with the path)
 */
export async function loadProject(options: LoadOptions): Promise<Project> {
  const folder = resolve(options.folder);
  const file = findFile(folder, options.file);
  const home = file === undefined ? folder : dirname(file);
  const environment = environmentName();
  // Of a variable in both, that of the environment counts.
  if (environment !== undefined) readEnvironment(join(home, `.env.${environment}`));
  readEnvironment(join(home, ".env"));
  const config = file === undefined ? await options.fallback?.() : await importConfig(file);
  if (config === undefined) {
    throw new HoldfastError(
      "HF-CONFIG-MISSING",
      `Cannot find a configuration in ${folder}: write holdfast.config.ts, or name one with --config. "holdfast dev" runs a demo without one.`,
    );
  }
  check(config, file ?? "the built-in demo");
  const stateFolder =
    options.stateFolder === undefined
      ? environmentFolder(resolve(home, config.stateFolder ?? ".holdfast"), environment)
      : resolve(folder, options.stateFolder);
  return { config, file, stateFolder };
}

function findFile(folder: string, named: string | undefined): string | undefined {
  if (named === undefined) {
    return FILES.map((name) => join(folder, name)).find((path) => existsSync(path));
  }
  const file = resolve(folder, named);
  if (existsSync(file)) return file;
  throw new HoldfastError("HF-CONFIG-MISSING", `Cannot load ${file}: there is no such file.`);
}

/** Reads `.env` where there is one; what the environment says already stays. */
function readEnvironment(path: string): void {
  if (!existsSync(path)) return;
  try {
    process.loadEnvFile(path);
  } catch (cause) {
    throw new HoldfastError("HF-CONFIG-FAILED", `Cannot read ${path}: ${messageOf(cause)}`, {
      cause,
    });
  }
}

async function importConfig(file: string): Promise<Config> {
  let loaded: { readonly default?: unknown };
  try {
    loaded = (await import(pathToFileURL(file).href)) as typeof loaded;
  } catch (cause) {
    throw new HoldfastError(
      "HF-CONFIG-FAILED",
      `Cannot load ${file}: ${messageOf(cause)}${placeOf(cause, file)}`,
      { cause },
    );
  }
  if (typeof loaded.default !== "object" || loaded.default === null) {
    throw new HoldfastError(
      "HF-CONFIG-INVALID",
      `Cannot use ${file}: it exports no configuration. Write: export default defineConfig({ … }).`,
    );
  }
  return loaded.default;
}

function check(config: Config, name: string): void {
  const problems = problemsOf(config);
  if (problems.length === 0) return;
  throw new HoldfastError(
    "HF-CONFIG-INVALID",
    `Cannot use ${name}:${problems.map((problem) => `\n  ${problem}`).join("")}`,
    { class: "data", details: { problems } },
  );
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
}

/** The line of the file at which it threw or does not parse, where the stack names it. */
function placeOf(cause: unknown, file: string): string {
  const stack = cause instanceof Error ? (cause.stack ?? "") : "";
  for (const name of [pathToFileURL(file).href, fileURLToPath(pathToFileURL(file)), file]) {
    const at = stack.indexOf(`${name}:`);
    if (at < 0) continue;
    const line = /^\d+/u.exec(stack.slice(at + name.length + 1));
    if (line !== null) return ` (line ${line[0]})`;
  }
  return "";
}
