// The receiver takes what the paper venue sends, once, and refuses everything else.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { usdc } from "holdfast";
import type { WebhookEvent } from "holdfast/purpleflea";
import { testProject } from "holdfast/testing";
import { createReceiver } from "./receiver.ts";

test("the receiver that docs/venue/webhooks.md shows is the file in examples", () => {
  const page = readFileSync(new URL("../../docs/venue/webhooks.md", import.meta.url), "utf8");
  const file = readFileSync(new URL("receiver.ts", import.meta.url), "utf8");
  assert.ok(
    page.includes(`\`\`\`ts\n${file}\`\`\``),
    "docs/venue/webhooks.md must show receiver.ts",
  );
});

test("it keeps each event once, and what it cannot keep is sent again", async () => {
  await using t = await testProject();
  const client = t.venue.client();
  const kept = new Map<string, WebhookEvent>();
  const secrets: string[] = [];
  let full = true;
  const receiver = createReceiver({
    secrets,
    now: () => t.clock.now(),
    keep: async (event) => {
      if (full) throw new Error("the disk is full");
      const isNew = !kept.has(event.eventId);
      kept.set(event.eventId, event);
      return isNew;
    },
  });
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const { port } = receiver.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/webhooks/pf`;
  try {
    const wish = { url, topics: ["wallet.deposited"] };
    const { webhook_id: id, secret } = await client.webhooks.register(wish, { key: "hook" });
    secrets.push(secret);
    await client.wallet.deposit({ amount: usdc("5") }, { key: "deposit" });
    await t.advance("1s");
    assert.equal((await client.webhooks.deliveries(id))[0]?.last_status, 503);
    full = false;
    await t.advance("10s");
    assert.deepEqual(
      [...kept.values()].map(({ type }) => type),
      ["wallet.deposited"],
    );
    const [delivery] = await client.webhooks.deliveries(id);
    assert.deepEqual([delivery?.state, delivery?.attempts], ["delivered", 2]);

    await client.webhooks.replay(id, { since: 0 }, { key: "replay" });
    await t.advance("1s");
    assert.equal(kept.size, 1);
    const forged = { method: "POST", body: JSON.stringify([...kept.values()][0]) };
    assert.equal((await fetch(url, forged)).status, 403);
    const large = { method: "POST", body: "x".repeat(300_000) };
    assert.equal((await fetch(url, large)).status, 413);
  } finally {
    receiver.closeAllConnections();
    receiver.close();
  }
});
