// What is taken out of modules, and that what is left loads in the sandbox.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode, idempotencyKey } from "@holdfast/core";
import { projectOf } from "../fixture/bundled.ts";
import { bundleProject, projectBytes } from "./project.ts";
import { strip } from "./strip.ts";

const MIXED = `
import { readFileSync } from "node:fs";
import { activity as task, workflow } from "@holdfast/core";
import { z } from "zod";

const SECRET = process.env.SECRET;
const Price = z.object({ price: z.number() });

function read(path: string): string {
  return helper(readFileSync(path, "utf8"));
}

const helper = (text: string): string => \`\${text}\${SECRET}\`;

export const getPrice = task({
  name: "shop.getPrice",
  input: z.string(),
  output: Price,
  effect: "external",
  run: (path) => JSON.parse(read(path)) as { price: number },
});

let counter = 0;

export const shop = workflow({
  name: "shop.visit",
  input: z.string(),
  output: z.number(),
  run: async (ctx, path) => {
    counter += 1;
    const { price } = await ctx.call(getPrice, path);
    return price + counter;
  },
});
`;

test("strip() takes the code of activities out, and what only it used", () => {
  const left = strip(MIXED);
  for (const gone of ["readFileSync", "process.env", "JSON.parse", "helper", "SECRET"]) {
    assert.ok(!left.includes(gone), gone);
  }
  for (const kept of ["shop.getPrice", "shop.visit", "counter += 1", 'effect: "external"']) {
    assert.ok(left.includes(kept), kept);
  }
});

test("strip() leaves a module alone that defines no activity", () => {
  const source = 'import { readFileSync } from "node:fs";\nexport const activity = readFileSync;\n';
  assert.equal(strip(source), source);
});

test("strip() keeps what a workflow uses too", () => {
  const source = MIXED.replace("price + counter", "price + helper('x').length");
  const left = strip(source);
  assert.ok(left.includes("helper") && left.includes("process.env"));
  assert.ok(!left.includes("readFileSync"));
});

test("bundleProject() finds workflows from the configuration, and loads them", async (context) => {
  const bundle = await bundleProject(await projectOf(context, MIXED));
  assert.ok(bundle.code.includes("shop.visit"));
  const [own = ""] = bundle.code.split("//# sourceMappingURL");
  assert.ok(!own.includes("readFileSync") && !own.includes("ZodError"));
  context.diagnostic(`the project's part: ${projectBytes(bundle.code)} bytes`);
  assert.ok(projectBytes(bundle.code) > 0 && projectBytes(bundle.code) < 50_000);
});

test("bundleProject() names an import that the sandbox lacks, and the files that lead to it", async (context) => {
  const source = `${MIXED}\nimport { hostname } from "node:os";\nexport const host = hostname;\n`;
  const request = await projectOf(context, source);
  await assert.rejects(bundleProject(request), (error) => {
    assert.ok(hasCode(error, "HF-BUNDLE-NODE"));
    assert.match(error.message, /node:os in .*shop\.ts/u);
    return true;
  });
});

test("bundleProject() refuses a module whose top needs what the sandbox lacks", async (context) => {
  const source = `${MIXED}\nexport const at = globalThis.performance.now();\n`;
  const request = await projectOf(context, source);
  await assert.rejects(bundleProject(request), (error) => hasCode(error, "HF-BUNDLE-LOAD"));
});

test("bundleProject() refuses a workflow that no module exports", async (context) => {
  const request = await projectOf(context, MIXED);
  const [shop] = request.workflows;
  assert.ok(shop !== undefined);
  const hidden = { ...shop, name: "shop.hidden" };
  await assert.rejects(bundleProject({ ...request, workflows: [hidden] }), (error) =>
    hasCode(error, "HF-BUNDLE-UNEXPORTED"),
  );
});

test("keys are the same in the sandbox as outside, which the load of a module shows", async (context) => {
  const parts = {
    kind: "ordinal",
    namespace: "shöp",
    root: "dca-btc+3",
    generation: 3,
    activity: "purpleflea.executeTrade",
    ordinal: 17,
  } as const;
  const checking = (key: string): string =>
    `${MIXED}\nimport { idempotencyKey } from "@holdfast/core";\nif (idempotencyKey(${JSON.stringify(parts)}) !== "${key}") throw new Error("other keys");\n`;
  const key = idempotencyKey(parts);
  await bundleProject(await projectOf(context, checking(key)));
  const wrong = await projectOf(
    context,
    checking(key.toUpperCase()).replace(" throw", ' if (typeof process === "undefined") throw'),
  );
  await assert.rejects(bundleProject(wrong), (error) => hasCode(error, "HF-BUNDLE-LOAD"));
});
