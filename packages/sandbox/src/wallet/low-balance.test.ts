// The threshold tells once when the spendable balance falls below it, in the transaction of what moved it, and
// again only after a recovery.

import assert from "node:assert/strict";
import { test } from "node:test";
import { usdc } from "@holdfast/core";
import { createPurpleFlea } from "@holdfast/purpleflea";
import { type Hooked, openHooked } from "../fixture/hooked.ts";
import { START, openTestSandbox, registerAgent } from "../fixture/kit.ts";
import { openReceiver } from "../fixture/receiver.ts";

const withdraw = ({ send }: Hooked, amount: string): void => {
  const { status } = send({
    operation: "withdraw",
    asset: "USDC",
    amount: usdc(amount),
    address: undefined,
  });
  assert.equal(status, 200);
};

const threshold = ({ send }: Hooked, amount: string): void => {
  send({ operation: "set-low-balance-threshold", threshold: usdc(amount) });
};

test("it tells once below the threshold, and again after a recovery of a twentieth", () => {
  using hooked = openHooked({}, { grant: usdc("1000") });
  const told = (): number => hooked.events("wallet.low_balance").length;
  withdraw(hooked, "100");
  threshold(hooked, "500");
  assert.equal(told(), 0);
  withdraw(hooked, "400"); // 500: not below
  assert.equal(told(), 0);
  withdraw(hooked, "0.000001");
  assert.equal(told(), 1);
  withdraw(hooked, "100");
  hooked.deposit(usdc("110")); // 509.999999: above, and not recovered
  withdraw(hooked, "50");
  assert.equal(told(), 1);
  hooked.deposit(usdc("65.000001")); // 525: recovered
  assert.equal(told(), 1);
  withdraw(hooked, "25.000001");
  assert.equal(told(), 2);
});

test("a threshold above the balance tells at once, and the same one again does not", () => {
  using hooked = openHooked({}, { grant: usdc("100") });
  const told = (): number => hooked.events("wallet.low_balance").length;
  threshold(hooked, "200");
  assert.equal(told(), 1);
  threshold(hooked, "200");
  threshold(hooked, "300");
  assert.equal(told(), 1);
  threshold(hooked, "0");
  threshold(hooked, "200");
  assert.equal(told(), 2);
  threshold(hooked, "0");
  withdraw(hooked, "99");
  assert.equal(told(), 2);
});

test("without a threshold nothing is told; the event says what is there and comes after the change", async () => {
  await using receiver = await openReceiver();
  using hooked = openHooked({}, { grant: usdc("100") });
  hooked.hook(receiver.url, ["wallet.low_balance"]);
  withdraw(hooked, "50");
  threshold(hooked, "40");
  withdraw(hooked, "20.5");
  const types = hooked.events().map(({ type }) => type);
  assert.deepEqual(types.slice(-3), [
    "wallet.withdrawn",
    "wallet.balance_changed",
    "wallet.low_balance",
  ]);
  await hooked.venue.advanceTo(START + 1);
  assert.deepEqual(
    receiver.received.map(({ event }) => event.payload),
    [
      {
        balance_usdc: 29.5,
        balance_micros: "29500000",
        threshold: 40,
        threshold_micros: "40000000",
      },
    ],
  );
});

test("the client sets and reads it; 0 is off", async () => {
  await using sandbox = await openTestSandbox();
  const agent = await registerAgent(sandbox);
  const { wallet } = createPurpleFlea({ baseUrl: sandbox.url, apiKey: agent.apiKey });
  assert.equal((await wallet.lowBalanceThreshold()).threshold_micros, 0n);
  const set = await wallet.setLowBalanceThreshold(usdc("20000.000001"), { key: "set" });
  assert.deepEqual(
    [set.threshold_micros, set.rearm_micros, set.is_low],
    [20_000_000_001n, 21_000_000_002n, true],
  );
  assert.deepEqual(await wallet.lowBalanceThreshold(), set);
  const off = await wallet.setLowBalanceThreshold(usdc("0"), { key: "off" });
  assert.deepEqual([off.threshold_micros, off.is_low], [0n, false]);
  for (const wrong of [-1, "0.0000001", "x", null]) {
    const answer = await agent.post("/api/wallet/low-balance-threshold", { threshold_usdc: wrong });
    assert.equal(answer.status, 422);
  }
  for (const zero of [0, "0", "0.00"]) {
    const answer = await agent.post("/api/wallet/low-balance-threshold", { threshold_usdc: zero });
    assert.equal(answer.status, 200);
  }
});
