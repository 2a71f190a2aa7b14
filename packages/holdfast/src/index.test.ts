// Importing "holdfast" loads what an agent needs, and neither the command line nor a server.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

/** Every module that importing this one loads. */
function modulesOf(specifier: string): readonly string[] {
  const program = `
    import { registerHooks } from "node:module";
    const urls = [];
    registerHooks({ load: (url, context, next) => { urls.push(url); return next(url, context); } });
    await import(${JSON.stringify(specifier)});
    console.log(JSON.stringify(urls));`;
  const args = ["--input-type=module", "--eval", program];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as string[];
}

test('importing "holdfast" loads no command line, no control API, no sandbox and no HTTP server', () => {
  const modules = modulesOf(new URL("./index.ts", import.meta.url).href);
  assert.ok(modules.some((url) => url.includes("/engine/")));
  const heavy = modules.filter((url) =>
    /commander|hono|\/sandbox\/|holdfast\/src\/(?:cli|control|host|terminal|demo)\/|node:http/u.test(
      url,
    ),
  );
  assert.deepEqual(heavy, []);
});
