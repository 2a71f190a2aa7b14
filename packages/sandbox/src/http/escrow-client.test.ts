// The typed client and the activities around escrows and jobs, against the paper venue.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { hasCode, usdc } from "@holdfast/core";
import {
  EscrowState,
  type PurpleFlea,
  completeEscrow,
  createEscrow,
  createPurpleFlea,
  disputeEscrow,
  getEscrow,
  getJob,
  type VenueProfile,
  paperProfile,
  postJob,
  refundEscrow,
  releaseEscrow,
} from "@holdfast/purpleflea";
import { HOUR_MS, START, openTestSandbox, registerAgent } from "../fixture/kit.ts";
import { attemptOf } from "../fixture/attempt.ts";
import type { Sandbox } from "../sandbox.ts";

interface Party {
  readonly id: string;
  readonly client: PurpleFlea;
}

/** The paper venue as if it honoured no keys, and as if it could not look them up. */
const keyless: VenueProfile = {
  ...paperProfile,
  name: "without keys",
  idempotency: "none",
  lookup: false,
};
const mute: VenueProfile = { ...paperProfile, name: "without look-up", lookup: false };

async function party(
  sandbox: Sandbox,
  name: string,
  profile: VenueProfile = paperProfile,
): Promise<Party> {
  const { id, apiKey } = await registerAgent(sandbox, name);
  return { id, client: createPurpleFlea({ baseUrl: sandbox.url, apiKey, profile }) };
}

describe("client.escrow", () => {
  test("creates, completes, releases, disputes, gives back, gets and lists", async () => {
    await using sandbox = await openTestSandbox();
    const payer = await party(sandbox, "payer");
    const payee = await party(sandbox, "payee");
    const create = async (key: string): Promise<string> => {
      const wanted = { to: payee.id, amount: usdc("5"), condition: "c", timeoutHours: 2 };
      return (await payer.client.escrow.create(wanted, { key })).escrow_id;
    };
    const [a, b, c] = [await create("a"), await create("b"), await create("c")];
    assert.equal((await payee.client.escrow.complete(a, { key: "d" })).status, "completed");
    const released = await payer.client.escrow.release(a, { key: "e" });
    assert.deepEqual([released.net_micros, released.fee_micros], [usdc("4.95"), usdc("0.05")]);
    const disputed = await payer.client.escrow.dispute({ escrowId: b, reason: "r" }, { key: "f" });
    assert.deepEqual([disputed.status, disputed.reason], ["disputed", "r"]);
    assert.equal((await payee.client.escrow.refund(c, { key: "g" })).status, "refunded");
    assert.equal((await payer.client.escrow.get(c)).ended_by, "refund");
    const listed = await payee.client.escrow.list({ status: "released", role: "payee" });
    assert.deepEqual(
      listed.map(({ escrow_id: id }) => id),
      [a],
    );
    await assert.rejects(payer.client.escrow.release(c, { key: "h" }), (error) => {
      assert.ok(EscrowState.is(error));
      assert.deepEqual(error.details, { status: "refunded", endedBy: "refund" });
      return true;
    });
  });
});

describe("client.jobs", () => {
  test("posts, cancels, takes, delivers, fails, gets and lists", async () => {
    await using sandbox = await openTestSandbox();
    const payer = await party(sandbox, "payer");
    const worker = await party(sandbox, "worker");
    const post = async (key: string): Promise<string> => {
      const order = { worker: worker.id, amount: usdc("1"), spec: "s", deadline: START + HOUR_MS };
      return (await payer.client.jobs.post({ ...order, autoRelease: true }, { key })).job_id;
    };
    const [a, b, c] = [await post("a"), await post("b"), await post("c")];
    assert.equal((await payer.client.jobs.cancel(a, { key: "d" })).status, "cancelled");
    assert.equal((await worker.client.jobs.take(b, { key: "e" })).status, "taken");
    const result = { jobId: b, resultHash: "0x1", deliveryUri: "u" };
    const delivered = await worker.client.jobs.deliver(result, { key: "f" });
    assert.deepEqual([delivered.status, delivered.escrow_status], ["completed", "released"]);
    const failed = await worker.client.jobs.fail({ jobId: c, reason: "r" }, { key: "g" });
    assert.equal(failed.reason, "r");
    assert.equal((await payer.client.jobs.get(b)).result_hash, "0x1");
    assert.equal((await payer.client.jobs.list({ status: "failed" }))[0]?.job_id, c);
  });
});

describe("activities", () => {
  test("lock, pay, and read; a repetition under the key does nothing twice", async () => {
    await using sandbox = await openTestSandbox();
    const payer = await party(sandbox, "payer");
    const input = { to: "x", amountUsd: usdc("100"), referrer: "nobody" };
    const first = await createEscrow.run(input as never, attemptOf(payer.client, { key: "a" }));
    const second = await createEscrow.run(input as never, attemptOf(payer.client, { key: "a" }));
    assert.deepEqual(second, first);
    const { escrowId, deadline } = first as { escrowId: string; deadline: number };
    assert.equal(deadline, START + 72 * HOUR_MS);
    await releaseEscrow.run({ escrowId } as never, attemptOf(payer.client, { key: "b" }));
    const read = attemptOf(payer.client, { key: "c", effect: "none" });
    const shown = (await getEscrow.run({ escrowId } as never, read)) as {
      status: string;
      net: bigint;
    };
    assert.deepEqual([shown.status, shown.net], ["released", usdc("99")]);
    const twice = attemptOf(payer.client, { key: "d" });
    await assert.rejects(
      Promise.resolve(disputeEscrow.run({ escrowId } as never, twice)),
      (error) => EscrowState.is(error),
    );
    const { effects, duplicateEffects } = sandbox.venue.audit();
    assert.deepEqual([effects, duplicateEffects], [2, 0]);
  });

  test("order work, and see how it stands", async () => {
    await using sandbox = await openTestSandbox();
    const payer = await party(sandbox, "payer");
    const order = { worker: "worker:reliable", amountUsd: usdc("1"), spec: "s" };
    const posted = await postJob.run(order as never, attemptOf(payer.client, { key: "a" }));
    const { jobId } = posted as { jobId: string };
    const read = attemptOf(payer.client, { key: "b", effect: "none" });
    assert.equal(
      ((await getJob.run({ jobId } as never, read)) as { status: string }).status,
      "open",
    );
    const poor = { ...order, amountUsd: usdc("20000") };
    await assert.rejects(
      Promise.resolve(postJob.run(poor as never, attemptOf(payer.client, { key: "c" }))),
      (error) => hasCode(error, "PF-INSUFFICIENT-FUNDS"),
    );
  });
});

describe("reconcile of an action on an escrow", () => {
  const ACTIONS = [
    ["released", releaseEscrow, "payer"],
    ["completed", completeEscrow, "payee"],
    ["disputed", disputeEscrow, "payer"],
    ["refunded", refundEscrow, "payee"],
  ] as const;

  for (const profile of [keyless, mute]) {
    for (const [status, action, by] of ACTIONS) {
      test(`finds out by the state at a venue of the profile ${profile.name}: ${status}`, async () => {
        await using sandbox = await openTestSandbox();
        const payer = await party(sandbox, "payer", profile);
        const payee = await party(sandbox, "payee", profile);
        const wanted = { to: payee.id, amount: usdc("5") };
        const { escrow_id: escrowId } = await payer.client.escrow.create(wanted, { key: "a" });
        const { client } = by === "payer" ? payer : payee;
        const again = attemptOf(client, { key: "b", firstSentAt: START });
        assert.deepEqual(await action.reconcile?.({ escrowId } as never, again), {
          kind: "not-done",
        });
        await action.run({ escrowId } as never, attemptOf(client, { key: "b" }));
        const found = await action.reconcile?.({ escrowId } as never, again);
        assert.equal(found?.kind, "done");
        const output = found.kind === "done" ? (found.output as { status: string }) : undefined;
        assert.equal(output?.status, status);
      });
    }
  }

  test("finds out by the key where the venue looks it up, and by the state once it has forgotten it", async () => {
    await using sandbox = await openTestSandbox();
    const payer = await party(sandbox, "payer");
    const wanted = { to: "x", amount: usdc("5"), timeoutHours: 100 };
    const { escrow_id: escrowId } = await payer.client.escrow.create(wanted, { key: "a" });
    await releaseEscrow.run({ escrowId } as never, attemptOf(payer.client, { key: "b" }));
    for (const hours of [1, 30]) {
      await sandbox.venue.advanceTo(START + hours * HOUR_MS);
      const now = START + hours * HOUR_MS;
      const later = attemptOf(payer.client, { key: "b", firstSentAt: START, now });
      assert.equal((await releaseEscrow.reconcile?.({ escrowId } as never, later))?.kind, "done");
      const other = attemptOf(payer.client, { key: "c", firstSentAt: START, now });
      const unsent = await disputeEscrow.reconcile?.({ escrowId } as never, other);
      assert.equal(unsent?.kind, "not-done");
    }
  });

  test("leaves the making of an escrow in doubt where no key can be looked up", async () => {
    await using sandbox = await openTestSandbox();
    const payer = await party(sandbox, "payer", keyless);
    const input = { to: "x", amountUsd: usdc("5") };
    const again = attemptOf(payer.client, { key: "a", firstSentAt: START });
    assert.equal((await createEscrow.reconcile?.(input as never, again))?.kind, "unknown");
  });
});
