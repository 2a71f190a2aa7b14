// What Node alone has is not in the sandbox: an import of it is found while bundling, and told with the files that
// lead to it.

import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { relative, resolve } from "node:path";
import { HoldfastError } from "@holdfast/core";
import { ENTRY_FOLDER } from "./sources.ts";

/** What the SDK brings along, under the names of Node. */
const BROUGHT = new Set(["assert", "url", "util"]);
/** The sandbox has the storage that follows promises, as a global. What is loaded for all runs is frozen: only that. */
const REPLACED: Readonly<Record<string, string>> = {
  async_hooks: "var ({ AsyncLocalStorage: globalThis.AsyncLocalStorage })",
};

interface Import {
  readonly request: string;
  readonly issuer: string;
}

interface Request {
  readonly context?: string;
  readonly request?: string;
  readonly contextInfo?: { readonly issuer?: string };
}

export class NodeImports {
  readonly #found: Import[] = [];
  /** Who imported a file first, by its path without its ending. */
  readonly #parents = new Map<string, string>();

  /** To be asked by the bundler for each import. */
  readonly external = (
    { context = "", request = "", contextInfo }: Request,
    callback: (error?: null, result?: string) => void,
  ): void => {
    const issuer = contextInfo?.issuer ?? "";
    const name = request.replace(/^node:/u, "");
    if (request.startsWith(".") || request.startsWith("/")) {
      const child = withoutEnding(resolve(context, request));
      if (!this.#parents.has(child)) this.#parents.set(child, issuer);
      callback();
    } else if (REPLACED[name] !== undefined) callback(null, REPLACED[name]);
    else if (builtinModules.includes(name) && !BROUGHT.has(name)) {
      // The SDK's own files guard theirs.
      if (!issuer.includes("@temporalio")) this.#found.push({ request, issuer });
      callback(null, "var undefined");
    } else callback();
  };

  /** @throws HF-BUNDLE-NODE */
  check(folder: string): void {
    const [first] = this.#found;
    if (first === undefined) return;
    const lines = this.#found.map(
      ({ request, issuer }) =>
        `\n  ${request} in ${this.#chain({ request, issuer }, folder).join(" < ")}`,
    );
    throw new HoldfastError(
      "HF-BUNDLE-NODE",
      `Cannot bundle the workflows: they import what is not in the sandbox.${lines.join("")}\nUse it in the run of an activity only; what nothing else uses is left out.`,
      { class: "logic", disposition: "terminal", outcome: "not-sent" },
    );
  }

  /** Files that lead to an import, each with the line of its own import. */
  #chain({ request, issuer }: Import, folder: string): string[] {
    const chain: string[] = [];
    for (let at: string | undefined = issuer; at !== undefined && at !== "";) {
      if (chain.includes(at)) break;
      chain.push(at);
      at = this.#parents.get(withoutEnding(at));
    }
    return chain
      .filter((path) => !path.includes(ENTRY_FOLDER))
      .map((path, index) => {
        const imported = index === 0 ? request : (chain[index - 1] ?? "");
        const line = lineOf(path, index === 0 ? imported : nameIn(imported));
        return `${relative(folder, path)}${line === undefined ? "" : `:${line}`}`;
      });
  }
}

/** The last part of a path without its ending, as an import of it ends. */
function nameIn(path: string): string {
  return withoutEnding(path.slice(path.lastIndexOf("/") + 1));
}

/** The line of the first import of something in a file. */
function lineOf(path: string, imported: string): number | undefined {
  const escaped = imported.replaceAll(/[.*+?^${}()|[\]\\]/gu, "\\$&");
  const pattern = new RegExp(
    `(?:\\bfrom\\s*|\\bimport\\s*\\(?\\s*|\\brequire\\s*\\(\\s*)["'](?:[^"']*/)?${escaped}(?:\\.[cm]?[jt]s)?["']`,
    "u",
  );
  const lines = readFileSync(path, "utf8").split("\n");
  const at = lines.findIndex((line) => pattern.test(line));
  return at === -1 ? undefined : at + 1;
}

function withoutEnding(path: string): string {
  return path.replace(/\.[cm]?[jt]s$/u, "");
}
