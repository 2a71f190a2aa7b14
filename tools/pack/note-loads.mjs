// Preloaded (`node --import`): notes every module that the process loads, and writes them as JSON to the file
// named by HOLDFAST_LOADS when it ends.

import { writeFileSync } from "node:fs";
import { registerHooks } from "node:module";

const loaded = new Set();
registerHooks({
  load(url, context, next) {
    loaded.add(url);
    return next(url, context);
  },
});
process.once("exit", () => {
  writeFileSync(process.env.HOLDFAST_LOADS, JSON.stringify([...loaded]));
});
