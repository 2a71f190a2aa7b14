// T7: random actions over escrows and jobs by several agents, with time moving and an arbiter deciding. No account
// goes below nothing, what has ended never changes again, the ledger sums to zero and every invariant holds.

import assert from "node:assert/strict";
import { test } from "node:test";
import { micros, usdc } from "@holdfast/core";
import { PROBLEM_CODES } from "@holdfast/purpleflea/wire";
import type { Command, Json } from "../command/command.ts";
import { type Chance, createChance } from "../fixture/chance.ts";
import { HOUR_MS, START } from "../fixture/kit.ts";
import { type Job, isUndone } from "../job/job.ts";
import { agentAccount } from "../ledger/ledger.ts";
import { type Venue, createVenue } from "../venue.ts";
import { type Escrow, isLive } from "./escrow.ts";
import { arbitrate } from "./timers.ts";

const everything = process.env["HOLDFAST_TEST_ALL"] === "1";
/** Actions at one venue, and at all together. */
const PER_VENUE = 2_000;
const ACTIONS = everything ? 1_000_000 : 10_000;
/** Actions after each of which everything is checked. */
const VERIFIED = 250;

const GRANT = usdc("1000");
const WORKERS = ["worker:reliable", "worker:slow", "worker:flaky"];
const ARBITERS = ["by-state", "release", "refund", "split"] as const;

/** A venue with four agents, and what is known of its escrows. */
interface Play {
  readonly venue: Venue;
  readonly agents: readonly string[];
  readonly escrows: string[];
  readonly jobs: string[];
  /** Payer and payee of each escrow and job. */
  readonly sides: Map<string, readonly string[]>;
  /** How an escrow was when it ended, and a job. */
  readonly ended: Map<string, Escrow | Job>;
}

function openPlay(seed: string, verify: boolean, chance: Chance): Play {
  const venue = createVenue({
    path: ":memory:",
    clock: { mode: "frozen", now: START },
    grant: GRANT,
    escrow: {
      arbiterAfterMs: chance.pick([null, HOUR_MS, 48 * HOUR_MS]),
      arbiterDecides: chance.pick(ARBITERS),
    },
    identitySeed: seed,
    seed,
    verify,
  });
  const agents = [0, 1, 2, 3].map((index) => {
    const command = { operation: "register", name: `${index}`, description: "" } as const;
    return String(venue.execute(command, { agent: "" }).body["agent_id"]);
  });
  return { venue, agents, escrows: [], jobs: [], sides: new Map(), ended: new Map() };
}

/** The next action, sensible or not, of whomever; recent escrows are more likely. */
function next({ venue, agents, escrows, jobs }: Play, chance: Chance): Command {
  const recent = (ids: readonly string[]): string => chance.pick([...ids.slice(-8), "none"]);
  const amount = micros(chance.magnitude(9.5));
  const referrer = chance.whole(2) === 0 ? undefined : chance.pick(["nobody", ...agents]);
  const timeoutHours = chance.whole(3) === 0 ? undefined : chance.pick([1, 24, 720]);
  const deadline = chance.whole(8) === 0 ? venue.clock.now() + chance.whole(1_000_000) : undefined;
  const common = { amount, referrer, timeoutHours, deadline };
  const escrowId = recent(escrows);
  const jobId = recent(jobs);
  switch (chance.whole(14)) {
    case 0:
    case 1:
    case 2: {
      const to = chance.pick([...agents, ...agents, "outsider"]);
      return { operation: "create-escrow", to, condition: "", ...common };
    }
    case 3:
    case 4: {
      const worker = chance.pick([...agents, ...WORKERS, "nobody"]);
      const autoRelease = chance.whole(2) === 0;
      return { operation: "post-job", worker, spec: "", autoRelease, ...common };
    }
    case 5:
    case 6:
      return { operation: "release-escrow", escrowId };
    case 7:
      return { operation: "complete-escrow", escrowId };
    case 8:
      return { operation: "dispute-escrow", escrowId, reason: "" };
    case 9:
      return { operation: "refund-escrow", escrowId };
    case 10:
      return { operation: "take-job", jobId };
    case 11:
      return {
        operation: "deliver-job",
        jobId,
        resultHash: chance.pick(["a", "b"]),
        deliveryUri: "",
      };
    case 12:
      return { operation: "fail-job", jobId, reason: chance.pick(["a", "deadline"]) };
    default:
      return { operation: "cancel-job", jobId };
  }
}

/** One action, sometimes sent again, with or without its key. Returns whether it was done. */
function play(state: Play, n: number, chance: Chance): boolean {
  const { venue, agents } = state;
  const command = next(state, chance);
  // Mostly one of its sides, sometimes a stranger.
  const id = "escrowId" in command ? command.escrowId : "jobId" in command ? command.jobId : "";
  const sides = state.sides.get(id) ?? agents;
  const agent = chance.pick(chance.whole(8) === 0 ? agents : sides);
  const key = chance.whole(2) === 0 ? `key/${n}` : undefined;
  const { status, body } = venue.execute(command, { agent, key, ref: `ref/${n}` });
  const code = String(body["code"]);
  assert.ok(status < 300 || (code in PROBLEM_CODES && status < 500), JSON.stringify(body));
  const isDone = status < 300;
  if (isDone) note(state, body);
  const isRepeatable = key !== undefined || !("amount" in command);
  if (isDone && isRepeatable && chance.whole(4) === 0) {
    const again = venue.execute(command, { agent, key, ref: `ref/${n}` });
    assert.deepEqual([again.status, again.body], [status, body]);
  }
  return isDone;
}

/** Remembers what is new of it. */
function note({ agents, escrows, jobs, sides }: Play, body: Json): void {
  const known = (id: unknown, ids: string[]): void => {
    if (typeof id !== "string" || sides.has(id)) return;
    ids.push(id);
    const parties = [body["payer"], body["worker"] ?? body["counterparty"]].map(String);
    sides.set(
      id,
      parties.filter((one) => agents.includes(one)),
    );
  };
  known(body["escrow_id"], escrows);
  known(body["job_id"], jobs);
}

function decide({ venue, escrows }: Play, chance: Chance): void {
  const id = chance.pick([...escrows.slice(-20), "none"]);
  const split = { kind: "split", payee: micros(chance.magnitude(8)) } as const;
  const decision = chance.pick([{ kind: "release" }, { kind: "refund" }, split] as const);
  venue.act((own, journal) => arbitrate(id, decision, own, journal));
}

/** What has ended stays as it was, and nobody has less than nothing. */
function check({ venue, agents, escrows, jobs, ended }: Play, among: number): void {
  venue.look("", ({ store, ledger }) => {
    for (const id of new Set(escrows.slice(-among))) {
      const escrow = store.escrows.get(id);
      assert.ok(escrow !== undefined);
      const before = ended.get(id);
      if (before !== undefined) assert.deepEqual(escrow, before);
      else if (!isLive(escrow)) ended.set(id, escrow);
    }
    for (const id of new Set(jobs.slice(-among))) {
      const job = store.jobs.get(id);
      assert.ok(job !== undefined);
      const before = ended.get(id);
      if (before !== undefined) assert.deepEqual(job, before);
      else if (!isUndone(job)) ended.set(id, job);
    }
    for (const agent of agents) assert.ok(ledger.balance(agentAccount(agent)) >= 0n);
  });
}

/** Returns how many actions were done, and how many escrows ended. */
function run(seed: string, actions: number, verify: boolean): readonly [number, number] {
  const chance = createChance(seed);
  const state = openPlay(seed, verify, chance);
  using venue = state.venue;
  let done = 0;
  for (let n = 0; n < actions; n += 1) {
    if (play(state, n, chance)) done += 1;
    if (chance.whole(3) === 0) {
      venue.setClock("frozen", venue.clock.now() + Number(chance.magnitude(8)));
    }
    if (chance.whole(12) === 0) decide(state, chance);
    check(state, 10);
  }
  check(state, Infinity);
  // In the end, time alone ends all that is locked; what is then left is completed, or nobody's to decide.
  venue.setClock("frozen", venue.clock.now() + 1_000 * HOUR_MS);
  check(state, Infinity);
  venue.look("", ({ store }) => {
    for (const id of state.escrows) assert.notEqual(store.escrows.get(id)?.status, "locked");
  });
  venue.assertInvariants();
  const { duplicateEffects, ledgerSum } = venue.audit();
  assert.deepEqual([duplicateEffects, ledgerSum], [0, "0"]);
  return [done, state.ended.size];
}

test("T7: random actions over escrows and jobs keep every invariant, after each transaction", () => {
  for (const seed of ["a", "b"]) {
    const [done, ended] = run(`escrow/verified/${seed}`, VERIFIED, true);
    assert.ok(done > 50 && ended > 20, `${done} done, ${ended} ended`);
  }
});

test(`T7: ${ACTIONS} random actions over escrows and jobs: no account owes, what has ended stays`, () => {
  let done = 0;
  for (let venue = 0; venue * PER_VENUE < ACTIONS; venue += 1) {
    done += run(`escrow/${venue}`, PER_VENUE, false)[0];
  }
  assert.ok(done > ACTIONS / 5, `only ${done} were done`);
});
