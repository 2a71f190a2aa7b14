// Log lines reach whoever listens, also those from before; what repeats is told now and then.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createLog } from "./log.ts";

test("createLog() keeps lines for the first listener, and tells a repeated one again after a while", () => {
  let now = 0;
  const { log, subscribe } = createLog(() => now);
  log.warn("before");
  const told: string[] = [];
  subscribe(({ level, message, at }) => told.push(`${at} ${level} ${message}`));
  log.error("full");
  now = 1_000;
  log.error("full");
  log.info("goes on");
  now = 31_000;
  log.error("full");
  assert.deepEqual(told, [
    "0 warn before",
    "0 error full",
    "1000 info goes on",
    "31000 error full",
  ]);
});
