// The escrow payment as an agent: released, given back at its deadline, disputed and decided; with a crash at each
// step and every answer lost, each decision has one effect at the venue, and the ledger sums to zero.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { escrowPayment } from "@holdfast/agents";
import { hasCode, usdc } from "@holdfast/core";
import { VIRTUAL_START, testProject, verify } from "holdfast/testing";

const HOUR_MS = 3_600_000;

const plan = { to: "data-provider", amountUsd: "100.00", condition: "a report" } as const;
const job = {
  ...plan,
  to: "worker:reliable",
  as: "job",
  releaseOn: "completion",
} as const;

type Project = Awaited<ReturnType<typeof testProject>>;

/** Effects by ref, how many of them are too many, and what the ledger sums to. */
async function counted(t: Project): Promise<readonly unknown[]> {
  const { duplicateEffects, ledgerSum } = await t.venue.audit();
  const refs = (await t.venue.effects()).map(({ ref, operation }) => `${ref} ${operation}`);
  return [refs, duplicateEffects, ledgerSum];
}

async function available(t: Project): Promise<bigint> {
  return (await t.venue.client().wallet.balance()).usdc_micros;
}

const FULL = usdc("10000.00");

describe("an escrow payment", () => {
  test("is released, once, when it is confirmed", async () => {
    await using t = await testProject({ definitions: [escrowPayment] });
    const run = await t.client.start(escrowPayment, plan, { id: "pay" });
    await t.advance("5h");
    assert.deepEqual((await run.query("progress")).status, "locked");
    assert.equal(await available(t), FULL - usdc("100"));
    await run.signal("confirm");
    const { status, endedBy, paid, fee } = await t.runUntilClosed(run);
    assert.deepEqual([status, endedBy, paid, fee], ["released", "release", usdc("99"), usdc("1")]);
    const refs = ["pay/lock create-escrow", "pay/release release-escrow"];
    assert.deepEqual(await counted(t), [refs, 0, "0"]);
  });

  test("is released when its job is delivered, without anybody saying so", async () => {
    await using t = await testProject({ definitions: [escrowPayment] });
    const run = await t.client.start(escrowPayment, job, { id: "pay" });
    const { status, jobId } = await t.runUntilClosed(run);
    assert.equal(status, "released");
    assert.equal((await t.venue.client().jobs.get(String(jobId))).status, "completed");
    assert.deepEqual((await counted(t))[0], ["pay/lock post-job", "pay/release release-escrow"]);
  });

  test("goes back at its deadline, to the micro", async () => {
    await using t = await testProject({ definitions: [escrowPayment] });
    const run = await t.client.start(escrowPayment, { ...plan, deadlineHours: 2 }, { id: "pay" });
    const { status, endedBy, paid, refunded } = await t.runUntilClosed(run);
    assert.deepEqual([status, endedBy, paid, refunded], ["refunded", "expiry", 0n, usdc("100")]);
    assert.ok(t.clock.now() - VIRTUAL_START < 2.1 * HOUR_MS);
    assert.equal(await available(t), FULL);
    assert.deepEqual(await counted(t), [["pay/lock create-escrow"], 0, "0"]);
  });

  test("is disputed at its deadline where the plan says so, and the arbiter decides", async () => {
    await using t = await testProject({ definitions: [escrowPayment] });
    const disputed = { ...plan, deadlineHours: 2, atDeadline: "dispute" } as const;
    const run = await t.client.start(escrowPayment, disputed, { id: "pay" });
    await t.advance("3h");
    assert.equal((await run.query("progress")).status, "disputed");
    const { status, endedBy } = await t.runUntilClosed(run);
    assert.deepEqual([status, endedBy], ["refunded", "resolve"]);
    assert.equal(await available(t), FULL);
    const refs = ["pay/lock create-escrow", "pay/dispute dispute-escrow"];
    assert.deepEqual(await counted(t), [refs, 0, "0"]);
  });

  test("is disputed by a signal after a delivery, and the worker's word counts", async () => {
    await using t = await testProject({ definitions: [escrowPayment] });
    const run = await t.client.start(escrowPayment, { ...job, releaseOn: "signal" }, { id: "pay" });
    await t.runUntil(async () => (await run.query("progress")).status === "completed");
    await run.signal("dispute", { reason: "not what was asked for" });
    const { status, endedBy, escrowId } = await t.runUntilClosed(run);
    assert.deepEqual([status, endedBy], ["released", "resolve"]);
    assert.equal((await t.venue.client().escrow.get(escrowId)).reason, "not what was asked for");
  });

  test("never pays for what is completed and not confirmed: at the deadline it disputes", async () => {
    await using t = await testProject({ definitions: [escrowPayment] });
    const unconfirmed = { ...job, releaseOn: "signal", deadlineHours: 4 } as const;
    const run = await t.client.start(escrowPayment, unconfirmed, { id: "pay" });
    await t.advance("5h");
    assert.equal((await run.query("progress")).status, "disputed");
    await t.runUntilClosed(run);
  });

  test("ends where its job fails, and its money is back", async () => {
    await using t = await testProject({ definitions: [escrowPayment], accounts: ["default", "b"] });
    const worker = t.venue.client("b");
    const { agent_id: to } = await worker.wallet.balance();
    const run = await t.client.start(escrowPayment, { ...job, to }, { id: "pay" });
    await t.advance("1h");
    const jobId = (await worker.jobs.list())[0]?.job_id ?? "";
    await worker.jobs.fail({ jobId, reason: "too hard" }, { key: "fail" });
    const { status, endedBy } = await t.runUntilClosed(run);
    assert.deepEqual([status, endedBy], ["refunded", "refund"]);
    assert.equal(await available(t), FULL);
  });

  test("gives its referrer 15 % of the fee, and the payee the rest", async () => {
    const accounts = ["default", "payee", "referrer"];
    await using t = await testProject({ definitions: [escrowPayment], accounts });
    const idOf = async (account: string): Promise<string> =>
      (await t.venue.client(account).wallet.balance()).agent_id;
    const referred = { ...plan, to: await idOf("payee"), referrer: await idOf("referrer") };
    const run = await t.client.start(
      escrowPayment,
      { ...referred, releaseOn: "completion" },
      { id: "pay" },
    );
    await t.advance("1h");
    const payee = t.venue.client("payee");
    const escrowId = (await payee.escrow.list({ role: "payee" }))[0]?.escrow_id ?? "";
    await payee.escrow.complete(escrowId, { key: "done" });
    const { referral, paid } = await t.runUntilClosed(run);
    assert.deepEqual([referral, paid], [usdc("0.15"), usdc("99")]);
    const earned = (await t.venue.client("referrer").wallet.balance()).usdc_micros;
    assert.equal(earned, FULL + usdc("0.15"));
  });

  test("takes the payee's refund for what it is, while a confirmation is on its way", async () => {
    await using t = await testProject({ definitions: [escrowPayment], accounts: ["default", "b"] });
    const payee = t.venue.client("b");
    const { agent_id: to } = await payee.wallet.balance();
    const run = await t.client.start(escrowPayment, { ...plan, to, every: "24h" }, { id: "pay" });
    await t.advance("1h");
    const escrowId = (await payee.escrow.list())[0]?.escrow_id ?? "";
    await payee.escrow.refund(escrowId, { key: "back" });
    await run.signal("confirm");
    const { status, endedBy } = await t.runUntilClosed(run);
    assert.deepEqual([status, endedBy], ["refunded", "refund"]);
    assert.equal(await available(t), FULL);
  });

  test("fails where it cannot be paid for, and locks nothing", async () => {
    await using t = await testProject({ definitions: [escrowPayment] });
    const run = await t.client.start(
      escrowPayment,
      { ...plan, amountUsd: "10000.01" },
      { id: "pay" },
    );
    await assert.rejects(t.runUntilClosed(run), (error) => hasCode(error, "PF-INSUFFICIENT-FUNDS"));
    assert.equal(await available(t), FULL);
  });

  test("outlives a venue that is away for hours", async () => {
    const outage = { from: VIRTUAL_START + 60_000, until: VIRTUAL_START + 5 * HOUR_MS };
    await using t = await testProject({
      definitions: [escrowPayment],
      venue: { faults: [{ kind: "outage", ...outage }] },
    });
    const run = await t.client.start(escrowPayment, job, { id: "pay" });
    assert.equal((await t.runUntilClosed(run)).status, "released");
    assert.ok((t.venue.faults.list()[0]?.hits ?? 0) > 3);
    assert.ok(t.clock.now() >= outage.until);
    assert.equal((await counted(t))[1], 0);
  });
});

describe("an escrow payment with a crash", () => {
  for (const point of ["attempt.start", "attempt.answered"] as const) {
    for (const step of ["lock", "release"] as const) {
      test(`at ${point} of its ${step}, and the confirmation sent before, pays once`, async () => {
        await using t = await testProject({ definitions: [escrowPayment] });
        t.crashAt(point, { ref: `pay/${step}`, away: "90s" });
        const run = await t.client.start(escrowPayment, plan, { id: "pay" });
        await run.signal("confirm");
        assert.equal((await t.runUntilClosed(run)).status, "released");
        const refs = ["pay/lock create-escrow", "pay/release release-escrow"];
        assert.deepEqual(await counted(t), [refs, 0, "0"]);
        assert.equal(await available(t), FULL - usdc("100"));
      });
    }
  }

  for (const [what, input, effects] of [
    ["released on delivery", { ...job, every: "1h" }, 2],
    ["given back at its deadline", { ...plan, deadlineHours: 3, every: "1h" }, 1],
    [
      "disputed at its deadline",
      { ...plan, deadlineHours: 3, every: "1h", atDeadline: "dispute" },
      2,
    ],
  ] as const) {
    test(`anywhere, or a lost or late answer, has the effects of a clean run: ${what}`, async () => {
      const report = await verify(escrowPayment, input, {
        id: "pay",
        max: 60,
        strictOutput: false,
      });
      assert.deepEqual(report.violations, []);
      assert.equal(report.verdict, "proven");
      assert.equal(report.clean.effects, effects);
    });
  }
});
