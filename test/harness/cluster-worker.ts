// A process of its own that serves plans on a Temporal cluster, and kills itself with SIGKILL at a named point
// when it is told to. It prints "serving" when it takes work, and what the plans bought when they have ended.

import { writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { dca } from "@holdfast/agents";
import { type IntentStore, type Workflow, provide, silentLog } from "@holdfast/core";
import { systemClock } from "@holdfast/engine";
import { createPurpleFlea, paperProfile, purpleFlea } from "@holdfast/purpleflea";
import { openPostgresIntents, openSqliteIntents } from "@holdfast/storage";
import { temporal } from "@holdfast/temporal";
import { hastyPlan } from "./planted-plan.ts";

const { values } = parseArgs({
  options: {
    address: { type: "string", default: "" },
    /** Task queue, prefix of ids, and namespace of keys. */
    own: { type: "string", default: "" },
    /** Path of a SQLite file, or postgres://… */
    intents: { type: "string", default: "" },
    venue: { type: "string", default: "" },
    key: { type: "string", default: "" },
    /** Point, and the ref it must be about: "settle.before:dca/1". */
    kill: { type: "string", default: "" },
    periods: { type: "string", default: "3" },
    every: { type: "string", default: "100ms" },
    /** Plans beside each other: "dca", "dca-1", … */
    plans: { type: "string", default: "1" },
    /** Serves a plan whose purchases make up their keys. */
    planted: { type: "boolean", default: false },
  },
});

const store = values.intents.startsWith("postgres:")
  ? await openPostgresIntents({ url: values.intents })
  : openSqliteIntents(values.intents);
const engine = await temporal({
  address: values.address,
  namespace: "holdfast",
  taskQueue: values.own,
  prefix: `${values.own}/`,
  keys: values.own,
  intents: killing(store, values.kill),
  setup: true,
  drainMs: 1_000,
}).open({
  modules: [
    fileURLToPath(import.meta.resolve("@holdfast/agents")),
    fileURLToPath(import.meta.resolve("./planted-plan.ts")),
  ],
  workflows: [dca, hastyPlan] as readonly Workflow[],
  activities: [],
  resources: [
    provide(
      purpleFlea,
      () => createPurpleFlea({ baseUrl: values.venue, apiKey: values.key }),
      paperProfile,
    ),
  ],
  clock: systemClock,
  log: silentLog,
});
writeSync(1, "serving\n");
const plan = {
  symbol: "BTC-PERP",
  amountUsd: "1.00",
  every: values.every as "100ms",
  periods: Number(values.periods),
  spacingMs: 0,
} as const;
const ids = Array.from({ length: Number(values.plans) }, (_, n) => (n === 0 ? "dca" : `dca-${n}`));
const { venue: url, key, planted: isPlanted } = values;
const reports = await Promise.all(
  ids.map(async (id) => {
    const start = { id, onClosed: "attach" } as const;
    const run = isPlanted
      ? await engine.client.start(hastyPlan, { url, key, periods: plan.periods }, start)
      : await engine.client.start(dca, plan, start);
    return run.result();
  }),
);
const bought = reports.reduce((sum, report) => sum + report.bought, 0);
await engine.close();
await store[Symbol.asyncDispose]();
writeSync(1, `bought ${bought}\n`);

/** The store, in whose steps the process dies. */
function killing(intents: IntentStore, kill: string): IntentStore {
  const [point = "", ref = ""] = kill.split(/:(.*)/su);
  const refs = new Map<string, string>();
  const dieAt = (at: string, key: string): void => {
    if (at === point && refs.get(key) === ref) process.kill(process.pid, "SIGKILL");
  };
  return {
    async record(intent, effect) {
      refs.set(intent.key, intent.ref);
      dieAt("record.before", intent.key);
      return intents.record(intent, effect);
    },
    async settle(key, settlement, at) {
      dieAt("settle.before", key);
      const settled = await intents.settle(key, settlement, at);
      dieAt("settle.after", key);
      return settled;
    },
    sending: (key, owner, at, effect) => intents.sending(key, owner, at, effect),
    note: (key, note) => intents.note(key, note),
    keep: (key, details) => intents.keep(key, details),
    doubt: (run, failure, at) => intents.doubt(run, failure, at),
    adopt: (known) => intents.adopt(known),
    adoptBook: (book, at) => intents.adoptBook(book, at),
    find: (key) => intents.find(key),
    breakers: intents.breakers,
    list: (filter) => intents.list(filter),
    enterLane: (request) => intents.enterLane(request),
    observe: (of, observations, at) => intents.observe(of, observations, at),
    guardBy: (request) => intents.guardBy(request),
    leaveLane: (lane, holder) => intents.leaveLane(lane, holder),
    [Symbol.asyncDispose]: () => intents[Symbol.asyncDispose](),
  };
}
