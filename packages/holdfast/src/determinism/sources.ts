// The modules of a project that are its own: read once, found by following imports from its configuration.
// What is installed is not looked into; what of it a workflow uses is named.

import { isBuiltin } from "node:module";
import { fileURLToPath } from "node:url";
import type { Imports } from "./imports.ts";
import type { Binding } from "./links.ts";
import { type Module, readModule } from "./module.ts";

/** What a module exports: a name of its own, or a binding that it passes on. */
export interface Exported {
  readonly module: Module;
  readonly as: string | Binding;
}

const KNOWN = /^(?:holdfast|@holdfast\/[^/]+|zod)(?:\/|$)/u;
const SOURCE = /\.m?[jt]s$/u;

/** Whether an import is of a package whose code keeps to the rules of workflows. */
export function isKnown(specifier: string): boolean {
  return KNOWN.test(specifier);
}

export class Sources {
  /** Packages and files that a workflow uses and that are not looked into. */
  readonly unread: Set<string> = new Set();
  readonly #imports: Imports;
  readonly #modules = new Map<string, Module | undefined>();

  constructor(imports: Imports) {
    this.#imports = imports;
  }

  /** Modules that the project loads, and that are its own. */
  from(entry: string): readonly Module[] {
    const found = new Set([entry]);
    for (const url of found) {
      for (const [specifier, next] of this.#imports.of(url)) {
        if (!isKnown(specifier) && isOwn(next)) found.add(next);
      }
    }
    return [...found].flatMap((url) => this.#read(url) ?? []);
  }

  /** The module that an import means; undefined where it is not the project's, and then noted as unread. */
  open(from: Module, specifier: string): Module | undefined {
    const url = this.#imports.resolve(from.url, specifier);
    if (url?.endsWith(".json") === true) return undefined;
    const module = url !== undefined && isOwn(url) ? this.#read(url) : undefined;
    if (module === undefined) this.unread.add(specifier);
    return module;
  }

  exported(module: Module, name: string, seen: Set<string> = new Set()): Exported | undefined {
    const as = module.exports.get(name);
    if (as !== undefined) return { module, as };
    seen.add(module.url);
    for (const specifier of module.stars) {
      if (isKnown(specifier) || isBuiltin(specifier)) continue;
      const next = this.open(module, specifier);
      if (next === undefined || seen.has(next.url)) continue;
      const found = this.exported(next, name, seen);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #read(url: string): Module | undefined {
    if (!this.#modules.has(url)) this.#modules.set(url, this.#tryRead(url));
    return this.#modules.get(url);
  }

  #tryRead(url: string): Module | undefined {
    try {
      return readModule(url);
    } catch {
      // Node has loaded it, so it is CommonJS that is no module.
      this.unread.add(fileURLToPath(url));
      return undefined;
    }
  }
}

function isOwn(url: string): boolean {
  return url.startsWith("file:") && !url.includes("/node_modules/") && SOURCE.test(url);
}
