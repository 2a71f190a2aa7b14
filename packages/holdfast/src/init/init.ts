// Writes a new project into a folder: the files of `template`, with its name and the versions that fit. What
// is there already is never changed.

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { HoldfastError } from "@holdfast/core";

export interface InitOptions {
  readonly folder: string;
  /** Name of the package. Default: the folder's, in the letters that npm takes. */
  readonly name?: string | undefined;
  /** Writes beside what is in the folder. */
  readonly force?: boolean | undefined;
  /** What the project depends on, by name, in exact versions. */
  readonly dependencies: Readonly<Record<string, string>>;
}

/** What was done; paths are relative to the folder. */
export interface Initialised {
  readonly folder: string;
  readonly name: string;
  readonly written: readonly string[];
  /** Files of the template that were there already, and were left as they are. */
  readonly kept: readonly string[];
}

/** Sources and built files lie equally deep below it. */
const TEMPLATE = fileURLToPath(new URL("../../template", import.meta.url));
/** The name that stands in the template. */
const PLACEHOLDER = "my-agent";
/** npm leaves files out of a package that are called so. */
const RENAMED: Readonly<Record<string, string>> = { gitignore: ".gitignore" };
const NAME = /^(?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/u;
const NAME_MAX = 214;

/** @throws HF-NAME-INVALID, HF-FOLDER-NOT-EMPTY, HF-FOLDER-UNUSABLE; nothing is written then, but for the last */
export function initProject(options: InitOptions): Initialised {
  const folder = resolve(options.folder);
  const name = options.name ?? nameFrom(basename(folder));
  checkName(name, Object.keys(options.dependencies));
  try {
    mkdirSync(folder, { recursive: true });
    if (options.force !== true) checkEmpty(folder);
    const written: string[] = [];
    const kept: string[] = [];
    for (const file of templateFiles()) {
      const path = RENAMED[file] ?? file;
      const text = readFileSync(join(TEMPLATE, file), "utf8").replaceAll(PLACEHOLDER, name);
      const filled = file === "package.json" ? withDependencies(text, options.dependencies) : text;
      (writeNew(join(folder, path), filled) ? written : kept).push(path);
    }
    return { folder, name, written, kept };
  } catch (cause) {
    if (cause instanceof HoldfastError) throw cause;
    throw new HoldfastError(
      "HF-FOLDER-UNUSABLE",
      `Cannot make a project in ${folder}: ${cause instanceof Error ? cause.message : String(cause)}. Choose a folder that this user may write to.`,
      { class: "state", cause },
    );
  }
}

function templateFiles(): readonly string[] {
  return readdirSync(TEMPLATE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(TEMPLATE.length + 1))
    .map((path) => path.replaceAll("\\", "/"))
    .sort();
}

/** Whether the file was written: one that exists stays. */
function writeNew(path: string, text: string): boolean {
  mkdirSync(dirname(path), { recursive: true });
  try {
    writeFileSync(path, text, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function withDependencies(text: string, dependencies: InitOptions["dependencies"]): string {
  const manifest = JSON.parse(text) as object;
  return `${JSON.stringify({ ...manifest, dependencies }, null, 2)}\n`;
}

/** Names shown of what is in a folder. */
const SHOWN = 5;

function checkEmpty(folder: string): void {
  const found = readdirSync(folder)
    .filter((name) => name !== ".git")
    .sort();
  if (found.length === 0) return;
  const more = found.length > SHOWN ? ` and ${found.length - SHOWN} more` : "";
  throw new HoldfastError(
    "HF-FOLDER-NOT-EMPTY",
    `Cannot make a project in ${folder}: it holds ${found.slice(0, SHOWN).join(", ")}${more}. Name an empty or a new folder, or say --force to write beside them; no file that exists is changed.`,
    { class: "state", details: { found } },
  );
}

function nameFrom(folder: string): string {
  const name = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/gu, "-")
    .replaceAll(/^[._-]+|[._-]+$/gu, "");
  return name === "" ? PLACEHOLDER : name.slice(0, NAME_MAX);
}

function checkName(name: string, taken: readonly string[]): void {
  const why = taken.includes(name)
    ? "the project depends on a package of this name"
    : NAME.test(name) && name.length <= NAME_MAX
      ? undefined
      : `npm takes small letters, digits, ".", "_" and "-", at most ${NAME_MAX}, and a scope such as "@me/"`;
  if (why === undefined) return;
  throw new HoldfastError(
    "HF-NAME-INVALID",
    `Cannot call a project "${name}": ${why}. Choose another with --name.`,
    { class: "data" },
  );
}
