// Jobs of real and simulated workers: each transition with its payment, and who may do what.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { usdc } from "@holdfast/core";
import type { Command } from "../command/command.ts";
import type { Body } from "../fixture/desk.ts";
import { type Table, job, openTable } from "../fixture/escrow.ts";
import { HOUR_MS, START } from "../fixture/kit.ts";
import { arbitrate } from "../escrow/timers.ts";
import { jobAnswer } from "./answer.ts";
import { jobOf } from "./operations.ts";
import { WORKERS, planOf } from "./worker.ts";

const FULL = usdc("10000");
const result = { resultHash: "0xabc", deliveryUri: "https://example.com/report" };

const cancel = (jobId: string): Command => ({ operation: "cancel-job", jobId });
const take = (jobId: string): Command => ({ operation: "take-job", jobId });
const deliver = (jobId: string): Command => ({ operation: "deliver-job", jobId, ...result });
const fail = (jobId: string): Command => ({ operation: "fail-job", jobId, reason: "too hard" });
const release = (escrowId: string): Command => ({ operation: "release-escrow", escrowId });

function posted(
  { payer, payee }: Table,
  more: Partial<Parameters<typeof job>[0]> = {},
): { readonly id: string; readonly escrow: string } {
  const { status, body } = payer.send(job({ worker: payee.agent, amount: "100", ...more }));
  assert.equal(status, 201, JSON.stringify(body));
  return { id: String(body["job_id"]), escrow: String(body["escrow_id"]) };
}

function shown({ venue, payer }: Table, id: string): Body {
  const found = venue.look(payer.agent, (context) => jobOf(payer.agent, id, context));
  assert.ok(found !== undefined);
  return { ...jobAnswer(found.job, found.escrow, payer.agent) };
}

function states(table: Table, id: string): readonly unknown[] {
  const { status, escrow_status: payment, reason } = shown(table, id);
  return [status, payment, reason];
}

describe("a job for a real worker", () => {
  test("is taken, delivered, and paid by the payer's release", () => {
    using table = openTable();
    const { payer, payee } = table;
    const { id, escrow } = posted(table);
    assert.deepEqual(states(table, id), ["open", "locked", null]);
    assert.equal(payee.send(take(id)).status, 200);
    assert.deepEqual(states(table, id), ["taken", "locked", null]);
    const delivered = payee.send(deliver(id)).body;
    assert.deepEqual([delivered["result_hash"], delivered["delivery_uri"]], Object.values(result));
    assert.deepEqual(states(table, id), ["completed", "completed", null]);
    assert.equal(payee.available(), FULL);
    payer.send(release(escrow));
    assert.deepEqual(states(table, id), ["completed", "released", null]);
    assert.equal(payee.available(), FULL + usdc("99"));
  });

  test("is paid on delivery where the order says so", () => {
    using table = openTable();
    const { id } = posted(table, { autoRelease: true });
    table.payee.send(deliver(id));
    assert.deepEqual(states(table, id), ["completed", "released", null]);
    assert.equal(table.payee.available(), FULL + usdc("99"));
  });

  test("goes back where the worker fails, or gives the money back", () => {
    using table = openTable();
    const { payer, payee } = table;
    const failed = posted(table);
    payee.send(take(failed.id));
    payee.send(fail(failed.id));
    assert.deepEqual(states(table, failed.id), ["failed", "refunded", "too hard"]);
    const given = posted(table);
    payee.send({ operation: "refund-escrow", escrowId: given.escrow });
    assert.deepEqual(states(table, given.id), ["failed", "refunded", "given_back"]);
    assert.equal(payer.available(), FULL);
  });

  test("fails at its deadline, and takes no delivery then", async () => {
    using table = openTable();
    const { id } = posted(table, { timeoutHours: 1 });
    await table.venue.advanceTo(START + HOUR_MS);
    assert.deepEqual(states(table, id), ["failed", "refunded", "deadline"]);
    const late = table.payee.send(deliver(id));
    assert.deepEqual([late.status, late.body["code"]], [409, "job_state"]);
    assert.equal(table.payer.available(), FULL);
  });

  test("is cancelled before it is taken, and not after", () => {
    using table = openTable();
    const { payer, payee } = table;
    const early = posted(table).id;
    assert.equal(payer.send(cancel(early)).status, 200);
    assert.deepEqual(states(table, early), ["cancelled", "refunded", "cancelled"]);
    const late = posted(table).id;
    payee.send(take(late));
    assert.equal(payer.send(cancel(late)).body["code"], "job_state");
    assert.deepEqual(states(table, late), ["taken", "locked", null]);
  });

  test("may still be delivered while it is disputed: the arbiter hears of it", async () => {
    using table = openTable();
    const { payer, payee, venue } = table;
    const { id, escrow } = posted(table, { autoRelease: true });
    payer.send({ operation: "dispute-escrow", escrowId: escrow, reason: "too slow" });
    payee.send(deliver(id));
    assert.deepEqual(states(table, id), ["completed", "disputed", null]);
    await venue.advanceTo(START + 24 * HOUR_MS);
    assert.deepEqual(states(table, id), ["completed", "released", null]);
  });

  test("fails where the arbiter gives its money back", () => {
    using table = openTable();
    const { payer, venue } = table;
    const { id, escrow } = posted(table);
    payer.send({ operation: "dispute-escrow", escrowId: escrow, reason: "" });
    venue.act((own, journal) => arbitrate(escrow, { kind: "refund" }, own, journal));
    assert.deepEqual(states(table, id), ["failed", "refunded", "arbiter"]);
  });

  test("paid early still takes its delivery, and nothing is paid twice", () => {
    using table = openTable();
    const { payer, payee } = table;
    const { id, escrow } = posted(table, { autoRelease: true });
    payer.send(release(escrow));
    assert.deepEqual(states(table, id), ["open", "released", null]);
    assert.equal(payer.send(cancel(id)).body["code"], "job_state");
    payee.send(deliver(id));
    assert.deepEqual(states(table, id), ["completed", "released", null]);
    assert.equal(payee.available(), FULL + usdc("99"));
  });

  test("answers repetitions as the first time, without a key", () => {
    using table = openTable();
    const { payer, payee, venue } = table;
    const ids = [posted(table).id, posted(table).id, posted(table).id, posted(table).id] as const;
    const actions = [
      [payer, cancel(ids[0])],
      [payee, take(ids[1])],
      [payee, deliver(ids[2])],
      [payee, fail(ids[3])],
    ] as const;
    for (const [actor, command] of actions) {
      const first = actor.send(command);
      assert.equal(first.status, 200);
      const { unnamed } = venue.audit();
      assert.deepEqual(actor.send(command).body, first.body);
      assert.equal(venue.audit().unnamed, unnamed);
    }
    const other = payee.send({
      operation: "deliver-job",
      jobId: ids[2],
      ...result,
      resultHash: "0x0",
    });
    assert.equal(other.body["code"], "job_state");
  });

  test("is for its sides only; its escrow completes by delivery", () => {
    using table = openTable();
    const { payer, payee, referrer } = table;
    const { id, escrow } = posted(table);
    assert.equal(payer.send(deliver(id)).body["code"], "job_role");
    assert.equal(payee.send(cancel(id)).body["code"], "job_role");
    assert.equal(referrer.send(take(id)).body["code"], "unknown_job");
    const completed = payee.send({ operation: "complete-escrow", escrowId: escrow });
    assert.equal(completed.body["code"], "escrow_state");
  });

  test("is refused where nobody would do it, or it cannot be paid", () => {
    using table = openTable();
    const { payer } = table;
    const nobody = payer.send(job({ worker: "worker:nobody", amount: "1" }));
    assert.equal(nobody.body["code"], "unknown_worker");
    const poor = payer.send(job({ worker: "worker:slow", amount: "10001" }));
    assert.equal(poor.body["code"], "insufficient_funds");
    assert.equal(payer.available(), FULL);
  });
});

describe("a simulated worker", () => {
  test("takes a job, delivers it, and is paid by the payer", async () => {
    using table = openTable();
    const { payer, venue } = table;
    const { id, escrow } = posted(table, { worker: "worker:reliable" });
    await venue.advanceTo(START + 5 * 60_000);
    assert.deepEqual(states(table, id), ["taken", "locked", null]);
    assert.equal(payer.send(cancel(id)).body["code"], "job_state");
    await venue.advanceTo(START + 2 * HOUR_MS);
    assert.deepEqual(states(table, id), ["completed", "completed", null]);
    const { result_hash: hash, delivery_uri: uri } = shown(table, id);
    assert.match(String(hash), /^0x[0-9a-f]{64}$/u);
    assert.equal(uri, `urn:holdfast:venue:delivery:${id}`);
    payer.send(release(escrow));
    assert.equal(payer.available(), FULL - usdc("100"));
  });

  test("fails now and then, and what it was to get goes back", async () => {
    using table = openTable({ verify: false });
    const { payer, venue } = table;
    const ids = Array.from({ length: 40 }, () => posted(table, { worker: "worker:flaky" }).id);
    await venue.advanceTo(START + 24 * HOUR_MS);
    const failed = ids.filter((id) => shown(table, id)["status"] === "failed");
    assert.ok(failed.length > 5 && failed.length < 30, String(failed.length));
    for (const id of failed) {
      assert.deepEqual(states(table, id), ["failed", "refunded", "worker_failed"]);
    }
    assert.equal(payer.available(), FULL - usdc("100") * BigInt(40 - failed.length));
    venue.assertInvariants();
  });

  test("that is cancelled in time does nothing any more", async () => {
    using table = openTable();
    const { id } = posted(table, { worker: "worker:slow" });
    table.payer.send(cancel(id));
    await table.venue.advanceTo(START + 200 * HOUR_MS);
    assert.deepEqual(states(table, id), ["cancelled", "refunded", "cancelled"]);
  });

  for (const [worker, { successRate, take: span, work }] of Object.entries(WORKERS)) {
    test(`${worker} keeps to its profile, and to what it drew`, () => {
      const plans = Array.from({ length: 2_000 }, (_, n) => planOf({ id: `job_${n}`, worker }));
      assert.deepEqual(plans[7], planOf({ id: "job_7", worker }));
      const succeeded = plans.filter((plan) => plan?.succeeds).length / plans.length;
      assert.ok(Math.abs(succeeded - successRate) < 0.04, String(succeeded));
      for (const plan of plans) {
        assert.ok(plan !== undefined);
        assert.ok(plan.takeMs >= span[0] && plan.takeMs <= span[1]);
        assert.ok(plan.workMs >= work[0] && plan.workMs <= work[1]);
      }
    });
  }
});
