// What docs/guides/temporal gives a reader is what was tried: the settings of the server, and what its nodes are told.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DATABASE_SETTINGS, NODE_ENVIRONMENT } from "./temporal-nodes.ts";
import { SETTINGS } from "./temporal.ts";

const read = (name: string): string =>
  readFileSync(new URL(`../../docs/guides/temporal/${name}`, import.meta.url), "utf8");

/** What only a server with one node and tests that look at once need. */
const TESTS_ONLY = new Set(["system.forceSearchAttributesCacheRefreshOnRead"]);

test("dynamic.yaml has the settings of the tests' server", () => {
  const found = [...read("dynamic.yaml").matchAll(/^(\S+):\n {2}- value: (.*)$/gmu)];
  const settings = Object.entries(SETTINGS).filter(([name]) => !TESTS_ONLY.has(name));
  assert.deepEqual(
    found.map(([, name, value]) => [name, value]),
    settings.map(([name, value]) => [name, String(value).replaceAll('"', "")]),
  );
});

test("compose.yaml tells its nodes and its database what those of `npm run two-nodes` are told", () => {
  const compose = read("compose.yaml");
  for (const [name, value] of Object.entries(NODE_ENVIRONMENT))
    assert.match(compose, new RegExp(`^ +${name}: "?${value}"?$`, "mu"));
  for (const setting of DATABASE_SETTINGS) assert.ok(compose.includes(`"${setting}"`), setting);
});
