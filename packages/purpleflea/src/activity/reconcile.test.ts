// What a venue's look-up of a key proves, and what it does not.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { type ActivityContext, type AttemptBinding, silentLog } from "@holdfast/core";
import { z } from "zod";
import { createPurpleFlea } from "../client/client.ts";
import { type VenueProfile, paperProfile } from "../profile.ts";
import { guideProfile } from "../profile/guide.ts";
import { byKey } from "./reconcile.ts";

const HOUR_MS = 3_600_000;

/** What is found out from a venue that answers so, so many hours after the first send. */
async function reconciled(
  answer: unknown,
  hours: number,
  profile: VenueProfile = paperProfile,
): Promise<string> {
  const server = createServer((_request, response) => response.end(JSON.stringify(answer)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createPurpleFlea({ baseUrl, profile });
  const binding: AttemptBinding = {
    key: "k",
    ref: "r",
    account: "default",
    effect: "money",
    attempt: 2,
    firstSentAt: 0,
    signal: new AbortController().signal,
    now: () => hours * HOUR_MS,
  };
  const context: ActivityContext = {
    ...binding,
    log: silentLog,
    heartbeat: () => undefined,
    keep: async () => undefined,
    lastHeartbeat: undefined,
    token: "unused",
    rest: () => undefined,
    completeLater: () => assert.fail("this activity completes at once"),
    use: (used) => used.bind(client as never, binding),
    part: () => context,
  };
  try {
    return (await byKey(context, z.object({ id: z.string() }), ({ id }) => id)).kind;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const answered = { state: "done", operation: "open", status: 200, body: { id: "pos_1" } };

test("byKey() believes a stored answer at any age", async () => {
  assert.equal(await reconciled(answered, 1), "done");
  assert.equal(await reconciled(answered, 23.5), "done");
  assert.equal(await reconciled({ ...answered, status: 402, body: {} }, 1), "not-done");
});

test("byKey() takes silence for proof only while the venue remembers the key", async () => {
  assert.equal(await reconciled({ state: "unknown" }, 22.9), "not-done");
  assert.equal(await reconciled({ state: "unknown" }, 23), "unknown");
  assert.equal(await reconciled({ state: "unknown" }, 1_000), "unknown");
});

test("byKey() waits for what is in flight, and asks no venue that cannot look up", async () => {
  assert.equal(await reconciled({ state: "in_flight" }, 1), "unknown");
  assert.equal(await reconciled({ state: "unknown" }, 1, guideProfile), "unknown");
});
