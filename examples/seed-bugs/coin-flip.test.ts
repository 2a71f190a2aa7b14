// The guides' books miss the wallet by four hundredths of the stake for each win; the venue's answer does not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { usdc } from "holdfast";
import { testProject } from "holdfast/testing";
import { flip } from "./coin-flip.ts";

test("at a house the guide's pattern books money that never came, and the venue's answer is the wallet", async () => {
  await using t = await testProject({ definitions: [], venue: { casino: { coinPays: "house" } } });
  const { guide, venue, wallet, wins } = await flip(t.venue.client(), usdc("10"), 40);
  assert.ok(wins > 0 && wins < 40);
  assert.equal(venue, wallet);
  assert.equal(guide - wallet, BigInt(wins) * usdc("0.40"));
});

test("only where a coin pays 2.00 do the guide's books agree", async () => {
  await using t = await testProject({ definitions: [] });
  const { guide, venue, wallet } = await flip(t.venue.client(), usdc("10"), 20);
  assert.deepEqual([guide, venue], [wallet, wallet]);
});
