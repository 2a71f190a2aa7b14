// What Node alone has is not in the sandbox: an import of it is found while bundling, and told with the files that
// lead to it.

import { builtinModules } from "node:module";
import { relative, resolve } from "node:path";
import { HoldfastError } from "@holdfast/core";

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
      ({ request, issuer }) => `\n  ${request} in ${this.#chain(issuer, folder).join(" < ")}`,
    );
    throw new HoldfastError(
      "HF-BUNDLE-NODE",
      `Cannot bundle the workflows: they import what is not in the sandbox.${lines.join("")}\nUse it in the run of an activity only; what nothing else uses is left out.`,
      { class: "logic", disposition: "terminal", outcome: "not-sent" },
    );
  }

  #chain(file: string, folder: string): string[] {
    const chain: string[] = [];
    for (let at: string | undefined = file; at !== undefined && at !== "";) {
      if (chain.includes(at)) break;
      chain.push(at);
      at = this.#parents.get(withoutEnding(at));
    }
    return chain
      .filter((path) => !path.includes("holdfast-bundle-"))
      .map((path) => relative(folder, path));
  }
}

function withoutEnding(path: string): string {
  return path.replace(/\.[cm]?[jt]s$/u, "");
}
