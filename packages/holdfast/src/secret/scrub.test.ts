// No key gets past the client, whatever a venue answers; everything else does.

import assert from "node:assert/strict";
import { test } from "node:test";
import { HoldfastError, type Failure } from "@holdfast/core";
import { scrub, scrubbing } from "./scrub.ts";

const KEY = "pf_test_Zk3-9xQ_pL7mW2vN8rT4";

test("scrubbing() takes keys out of answers, except from the field that brings one", async () => {
  const at = new Date(0);
  const client = scrubbing(
    {
      paths: ["/a"],
      faucet: {
        register: async () => ({
          api_key: KEY,
          agent_id: `ag_${KEY}`,
          note: `keep ${KEY} safe`,
          at,
        }),
      },
    },
    () => undefined,
  );
  assert.deepEqual(await client.faucet.register(), {
    api_key: KEY,
    agent_id: "ag_[secret]",
    note: "keep [secret] safe",
    at,
  });
  assert.deepEqual(client.paths, ["/a"]);
});

test("scrubbing() takes the key in use out of answers and errors, whatever its shape", async () => {
  const odd = "my own odd key";
  const client = scrubbing(
    {
      balance: async () => ({ tx: `x${odd}x`, amount: 5n, list: [null, odd] }),
      open: async () => {
        throw new HoldfastError("HF-VENUE-REFUSED", `refused ${odd}`, {
          disposition: "refused",
          outcome: "refused",
          details: { venueCode: odd, api_key: odd },
        });
      },
    },
    () => odd,
  );
  assert.deepEqual(await client.balance(), {
    tx: "x[secret]x",
    amount: 5n,
    list: [null, "[secret]"],
  });
  await assert.rejects(client.open(), (error: Failure) => {
    assert.equal(error.code, "HF-VENUE-REFUSED");
    assert.equal(error.outcome, "refused");
    assert.equal(error.message, "refused [secret]");
    assert.deepEqual(error.details, { venueCode: "[secret]", api_key: "[secret]" });
    return true;
  });
});

test("scrub() leaves the venue's own words and ids alone", () => {
  for (const text of [
    "insufficient_funds",
    "pf_test_key_is_not_known",
    "pos_4f0c21a9b7d84c0e9f11",
    "tx_25",
    "dca-btc/17",
    "pf_test_short1",
    "task_01H8XGJWBWBAQ4TESTIDS",
  ]) {
    assert.equal(scrub(text), text);
  }
});
