// The whole demo plan through the real host, engine and venue, with a clock that hurries: what `npm start`
// runs in four minutes and a half, here in a few seconds.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "@holdfast/core";
import { systemClock } from "@holdfast/engine";
import { TestFolder } from "../fixture/folder.ts";
import { type Host, openHost } from "../host/host.ts";
import { createLog } from "../host/log.ts";
import { readAudit } from "../terminal/audit.ts";
import { demo } from "./demo.ts";

const FACTOR = 50;
const start = systemClock.now();

/** The machine's clock, faster; it goes on across hosts. */
const hurried: Clock = {
  now: () => Math.floor(start + (systemClock.now() - start) * FACTOR),
  setTimer: (at, callback) =>
    systemClock.setTimer(Math.ceil(start + (at - start) / FACTOR), () => {
      callback();
    }),
};

test("the demo buys its 52 periods once each, across a stop in the middle", async () => {
  using folder = new TestFolder();
  const { log } = createLog(() => hurried.now());
  const open = (): Promise<Host> =>
    openHost(
      { config: demo, file: undefined, stateFolder: folder.join(".holdfast") },
      { log, clock: hurried, shadowReplay: true },
    );
  {
    await using host = await open();
    await host.launch();
    await assert.rejects(host.engine.result({ id: "dca-btc", timeoutMs: 60_000 }));
  }
  await using host = await open();
  await host.launch();
  const result = await host.engine.result({ id: "dca-btc" });
  assert.equal(result.kind, "completed");
  assert.deepEqual(await readAudit(host.venue.auditUrl), {
    effects: 54,
    refs: 54,
    duplicateEffects: 0,
  });
  assert.equal((await host.engine.describe("risk-monitor")).status, "running");
});
