// A process of its own that does the runs of a world of kills, and ends itself with SIGKILL at a moment when it is
// told to. It says how many effects are done, and in the end how everything stands.

import { provide } from "@holdfast/core";
import { type CrashPoint, openEngine } from "@holdfast/engine";
import { createPurpleFlea, paperProfile, purpleFlea } from "@holdfast/purpleflea";
import { definitionsOf, runsOf } from "../plan.ts";
import {
  type EngineLine,
  type EngineOrder,
  KILL_BUSINESSES,
  type KillOrder,
  endWithParent,
  orderOf,
  say,
} from "./process.ts";

const { journal, url, apiKeys, world } = orderOf<EngineOrder>();
/** In real time: short. */
const PAUSE_MS = 5;
let kill: { readonly point: CrashPoint; nth: number } | undefined;

endWithParent();
process.on("message", (order: KillOrder) => {
  kill = { ...order };
});
process.channel?.unref();
const engine = await openEngine({
  path: journal,
  definitions: definitionsOf(KILL_BUSINESSES),
  // kill -9 of a process loses nothing that the system has been given.
  durability: "relaxed",
  namespace: "kills",
  historySuggest: 40,
  resources: [
    provide(
      purpleFlea,
      (account) => createPurpleFlea({ baseUrl: url, apiKey: apiKeys[account] ?? "" }),
      paperProfile,
    ),
  ],
  point(point, about) {
    if (point === "commit.after") {
      const done = about.split(",").filter((ref) => ref.startsWith("-")).length;
      if (done > 0) say<EngineLine>({ kind: "progress", effects: done });
    }
    if (point !== kill?.point) return;
    kill.nth -= 1;
    if (kill.nth === 0) process.kill(process.pid, "SIGKILL");
  },
});
const handles = [];
for (const { business, id, rounds, account } of runsOf(world, KILL_BUSINESSES)) {
  const options = { id, account, onClosed: "attach" } as const;
  handles.push(
    await engine.client.start(business.workflow, { rounds, pauseMs: PAUSE_MS }, options),
  );
}
const outputs = await Promise.all(handles.map((handle) => handle.result()));
const { letters } = await engine.dead();
const intents = await engine.inspect((store) =>
  store.intents.all().map(({ key, ref, state }) => ({ key, ref, state })),
);
say<EngineLine>({
  kind: "end",
  intents,
  refused: outputs.flatMap(({ refused }) => refused),
  late: outputs.flatMap(({ late }) => late),
  problems: [
    ...(await engine.verify()),
    ...letters.map(({ id, code }) => `run ${id} waits for a person: ${code}`),
  ],
});
await engine.close();
