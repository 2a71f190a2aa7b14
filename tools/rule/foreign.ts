// What comes from outside: third-party packages only where the table lists them, `node:*` only where it says
// so, and `node:sqlite` only beside SQL.

import { LAYERS, SQL_PLACES } from "../layers.ts";
import { type Source, isTest } from "../tree/source.ts";
import { isUnder, placeOf } from "./place.ts";
import type { Rule, Violation } from "./rule.ts";

export const foreign: Rule = {
  name: "foreign",
  *check({ sources }) {
    for (const source of sources.values()) {
      if (!isTest(source.path)) yield* ofSource(source);
    }
  },
};

function* ofSource({ path, imports }: Source): Iterable<Violation> {
  const name = placeOf(path)?.package;
  const layer = name === undefined ? undefined : LAYERS[name];
  if (name === undefined || layer === undefined) return;
  for (const { specifier, line } of imports) {
    if (specifier === undefined) {
      // What is loaded by a computed name cannot be judged here, so a layer that must be pure may not.
      if (!layer.node) yield { path, line, message: `${name} may not import a computed name` };
    } else if (specifier.startsWith("node:")) {
      if (!layer.node) yield { path, line, message: `${name} may not import "${specifier}"` };
      else if (specifier === "node:sqlite" && !isUnder(path, SQL_PLACES)) {
        yield { path, line, message: `"node:sqlite" belongs in ${SQL_PLACES.join(", ")}` };
      }
    } else if (layer.thirdParty !== undefined && /^(?!\.|@?holdfast)/.test(specifier)) {
      const known = layer.thirdParty.some(
        (it) => specifier === it || specifier.startsWith(`${it}/`),
      );
      if (!known) yield { path, line, message: `${name} may not use "${specifier}"` };
    }
  }
}
