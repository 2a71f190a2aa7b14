// Inside a package whose folders have an order, a folder imports only itself and those before it.

import { posix } from "node:path";
import { LAYERS } from "../layers.ts";
import { isTest } from "../tree/source.ts";
import { placeOf } from "./place.ts";
import type { Rule } from "./rule.ts";

export const folderOrder: Rule = {
  name: "folder-order",
  *check({ sources }) {
    for (const { path, imports } of sources.values()) {
      const place = placeOf(path);
      const order = place?.package === undefined ? undefined : LAYERS[place.package]?.folders;
      // A test may look up: it stands outside of what is loaded. The entries stand above all folders.
      if (place?.folder === undefined || order === undefined || isTest(path)) continue;
      const rank = order.indexOf(place.folder);
      if (rank < 0) {
        const message = `Folder "${place.folder}" has no rank in tools/layers.ts`;
        yield { path, line: 1, message };
        continue;
      }
      for (const { specifier, line } of imports) {
        if (specifier?.startsWith(".") !== true) continue;
        const target = placeOf(posix.join(posix.dirname(path), specifier));
        if (target?.home !== place.home) continue;
        const targetRank = target.folder === undefined ? Infinity : order.indexOf(target.folder);
        if (targetRank <= rank) continue;
        const to = target.folder ?? "an entry of the package";
        yield {
          path,
          line,
          message: `${place.folder} may not import "${specifier}": ${to} is above`,
        };
      }
    }
  },
};
