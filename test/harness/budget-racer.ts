// A process of sixteen workers that spend from one budget in a store of intents that other such processes share. It
// decides effects until the guard denies one to each worker, and takes up what a process of its name, or another one,
// has left when it was killed.

import { parseArgs } from "node:util";
import {
  type Failure,
  HoldfastError,
  type IntentEffect,
  type IntentStore,
  encode,
  hasCode,
  toFailure,
  usdc,
} from "@holdfast/core";
import { openPostgresIntents, openSqliteIntents } from "@holdfast/storage";
import { BUDGET, OPERATION, UNIT } from "./budget-race.ts";

const WORKERS = 16;
/** Sends without an answer, after which nobody knows. */
const SENDS_MAX = 3;

const { values } = parseArgs({
  options: {
    /** Path of a SQLite file, or postgres://… */
    intents: { type: "string", default: "" },
    schema: { type: "string", default: "" },
    venue: { type: "string", default: "" },
    /** Of the process: its killed predecessor had the same. */
    name: { type: "string", default: "" },
    /** Stands in the names of what is decided now. */
    life: { type: "string", default: "" },
  },
});

const effect: IntentEffect = {
  workflow: "race",
  command: { operation: OPERATION, kind: "open", amount: usdc(UNIT) },
};
await using store = await opened();
await steadily(() => store.guardBy({ policy: BUDGET, now: () => Date.now() }));
for (const intent of await steadily(() => store.list({ state: "open", limit: 1_000 }))) {
  if (intent.run === values.name) await spend(intent.key, intent.owner, intent.run);
}
await Promise.all(Array.from({ length: WORKERS }, (_, worker) => work(worker)));

async function work(worker: number): Promise<void> {
  for (let n = 0; ; n += 1) {
    const key = `${values.name}-${values.life}-${worker}-${n}`;
    if ((await spend(key, `${key}/1`, values.name)) === "denied") return;
    // Another process may be at the same call: its server has given it to both.
    const [other] = await steadily(() => store.list({ state: "open", limit: 1 }));
    if (other !== undefined && n % 4 === 0) await spend(other.key, other.owner, other.run);
  }
}

/** Attempts of one effect, as a worker makes them, until it is known how it ended, or that nobody knows. */
async function spend(key: string, owner: string, run: string): Promise<"denied" | "over"> {
  for (let sends = 1; ; sends += 1) {
    const decided = {
      key,
      ref: key,
      account: "alpha",
      activity: OPERATION,
      venue: "",
      fingerprint: "f",
      run,
      owner,
      lane: undefined,
      recordedAt: Date.now(),
    };
    const { intent, word } = await steadily(() => store.record(decided, effect));
    if (word.kind === "denied") return "denied";
    if (intent.state !== "open") return "over";
    const sending = await steadily(() => store.sending(key, owner, Date.now(), effect));
    if (sending.kind !== "sent") return "over";
    const status = await send(key);
    if (status === 200) return settled({ state: "done", output: encode(1) });
    // The venue's answer is the same for a key, however often it is asked.
    if (status === 409) return settled({ state: "refused", failure: failed("refused") });
    const failure = failed("unknown");
    if (sends === SENDS_MAX) return settled({ state: "in-doubt", failure });
    const note = { lastFailure: failure, unsent: false, asks: false, reconcileTries: 0 };
    await steadily(() => store.note(key, note));
  }

  async function settled(settlement: Parameters<IntentStore["settle"]>[1]): Promise<"over"> {
    await steadily(() => store.settle(key, settlement, Date.now()));
    return "over";
  }
}

/** Undefined where no answer came. */
async function send(key: string): Promise<number | undefined> {
  try {
    const answer = await fetch(values.venue, { method: "POST", headers: { key }, body: UNIT });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return undefined;
  }
}

function failed(outcome: "refused" | "unknown"): Failure {
  return toFailure(new HoldfastError("RACE", `The venue's answer: ${outcome}.`, { outcome }));
}

/** Many write at once: whoever could not, tries again. */
async function steadily<Value>(body: () => Promise<Value>): Promise<Value> {
  for (;;) {
    try {
      return await body();
    } catch (error) {
      if (!hasCode(error, "HF-INTENTS-FAILED") || error.disposition !== "retry") throw error;
    }
  }
}

async function opened(): Promise<IntentStore> {
  const { intents, schema } = values;
  if (!intents.startsWith("postgres")) return openSqliteIntents(intents);
  return openPostgresIntents({ url: intents, schema, connections: 4 });
}
