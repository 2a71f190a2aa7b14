// OpenWorkflow on SQLite: the one peer that, like Holdfast, is a library over a file in the process.

import { join } from "node:path";
import { OpenWorkflow } from "openworkflow";
import { BackendSqlite } from "openworkflow/sqlite";
import { payload } from "../../payload.ts";
import { EFFECT_STEPS, type Opened, type Peer, type Place, WIDTH } from "../peer.ts";
import { pinned } from "../version.ts";

interface Steps {
  readonly id: string;
  readonly count: number;
}

const step = async (n: number): Promise<object> => payload(n);

async function open(place: Place): Promise<Opened> {
  const backend = BackendSqlite.connect(join(place.folder, "openworkflow.sqlite"));
  const client = new OpenWorkflow({ backend });
  /** Resolved where a workflow's function returns: its handle asks but once a second. */
  const ended = new Map<string, () => void>();

  const steps = client.defineWorkflow<Steps, number>(
    { name: "steps" },
    async ({ input, step: s }) => {
      for (let n = 0; n < input.count; n += 1) await s.run({ name: `step-${n}` }, () => step(n));
      ended.get(input.id)?.();
      return input.count;
    },
  );
  const group = client.defineWorkflow<Steps, number>(
    { name: "group" },
    async ({ input, step: s }) => {
      const all = Array.from({ length: input.count }, (_, n) =>
        s.run({ name: `step-${n}` }, () => step(n)),
      );
      const { length } = await Promise.all(all);
      ended.get(input.id)?.();
      return length;
    },
  );
  const sleeper = client.defineWorkflow<{ run: number; ms: number }, number>(
    { name: "sleeper" },
    async ({ input: { run, ms }, step: s }) => {
      place.asleep(run);
      await s.sleep("sleep", `${ms}ms`);
      await s.run({ name: "woke" }, async () => {
        place.woke(run);
        return run;
      });
      return run;
    },
  );
  const effects = client.defineWorkflow<{ run: number }, number>(
    { name: "effects" },
    async ({ input: { run }, step: s }) => {
      for (let n = 0; n < EFFECT_STEPS; n += 1)
        await s.run({ name: `effect-${n}` }, async () => {
          await place.effect(run, n);
          return payload(n);
        });
      return run;
    },
  );

  await client.newWorker({ concurrency: WIDTH }).start();
  const untilEnd = async (id: string, start: () => Promise<unknown>): Promise<void> => {
    const end = Promise.withResolvers<void>();
    ended.set(id, end.resolve);
    await start();
    await end.promise;
    ended.delete(id);
  };
  return {
    steps: (id, count) => untilEnd(id, () => steps.run({ id, count })),
    group: (id, count) => untilEnd(id, () => group.run({ id, count })),
    sleeper: (run, ms) => sleeper.run({ run, ms }),
    effects: (run) => effects.run({ run }),
    unfinished: async (count) => count - (await backend.countWorkflowRuns()).completed,
  };
}

export const peer: Peer = {
  about: {
    version: pinned("openworkflow"),
    durability:
      "SQLite WAL, synchronous=FULL (node:sqlite's default): fsync per commit, two commits a step",
    settings: [`worker concurrency ${WIDTH} (its default is 1)`],
    notes: [
      "a run's end is taken where its function returns, before the end is on disk: its handle asks only once a second, so that W3 through the handle is a second",
      "an idle worker looks for work every 50 ms to 1 s, which is most of W3",
      "work of a dead worker is taken over when its lease of 30 s, which cannot be set, is over: W6",
      "no schema on a step's input or output",
    ],
  },
  open,
};
