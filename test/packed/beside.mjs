// Runs where the packed packages are installed: an activity in a thread, and the page of the casino with the
// modules that it imports.

import assert from "node:assert/strict";
import { activity, openEngine, workflow } from "holdfast";
import { openSandbox } from "@holdfast/sandbox";
import { z } from "zod";

export const inThread = activity({
  name: "smoke.inThread",
  input: z.number(),
  output: z.number(),
  effect: "none",
  isolate: "thread",
  module: import.meta.url,
  run: async (n) => n + (await import("node:worker_threads")).threadId,
});

const threaded = workflow({
  name: "smoke.threaded",
  input: z.number(),
  output: z.number(),
  run: (ctx, n) => ctx.call(inThread, n),
});

// The thread imports this module anew.
if ((await import("node:worker_threads")).isMainThread) {
  await using engine = await openEngine({ path: ":memory:", definitions: [threaded] });
  const run = await engine.client.start(threaded, 1, { id: "threaded" });
  assert.ok((await run.result()) > 1);

  await using venue = await openSandbox({ path: ":memory:" });
  const page = await get(new URL("/casino/fairness", venue.url));
  assert.match(page, /fairness\.mjs/u);
  const seen = new Set();
  await follow(new URL("/casino/fairness/fairness.mjs", venue.url), seen);
  assert.ok(seen.size > 5, `the page loads only ${[...seen].join(", ")}`);
}

async function get(url) {
  const response = await fetch(url);
  assert.equal(response.status, 200, url.href);
  return response.text();
}

/** Imports as the browser does. */
async function follow(url, seen) {
  if (seen.has(url.href)) return;
  seen.add(url.href);
  const text = await get(url);
  for (const [, specifier] of text.matchAll(/\bfrom\s*"([^"]+)"/gu)) {
    await follow(new URL(specifier, url), seen);
  }
}
