// Which file each import of a project means: noted while Node loads the project, so that nothing resolves
// names in a second way. Import types only are never loaded, and so not noted.

import { registerHooks } from "node:module";

export interface Imports {
  /** URL that an import of a module stands for; undefined where Node has not resolved it. */
  resolve(from: string, specifier: string): string | undefined;
  /** What a module has imported. */
  of(from: string): Iterable<readonly [specifier: string, url: string]>;
}

/** Notes the imports of all that is loaded until it is disposed of. */
export function noteImports(): Imports & Disposable {
  const noted = new Map<string, Map<string, string>>();
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      const from = context.parentURL;
      if (from !== undefined) {
        const urls = noted.get(from) ?? new Map<string, string>();
        noted.set(from, urls.set(specifier, resolved.url));
      }
      return resolved;
    },
  });
  return {
    resolve: (from, specifier) => noted.get(from)?.get(specifier),
    of: (from) => noted.get(from) ?? [],
    [Symbol.dispose]() {
      hooks.deregister();
    },
  };
}
