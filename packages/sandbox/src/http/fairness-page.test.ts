// The page's own modules, as they are served, compute the published vectors: fetched, linked as a browser would
// link them, and run.

import assert from "node:assert/strict";
import { test } from "node:test";
import type * as fair from "@holdfast/purpleflea/fair";
import { call, openTestSandbox } from "../fixture/kit.ts";

const IMPORT = /\bfrom\s*"\.\/([\w./-]+)"/gu;

/** A served module as a data address, with what it imports as data addresses in its place. */
async function linked(base: string, name: string, done: Map<string, string>): Promise<string> {
  const known = done.get(name);
  if (known !== undefined) return known;
  const { status, text, headers } = await call(`${base}/${name}`);
  assert.equal(status, 200, name);
  assert.equal(headers.get("content-type"), "text/javascript; charset=utf-8");
  assert.equal(headers.get("x-content-type-options"), "nosniff");
  let source = text;
  for (const [, wanted = ""] of text.matchAll(IMPORT)) {
    const address = await linked(base, wanted, done);
    source = source.replaceAll(`"./${wanted}"`, JSON.stringify(address));
  }
  const address = `data:text/javascript;base64,${Buffer.from(source).toString("base64")}`;
  done.set(name, address);
  return address;
}

test("the served formulas compute the published vectors, and check a proof", async () => {
  await using sandbox = await openTestSandbox();
  const modules = new Map<string, string>();
  const entry = await linked(`${sandbox.url}/casino/fairness/fair`, "index.js", modules);
  assert.ok(modules.size > 8);
  const served = (await import(entry)) as typeof fair;
  const seed = "c5e7146c5863d7d647c93ffe7d4ec13fffbb7311108fab0c067d97bcc2b32d55";
  const digest = await served.digestOf(seed, "LuckyClientSeed777:0:0");
  assert.equal(served.toHex(digest).slice(0, 8), "42013eb6");
  const hash = served.fromHex("6b5124897c3c48d0e46cc9249f08c7e560792459f1bad1171224643b5d2be231");
  assert.equal(served.play({ game: "crash", cashOut: 2 }, hash).result, "1.70");
  const claim = {
    bet: { game: "dice", target: 16.82, over: true },
    serverSeed: "holdfast-server-seed-0001",
    clientSeed: "holdfast-client",
    nonce: 0,
    serverSeedHash: "9ea7bf9b7d5bb1c464841892f6655b8904856e05dc3bf33dcad86b98d9997431",
    result: "16.83",
    outcome: "win",
  } as const;
  assert.equal((await served.verify(claim)).agrees, true);
  assert.equal((await served.verify({ ...claim, nonce: 1 })).agrees, false);
});

test("the page takes nothing from elsewhere, and its script asks only for what is served", async () => {
  await using sandbox = await openTestSandbox();
  const page = await call(`${sandbox.url}/casino/fairness`);
  assert.equal(page.status, 200);
  assert.match(
    page.headers.get("content-security-policy") ?? "",
    /^default-src 'none'; script-src 'self'/u,
  );
  const addresses = [...page.text.matchAll(/(?:src|href)="([^"]+)"/gu)].map(([, to]) => to ?? "");
  assert.deepEqual(addresses, ["data:,", "fairness/fairness.css", "fairness/fairness.mjs"]);
  assert.doesNotMatch(page.text, /https?:|<script>|<style|\son\w+=/u);
  for (const address of addresses.slice(1)) {
    const { status, text } = await call(new URL(address, `${sandbox.url}/casino/fairness`).href);
    assert.equal(status, 200, address);
    assert.doesNotMatch(text, /https?:|innerHTML|eval\(/u);
  }
  for (const name of ["verify.test.ts", "nothing.ts", "..%2Fclient%2Fhttp.ts", "index.d.ts"]) {
    const { status, body } = await call(`${sandbox.url}/casino/fairness/fair/${name}`);
    assert.deepEqual([status, body.code], [404, "unknown_path"], name);
  }
});
