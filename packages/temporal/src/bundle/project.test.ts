// What a bundle refuses, with file and line, what it may weigh, and what its code is called.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Log, hasCode, silentLog } from "@holdfast/core";
import { globalHandlers } from "@temporalio/worker/lib/workflow/vm-shared.js";
import { projectOf } from "../fixture/bundled.ts";
import { patchesIn } from "./patches.ts";
import { bundleProject } from "./project.ts";

const SHOP = `
import { activity, workflow } from "@holdfast/core";
import { z } from "zod";

export const pay = activity({
  name: "shop.pay",
  input: z.string(),
  output: z.string(),
  effect: "none",
  run: (text) => text,
});

export const shop = workflow({
  name: "shop.visit",
  input: z.string(),
  output: z.string(),
  run: async (ctx, text) => ctx.call(pay, text),
});
`;

function refusal(code: string, ...patterns: readonly RegExp[]): (error: unknown) => boolean {
  return (error) => {
    assert.ok(hasCode(error, code), String(error));
    for (const pattern of patterns) assert.match(error.message, pattern);
    return true;
  };
}

test("patchesIn() names what a module changes of what all runs share", () => {
  const changes: readonly (readonly [string, readonly string[]])[] = [
    ["Array.prototype.last = function () {};", ["Array.prototype.last"]],
    ['(Array.prototype as any)["last"] = 1;', ["Array.prototype.last"]],
    ["globalThis.String.prototype.shout = 1;", ["String.prototype.shout"]],
    ["Math.random = () => 4;", ["Math.random"]],
    ["delete Array.prototype.at;", ["Array.prototype.at"]],
    ['Object.defineProperty(Map.prototype, "first", {});', ["Map.prototype"]],
    ["Object.assign(Date.prototype, { later() {} });", ["Date.prototype"]],
    ["Reflect.setPrototypeOf(Error.prototype, null);", ["Error.prototype"]],
    ["function f() { JSON.stringify = 1; }", ["JSON.stringify"]],
    ["const own = {}; own.prototype = 1; Object.assign(own, Array.prototype);", []],
    ["class Map {} Map.prototype.first = 1;", []],
    ["const last = Array.prototype.at.call([1], -1); const n = Math.max(1, 2);", []],
  ];
  for (const [source, wanted] of changes) assert.deepEqual(patchesIn(source), wanted, source);
});

test("bundleProject() refuses a change of a prototype with its file and line", async (context) => {
  const extra =
    "// sums\n\nArray.prototype.sum = function () { return 0; };\nexport const one = 1;\n";
  const source = `import { one } from "./sum.ts";\n${SHOP.replace("ctx.call(pay, text)", "ctx.call(pay, text + one)")}`;
  const request = await projectOf(context, {
    "shop.ts": source,
    "sum.ts": `// @ts-nocheck\n${extra}`,
  });
  await assert.rejects(
    bundleProject(request),
    refusal("HF-BUNDLE-PATCH", /Array\.prototype\.sum in .*src\/sum\.ts:4\n/u),
  );
  Reflect.deleteProperty(Array.prototype, "sum");
});

test("bundleProject() finds a change of a prototype that no text shows, when it loads", async (context) => {
  const source = `${SHOP}\nexport const found = Reflect.getPrototypeOf([]);\nif (typeof process === "undefined") found.odd = 1;\n`;
  const request = await projectOf(context, source);
  await assert.rejects(
    bundleProject(request),
    refusal("HF-BUNDLE-PATCH", /workflow "shop\.visit"/u, /Array\.prototype\.odd/u),
  );
});

test("bundleProject() lets an activity change what it likes", async (context) => {
  const source = SHOP.replace(
    "(text) => text",
    "(text) => { Object.assign(Array.prototype, {}); return text; }",
  );
  assert.ok((await bundleProject(await projectOf(context, source))).code.includes("shop.visit"));
});

test("bundleProject() names the lines of the imports that lead to what only Node has", async (context) => {
  const request = await projectOf(context, {
    "shop.ts": `import { name } from "./deep/name.ts";\n${SHOP.replace("ctx.call(pay, text)", "ctx.call(pay, text + name())")}`,
    "deep/name.ts":
      '// A name.\nimport { hostname } from "node:os";\nexport const name = () => hostname();\n',
  });
  await assert.rejects(
    bundleProject(request),
    refusal("HF-BUNDLE-NODE", /node:os in .*src\/deep\/name\.ts:2 < .*src\/shop\.ts:1/u),
  );
});

test("bundleProject() warns of a large bundle, and refuses a larger one", async (context) => {
  const warned: string[] = [];
  const log: Log = { ...silentLog, warn: (message) => void warned.push(message) };
  const heavy = (bytes: number): string =>
    SHOP.replace("ctx.call(pay, text)", `ctx.call(pay, text + "${"x".repeat(bytes)}".length)`);
  const fits = await projectOf(context, heavy(500_000));
  await bundleProject({ ...fits, log });
  assert.deepEqual(warned, []);
  await bundleProject({ ...(await projectOf(context, heavy(700_000))), log });
  assert.match(warned.join(), /large/u);
  await assert.rejects(
    bundleProject(await projectOf(context, heavy(1_300_000))),
    refusal("HF-BUNDLE-TOO-LARGE", /13\d{5} bytes: at most 1200000/u),
  );
});

test("bundleProject() calls the same code the same wherever it lies, and other code otherwise", async (context) => {
  const build = async (source: string): Promise<string> =>
    (await bundleProject(await projectOf(context, source))).build;
  const first = await build(SHOP);
  assert.match(first, /^[0-9a-f]{16}$/u);
  assert.equal(await build(SHOP), first);
  assert.equal(await build(`// A note.\n${SHOP}`), first);
  assert.equal(await build(SHOP.replace("(text) => text", "(text) => text.trim()")), first);
  assert.notEqual(await build(SHOP.replace("pay, text", 'pay, text + "!"')), first);
});

test("bundleProject() leaves no hooks of the SDK behind, which every promise would pay for", async (context) => {
  await bundleProject(await projectOf(context, SHOP));
  assert.equal(globalHandlers.installed, false);
});
